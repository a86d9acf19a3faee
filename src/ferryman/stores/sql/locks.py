"""Locks: versioned rows, compared and set in the unit that moves them (RULINGS 10)."""

from ferryman.domain.errors import Conflict
from ferryman.domain.locks import Lock
from ferryman.ports.store import LockRow
from ferryman.stores.sql.named import query
from ferryman.stores.sql.rows import lock_of, lock_row_of, lock_values
from ferryman.stores.sql.session import Session, row, rows


def keep(session: Session, each: LockRow) -> None:
    """Write a lock. Raises `Conflict` unless it is at the version it was read at."""
    values = lock_values(each)
    if each.before == 0:
        found = list(session.execute(query("locks", "begin"), values))
    else:
        found = list(session.execute(query("locks", "move"), {**values, "before": each.before}))
    if not found:
        raise Conflict(
            f"cannot change lock {each.name} of project {each.project}: it is not at version {each.before} any more; "
            "read it again"
        )


def read(session: Session, project: str, kind: str, name: str) -> Lock | None:
    """One lock, or None when nobody ever asked for it."""
    found = row(session, query("locks", "read"), project=project, kind=kind, name=name)
    return lock_of(found[0]) if found else None


def busy(session: Session) -> tuple[LockRow, ...]:
    """Every lock that anybody holds or waits for."""
    return tuple(map(lock_row_of, rows(session, query("locks", "busy"))))
