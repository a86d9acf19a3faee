"""Processes of steps that outlive the tests that started them: found by the mark that each step carries."""

import contextlib
import os
import select
import signal
from pathlib import Path

MARK = b"FERRYMAN_ATTEMPT="
SECONDS = 10
"""For how long they may go on ending, one after another, that were killed a moment ago; no time is asserted."""


def stragglers(folder: Path) -> dict[int, str]:
    """Processes with the mark that stand below this folder, or speak of it or into it: ids and command lines."""
    name = os.fsencode(f"{folder}/")
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            environ = (process / "environ").read_bytes()
            places = b"\0".join(os.readlink(os.fsencode(process / each)) for each in ("cwd", "fd/1", "fd/2"))
            if MARK in environ and (name in environ or name in places):
                found[int(process.name)] = (
                    (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                )
    return found


def end(folder: Path) -> dict[int, str]:
    """End those that do not end by themselves soon; which these were."""
    found = stragglers(folder)
    watched = {}
    for pid in found:
        with contextlib.suppress(ProcessLookupError):
            watched[os.pidfd_open(pid)] = pid
    poll = select.poll()
    for pidfd in watched:
        poll.register(pidfd, select.POLLIN)
    while watched and (ended := poll.poll(SECONDS * 1000)):
        for pidfd, _ in ended:
            poll.unregister(pidfd)
            os.close(pidfd)
            del watched[pidfd]
    for pidfd in watched:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        os.close(pidfd)
    return {pid: found[pid] for pid in watched.values()}
