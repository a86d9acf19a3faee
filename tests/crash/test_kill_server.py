"""The driving process killed at any moment under load: 0 runs lost, 0 steps repeated, 0 stuck; steps that run are found
again and not restarted (promises 1 to 3; RULINGS 29)."""

import random
import sys
from pathlib import Path

import pytest

from tests.crash.killing import Scene, seed

KILLS = 10
IN_SOAK = 100
IN_FULL = 1_000
LATEST = 240
"""How many lines a driving process may say before it is killed; every other kill waits on for a step in flight."""


def _kill_at_random(folder: Path, kills: int, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = seed()
    dice = random.Random(chosen)
    scene = Scene(folder)
    hit = steps = commits = 0
    in_flight: set[tuple[str, str]] = set()
    for number in range(kills):
        left = dice.randint(1, LATEST)
        with scene.driven() as process:
            assert process.stdout is not None
            running: set[tuple[str, str]] = set()
            killed = False
            for line in process.stdout:
                scene.hear(line)
                left -= 1
                if left > 0 or killed:
                    continue
                running = scene.steps_in_flight()
                if running or number % 2:
                    process.kill()
                    killed = True
        units = scene.commits_in_flight()
        steps, commits, hit = steps + len(running), commits + units, hit + bool(running or units)
        in_flight |= running
    scene.finish()
    found = in_flight & scene.seen("end").keys()
    with capsys.disabled():
        sys.stdout.write(
            f"\nseed {chosen}: {kills} kills, {hit} with something in flight ({steps} steps, {commits} commits); "
            f"{len(scene.started)} runs, {sum(scene.recovered)} taken up again, "
            f"{len(found)} running steps found again\n"
        )
    scene.check()
    assert in_flight == found, "a running step was not found again"
    assert hit * 2 >= kills, "half the kills must hit something in flight"


def test_killed_at_any_moment_nothing_is_lost_repeated_or_stuck(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _kill_at_random(tmp_path, KILLS, capsys)


@pytest.mark.soak
@pytest.mark.parametrize("kills", [IN_SOAK, IN_FULL])
def test_killed_many_times_nothing_is_lost_repeated_or_stuck(
    tmp_path: Path, kills: int, capsys: pytest.CaptureFixture[str]
) -> None:
    _kill_at_random(tmp_path, kills, capsys)
