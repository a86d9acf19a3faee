"""MemoryStore: the port over dictionaries. What it keeps outlives `close`, so that a driver can be stopped and a fresh
one started on the same store. Entries are kept written down, so that what cannot be written is noticed here too."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec.structs import replace

from ferryman.domain.audit import AuditEntry
from ferryman.domain.errors import Conflict, NotFound, Refused, Unavailable
from ferryman.domain.journal import JournalEntry, from_bytes, to_bytes
from ferryman.domain.locks import Lock
from ferryman.domain.status import Phase
from ferryman.ports.store import LockRow, RunRow, Stored, Unit
from ferryman.stores.memory.access import MemoryAccess, MemoryAudit
from ferryman.stores.memory.heads import MemoryHeads
from ferryman.stores.memory.history import MemoryHistory
from ferryman.stores.memory.labels import MemoryLabels
from ferryman.stores.memory.shelves import MemoryArtifacts, MemorySecrets


class _Kept:
    """One run: its row, its journal written down, and its newest snapshot with the entry it stands after."""

    __slots__ = ("definition", "entries", "row", "snapshot", "snapshot_seq")

    def __init__(self, row: RunRow) -> None:
        self.row = row
        self.entries: list[bytes] = []
        self.snapshot = b""
        self.snapshot_seq = 0
        self.definition = b""


class MemoryStore:
    """The store of one process's life."""

    def __init__(self) -> None:
        """Empty, and yet to be opened."""
        self.artifacts = MemoryArtifacts(self._may_read, self._may_write)
        self.audit = MemoryAudit(self._may_read, self._may_write)
        self.secrets = MemorySecrets(self._may_read, self._may_write, self.audit.put)
        self.access = MemoryAccess(self._may_read, self._may_write, self.audit)
        self.labels = MemoryLabels(
            self._may_read, self._may_write, state_of=self._state_of, audit=self.audit.put
        )
        self.heads = MemoryHeads(
            self._may_read,
            self._may_write,
            save=self._save,
            labels=self.labels,
            audit=self.audit.put,
        )
        self._state: Literal["closed", "open", "read-only"] = "closed"
        self._runs: dict[str, _Kept] = {}
        self.history = MemoryHistory(self._may_read, self._may_write, self._rows, self._note)
        self._locks: dict[tuple[str, str, str], Lock] = {}
        self._definitions: dict[tuple[str, str], list[tuple[bytes, str]]] = {}
        self._numbers: dict[tuple[str, str], int] = {}

    async def open(self, *, read_only: bool = False) -> None:
        """Open."""
        if self._state != "closed":
            raise Unavailable("the store is open already; close it first")
        self._state = "read-only" if read_only else "open"

    async def close(self) -> None:
        """Close; what is kept is kept. Closing twice is harmless."""
        self._state = "closed"

    def _may_read(self) -> None:
        if self._state == "closed":
            raise Unavailable("the store is closed; open it first")

    def _may_write(self) -> None:
        self._may_read()
        if self._state == "read-only":
            raise Refused("cannot write: the store is open for reading only", reason="read-only")

    def _rows(self) -> Iterable[RunRow]:
        return (kept.row for kept in self._runs.values())

    def _note(self, run: str, text: str, audit: Sequence[AuditEntry]) -> None:
        kept = self._kept(run)
        kept.row = replace(kept.row, note=text)
        self.audit.put(audit)

    # runs

    async def append(self, unit: Unit) -> None:
        """Keep a unit: everything is looked at before anything is changed."""
        self._may_write()
        run = unit.run
        seqs = range(unit.before + 1, unit.before + 1 + len(unit.entries))
        if [entry.seq for entry in unit.entries] != list(seqs):
            raise Conflict(
                f"cannot write to run {run.id}: the entries do not follow entry {unit.before} without a gap"
            )
        kept = self._begin(unit) if unit.before == 0 else self._move(unit)
        entries = [to_bytes(entry) for entry in unit.entries]
        locks = dict(self._locks)
        for each in unit.locks:
            key = (each.project, each.kind, each.name)
            if each.before != (locks[key].version if key in locks else 0):
                raise Conflict(
                    f"cannot change lock {each.name} of project {each.project}: it is not at version {each.before} "
                    "any more; read it again"
                )
            locks[key] = each.lock
        self._locks = locks
        kept.entries += entries
        kept.row = replace(
            kept.row,
            phase=run.phase,
            outcome=run.outcome,
            reason=run.reason,
            started_at=run.started_at,
            ended_at=run.ended_at,
            execution=run.execution,
            remark=run.remark,
            updated_at=run.updated_at,
        )
        self.audit.put(unit.audit)
        if state := unit.finished or unit.snapshot:
            kept.snapshot, kept.snapshot_seq = state, len(kept.entries)
        self._runs[run.id] = kept
        # The others get their turn here, as they do while a disk writes.
        await asyncio.sleep(0)

    def _begin(self, unit: Unit) -> _Kept:
        run = unit.run
        if not unit.entries:
            raise Conflict(f"cannot begin run {run.id}: a run begins with an entry")
        if not 1 <= run.version <= len(self._definitions.get((run.project, run.pipeline), ())):
            raise NotFound(
                f"cannot begin run {run.id}: pipeline {run.pipeline} of project {run.project} has no version "
                f"{run.version}"
            )
        if run.id in self._runs:
            raise Conflict(f"cannot begin run {run.id}: there is a run of this id already")
        kept = _Kept(run)
        kept.definition = unit.definition
        return kept

    def _move(self, unit: Unit) -> _Kept:
        kept = self._runs.get(unit.run.id)
        if kept is None or len(kept.entries) != unit.before:
            where = f"its last entry is {len(kept.entries)}, not {unit.before}" if kept else "it is not there"
            raise Conflict(f"cannot write to run {unit.run.id}: {where}; read it again")
        return kept

    def _kept(self, run: str) -> _Kept:
        self._may_read()
        if run not in self._runs:
            raise NotFound(f"there is no run {run}", reason="run")
        return self._runs[run]

    async def load(self, run: str) -> Stored:
        """One run with its journal."""
        kept = self._kept(run)
        definition, _ = self._definitions[kept.row.project, kept.row.pipeline][kept.row.version - 1]
        return Stored(
            row=kept.row,
            definition=kept.definition or definition,
            seq=len(kept.entries),
            entries=tuple(map(from_bytes, kept.entries[kept.snapshot_seq :])),
            snapshot=kept.snapshot,
        )

    async def run(self, run: str) -> RunRow:
        """What lists show of one run."""
        return self._kept(run).row

    async def run_numbered(self, project: str, pipeline: str, number: int) -> RunRow:
        """The same, by the run's number."""
        self._may_read()
        for kept in reversed(self._runs.values()):
            if (kept.row.project, kept.row.pipeline, kept.row.number) == (project, pipeline, number):
                return kept.row
        raise NotFound(f"pipeline {pipeline} of project {project} has no run {number}")

    async def journal(self, run: str, *, after: int = 0, limit: int = 1000) -> Sequence[JournalEntry]:
        """Entries of a run behind `after`, in order."""
        self._may_read()
        entries = self._runs[run].entries if run in self._runs else []
        start = max(after, 0)
        return tuple(map(from_bytes, entries[start : start + max(limit, 0)]))

    async def unfinished(self) -> Sequence[RunRow]:
        """All runs that have not finished, oldest first."""
        self._may_read()
        rows = (kept.row for kept in self._runs.values() if kept.row.phase != Phase.FINISHED)
        return tuple(sorted(rows, key=_age))

    async def runs(
        self,
        project: str,
        *,
        pipeline: str = "",
        phase: str = "",
        before: tuple[int, str] | None = None,
        limit: int = 50,
    ) -> Sequence[RunRow]:
        """Runs, newest first."""
        self._may_read()
        rows = (
            kept.row
            for kept in self._runs.values()
            if kept.row.project == project
            and pipeline in ("", kept.row.pipeline)
            and phase in ("", kept.row.phase)
            and (before is None or _age(kept.row) < before)
        )
        return tuple(sorted(rows, key=_age, reverse=True)[: max(limit, 0)])

    # locks

    async def lock(self, project: str, kind: Literal["runs", "mutex"], name: str) -> Lock | None:
        """One lock as it is kept."""
        self._may_read()
        return self._locks.get((project, kind, name))

    async def locks(self) -> Sequence[LockRow]:
        """Every lock that anybody holds or waits for."""
        self._may_read()
        return tuple(
            LockRow(
                project=project,
                kind="runs" if kind == "runs" else "mutex",
                name=name,
                lock=lock,
                before=lock.version,
            )
            for (project, kind, name), lock in sorted(self._locks.items(), key=lambda each: each[0])
            if lock.holders or lock.aside or lock.waiters
        )

    # pipelines

    async def save_pipeline(
        self, project: str, pipeline: str, definition: bytes, text: str, *, at: int, by: str
    ) -> int:
        """Keep a definition; the number of its version."""
        self._may_write()
        return self._save(project, pipeline, definition, text, anew=False)

    def _save(self, project: str, pipeline: str, definition: bytes, text: str, *, anew: bool) -> int:
        versions = self._definitions.setdefault((project, pipeline), [])
        if anew or versions[-1:] != [(definition, text)]:
            versions.append((definition, text))
        return len(versions)

    def _state_of(self, project: str, pipeline: str) -> bool | None:
        return self.heads.state_of(project, pipeline)

    async def pipeline(self, project: str, pipeline: str, version: int = 0) -> tuple[int, bytes, str]:
        """Version, definition and text."""
        self._may_read()
        versions = self._definitions.get((project, pipeline), [])
        wanted = version or len(versions)
        if not 1 <= wanted <= len(versions):
            which = f"version {version} of pipeline" if version else "pipeline"
            raise NotFound(f"there is no {which} {pipeline} in project {project}")
        return (wanted, *versions[wanted - 1])

    async def next_number(self, project: str, pipeline: str) -> int:
        """The number of the next run."""
        self._may_write()
        number = self._numbers.get((project, pipeline), 0) + 1
        self._numbers[project, pipeline] = number
        return number


def _age(row: RunRow) -> tuple[int, str]:
    return row.queued_at, row.id
