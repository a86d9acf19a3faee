"""A world for local executors: one data folder, one log book, real processes, and a count of what lives."""

import asyncio
import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ferryman.domain.work import Action, RunScript
from ferryman.executors.local import LocalExecutor
from ferryman.logs.book import Logs
from ferryman.supervisor.client import SupervisedProcesses
from ferryman.supervisor.process import system
from ferryman.testing.executors import Deed
from ferryman.testing.logs import MemoryPieces

DEEDS: dict[Deed, str] = {
    "succeed": "true",
    "fail": "exit 3",
    "speak": "for n in one two three four five; do echo $n; done\n"
    'setEnv COLOR blue\necho "::set-output name=SIZE::7"',
    "hang": "sleep 600",
    "stubborn": "trap '' TERM\necho ready\nsleep 600 & wait\nsleep 600 & wait",
}


class Tock:
    """The system's clock."""

    def now(self) -> int:
        """Milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    async def sleep_until(self, at: int) -> None:
        """Return once the time is `at`."""
        await asyncio.sleep(max(0, at - self.now()) / 1000)


class LocalStage:
    """Local executors over one folder."""

    def __init__(self, folder: Path, *, groups: bool = True) -> None:
        """Processes below this folder, with control groups or without."""
        self.folder, self.groups = folder, groups
        self.logs = Logs(MemoryPieces())
        self._opened = False

    def executor(self, **more: Any) -> LocalExecutor:
        """A new executor, with a connection of its own."""
        processes = SupervisedProcesses(self.folder / "private", groups=self.groups)
        return Opening(self, processes, **more)

    def action(self, deed: Deed) -> Action:
        """A script that does this."""
        return RunScript(text=DEEDS[deed])

    async def said(self, run: str, key: str) -> Sequence[str]:
        """The lines in the log."""
        return [line.text for line in await self.logs.read(run, key)]

    async def cut(self) -> None:
        """Kill both processes of the supervisor, then all else that lives."""
        kill_all(self.folder)

    def living(self) -> int:
        """Processes that steps have started."""
        return len(marked(self.folder))

    def folders(self) -> int:
        """Folders of jobs."""
        return len(list(self.folder.glob("work/*/*")))

    async def close(self) -> None:
        """End everything."""
        await self.cut()
        await self.logs.close()
        remove_groups(self.folder)


class Opening(LocalExecutor):
    """A local executor that opens the stage's log book with itself."""

    def __init__(self, stage: LocalStage, processes: SupervisedProcesses, **more: Any) -> None:
        super().__init__(processes, stage.folder / "work", logs=stage.logs, clock=Tock(), **more)
        self._stage = stage

    async def open(self, report: object) -> None:
        if not self._stage._opened:
            await self._stage.logs.open()
            self._stage._opened = True
        await super().open(report)  # type: ignore[arg-type]


async def until(true: Callable[[], bool]) -> None:
    """Wait for something to become true."""
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


def _environ(pid: str) -> bytes:
    try:
        return Path("/proc", pid, "environ").read_bytes()
    except OSError:
        return b""


def _lives(pid: str) -> bool:
    try:
        return Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def marked(folder: Path) -> list[int]:
    """Living processes of steps: those whose environment names this folder."""
    name = os.fsencode(folder)
    found = (pid for pid in os.listdir("/proc") if pid.isdigit() and name in _environ(pid))
    return [int(pid) for pid in found if _lives(pid) and int(pid) != os.getpid()]


def supervisors(folder: Path) -> list[int]:
    """The supervisor's processes, the guard first."""
    name = os.fsencode(folder / "private" / "supervisor")
    found = []
    for pid in os.listdir("/proc"):
        if pid.isdigit():
            try:
                words = Path("/proc", pid, "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if name in words and words[1:2] == [b"-I"] and _lives(pid):
                found.append(int(pid))
    return sorted(found)


def kill_all(folder: Path) -> None:
    """Kill the supervisor's processes, then all that steps have started."""
    found = supervisors(folder)
    # Not every one has an environment by which it could be known: not one that is just being started, for one.
    steps = descendants(found)
    for pid in found:
        os.kill(pid, signal.SIGKILL)
    for pid in steps:
        system.send(pid, signal.SIGKILL)
    for group in groups_of(folder):
        for below in group.glob("*/cgroup.kill"):
            below.write_text("1")
    for pid in marked(folder):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def descendants(found: list[int]) -> set[int]:
    """All that descend from these processes."""
    parents = {pid: system.stat(pid)[1] for pid in system.processes()}
    family = set(found)
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return family - set(found)


def groups_of(folder: Path) -> list[Path]:
    """The control groups that a supervisor of this folder has made."""
    try:
        place = (folder / "private" / "supervisor").stat()
    except FileNotFoundError:
        return []
    name = f"ferryman-{place.st_dev:x}-{place.st_ino:x}"
    # Others make and remove groups meanwhile, which `walk` bears and `glob` does not.
    return [Path(path) for path, _, _ in os.walk("/sys/fs/cgroup") if path.endswith(name)]


def remove_groups(folder: Path) -> None:
    """Take away the control groups that a killed supervisor of this folder has left."""
    for path in groups_of(folder):
        for below, _, _ in os.walk(path, topdown=False):
            with contextlib.suppress(OSError):
                os.rmdir(below)
    shutil.rmtree(folder, ignore_errors=True)
