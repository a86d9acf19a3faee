"""Access and audit, over the store's reading and writing."""

from collections.abc import Sequence
from functools import partial

from ferryman.domain.audit import AuditEntry
from ferryman.ports.access import AccessRow, AuditRow, AuditSearch
from ferryman.stores.sql import access, audit
from ferryman.stores.sqlite.shelves import Doing


class SqliteAccess:
    """Records by kind and key."""

    def __init__(self, read: Doing, write: Doing) -> None:
        """Over these ways to read and to write."""
        self._read = read
        self._write = write

    async def every(self) -> Sequence[AccessRow]:
        """All records."""
        return await self._read(access.every)

    async def change(
        self,
        *,
        keep: Sequence[AccessRow] = (),
        remove: Sequence[tuple[str, str]] = (),
        audit: Sequence[AuditEntry] = (),
    ) -> None:
        """Keep, remove and write the audit, durably."""
        await self._write(partial(access.change, keep=keep, remove=remove, audit=audit))


class SqliteAudit:
    """The audit."""

    def __init__(self, read: Doing, write: Doing) -> None:
        """Over these ways to read and to write."""
        self._read = read
        self._write = write

    async def add(self, entries: Sequence[AuditEntry]) -> None:
        """Keep entries, durably."""
        await self._write(partial(audit.add_all, entries=entries))

    async def page(self, search: AuditSearch, *, limit: int = 50) -> Sequence[AuditRow]:
        """Entries that fit, newest first."""
        return await self._read(partial(audit.page, search=search, limit=limit))
