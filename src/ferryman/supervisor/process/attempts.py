"""What the supervisor knows of one attempt while its process, or anything that it left, is alive."""

import time
from typing import Any

from ferryman.supervisor.process.groups import Slot
from ferryman.supervisor.process.system import signal_name

LEAVES = -1
"""Stands in the book in place of a slot: what this attempt starts may outlive it."""


def now() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Attempt:
    """One attempt whose process was started here, or by a supervisor before this one."""

    def __init__(self, name: str, entry: dict[str, Any]) -> None:
        """From its entry in the book."""
        self.name, self.entry = name, entry
        self.mark: str = entry["mark"]
        """The mark in the environment of all its processes. Drawn, not made from the name: what another supervisor of
        this machine has started under the same name, from a copy of a data folder, must never be taken for ours."""
        self.pid: int = entry.get("pid", 0)
        self.leaves: bool = entry.get("slot") == LEAVES
        self.slot: Slot | None = None
        self.watch = -1
        """Descriptor that tells the end of a process that is no child of ours; -1 for a child."""
        self.unsure_until = 0.0
        """Until then, on the monotonic clock, it may be waiting at a gate that nobody will open."""
        self.over = False
        """Its own process has ended and the exit is in the book; what it left may live."""
        self.vanished = False
        """Its process has ended, and the guard has not yet said how."""
        self.stopping = self.killing = False
        self.deadline = 0.0
        """When patience ends, on the monotonic clock."""
        self.swept = 0
        """How many processes were left by it and had to be ended."""
        self.tries = 0

    @property
    def place(self) -> int:
        """What stands in the book for its group: the number of its slot, 0 without one."""
        return LEAVES if self.leaves else self.slot.number if self.slot is not None else 0

    def facts(self, *, code: int = -1, signal: int = 0, error: str = "", lost: str = "") -> dict[str, Any]:
        """The exit record: the code, or the signal's name, or why it could not start, or why nobody can tell."""
        facts: dict[str, Any] = {"at": self.entry["at"], "ended": now()}
        if lost:
            return facts | {"lost": lost}
        if error:
            return facts | {"error": error}
        facts |= {"signal": signal_name(signal)} if signal else {"code": code}
        # A program that ended well has lost nothing that it needed.
        if (signal or code) and self.slot is not None and self.slot.ran_out_of_memory():
            facts["memory"] = True
        if self.stopping:
            facts["stopped"] = True
        return facts


def told(
    name: str, entry: dict[str, Any], *, alive: bool, swept: int = 0, printed: int = -1
) -> dict[str, Any]:
    """An attempt as it is told to the server. Nobody has looked where `printed` is -1."""
    facts = entry.get("exit")
    state = "alive" if alive else "lost" if facts is None or "lost" in facts else "ended"
    kept: dict[str, Any] = {
        key: entry[key] for key in ("at", "pid", "tag", "output", "begins", "result") if key in entry
    }
    message: dict[str, Any] = {"attempt": name, "state": state, **kept}
    return message | ({"exit": facts | {"swept": swept, "printed": printed}} if facts and not alive else {})
