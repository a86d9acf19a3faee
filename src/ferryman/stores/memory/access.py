"""Access and audit in memory."""

from collections.abc import Callable, Sequence

import msgspec

from ferryman.domain.audit import AuditEntry
from ferryman.ports.access import AccessRow, AuditRow, AuditSearch

Pass = Callable[[], None]
"""Called before each deed; raises where the store is not open for it."""


class MemoryAudit:
    """The audit, in the order of its entries. They are kept written down, so that what cannot be is noticed here."""

    def __init__(self, may_read: Pass, may_write: Pass) -> None:
        """Empty."""
        self._entries: list[bytes] = []
        self._may_read = may_read
        self._may_write = may_write

    async def add(self, entries: Sequence[AuditEntry]) -> None:
        """Keep entries."""
        self.put(entries)

    def put(self, entries: Sequence[AuditEntry]) -> None:
        """Keep entries, for whoever keeps something else at the same moment."""
        self._may_write()
        self._entries += [msgspec.json.encode(entry) for entry in entries]

    async def page(self, search: AuditSearch, *, limit: int = 50) -> Sequence[AuditRow]:
        """Entries that fit, newest first."""
        self._may_read()
        kept = enumerate((msgspec.json.decode(text, type=AuditEntry) for text in self._entries), 1)
        found = [AuditRow(place=place, entry=entry) for place, entry in kept if _fits(search, place, entry)]
        return tuple(reversed(found))[: max(limit, 0)]


def _fits(search: AuditSearch, place: int, entry: AuditEntry) -> bool:
    return (
        search.project in ("", entry.project)
        and search.by in ("", entry.by)
        and search.action in ("", entry.action)
        and search.subject in ("", entry.subject)
        and entry.at >= search.since
        and (not search.until or entry.at < search.until)
        and (not search.before or place < search.before)
    )


class MemoryAccess:
    """Records by kind and key."""

    def __init__(self, may_read: Pass, may_write: Pass, audit: MemoryAudit) -> None:
        """Empty; entries go into this audit."""
        self._rows: dict[tuple[str, str], AccessRow] = {}
        self._may_read = may_read
        self._may_write = may_write
        self._audit = audit

    async def every(self) -> Sequence[AccessRow]:
        """All records."""
        self._may_read()
        return tuple(row for _, row in sorted(self._rows.items()))

    async def change(
        self,
        *,
        keep: Sequence[AccessRow] = (),
        remove: Sequence[tuple[str, str]] = (),
        audit: Sequence[AuditEntry] = (),
    ) -> None:
        """Keep, remove and write the audit."""
        self._may_write()
        self._audit.put(audit)
        for key in remove:
            self._rows.pop(key, None)
        self._rows |= {(row.kind, row.key): row for row in keep}
