"""Who belongs to an attempt, and ending all of them.

With a control group the answer is the group's. Without one, a process belongs to an attempt when it is in its process
group or session, when its environment holds the attempt's mark, or when it descends from such a one. What could escape
then: a process that leaves the session, empties its environment, and whose parents have all ended.
"""

import os
import signal

from ferryman.supervisor.process import system
from ferryman.supervisor.process.attempts import Attempt

_PASSES = 20
_MARK = b"FERRYMAN_ATTEMPT="


class Census:
    """Every process of the machine that lives, and which attempt it belongs to. Taken once, asked often."""

    def __init__(self) -> None:
        """Look at all of /proc, which takes some milliseconds."""
        self._parents: dict[int, int] = {}
        self._leaders: dict[int, set[int]] = {}
        self._marked: dict[str, set[int]] = {}
        for pid in system.processes():
            state, parent, group, session, _ = system.stat(pid)
            if state in ("", "Z", "X"):
                continue
            self._parents[pid] = parent
            for leader in (group, session):
                self._leaders.setdefault(leader, set()).add(pid)
            environ = b"\0" + system.read(f"/proc/{pid}/environ")
            if (at := environ.find(b"\0" + _MARK)) >= 0:
                mark = environ[at + 1 + len(_MARK) :].split(b"\0", 1)[0].decode(errors="replace")
                self._marked.setdefault(mark, set()).add(pid)

    def members(self, attempt: Attempt) -> set[int]:
        """The processes of an attempt."""
        found = self._marked.get(attempt.mark, set()) | self._leaders.get(attempt.pid, set())
        while more := {pid for pid, parent in self._parents.items() if parent in found} - found:
            found |= more
        return found


def members(attempt: Attempt) -> set[int]:
    """The living processes of an attempt: those of its group, else those that a census finds. Raises OSError where we
    may not look just now."""
    if attempt.slot is None:
        return Census().members(attempt)
    return attempt.slot.pids()


def terminate(attempt: Attempt) -> None:
    """Ask every process of an attempt to end. Those that are suspended are woken, so that they can."""
    for pid in members(attempt):
        system.send(pid, signal.SIGTERM)
        system.send(pid, signal.SIGCONT)


def kill(attempt: Attempt, found: set[int]) -> None:
    """End these processes of an attempt, and whatever they start meanwhile."""
    for _ in range(_PASSES):
        if attempt.slot is not None and attempt.slot.kill():
            # The kernel ends all of the group at once; the rest are those that were moved out of it.
            found -= attempt.slot.pids()
        if attempt.pid in {system.stat(pid)[2] for pid in found}:
            _kill_group(attempt.pid)
        for pid in found:
            system.send(pid, signal.SIGKILL)
        if not found or not (found := members(attempt)):
            return


def may_have_left(attempt: Attempt, *, strays: bool = False) -> bool:
    """A cheap first question at each end: could anything of it still live?

    `strays` says whether there are children that nobody knows: orphans of some attempt.
    """
    if attempt.slot is not None:
        try:
            return bool(attempt.slot.pids())
        except OSError:
            return True
    if strays or attempt.watch >= 0:
        return True
    try:
        os.killpg(attempt.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
