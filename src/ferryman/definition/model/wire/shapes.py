"""What a field of the model may hold: the few forms that the tables in `wire` are made of.

The model is generous (bkci-v3 1.3): unknown fields are kept, null counts as absent, an empty text where an object is
wanted too, and a number written as text is a number. `fit` is the one place that knows this.
"""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

import msgspec

Json = Any
"""What JSON can say: dict, list, str, int, float, bool or None."""
Tree = dict[str, Any]
"""A JSON object."""

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)


class Scalar(Enum):
    """A single value; ANY is whatever JSON can say."""

    TEXT = "text"
    WHOLE = "a whole number"
    FLAG = "true or false"
    ANY = "any value"


TEXT, WHOLE, FLAG, ANY = Scalar.TEXT, Scalar.WHOLE, Scalar.FLAG, Scalar.ANY


class Word(msgspec.Struct, frozen=True):
    """One of these words."""

    words: tuple[str, ...]


class Listing(msgspec.Struct, frozen=True):
    """A list of one form; with `single`, one item may stand for a list."""

    item: "Shape"
    single: bool = False


class Names(msgspec.Struct, frozen=True):
    """An object that maps names of the user's choice to one form."""

    item: "Shape"


class Field(msgspec.Struct, frozen=True):
    """One field of a record. Without a `must` the record is refused; a `made` one is the server's, and dropped."""

    shape: "Shape"
    must: bool = False
    made: bool = False


class Record(msgspec.Struct, frozen=True):
    """An object with known fields; others are kept. `what` names it in messages."""

    what: str
    fields: dict[str, Field]


class Variant(msgspec.Struct, frozen=True):
    """An object whose field `tag` says which record it is; `others` is for words that are not known here."""

    what: str
    tag: str
    records: dict[str, Record]
    others: Record | None = None


Shape = Scalar | Word | Listing | Names | Record | Variant

Fields = dict[str, "Shape | Field"]
"""Fields by name; a bare shape may be left out."""


def record(what: str, *parts: Mapping[str, Shape | Field]) -> Record:
    """A record of fields that may be left out, unless marked by `must` or `made`."""
    fields = {name: entry for part in parts for name, entry in part.items()}
    return Record(
        what, {name: entry if isinstance(entry, Field) else Field(entry) for name, entry in fields.items()}
    )


def must(shape: Shape) -> Field:
    """A field that has to be there."""
    return Field(shape, must=True)


def made(shape: Shape) -> Field:
    """A field that only the server fills in: state of a run, or something worked out from the rest."""
    return Field(shape, made=True)


def is_absent(value: Json, shape: Shape) -> bool:
    """Whether a value is as good as none."""
    return value is None or (value == "" and isinstance(shape, Listing | Names | Record | Variant))


def fit_scalar(value: Json, shape: Scalar) -> Json:
    """The value as the scalar it should be, converted where that loses nothing; None when it does not fit."""
    match shape:
        case Scalar.ANY:
            return value
        case Scalar.TEXT:
            return _text(value)
        case Scalar.WHOLE:
            return _whole(value)
        case Scalar.FLAG:
            return _flag(value)


def _text(value: Json) -> str | None:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer() and abs(value) < 2**63:
            return str(int(value))
        case int() | float():
            return str(value)
        case _:
            return None


def _whole(value: Json) -> int | None:
    if isinstance(value, str):
        return int(value) if _WHOLE.fullmatch(value.strip()) else None
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**63 else None
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63 else None


def _flag(value: Json) -> bool | None:
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    return value if isinstance(value, bool) else None


def kind_of(value: Json) -> str:
    """What a value is, as a person would say it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return "a number"
        case str():
            return f'"{value[:37]}..."' if len(value) > 40 else f'"{value}"'
        case list():
            return "a list"
        case _:
            return "an object"
