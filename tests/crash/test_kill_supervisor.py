"""The supervisor killed at any moment under load (RULINGS 17): exits are taken from its records, or the steps are lost
and a person says what became of them; nothing is repeated by itself."""

import asyncio
import os
import random
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Literal

import pytest

from ferryman.app.beside import visit
from tests.crash.killing import Scene, seed

KILLS = 3
IN_SOAK = 30
VICTIMS = ("both", "room", "guard")
BETWEEN = (20, 200)
"""How many lines the driving process says from one kill to the next; every other kill waits on for a step in flight."""


class Person:
    """Looks at the witness, and says what became of each attempt that was lost."""

    def __init__(self, scene: Scene) -> None:
        """Nothing has been asked yet."""
        self._scene = scene
        self.said: Counter[str] = Counter()
        self.asked: set[tuple[str, str]] = set()
        self.repeated: set[tuple[str, str]] = set()

    def hear(self, words: list[str]) -> None:
        """Answer where a lost attempt is told of for the first time."""
        if words[:1] != ["lost"]:
            return
        _, run, path, key = words
        if (run, key) in self.asked:
            return
        verdict: Literal["succeeded", "repeat"] = (
            "succeeded" if (run, key) in self._scene.seen("end") else "repeat"
        )
        self.said[verdict] += 1
        self.asked.add((run, key))
        if verdict == "repeat":
            self.repeated.add((run, key))
        asyncio.run(self._settle(run, path, verdict))

    async def _settle(self, run: str, path: str, verdict: Literal["succeeded", "repeat"]) -> None:
        async with visit(self._scene.settings) as client:
            await client.settle(run, path, verdict)


def _kill(scene: Scene, victims: str) -> bool:
    """Kill what there is of the supervisor; whether there was anything."""
    found = scene.supervisor()
    if found is None:
        return False
    guard, room = found
    # The guard first: it would start another room.
    for pid in (guard if victims != "room" else 0, room if victims != "guard" or not guard else 0):
        if pid:
            os.kill(pid, signal.SIGKILL)
    return True


def _kill_at_random(folder: Path, kills: int, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = seed()
    dice = random.Random(chosen)
    scene = Scene(folder)
    person = Person(scene)
    in_flight: set[tuple[str, str]] = set()
    hit = done = 0
    with scene.driven() as process:
        assert process.stdout is not None
        left = dice.randint(*BETWEEN)
        for line in process.stdout:
            words = scene.hear(line)
            if left < 0:
                # What it said before it was killed itself.
                continue
            person.hear(words)
            left -= left > 0
            if left:
                continue
            if done == kills:
                process.kill()
                left = -1
                continue
            running = scene.steps_in_flight()
            if not running and done % 2 == 0:
                continue
            if _kill(scene, VICTIMS[done % len(VICTIMS)]):
                done += 1
                hit += bool(running)
                in_flight |= running
            left = dice.randint(*BETWEEN)
    scene.finish(person.hear)
    taken = len(in_flight - person.asked)
    with capsys.disabled():
        sys.stdout.write(
            f"\nseed {chosen}: {done} kills, {hit} with steps in flight ({len(in_flight)} steps); "
            f"{len(scene.started)} runs, {taken} exits taken, {len(person.asked)} lost: {dict(person.said)}\n"
        )
    scene.check(never_began=person.repeated)
    assert done == kills
    assert hit * 2 >= kills, "half the kills must hit steps in flight"


def test_a_killed_supervisor_repeats_nothing_and_people_settle_what_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _kill_at_random(tmp_path, KILLS, capsys)


@pytest.mark.soak
def test_a_supervisor_killed_many_times_repeats_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _kill_at_random(tmp_path, IN_SOAK, capsys)
