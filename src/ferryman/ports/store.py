"""The store: what is kept of runs, and the one promise about it.

A unit is all that one step of a run writes: journal entries, and with them whatever must be true at the same moment
(lock rows, the finished run, a snapshot). A unit is kept whole or not at all; `append` returns after it is durable.
"""

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from ferryman.domain.audit import AuditEntry
from ferryman.domain.journal import JournalEntry
from ferryman.domain.locks import Lock
from ferryman.ports.access import AccessRows, AuditRows
from ferryman.ports.artifacts import ArtifactRows
from ferryman.ports.heads import Heads
from ferryman.ports.history import RunHistory, RunRow
from ferryman.ports.labels import Labels
from ferryman.ports.secrets import SecretRows

__all__ = ["LockRow", "PipelineStore", "RunRow", "RunStore", "Store", "Stored", "Unit"]


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
    """The run as it stands after these entries; takes the place of the older one."""
    finished: bytes = b""
    """The finished run, whole, ready to be read in one row: its last snapshot, in the same form."""
    definition: bytes = b""
    """In a first unit: what the run keeps, where that is not its version of the pipeline as it stands."""
    audit: tuple[AuditEntry, ...] = ()
    """What is kept of who asked for this."""


class Stored(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A run as it is kept: the newest snapshot (or none), and the entries after it. A finished run that was kept
    whole has no entries here: its snapshot is all of it, as it is when a retry opens it again."""

    row: RunRow
    definition: bytes
    seq: int
    """The last entry: what the next unit names as `before`."""
    entries: tuple[JournalEntry, ...] = ()
    snapshot: bytes = b""


class RunStore(Protocol):
    """Runs and their journals. `Conflict` is raised where somebody else wrote first; nothing was kept then."""

    async def append(self, unit: Unit) -> None:
        """Keep a unit, durably. Refused with `Conflict` unless the run's last entry is `unit.before`, the entries
        follow it without a gap, and every lock row is at the version it was read at; with `NotFound` where a first
        unit names a definition that was never saved."""
        ...

    async def run(self, run: str) -> RunRow:
        """What lists show of one run. Raises `NotFound`."""
        ...

    async def run_numbered(self, project: str, pipeline: str, number: int) -> RunRow:
        """The same, by the run's number. Raises `NotFound`."""
        ...

    async def load(self, run: str) -> Stored:
        """One run with its journal. Raises `NotFound`."""
        ...

    async def journal(self, run: str, *, after: int = 0, limit: int = 1000) -> Sequence[JournalEntry]:
        """Entries of a run behind `after`, in order; none of a run that is not there."""
        ...

    async def unfinished(self) -> Sequence[RunRow]:
        """All runs that have not finished, oldest first."""
        ...

    async def runs(
        self,
        project: str,
        *,
        pipeline: str = "",
        phase: str = "",
        before: tuple[int, str] | None = None,
        limit: int = 50,
    ) -> Sequence[RunRow]:
        """Runs, newest first. `before` is queue time and id of the last row of the page before: with both, runs
        queued at the same moment are neither skipped nor repeated."""
        ...

    async def lock(self, project: str, kind: Literal["runs", "mutex"], name: str) -> Lock | None:
        """One lock as it is kept, idle or not; None when nobody ever asked for it."""
        ...

    async def locks(self) -> Sequence[LockRow]:
        """Every lock that anybody holds or waits for, with `before` as it must be given back."""
        ...


class PipelineStore(Protocol):
    """Definitions, each version for ever."""

    async def save_pipeline(
        self, project: str, pipeline: str, definition: bytes, text: str, *, at: int, by: str
    ) -> int:
        """Keep a definition; the number of its version, from 1. The same definition and text as the newest version
        give that version."""
        ...

    async def pipeline(self, project: str, pipeline: str, version: int = 0) -> tuple[int, bytes, str]:
        """Version, definition and text; the newest without a number. Raises `NotFound`."""
        ...

    async def next_number(self, project: str, pipeline: str) -> int:
        """The number of the next run: 1, 2, 3 …, each given out once, durably."""
        ...


class Store(RunStore, PipelineStore, Protocol):
    """The whole store, opened once by one process.

    Besides what each method says, any of them raises `Unavailable` where the disk is full, another program holds the
    database or the store is closed: nothing was kept then, and the same call may succeed later.
    """

    @property
    def secrets(self) -> SecretRows:
        """Sealed secrets."""
        ...

    @property
    def history(self) -> RunHistory:
        """Runs of a pipeline, searched and counted, and the numbers that it recommends."""
        ...

    @property
    def heads(self) -> Heads:
        """What is known of pipelines beside their definitions."""
        ...

    @property
    def labels(self) -> Labels:
        """Labels, their groups, and collections of pipelines."""
        ...

    @property
    def access(self) -> AccessRows:
        """Who may do what."""
        ...

    @property
    def audit(self) -> AuditRows:
        """Every change and decision."""
        ...

    @property
    def artifacts(self) -> ArtifactRows:
        """Which artifacts there are, and what is in them."""
        ...

    async def open(self, *, read_only: bool = False) -> None:
        """Open, migrate, and take the folder: raises `Unavailable` naming the process that holds it, and `Refused`
        with a reason for what must not be touched. `read_only` reads beside the process that holds the folder;
        writing is `Refused` then."""
        ...

    async def close(self) -> None:
        """Finish what was accepted, and let the folder go. A closed store may be opened again."""
        ...
