"""From orders to processes at their gates, several at a time: marks, outputs, control groups."""

import contextlib
import errno
import os
from collections.abc import Mapping, Sequence

from ferryman.supervisor.process import spawn, sweep, system
from ferryman.supervisor.process.attempts import Attempt, now
from ferryman.supervisor.process.crew import Crew
from ferryman.supervisor.process.groups import Groups
from ferryman.supervisor.process.outputs import BEGINS, Outputs
from ferryman.supervisor.process.wire import Message

_HANDS = min(4, os.cpu_count() or 1) - 1
"""Threads that start processes, beside our own: whoever starts one waits until its program stands."""

_PAGES = 32
"""Pages of memory that one variable of an environment may take (Linux, `MAX_ARG_STRLEN`)."""

Gate = int
Begun = Gate | OSError | ValueError
"""The descriptor that opens the gate of a new process, or why there is none."""


class Starting:
    """Starts the processes of one supervisor."""

    def __init__(self, nothing: int, *, boot: str, groups: Groups | None, outputs: Outputs) -> None:
        """Within this boot of the machine, with groups where there are such. Processes read from `nothing`, an open
        descriptor."""
        self._nothing = nothing
        self._boot, self._groups, self._outputs = boot, groups, outputs
        self._nice = system.go_first()
        self._crew = Crew(self._spawn, _HANDS, _prepare_hand)

    def start(self, orders: Sequence[Message]) -> list[tuple[Attempt, Begun]]:
        """Start a process for each order, inside its group; none passes its gate."""
        prepared = [(self._prepared(order), order) for order in orders]
        begun = self._crew.each(prepared)
        return [(attempt, gate) for (attempt, _), gate in zip(prepared, begun, strict=True)]

    def undo(self, attempt: Attempt) -> None:
        """It has no record and has never run: what it was given is free."""
        self._outputs.give(attempt.entry["output"], again=True)
        self.free(attempt)

    def free(self, attempt: Attempt) -> None:
        """Give its group back, unless something in it cannot die, or nobody can look."""
        if self._groups is not None and attempt.slot is not None and not sweep.may_have_left(attempt):
            self._groups.give(attempt.slot)
        attempt.slot = None

    def _prepared(self, order: Message) -> Attempt:
        entry = {
            "tag": order.get("tag", ""),
            "group": order.get("group", ""),
            "mark": os.urandom(16).hex(),
            "boot": self._boot,
            "at": now(),
            "output": self._outputs.take(),
            "begins": BEGINS,
        }
        attempt = Attempt(order["attempt"], entry)
        attempt.leaves = bool(order.get("leaves"))
        # Without a group of its own a process is still found by its mark and process group.
        if self._groups is not None and not attempt.leaves:
            with contextlib.suppress(OSError):
                attempt.slot = self._groups.take()
        return attempt

    def _spawn(self, prepared: tuple[Attempt, Message]) -> Begun:
        """Start one process and know it. Any thread of the crew does this."""
        attempt, order = prepared
        order["env"]["FERRYMAN_ATTEMPT"] = attempt.mark
        before = system.ticks()
        try:
            with self._outputs.opened(attempt.entry["output"]) as output:
                gate = self._spawn_inside(attempt, order, output)
        except (OSError, ValueError) as error:
            return error
        if self._nice:
            system.be_nice(attempt.pid, self._nice)
        # With the pid, the boot id and the ticks within which it started a process is named for ever.
        attempt.entry |= {"pid": attempt.pid, "ticks": [before, system.ticks()], "slot": attempt.place}
        return gate

    def _spawn_inside(self, attempt: Attempt, order: Message, output: int) -> Gate:
        slot, groups = attempt.slot, self._groups
        if slot is None or groups is None:
            attempt.pid, gate = spawn.start(order, nothing=self._nothing, output=output)
            return gate
        entered = slot.enter()
        try:
            attempt.pid, gate = spawn.start(order, nothing=self._nothing, output=output)
        finally:
            if entered:
                groups.go_home()
        if not entered:
            try:
                slot.join(attempt.pid)
            except OSError:
                self.free(attempt)
        return gate


def _prepare_hand() -> bool:
    """What a thread has to be before it may start processes."""
    system.go_first()
    return system.have_own_folder()


def why_not(error: OSError | ValueError, order: Message) -> str:
    """Why a process could not be started, for the person who wrote the step."""
    if isinstance(error, OSError):
        match error.errno:
            case errno.E2BIG:
                return _too_long(order["env"])
            case errno.ENOENT:
                return f"{order['argv'][0]} or the working folder is not there"
        return f"{order['argv'][0]} cannot be started: {error.strerror}"
    return "a value of its environment or arguments holds a null character"


def _too_long(env: Mapping[str, str]) -> str:
    """What of an environment is longer than the system allows, which says only that something is."""
    most = _PAGES * os.sysconf("SC_PAGE_SIZE")
    sizes = {name: len(f"{name}={text}".encode()) + 1 for name, text in env.items()}
    name = max(sizes, key=lambda each: sizes[each])
    if sizes[name] > most:
        return (
            f"{name} with its value has {sizes[name]:,} bytes, which is longer than the system allows for a variable "
            f"of the environment ({most:,}): hand it over in a file"
        )
    return (
        f"the environment has {sum(sizes.values()):,} bytes, which is longer than the system allows; the longest "
        f"variable is {name}, with {sizes[name]:,}"
    )
