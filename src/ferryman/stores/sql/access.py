"""Access: records by kind and key, changed together with the audit."""

from collections.abc import Sequence

from msgspec.structs import asdict

from ferryman.domain.audit import AuditEntry
from ferryman.ports.access import AccessRow
from ferryman.stores.sql import audit as audits
from ferryman.stores.sql.named import query
from ferryman.stores.sql.session import Session, rows


def every(session: Session) -> tuple[AccessRow, ...]:
    """All records."""
    found = rows(session, query("access", "every"))
    return tuple(AccessRow(kind=kind, key=key, record=record) for kind, key, record in found)


def change(
    session: Session,
    *,
    keep: Sequence[AccessRow],
    remove: Sequence[tuple[str, str]],
    audit: Sequence[AuditEntry],
) -> None:
    """Remove, keep, and write the audit."""
    for kind, key in remove:
        rows(session, query("access", "remove"), kind=kind, key=key)
    for record in keep:
        rows(session, query("access", "keep"), **asdict(record))
    audits.add_all(session, audit)
