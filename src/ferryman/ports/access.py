"""Access and audit: what is kept of who may do what, and of every change and decision.

The store sees records as they are written down, by kind and key; what they say, and that they fit together, is the
business of `services.access`, which holds all of them in memory.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from ferryman.domain.audit import AuditEntry


class AccessRow(msgspec.Struct, frozen=True, kw_only=True):
    """One record, written down."""

    kind: str
    key: str
    record: bytes

    def __repr__(self) -> str:
        """Its kind; a record may hold what a weak text could be guessed from."""
        return f"AccessRow({self.kind!r})"


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    """An entry and its place: 1, 2, 3 … in the order in which they were kept."""

    place: int
    entry: AuditEntry


class AuditSearch(msgspec.Struct, frozen=True, kw_only=True):
    """What entries are looked for; what is left empty restricts nothing."""

    project: str = ""
    by: str = ""
    action: str = ""
    subject: str = ""
    since: int = 0
    """Milliseconds since 1970, this moment included."""
    until: int = 0
    """Milliseconds since 1970, this moment not included."""
    before: int = 0
    """Only entries whose place is below this one: the last of the page before."""


class AccessRows(Protocol):
    """Records by kind and key."""

    async def every(self) -> Sequence[AccessRow]:
        """All records."""
        ...

    async def change(
        self,
        *,
        keep: Sequence[AccessRow] = (),
        remove: Sequence[tuple[str, str]] = (),
        audit: Sequence[AuditEntry] = (),
    ) -> None:
        """Keep records in place of those of the same kind and key, remove others (by kind and key; one that is not
        there is none to remove), and write the audit: all of it durably, or nothing."""
        ...


class AuditRows(Protocol):
    """The audit. It can be added to and read; nothing in it can be changed or removed."""

    async def add(self, entries: Sequence[AuditEntry]) -> None:
        """Keep entries, durably, all or none."""
        ...

    async def page(self, search: AuditSearch, *, limit: int = 50) -> Sequence[AuditRow]:
        """Entries that fit, newest first."""
        ...
