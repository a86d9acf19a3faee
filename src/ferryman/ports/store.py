"""The store: what is kept of runs, and the one promise about it.

A unit is all that one step of a run writes: journal entries, and with them whatever must be true at the same moment
(lock rows, the finished run, a snapshot). A unit is kept whole or not at all; `append` returns after it is durable.
"""

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from ferryman.domain.journal import JournalEntry
from ferryman.domain.locks import Lock


class RunRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What lists show of a run; changes with it."""

    id: str
    project: str
    pipeline: str
    version: int
    """Version of the pipeline's definition that the run keeps."""
    number: int
    phase: str
    outcome: str = ""
    reason: str = ""
    started_by: str = ""
    queued_at: int = 0
    started_at: int = 0
    ended_at: int = 0
    execution: int = 1


class LockRow(msgspec.Struct, frozen=True, kw_only=True):
    """A lock as it is to be kept: `kind` is `runs` or `mutex`; `before` is the version it was read at, 0 for none."""

    project: str
    kind: Literal["runs", "mutex"]
    name: str
    lock: Lock
    before: int


class Unit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that one step of one run writes. `before` is the sequence number of the last entry that the writer knows."""

    run: RunRow
    before: int
    entries: tuple[JournalEntry, ...]
    locks: tuple[LockRow, ...] = ()
    snapshot: bytes = b""
    finished: bytes = b""
    """The finished run, whole, ready to be read in one row."""


class Stored(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A run as it is kept: the newest snapshot (or none), and the entries after it."""

    row: RunRow
    definition: bytes
    entries: tuple[JournalEntry, ...]
    snapshot: bytes = b""


class RunStore(Protocol):
    """Runs and their journals. `Conflict` is raised where somebody else wrote first; nothing was kept then."""

    async def append(self, unit: Unit) -> None:
        """Keep a unit, durably. Refused with `Conflict` unless the run's last entry is `unit.before` and every lock
        row is at the version it was read at."""
        ...

    async def load(self, run: str) -> Stored:
        """One run with its journal. Raises `NotFound`."""
        ...

    async def journal(self, run: str, *, after: int = 0, limit: int = 1000) -> Sequence[JournalEntry]:
        """Entries of a run in order."""
        ...

    async def unfinished(self) -> Sequence[RunRow]:
        """All runs that have not finished, oldest first."""
        ...

    async def runs(
        self, project: str, *, pipeline: str = "", before: int = 0, limit: int = 50, phase: str = ""
    ) -> Sequence[RunRow]:
        """Runs, newest first, with queue time below `before` where that is given."""
        ...

    async def lock(self, project: str, kind: Literal["runs", "mutex"], name: str) -> Lock | None:
        """One lock as it is kept."""
        ...

    async def locks(self) -> Sequence[LockRow]:
        """Every lock that anybody holds or waits for."""
        ...


class PipelineStore(Protocol):
    """Definitions, each version for ever."""

    async def save_pipeline(self, project: str, pipeline: str, definition: bytes, text: str, *, at: int, by: str) -> int:
        """Keep a definition; the number of its version. The same bytes as the newest version give that version."""
        ...

    async def pipeline(self, project: str, pipeline: str, version: int = 0) -> tuple[int, bytes, str]:
        """Version, definition and text; the newest without a number. Raises `NotFound`."""
        ...

    async def next_number(self, project: str, pipeline: str) -> int:
        """The number of the next run: 1, 2, 3 …, each given out once, durably."""
        ...


class Store(RunStore, PipelineStore, Protocol):
    """The whole store, opened once by one process."""

    async def open(self) -> None:
        """Open, migrate, and take the folder: raises `Unavailable` naming the process that holds it."""
        ...

    async def close(self) -> None:
        """Finish what was accepted, and let the folder go."""
        ...
