"""Secrets: sealed values by project and name."""

from collections.abc import Iterable

from msgspec.structs import asdict

from ferryman.domain.audit import AuditEntry
from ferryman.domain.errors import NotFound
from ferryman.ports.secrets import SecretRow
from ferryman.stores.sql import audit
from ferryman.stores.sql.named import query
from ferryman.stores.sql.rows import secret_of
from ferryman.stores.sql.session import Session, row, rows


def keep(session: Session, secret: SecretRow, entries: Iterable[AuditEntry]) -> None:
    """Write a secret, in the place of an older one of this name."""
    rows(session, query("secrets", "keep"), **asdict(secret))
    audit.add_all(session, entries)


def read(session: Session, project: str, name: str) -> SecretRow:
    """One secret. Raises `NotFound`."""
    found = row(session, query("secrets", "read"), project=project, name=name)
    if found is None:
        raise NotFound(f"there is no secret {name} in project {project}")
    return secret_of(found)


def every(session: Session, project: str) -> tuple[SecretRow, ...]:
    """All secrets of a project, by name."""
    return tuple(map(secret_of, rows(session, query("secrets", "every"), project=project)))


def remove(session: Session, project: str, name: str, entries: Iterable[AuditEntry]) -> None:
    """Remove a secret. Raises `NotFound`."""
    if row(session, query("secrets", "remove"), project=project, name=name) is None:
        raise NotFound(f"there is no secret {name} in project {project}")
    audit.add_all(session, entries)
