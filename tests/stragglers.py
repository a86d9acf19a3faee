"""Processes of steps that outlive the tests that started them: found by the mark that each step carries."""

import contextlib
import os
import select
import signal
from pathlib import Path

MARK = b"FERRYMAN_ATTEMPT="
SECONDS = 10
"""How long one may take to end that was killed a moment ago; nothing is asserted about time."""


def stragglers(folder: Path) -> dict[int, str]:
    """Processes with the mark that stand below this folder, or speak of it or into it: ids and command lines."""
    name = os.fsencode(f"{folder}/")
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            environ = (process / "environ").read_bytes()
            places = b"\0".join(os.readlink(os.fsencode(process / each)) for each in ("cwd", "fd/1", "fd/2"))
            if MARK in environ and (name in environ or name in places):
                found[int(process.name)] = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return found


def end(folder: Path) -> dict[int, str]:
    """End those that do not end by themselves soon; which these were."""
    found = stragglers(folder)
    return {pid: command for pid, command in found.items() if not _ended(pid)}


def _ended(pid: int) -> bool:
    """Whether it ends by itself; it is killed otherwise."""
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        if select.select([pidfd], [], [], SECONDS)[0]:
            return True
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        return False
    finally:
        os.close(pidfd)
