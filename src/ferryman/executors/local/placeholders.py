"""Secrets put in at the last moment: `${{ settings.NAME.FIELD }}` becomes the value, in memory only (RULINGS 1)."""

import re
from collections.abc import Iterator, Mapping

from ferryman.domain.values import Json

Field = tuple[str, str]
"""The name of a secret and one of its fields."""

_PLACEHOLDER = re.compile(r"\$\{\{\s*settings\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_]+)\s*\}\}")


def fields(value: Json) -> Iterator[Field]:
    """Every field that texts of this value refer to."""
    match value:
        case str() if "settings." in value:
            for found in _PLACEHOLDER.finditer(value):
                yield found[1], found[2]
        case dict():
            for each in value.values():
                yield from fields(each)
        case list() | tuple():
            for each in value:
                yield from fields(each)


def filled(value: Json, known: Mapping[Field, str]) -> Json:
    """The value with these fields put into its texts; other placeholders stay as they are."""
    if not known:
        return value
    match value:
        case str() if "settings." in value:
            return _PLACEHOLDER.sub(lambda found: known.get((found[1], found[2]), found[0]), value)
        case dict():
            return {key: filled(each, known) for key, each in value.items()}
        case list() | tuple():
            return [filled(each, known) for each in value]
    return value
