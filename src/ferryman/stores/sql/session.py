"""Session: the little that a noun's module needs of a database connection."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

Value = str | int | bytes | None
Row = tuple[Any, ...]


class Session(Protocol):
    """Runs one statement at a time with named values (`:name`)."""

    def execute(self, statement: str, values: Mapping[str, Value], /) -> Iterator[Row]:
        """Run a statement; its rows."""
        ...


def rows(session: Session, statement: str, **values: Value) -> list[Row]:
    """Run a statement to its end, so that nothing of it stays open; all its rows."""
    return list(session.execute(statement, values))


def row(session: Session, statement: str, **values: Value) -> Row | None:
    """Run a statement to its end; its first row, or None."""
    return next(iter(list(session.execute(statement, values))), None)
