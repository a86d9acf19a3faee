"""The attempts that live: starting them, taking them up again, seeing them end, ending them.

An exit is written into the book before the process is reaped. Dying in between leaves the process to the guard, which
reaps it and tells the next room, so no exit status is lost by the death of this process.
"""

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from typing import Any

from ferryman.supervisor.process import spawn, sweep, system
from ferryman.supervisor.process.attempts import LEAVES, Attempt, told
from ferryman.supervisor.process.book import Book
from ferryman.supervisor.process.groups import Groups
from ferryman.supervisor.process.outputs import Outputs
from ferryman.supervisor.process.starting import Starting, why_not
from ferryman.supervisor.process.wire import Message

TICK = 0.02
"""Seconds between looks at what is being ended."""
UNGUARDED = 1 << 62
_GIVE_UP = 500
"""Looks (10 s) after which what cannot die is left alone, and said to be."""
_WORD = 2.0
"""Seconds to wait for the guard's word on a process that is gone."""
_AT_GATE = 2 * _WORD
"""Seconds for which a process may stand at a gate that was closed when its room died."""


class Roster:
    """The living attempts of one supervisor."""

    def __init__(
        self, *, folder: int, groups: Groups | None, guarded_since: int, tell: Callable[[Message], None]
    ) -> None:
        """Keep the book in this folder, and tell each end to this function. What was started since the guard began
        is known to the guard (milliseconds since 1970; `UNGUARDED` when there is none)."""
        self._groups, self._tell, self.guarded_since = groups, tell, guarded_since
        self._boot = system.boot_id()
        # Before anything else of ours is opened.
        nothing = spawn.keep_low_descriptors()
        self.book = Book(folder)
        used = [entry["output"] for entry in self.book.entries.values() if "result" not in entry]
        self._outputs = Outputs(folder, used)
        self.living: dict[str, Attempt] = {}
        self._by_pid: dict[int, Attempt] = {}
        self._ending: dict[str, Attempt] = {}
        self._starting = Starting(nothing, boot=self._boot, groups=groups, outputs=self._outputs)

    def adopt(self) -> list[Attempt]:
        """Take up what the book says has started and not ended; those that live and are no children of ours."""
        lines: list[list[Any]] = []
        adopted = []
        kept = {0}
        for name, entry in self.book.entries.items():
            if "exit" in entry:
                continue
            attempt = Attempt(name, entry)
            if entry["boot"] != self._boot:
                lines.append(["exit", name, attempt.facts(lost="the machine was started anew while it ran")])
            elif not attempt.pid:
                # It never passed its gate, so it never ran, and may be started.
                lines.append(["never", name])
            else:
                adopted.append(attempt)
        self.book.add(lines)
        for attempt in adopted:
            number = attempt.entry["slot"]
            if self._groups is not None and number > 0:
                attempt.slot = self._groups.at(number)
                kept.add(number)
            self.living[attempt.name] = self._by_pid[attempt.pid] = attempt
            if "passed" not in attempt.entry:
                attempt.unsure_until = time.monotonic() + _AT_GATE
            first, last = attempt.entry["ticks"]
            if first <= system.started(attempt.pid) <= last:
                attempt.watch = os.pidfd_open(attempt.pid)
        for attempt in adopted:
            if attempt.watch < 0:
                self.vanished(attempt)
        if self._groups is not None:
            self._groups.clear(kept)
        return [attempt for attempt in adopted if attempt.watch >= 0]

    def start(self, orders: Sequence[Message]) -> dict[str, str]:
        """Start these attempts; one that the book knows is passed over. Those for which the machine has no room now,
        with what it lacks: the book knows nothing of them. Raises OSError: then none was started."""
        fresh = {order["attempt"]: order for order in orders if order["attempt"] not in self.book.entries}
        short = self._unsure(orders)
        lines: list[list[Any]] = []
        begun: list[tuple[Attempt, int]] = []
        failed: list[Attempt] = []
        for attempt, gate in self._starting.start(list(fresh.values())):
            start = ["start", attempt.name, attempt.entry]
            if isinstance(gate, int):
                begun.append((attempt, gate))
                lines.append(start)
            elif lack := spawn.shortage(gate):
                short[attempt.name] = lack
                self._starting.undo(attempt)
            else:
                failed.append(attempt)
                facts = attempt.facts(error=why_not(gate, fresh[attempt.name]))
                lines += [start, ["exit", attempt.name, facts]]
        try:
            self.book.add(lines, flush=True)
        except OSError:
            for _, gate in begun:
                # Their processes end by themselves, and have never run.
                os.close(gate)
            for attempt in [*failed, *(attempt for attempt, _ in begun)]:
                self._starting.undo(attempt)
            raise
        for attempt, gate in begun:
            self.living[attempt.name] = self._by_pid[attempt.pid] = attempt
            spawn.open_gate(gate)
        if begun:
            # Without this line nothing is lost but certainty, should we be killed soon.
            with contextlib.suppress(OSError):
                self.book.add([["passed", [attempt.name for attempt, _ in begun]]])
        for attempt in failed:
            self._starting.free(attempt)
            self._tell(told(attempt.name, attempt.entry, alive=False))
        return short

    def listed(self) -> list[Message] | None:
        """Every attempt in the book as it is told to a server; None while it is not known of one whether it has begun:
        who is called alive will have an end."""
        at = time.monotonic()
        if any(at < attempt.unsure_until for attempt in self.living.values()):
            return None
        return [told(name, entry, alive=name in self.living) for name, entry in self.book.entries.items()]

    def reap(self) -> None:
        """Take every child that has ended."""
        while True:
            try:
                seen = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if seen is None:
                return
            attempt = self._by_pid.get(seen.si_pid)
            if attempt is not None and not attempt.over:
                killed = seen.si_code != os.CLD_EXITED
                self._record(
                    attempt, code=-1 if killed else seen.si_status, signal=seen.si_status if killed else 0
                )
            os.waitpid(seen.si_pid, 0)
            if attempt is not None:
                self._after(attempt)

    def hear(self, pid: int, status: int) -> None:
        """The guard has reaped a process that was left to it by a room that died."""
        attempt = self._by_pid.get(pid)
        if attempt is None or attempt.over:
            return
        code = os.waitstatus_to_exitcode(status)
        if code == spawn.SHUT and time.monotonic() < attempt.unsure_until:
            self._forget_shut(attempt)
            return
        self._record(attempt, code=max(code, -1), signal=max(-code, 0))
        self._after(attempt)

    def vanished(self, attempt: Attempt) -> None:
        """A process that is no child of ours is gone: the guard knows how it ended, or nobody does."""
        if attempt.over or attempt.vanished:
            return
        attempt.vanished = True
        guarded = attempt.entry["at"] >= self.guarded_since
        attempt.deadline = time.monotonic() + (_WORD if guarded else 0)
        self._ending[attempt.name] = attempt

    def stop(self, name: str, *, patience: float, force: bool) -> None:
        """Ask an attempt to end within so many seconds, and end it then; with `force` at once."""
        attempt = self.living.get(name)
        if attempt is None or attempt.vanished:
            return
        deadline = time.monotonic() + (0 if force else max(0.0, patience))
        if not attempt.stopping:
            attempt.stopping, attempt.deadline = True, deadline
            if not force:
                # Whoever cannot be looked for just now is not asked, but ended when patience ends.
                with contextlib.suppress(OSError):
                    sweep.terminate(attempt)
        attempt.deadline = min(attempt.deadline, deadline)
        self._ending[name] = attempt

    def conclude(self, name: str, result: str) -> None:
        """The output of an attempt has been read: keep what it came to in its place."""
        entry = self.book.entries.get(name)
        if entry is None or name in self.living or "result" in entry:
            return
        self.book.add([["result", name, result]])
        self._outputs.give(entry["output"], again=entry.get("slot") != LEAVES)

    def forget(self, group: str) -> None:
        """Drop what is known of the attempts of a group; while one of them lives, none is forgotten."""
        names = [name for name, entry in self.book.entries.items() if entry["group"] == group]
        if not names or any(name in self.living for name in names):
            return
        unread = [self.book.entries[name] for name in names if "result" not in self.book.entries[name]]
        self.book.add([["forget", group]])
        for entry in unread:
            self._outputs.give(entry["output"], again=entry.get("slot") != LEAVES)

    def due(self) -> float:
        """Seconds until `press` has something to do; -1 when nothing is being ended."""
        at = time.monotonic()
        waits = [
            TICK if attempt.over or attempt.killing else max(0.0, attempt.deadline - at)
            for attempt in self._ending.values()
        ]
        return min(waits, default=-1)

    def press(self) -> None:
        """Go on with ending what is to be ended."""
        at = time.monotonic()
        census: sweep.Census | None = None
        for attempt in list(self._ending.values()):
            late = at >= attempt.deadline
            if attempt.vanished and not attempt.over:
                if late:
                    self._record(attempt, lost="its process ended while no supervisor was there to see how")
                    self._after(attempt)
                continue
            if not attempt.over and not late:
                continue
            try:
                # A group holds what is in it; a stop also looks for what was moved out of it.
                found = set() if attempt.slot is None else sweep.members(attempt)
                if attempt.slot is None or (attempt.stopping and not found):
                    census = census or sweep.Census()
                    found = census.members(attempt)
            except OSError:
                # We may open no more files just now: nobody is held to be gone before we have looked.
                continue
            if attempt.over and not found:
                self._finish(attempt)
            elif late:
                attempt.killing = True
                attempt.tries += 1
                with contextlib.suppress(OSError):
                    sweep.kill(attempt, found)
                if attempt.tries > _GIVE_UP:
                    self._abandon(attempt)

    def close(self) -> None:
        """Nothing lives: take the groups away."""
        if self._groups is not None:
            self._groups.remove()

    def _unsure(self, orders: Sequence[Message]) -> dict[str, str]:
        """Those that are asked for again and may stand at a closed gate: soon it will be known whether they ran."""
        at = time.monotonic()
        asked = [self.living.get(order["attempt"]) for order in orders]
        return {
            attempt.name: "it is not known whether it began"
            for attempt in asked
            if attempt is not None and at < attempt.unsure_until
        }

    def _forget_shut(self, attempt: Attempt) -> None:
        """Its gate was closed by the death of a room: it never ran, and may be started."""
        with contextlib.suppress(OSError):
            self.book.add([["never", attempt.name]])
        self.book.entries.pop(attempt.name, None)
        attempt.over = True
        self._outputs.give(attempt.entry["output"], again=True)
        self._let_go(attempt)

    def _record(
        self, attempt: Attempt, *, code: int = -1, signal: int = 0, error: str = "", lost: str = ""
    ) -> None:
        facts = attempt.facts(code=code, signal=signal, error=error, lost=lost)
        try:
            self.book.add([["exit", attempt.name, facts]])
        except OSError:
            # A full disk must not stop the exit from being told; the book says less than we do.
            attempt.entry["exit"] = facts
        attempt.over = True

    def _after(self, attempt: Attempt) -> None:
        """Its own process has been reaped: end what it left, then tell."""
        strays = attempt.slot is None and bool(system.children() - self._by_pid.keys())
        if attempt.leaves and not attempt.stopping:
            self._finish(attempt)
        elif attempt.stopping:
            self._ending[attempt.name] = attempt
        elif sweep.may_have_left(attempt, strays=strays):
            self._sweep(attempt)
        else:
            self._finish(attempt)

    def _sweep(self, attempt: Attempt) -> None:
        """End what an attempt has left behind, now or, where that cannot be seen now, later."""
        try:
            found = sweep.members(attempt)
            attempt.swept = len(found)
            sweep.kill(attempt, found)
        except OSError:
            found = {attempt.pid}
        if found:
            attempt.killing = True
            attempt.deadline = 0
            self._ending[attempt.name] = attempt
        else:
            self._finish(attempt)

    def _abandon(self, attempt: Attempt) -> None:
        if not attempt.over:
            self._record(attempt, lost="its process was killed and does not end")
        # Its group is never used again.
        attempt.slot = None
        self._finish(attempt)

    def _finish(self, attempt: Attempt) -> None:
        """Nothing of it lives any more: give its group back, and tell."""
        if self._groups is not None and attempt.slot is not None:
            self._groups.give(attempt.slot)
            attempt.slot = None
        self._let_go(attempt)
        # What it left on purpose may print on.
        printed = -1 if attempt.leaves else self._outputs.size(attempt.entry["output"])
        self._tell(told(attempt.name, attempt.entry, alive=False, swept=attempt.swept, printed=printed))

    def _let_go(self, attempt: Attempt) -> None:
        self._ending.pop(attempt.name, None)
        self.living.pop(attempt.name, None)
        self._by_pid.pop(attempt.pid, None)
        self._starting.free(attempt)
