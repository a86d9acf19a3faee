"""SqliteStore: the port over one writer, a few readers and the modules of `stores.sql`."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

import apsw

from ferryman.domain.errors import Refused, Unavailable
from ferryman.domain.journal import JournalEntry
from ferryman.domain.locks import Lock
from ferryman.ports.store import LockRow, RunRow, Stored, Unit
from ferryman.stores.sql import journal, locks, pipelines, runs
from ferryman.stores.sqlite.access import SqliteAccess, SqliteAudit
from ferryman.stores.sqlite.backup import back_up
from ferryman.stores.sqlite.changes import Changes
from ferryman.stores.sqlite.commits import BATCH, reading, writing
from ferryman.stores.sqlite.crew import Crew
from ferryman.stores.sqlite.database import Terms, open_reader, open_writer
from ferryman.stores.sqlite.folder import Folder
from ferryman.stores.sqlite.heads import SqliteHeads
from ferryman.stores.sqlite.history import SqliteHistory
from ferryman.stores.sqlite.labels import SqliteLabels
from ferryman.stores.sqlite.library import check_library
from ferryman.stores.sqlite.shelves import SqliteArtifacts, SqliteSecrets

READERS = 3
"""Connections that read: a page that reads much does not keep the others waiting."""

Answer = TypeVar("Answer")


class _Opened(NamedTuple):
    """What is there between open and close. Who only reads has no writer and does not hold the folder."""

    readers: Crew
    writer: Crew | None
    held: int | None


class SqliteStore:
    """The store of one data folder."""

    def __init__(
        self,
        folder: Path,
        *,
        terms: Terms | None = None,
        batch: int = BATCH,
        known_as: Path | None = None,
    ) -> None:
        """A store that is yet to be opened. `batch` bounds how many calls one transaction takes; `known_as` is what
        people call the folder."""
        self.folder = Folder(folder, known_as)
        self.secrets = SqliteSecrets(self.read, self.write)
        self.artifacts = SqliteArtifacts(self.read, self.write)
        self.access = SqliteAccess(self.read, self.write)
        self.audit = SqliteAudit(self.read, self.write)
        self.changes = Changes(self.write)
        """Of all that is known of pipelines and their numbers; how their runs move is not counted."""
        self.history = SqliteHistory(self.read, self.changes.write)
        self.heads = SqliteHeads(self.read, self.changes.write)
        self.labels = SqliteLabels(self.read, self.changes.write)
        self._terms = terms or Terms()
        self._batch = batch
        self._opened: _Opened | None = None

    async def open(self, *, read_only: bool = False) -> None:
        """Open, migrate, and take the folder, or with `read_only` read beside the process that holds it."""
        check_library()
        if self._opened:
            raise Unavailable(f"the store of {self.folder.path} is open already; close it first")
        held, connections = await asyncio.to_thread(self._open_read_only if read_only else self._open)
        path = self.folder.database
        readers = Crew("store-reader", connections[-READERS:], reading(path), most=1)
        writer = (
            None if held is None else Crew("store-writer", connections[:1], writing(path), most=self._batch)
        )
        self._opened = _Opened(readers, writer, held)

    async def close(self) -> None:
        """Finish what was accepted, and let the folder go. Closing twice is harmless."""
        opened, self._opened = self._opened, None
        if opened:
            await opened.readers.close()
            if opened.writer:
                # Last: its connection brings the log back into the file.
                await opened.writer.close()
            if opened.held is not None:
                self.folder.leave(opened.held)

    def _open(self) -> tuple[int, list[apsw.Connection]]:
        self.folder.make()
        held = self.folder.take()
        connections: list[apsw.Connection] = []
        try:
            self.folder.make_database()
            connections.append(open_writer(self.folder.database, self._terms))
            connections += self._open_readers(connections)
        except BaseException:
            self.folder.leave(held)
            raise
        return held, connections

    def _open_read_only(self) -> tuple[None, list[apsw.Connection]]:
        return None, self._open_readers([])

    def _open_readers(self, opened: list[apsw.Connection]) -> list[apsw.Connection]:
        """Open all readers, or close what was opened so far."""
        readers: list[apsw.Connection] = []
        try:
            for _ in range(READERS):
                readers.append(open_reader(self.folder.database, self._terms))
        except BaseException:
            for connection in (*readers, *opened):
                connection.close()
            raise
        return readers

    async def read(self, work: Callable[[apsw.Connection], Answer]) -> Answer:
        """Have this read by the next reader that is free."""
        return await self._now_open().readers.do(work)

    async def write(self, work: Callable[[apsw.Connection], Answer]) -> Answer:
        """Have this written, in a savepoint of the next transaction; returns after its commit."""
        writer = self._now_open().writer
        if writer is None:
            raise Refused("cannot write: the store is open for reading only", reason="read-only")
        return await writer.do(work)

    def _now_open(self) -> _Opened:
        if self._opened is None:
            raise Unavailable(f"the store of {self.folder.path} is closed; open it first")
        return self._opened

    async def backup(self, target: Path) -> None:
        """Copy the living database into a new file. Raises `Conflict` where that is there already."""
        await self.read(partial(back_up, target=target))

    # runs

    async def append(self, unit: Unit) -> None:
        """Keep a unit, durably."""
        await self.write(partial(runs.append, unit=unit))

    async def load(self, run: str) -> Stored:
        """One run with its journal."""
        return await self.read(partial(runs.load, run=run))

    async def run(self, run: str) -> RunRow:
        """What lists show of one run."""
        return await self.read(partial(runs.by_id, run=run))

    async def run_numbered(self, project: str, pipeline: str, number: int) -> RunRow:
        """The same, by the run's number."""
        return await self.read(partial(runs.by_number, project=project, pipeline=pipeline, number=number))

    async def journal(self, run: str, *, after: int = 0, limit: int = 1000) -> Sequence[JournalEntry]:
        """Entries of a run behind `after`, in order."""
        return await self.read(partial(journal.read, run=run, after=after, limit=limit))

    async def unfinished(self) -> Sequence[RunRow]:
        """All runs that have not finished, oldest first."""
        return await self.read(runs.unfinished)

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
        return await self.read(
            partial(runs.page, project=project, pipeline=pipeline, phase=phase, before=before, limit=limit)
        )

    # locks

    async def lock(self, project: str, kind: Literal["runs", "mutex"], name: str) -> Lock | None:
        """One lock as it is kept."""
        return await self.read(partial(locks.read, project=project, kind=kind, name=name))

    async def locks(self) -> Sequence[LockRow]:
        """Every lock that anybody holds or waits for."""
        return await self.read(locks.busy)

    # pipelines

    async def save_pipeline(
        self, project: str, pipeline: str, definition: bytes, text: str, *, at: int, by: str
    ) -> int:
        """Keep a definition; the number of its version."""
        return await self.changes.write(
            partial(
                pipelines.save,
                project=project,
                pipeline=pipeline,
                definition=definition,
                text=text,
                at=at,
                by=by,
            )
        )

    async def pipeline(self, project: str, pipeline: str, version: int = 0) -> tuple[int, bytes, str]:
        """Version, definition and text."""
        return await self.read(partial(pipelines.read, project=project, pipeline=pipeline, version=version))

    async def next_number(self, project: str, pipeline: str) -> int:
        """The number of the next run."""
        return await self.write(partial(pipelines.next_number, project=project, pipeline=pipeline))
