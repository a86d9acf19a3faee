"""The register: the index in memory and the rows in the store, changed together.

A change is kept with its audit in one transaction and known at once after it. Whoever asked for it may go away
meanwhile: the change is finished, and known, all the same.
"""

import asyncio
from collections.abc import Sequence
from difflib import get_close_matches
from typing import TypeVar

from ferryman.domain.access import Record
from ferryman.domain.actions import Action
from ferryman.domain.audit import AuditEntry
from ferryman.domain.errors import Conflict, NotFound
from ferryman.ports.access import AccessRow, AccessRows
from ferryman.ports.clock import Clock
from ferryman.services.access import showing
from ferryman.services.access.index import Change, Index, kind_of, read, written
from ferryman.services.caller import Caller
from ferryman.services.permits import judged

Kind = TypeVar("Kind", bound=Record)


class Register:
    """All records of one process."""

    def __init__(self, *, rows: AccessRows, clock: Clock) -> None:
        """Over these rows, yet to be opened."""
        self.index = Index()
        self.clock = clock
        self.changing = asyncio.Lock()
        """Held by whoever looks at a record in order to change it."""
        self._rows = rows
        self._pending: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Read everything that is kept."""
        rows = await self._rows.every()
        self.index.apply(Change(keep=read(row.record for row in rows)))

    async def close(self) -> None:
        """Return once every change that was accepted is kept."""
        await asyncio.gather(*self._pending, return_exceptions=True)

    async def change(self, change: Change, *, audit: Sequence[AuditEntry] = ()) -> None:
        """Keep a change and its audit; then know it."""
        task = asyncio.create_task(self._change(change, audit))
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            # Whoever holds `changing` must not let go of it before this is known.
            await asyncio.wait({task})
            raise

    async def _change(self, change: Change, audit: Sequence[AuditEntry]) -> None:
        await self._rows.change(
            keep=[
                AccessRow(kind=kind_of(record), key=record.key, record=written(record))
                for record in change.keep
            ],
            remove=[(kind_of(record), record.key) for record in change.remove],
            audit=audit,
        )
        self.index.apply(change)

    def fresh(self, kind: type[Record], key: str, word: str) -> None:
        """Nothing of this name is there yet. Raises `Conflict`."""
        if self.index.get(kind, key) is not None:
            raise Conflict(f"there is a {word} {key} already", reason="exists")

    def found(self, kind: type[Kind], key: str, word: str, *, caller: Caller | None = None) -> Kind:
        """One record. Raises `NotFound`, which calls it by `word`, and names what is near to a `caller` who may see all
        of them (ERR-3)."""
        record = self.index.get(kind, key)
        if record is None:
            hint = self._near(kind, key) if caller and judged(caller, Action.MANAGE_PEOPLE).allowed else ""
            raise NotFound(f"there is no {word} {key}{hint}", reason=f"{word.replace(' ', '-')}-unknown")
        return record

    def _near(self, kind: type[Kind], key: str) -> str:
        known = [record.key for record in self.index.every(kind)]
        return "".join(f"; did you mean {near}?" for near in get_close_matches(key, known, n=1))

    async def put(
        self,
        caller: Caller,
        action: str,
        *,
        keep: Record | None = None,
        remove: Record | None = None,
        project: str = "",
        reason: str = "",
    ) -> None:
        """Keep one record, or remove one, as what this caller does now."""
        change = Change(keep=(keep,) if keep else (), remove=(remove,) if remove else ())
        entries = [
            self.noted(caller, action, record, removed=record is remove, project=project, reason=reason)
            for record in (*change.keep, *change.remove)
        ]
        await self.change(change, audit=entries)

    def noted(
        self,
        caller: Caller,
        action: str,
        record: Record,
        *,
        removed: bool = False,
        project: str = "",
        reason: str = "",
    ) -> AuditEntry:
        """The entry about what this caller does to a record now, which is yet to be done."""
        return AuditEntry(
            at=self.clock.now(),
            by=caller.name,
            project=project,
            action=action,
            subject=showing.subject(record),
            request=caller.request,
            address=caller.address,
            reason=reason,
            before=showing.plain(self.index.get(type(record), record.key)),
            after=None if removed else showing.plain(record),
        )
