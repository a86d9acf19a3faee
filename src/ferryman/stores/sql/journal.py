"""The journal: entries of runs, appended and read, never changed."""

from collections.abc import Iterable

from ferryman.domain.journal import JournalEntry, from_bytes, to_bytes
from ferryman.stores.sql.named import query
from ferryman.stores.sql.session import Session, rows

LAST = 2**63 - 1
"""Behind any entry."""


def append(session: Session, place: int, entries: Iterable[JournalEntry]) -> None:
    """Write entries of the run at this place."""
    statement = query("journal", "append")
    for entry in entries:
        session.execute(statement, {"run": place, "seq": entry.seq, "entry": to_bytes(entry)})


def read(
    session: Session, run: str, *, after: int = 0, upto: int = LAST, limit: int = LAST
) -> tuple[JournalEntry, ...]:
    """Entries behind `after` and up to `upto`, in order."""
    if after >= upto:
        return ()
    found = rows(session, query("journal", "read"), run=run, after=after, upto=upto, limit=max(limit, 0))
    return tuple(from_bytes(each[0]) for each in found)
