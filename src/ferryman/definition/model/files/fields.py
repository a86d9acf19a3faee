"""A key of a file and a field of the model side by side: one table serves both directions.

A row says what leaving the key out means. Such a value is written to neither document, so that what comes
back from a round trip is not longer than what went in; fields that a model always has are `always` filled.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from ferryman.definition.model.files.values import Json, Tree, same

_NOTHING: tuple[Json, ...] = (None, "", [], {})


class Field(NamedTuple):
    """One row: `key` of the file is `field` of the model; `default` is what leaving the key out means."""

    key: str
    field: str
    default: Json = None
    read: Callable[[Json], Json] = same
    """From the file to the model."""
    write: Callable[[Json], Json] = same
    """From the model to the file."""
    always: bool = False


def read_fields(fields: Iterable[Field], tree: Tree) -> Tree:
    """The fields of the model that a mapping of a file gives."""
    found: Tree = {}
    for field in fields:
        value = tree.get(field.key)
        value = field.default if value is None else value
        if field.always or not _says_nothing(value, field.default):
            found[field.field] = field.read(value)
    return found


def write_fields(fields: Iterable[Field], document: Tree) -> Tree:
    """The keys of a file that a mapping of the model gives, in the order of the table."""
    keys: Tree = {}
    for field in fields:
        value = document.get(field.field)
        if value is None:
            continue
        shown = field.write(value)
        if shown is not None and not _says_nothing(shown, field.default):
            keys[field.key] = shown
    return keys


def _says_nothing(value: Json, default: Json) -> bool:
    return bool(value == default or (default is None and value in _NOTHING and value is not False))
