"""Killed at any moment: the server side, the supervisor's room, its guard. No step is lost, none runs twice.

The witness is a file that the steps themselves write, so it tells what really happened.
"""

import asyncio
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.conftest import PROFILE
from tests.executors.local.stage import kill_all, marked, remove_groups, supervisors
from tests.house.source import ROOT
from tests.supervisor.family import guards, rooms
from tests.supervisor.post import Post, begun_by, in_folder
from tests.supervisor.serving import settled

STEPS = 150


class Scene:
    """One data folder, and the server side that serves it."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.witness, self.ends = folder / "witness", folder / "ends"
        self.server: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Start a server side."""
        command = [sys.executable, "-m", "tests.supervisor.serving", str(self.data), str(STEPS)]
        self.server = subprocess.Popen(
            [*command, str(self.witness), str(self.ends)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        )

    def wait(self, seconds: float) -> bool:
        """Let time pass, or the server side end; whether it has ended."""
        assert self.server is not None
        pidfd = os.pidfd_open(self.server.pid)
        try:
            ended = bool(select.select([pidfd], [], [], seconds)[0])
        finally:
            os.close(pidfd)
        return ended

    def in_flight(self) -> int:
        """How many steps have started and not ended, by the witness."""
        words = self.witness.read_text().split() if self.witness.exists() else []
        return words.count("start") - words.count("end")

    def close(self) -> None:
        """End everything."""
        if self.server is not None:
            self.server.kill()
            self.server.wait()
        kill_all(self.data)
        remove_groups(self.data)


def play(folder: Path, kills: int, victim: str) -> tuple[Scene, int]:
    """Run all steps, killing the victim so often at random moments; the scene at its end, and the kills in flight."""
    scene = Scene(folder)
    seed = random.randrange(2**32)
    chance, hits, done = random.Random(seed), 0, 0
    began = time.monotonic()
    scene.begin()
    while not scene.wait(chance.uniform(0.01, 0.25)):
        assert time.monotonic() - began < 120, "it does not end"
        if done < kills and scene.in_flight():
            hits += scene.in_flight() > 0
            done += 1
            if victim == "server":
                assert scene.server is not None
                scene.server.kill()
                scene.server.wait()
                scene.begin()
            else:
                pids = supervisors(scene.data)
                for pid in {"room": rooms(pids), "guard": guards(pids), "both": pids}[victim]:
                    os.kill(pid, signal.SIGKILL)
    # Shown by pytest when the test fails: the seed repeats the moments.
    sys.stdout.write(f"seed {seed}: {done} kills of {victim}, {hits} with steps in flight\n")
    return scene, hits


def right_ends() -> dict[str, str]:
    """What every step comes to when nothing is lost."""
    return {
        f"s/j/{number}#1.1": f"failed {number % 7}" if number % 7 else "succeeded 0"
        for number in range(STEPS)
    }


@pytest.mark.parametrize(("victim", "kills"), [("server", 20), ("room", 10), ("guard", 1)])
def test_every_step_runs_once_and_its_code_is_right(victim: str, kills: int, tmp_path: Path) -> None:
    """RULINGS 17. The room's steps become the guard's children, so not even their exit codes are lost."""
    # A guard that is gone has no follower.
    kills *= 3 if PROFILE == "soak" and victim != "guard" else 1
    scene, hits = play(tmp_path, kills, victim)
    try:
        assert hits >= min(kills, 5)
        assert settled(scene.ends) == right_ends()
        lines = Counter(scene.witness.read_text().splitlines())
        assert set(lines.values()) == {1}
        assert len(lines) == 2 * STEPS
        assert marked(scene.data) == []
    finally:
        scene.close()


def test_when_both_processes_are_killed_running_steps_are_found_or_lost_but_none_runs_twice(
    tmp_path: Path,
) -> None:
    """ERR-7: a step whose end nobody saw is called lost, and never repeated by itself."""
    scene, hits = play(tmp_path, 5, "both")
    try:
        assert hits >= 3
        ends, right = settled(scene.ends), right_ends()
        assert ends.keys() == right.keys()
        lost = {key for key, end in ends.items() if end.startswith("lost")}
        assert {key: end for key, end in ends.items() if key not in lost} == {
            key: end for key, end in right.items() if key not in lost
        }
        lines = Counter(scene.witness.read_text().splitlines())
        assert set(lines.values()) == {1}
        assert marked(scene.data) == []
    finally:
        scene.close()


DIES_AT_THE_GATE = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from ferryman.supervisor.process import guard, spawn
open_gate, died = spawn.open_gate, sys.argv[4]

def die_once(gate):
    if not os.path.exists(died):
        with open(f"/proc/self/task/{os.getpid()}/children") as file, open(died, "w") as said:
            pids = file.read().split()
            said.write(pids[0] + "\\n")
        if died.endswith("slowly"):
            os.kill(int(pids[0]), signal.SIGSTOP)
        os.kill(os.getpid(), signal.SIGKILL)
    open_gate(gate)

spawn.open_gate = die_once
sys.exit(guard.main(sys.argv[2], sys.argv[3], "", ""))
"""


def test_a_step_that_never_passed_its_gate_has_not_run(tmp_path: Path) -> None:
    """The room is killed between the record of the pid and the gate: what waits there ends by itself, and that is not
    how the step ended."""

    async def story(data: Path) -> None:
        async with begun_by(DIES_AT_THE_GATE, data, str(tmp_path / "died")):
            post = await Post(data).open()
            seen, said = await post.run("a", "echo once; exit 5")
            assert (tmp_path / "died").exists()
            assert seen.exit is not None
            assert (seen.exit.code, said) == (5, "once\n")
            # Who really ends with that code is believed.
            seen, _ = await post.run("b", "exit 125")
            assert seen.exit is not None
            assert seen.exit.code == 125
            await post.processes.close()

    in_folder(tmp_path, story)


def test_nobody_is_called_alive_who_may_never_have_begun(tmp_path: Path) -> None:
    """Server and room are killed while a step stands at its gate. The next server is told of it when it is known that
    it never ran, for it would wait for its end for ever."""

    async def story(data: Path) -> None:
        async with begun_by(DIES_AT_THE_GATE, data, str(tmp_path / "slowly")):
            first = await Post(data).open()
            start = asyncio.create_task(first.launch("a", "echo once; exit 5"))
            died = tmp_path / "slowly"
            while not died.exists() or not died.read_text():
                await asyncio.sleep(0)
            start.cancel()
            await asyncio.gather(start, first.processes.close(), return_exceptions=True)
            post = await Post(data).open()
            follow = asyncio.create_task(post.processes.follow(["a"]))
            # What is asked later is answered already.
            await post.processes.forget("nothing")
            assert not follow.done()
            os.kill(int(died.read_text()), signal.SIGCONT)
            assert await follow == {}
            seen, said = await post.run("a", "echo once; exit 5")
            assert seen.exit is not None
            assert (seen.exit.code, said) == (5, "once\n")
            await post.processes.close()

    in_folder(tmp_path, story)
