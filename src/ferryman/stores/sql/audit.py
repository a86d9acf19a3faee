"""Audit: entries in the order in which they were kept. Whoever changes something adds its entry in the same job."""

from collections.abc import Iterable

import msgspec

from ferryman.domain.audit import AuditEntry
from ferryman.domain.values import Json
from ferryman.ports.access import AuditRow, AuditSearch
from ferryman.stores.sql.named import query
from ferryman.stores.sql.session import Row, Session, Value, rows

NEVER = 2**62
"""A place that no entry comes to."""
NARROW = (("subject", "of a subject"), ("by", "by whom"), ("project", "of a project"))
"""What has an index of its own, and the query that uses it; what restricts most comes first."""


def add(session: Session, entry: AuditEntry) -> None:
    """Write an entry."""
    columns: dict[str, Value] = msgspec.structs.asdict(entry)
    columns |= {"before": _written(entry.before), "after": _written(entry.after)}
    rows(session, query("audit", "add"), **columns)


def add_all(session: Session, entries: Iterable[AuditEntry]) -> None:
    """Write entries, in this order."""
    for entry in entries:
        add(session, entry)


def page(session: Session, search: AuditSearch, limit: int) -> tuple[AuditRow, ...]:
    """Entries that fit, newest first."""
    wanted: dict[str, Value] = msgspec.structs.asdict(search)
    wanted |= {"below": wanted.pop("before") or NEVER, "limit": max(limit, 0)}
    name = next((name for field, name in NARROW if wanted[field]), "page")
    return tuple(map(_of_row, rows(session, query("audit", name), **wanted)))


def _of_row(row: Row) -> AuditRow:
    place, *columns = row
    fields = dict(zip(AuditEntry.__struct_fields__, columns, strict=True))
    fields |= {name: _read(fields[name]) for name in ("before", "after")}
    return AuditRow(place=place, entry=AuditEntry(**fields))


def _written(value: Json) -> bytes | None:
    return None if value is None else msgspec.json.encode(value)


def _read(text: bytes | None) -> Json:
    return None if text is None else msgspec.json.decode(text)
