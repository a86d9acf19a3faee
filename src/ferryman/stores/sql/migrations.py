"""Migrations: numbered SQL files, applied in order by the store's own connection, one transaction each.

A file that was released never changes; the next change of the tables is the next number.
"""

from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Migration(NamedTuple):
    """One step of the tables: what takes a database from `number - 1` to `number`."""

    number: int
    name: str
    script: str


@cache
def migrations() -> tuple[Migration, ...]:
    """All migrations in order. Their numbers are 1, 2, 3 …"""
    folder = files(__package__).joinpath("migrations")
    found = sorted(
        (each for each in folder.iterdir() if each.name.endswith(".sql")), key=lambda each: each.name
    )
    return tuple(
        Migration(int(each.name[:4]), each.name.removesuffix(".sql"), each.read_text(encoding="utf-8"))
        for each in found
    )


def newest() -> int:
    """The number of the last migration: what a database of this release is at."""
    return migrations()[-1].number
