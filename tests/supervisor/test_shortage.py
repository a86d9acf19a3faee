"""A machine that has no room for another process: the start waits, others go on, and what is lacking is told.

The room is forbidden to open files, which hinders it as a full table of processes would; that itself is tried with a
user of whom nothing else runs, or with a limit that lets nothing more of us start.
"""

import asyncio
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ferryman.domain.errors import Unavailable
from tests.executors.local.stage import supervisors
from tests.house.source import ROOT
from tests.supervisor.family import rooms
from tests.supervisor.post import Post, begun_by, in_folder

IMPATIENT = """
import sys
sys.path.insert(0, sys.argv[1])
from ferryman.supervisor.process import guard, room
room.PATIENCE = 0.3
sys.exit(guard.main(sys.argv[2], sys.argv[3], "", ""))
"""

CROWDED = """
import os, resource, sys
sys.path.insert(0, sys.argv[1])
from ferryman.supervisor.process.roster import Roster
place = os.open(sys.argv[2], os.O_RDONLY)
ends = []
roster = Roster(folder=place, groups=None, guarded_since=0, tell=ends.append)
if os.getuid() == 0:
    # Limits do not hold for root; of this user nothing else runs.
    os.chown("output", 54321, 54321, dir_fd=place)
    os.setgroups([])
    os.setuid(54321)
orders = [
    {"attempt": name, "argv": ["/bin/sh", "-c", "exit 6"], "env": {}, "cwd": "/"} for name in ("a", "b")
]
soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
resource.setrlimit(resource.RLIMIT_NPROC, (1, hard))
print(*roster.start(orders).values(), sep="; ")
print(sorted(roster.book.entries), ends)
resource.setrlimit(resource.RLIMIT_NPROC, (soft, hard))
print(roster.start(orders))
while roster.living:
    os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
    roster.reap()
    roster.press()
print([(end["attempt"], end["exit"]["code"]) for end in sorted(ends, key=str)])
"""


@contextmanager
def no_more_files(data: Path) -> Iterator[None]:
    """The room can open nothing, for as long as this lasts."""
    (room,) = rooms(supervisors(data))
    used = {int(name) for name in os.listdir(f"/proc/{room}/fd")}
    lowest_free = next(number for number in range(len(used) + 1) if number not in used)
    soft, hard = resource.prlimit(room, resource.RLIMIT_NOFILE)
    resource.prlimit(room, resource.RLIMIT_NOFILE, (lowest_free, hard))
    try:
        yield
    finally:
        resource.prlimit(room, resource.RLIMIT_NOFILE, (soft, hard))


def test_a_start_waits_for_room_and_hinders_nobody(tmp_path: Path) -> None:
    async def story(data: Path) -> None:
        post = await Post(data).open()
        os.mkfifo(tmp_path / "go")
        go = os.open(tmp_path / "go", os.O_RDWR)
        await post.launch("before", f"read line <'{tmp_path}/go'; exit 3")
        with no_more_files(data):
            start = asyncio.create_task(post.run("a", "echo here; exit 5"))
            await asyncio.wait([start], timeout=0.3)
            assert not start.done()
            # Another one ends as ever; the start is none yet.
            os.write(go, b"\n")
            seen = await post.end("before")
            assert seen.exit is not None
            assert seen.exit.code == 3
            assert "a" not in await post.processes.follow(["a"])
        seen, said = await start
        assert seen.exit is not None
        assert (seen.exit.code, said) == (5, "here\n")
        os.close(go)
        await post.processes.close()

    in_folder(tmp_path, story)


def test_a_start_that_waits_for_room_can_be_stopped(tmp_path: Path) -> None:
    async def story(data: Path) -> None:
        post = await Post(data).open()
        with no_more_files(data):
            start = asyncio.create_task(post.launch("a", "exit 5"))
            await asyncio.wait([start], timeout=0.2)
            await post.processes.stop("a", patience_ms=1000, force=False)
            with pytest.raises(Unavailable, match="cannot start a: it was stopped while"):
                await start
        seen, _ = await post.run("b", "exit 4")
        assert seen.exit is not None
        assert seen.exit.code == 4
        assert "a" not in await post.processes.follow(["a"])
        await post.processes.close()

    in_folder(tmp_path, story)


def test_what_is_lacking_is_told_at_last(tmp_path: Path) -> None:
    async def story(data: Path) -> None:
        async with begun_by(IMPATIENT, data):
            post = await Post(data).open()
            with no_more_files(data), pytest.raises(Unavailable) as raised:
                await post.launch("a", "exit 5")
            assert str(raised.value) == (
                "cannot start a: the supervisor may open no more files; it was tried for 0.3 s"
            )
            # Nothing is kept of it: it can be started as if it had never been asked for.
            seen, _ = await post.run("a", "exit 5")
            assert seen.exit is not None
            assert seen.exit.code == 5
            await post.processes.close()

    in_folder(tmp_path, story)


def test_a_full_table_of_processes_is_a_shortage(tmp_path: Path) -> None:
    """The system says EAGAIN. The book knows nothing of such a start, and the same order starts later."""
    command = [sys.executable, "-I", "-c", CROWDED, str(ROOT / "src"), str(tmp_path)]
    said = subprocess.check_output(command, text=True).splitlines()
    full = "the system lets no more processes start"
    assert said == [f"{full}; {full}", "[] []", "{}", "[('a', 6), ('b', 6)]"]


def test_what_will_never_start_is_told_at_once(tmp_path: Path) -> None:
    """A program that is not there is no shortage."""

    async def story(data: Path) -> None:
        post = await Post(data).open()
        seen, _ = await post.run("a", "true", gated=True, program="/no/such/program")
        assert seen.exit is not None
        assert seen.exit.error == "/no/such/program or the working folder is not there"
        await post.processes.close()

    in_folder(tmp_path, story)
