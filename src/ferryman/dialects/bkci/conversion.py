"""JSON as BK-CI reads it, into wire models: generous where the product is, strict where it is (bkci-v3 1.3).

- null is the same as absent, and an empty text where an object is expected the same as null
- a number as text, a text as number, where it converts
- unknown fields are ignored, an unknown word of an enumeration is refused
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import msgspec
from msgspec import inspect

from ferryman.dialects.bkci.errors import WireRefusal

DEEPEST = 200
"""Levels of a document; models have about twenty."""
LARGEST = 2**63
"""Numbers that are no less, or less than its negative, are none of ours."""

Fit = Callable[[Any], Any]
_OBJECTS = (inspect.StructType, inspect.DictType, inspect.DataclassType, inspect.TypedDictType)
_LISTS = (inspect.ListType, inspect.VarTupleType, inspect.SetType, inspect.FrozenSetType)


def decoded(body: bytes) -> Any:
    """The plain values of a body. Raises `WireRefusal`."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WireRefusal(400, f"the body is not JSON: {error}", technical=True) from error
    except RecursionError:
        raise _too_deep() from None
    if body.count(b"[") + body.count(b"{") > DEEPEST and _is_deeper(value, DEEPEST):
        raise _too_deep()
    return value


def converted(value: Any, kind: Any) -> Any:
    """Plain values as this type has them. Raises `WireRefusal` with the place."""
    try:
        return msgspec.convert(_fit_of(kind)(value), kind, strict=False)
    except (msgspec.ValidationError, OverflowError) as error:
        raise WireRefusal(400, f"what was sent does not fit: {error}", technical=True) from error


def fields_of(kind: type[msgspec.Struct]) -> Mapping[str, inspect.Field]:
    """The fields of a wire model by their names on the wire."""
    told = inspect.type_info(kind)
    assert isinstance(told, inspect.StructType)
    return {field.encode_name: field for field in told.fields}


def takes_many(field: inspect.Field) -> bool:
    """Whether a field is a list: one that a query fills by naming it again and again."""
    return any(isinstance(one, _LISTS) for one in _choices(field.type))


def takes_text(field: inspect.Field) -> bool:
    """Whether a field takes any text: one that may be empty."""
    return any(isinstance(one, inspect.StrType | inspect.AnyType) for one in _choices(field.type))


def _too_deep() -> WireRefusal:
    return WireRefusal(400, f"the body is nested deeper than {DEEPEST} levels", technical=True)


def _is_deeper(value: Any, levels: int) -> bool:
    layer = [value]
    for _ in range(levels):
        layer = [
            inner
            for one in layer
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not layer:
            return False
    return True


def _choices(told: inspect.Type) -> tuple[inspect.Type, ...]:
    while isinstance(told, inspect.Metadata):
        told = told.type
    return told.types if isinstance(told, inspect.UnionType) else (told,)


@cache
def _fit_of(kind: Any) -> Fit:
    return _fit(inspect.type_info(kind))


def _fit(told: inspect.Type) -> Fit:
    """What makes plain values fit a type; what does not fit is left for the check after it to refuse."""
    choices = _choices(told)
    fits = tuple(one for each in choices if (one := _fit_one(each)) is not None)
    for_objects = any(isinstance(each, _OBJECTS) for each in choices)
    for_texts = any(isinstance(each, inspect.StrType | inspect.AnyType) for each in choices)

    def fit(value: Any) -> Any:
        if value == "" and for_objects and not for_texts:
            return None
        for one in fits:
            value = one(value)
        return value

    return fit


def _fit_one(told: inspect.Type) -> Fit | None:
    match told:
        case inspect.StrType():
            return _text
        case inspect.IntType():
            return _number
        case inspect.BoolType():
            return _truth
        case inspect.StructType(cls=kind):
            # By way of its class, so that a model which holds itself has an end.
            return lambda value: _fit_struct(kind)(value) if _may_be(kind, value) else value
        case inspect.DictType(value_type=inner):
            each = _fit(inner)
            return lambda value: (
                {name: each(one) for name, one in value.items() if one is not None}
                if isinstance(value, dict)
                else value
            )
        case inspect.ListType() | inspect.VarTupleType() | inspect.SetType() | inspect.FrozenSetType():
            every = _fit(told.item_type)
            return lambda value: [every(one) for one in value] if isinstance(value, list) else value
    return None


def _may_be(kind: type[msgspec.Struct], value: Any) -> bool:
    """Whether it is an object, and of several kinds by a tag this one."""
    config = kind.__struct_config__
    return isinstance(value, dict) and (not config.tag_field or value.get(config.tag_field) == config.tag)


@cache
def _fit_struct(kind: type[msgspec.Struct]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    fits = {name: _fit(field.type) for name, field in fields_of(kind).items()}
    tag = kind.__struct_config__.tag_field
    kept = {tag} if tag else set()

    def fit(value: dict[str, Any]) -> dict[str, Any]:
        found = {
            name: fitted
            for name, one in value.items()
            if one is not None and name in fits and (fitted := fits[name](one)) is not None
        }
        found.update((name, value[name]) for name in kept & value.keys())
        return found

    return fit


def _text(value: Any) -> Any:
    if isinstance(value, bool | int | float):
        return msgspec.json.encode(value).decode()
    return value


def _number(value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip()
        if value.removeprefix("-").isdecimal() and len(value) < 24:
            value = int(value)
    if isinstance(value, int) and not -LARGEST <= value < LARGEST:
        raise WireRefusal(400, f"{value} is larger than any number here", technical=True)
    return value


def _truth(value: Any) -> Any:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower(), value)
    return value
