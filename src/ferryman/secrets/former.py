"""Values that were replaced or removed: a step that was given one may still run, and what it prints is masked (LOG-6).

Each is kept sealed in a row of its own, behind the name of its secret, under one that no secret can have.
"""

from collections.abc import Iterable, Iterator

from ferryman.ports.secrets import SecretRow

KEPT_MS = 7 * 24 * 60 * 60 * 1000
"""The longest that a job may last (semantics 18): behind that nobody is left who was given it."""

MOST = 10
"""Of one secret. Each makes every log dearer."""


def is_former(name: str) -> bool:
    """Whether a row of this name holds values of the past."""
    return "/" in name


def next_name(name: str, rows: Iterable[SecretRow]) -> str:
    """What the values of a secret are called when they are of the past."""
    before = (row.name.removeprefix(f"{name}/") for row in rows if row.name.startswith(f"{name}/"))
    return f"{name}/{max(map(int, before), default=0) + 1:09}"


def over(rows: Iterable[SecretRow], now: int) -> Iterator[str]:
    """The names of those that nobody needs any more."""
    newer: dict[str, int] = {}
    for row in sorted(rows, key=lambda row: row.name, reverse=True):
        if is_former(row.name):
            secret = row.name.partition("/")[0]
            newer[secret] = newer.get(secret, 0) + 1
            if newer[secret] > MOST or now - row.created_at > KEPT_MS:
                yield row.name
