"""What a settings model allows, read from its types once: the view that checking, schema and pages share.

A settings model is a struct whose fields are annotated with ranges, words and help text. Here each field
becomes an `Input`, with the shapes its value may have. `None` in a field's type only says that the input
may be left out.
"""

from functools import lru_cache
from typing import Annotated

import msgspec
from msgspec import Meta, inspect

Text = Annotated[str, Meta(min_length=1)]
"""Text that may not be empty."""

HTTP_ADDRESS = r"^https?://\S+$"

Address = Annotated[str, Meta(pattern=HTTP_ADDRESS)]
"""An address of a web server."""

Shape = inspect.Type
"""One form a value may have, as msgspec describes types."""

PATTERNS_IN_WORDS = {HTTP_ADDRESS: "an address that starts with http:// or https://"}
"""The rule behind each pattern a settings model uses, for messages and pages."""


class Input(msgspec.Struct, frozen=True, kw_only=True):
    """One setting: its name in the file, its attribute in the model, and what may stand there."""

    name: str
    attribute: str
    shapes: tuple[Shape, ...]
    required: bool
    default: object
    meaning: str


@lru_cache
def inputs(model: type[msgspec.Struct]) -> tuple[Input, ...]:
    """The inputs of a settings model, in the order they are declared."""
    described = inspect.type_info(model)
    if not isinstance(described, inspect.StructType):
        raise TypeError(f"{model.__name__} is not a settings model")
    return tuple(_input(field) for field in described.fields)


def shapes(described: Shape) -> tuple[Shape, ...]:
    """The forms a type allows, without its wrapping and without None."""
    if isinstance(described, inspect.Metadata):
        return shapes(described.type)
    if isinstance(described, inspect.UnionType):
        return tuple(shape for member in described.types for shape in shapes(member))
    return () if isinstance(described, inspect.NoneType) else (described,)


def describe(allowed: tuple[Shape, ...]) -> str:
    """What may stand there, in words that follow "must be": `text or a list of text`."""
    return " or ".join(_describe(shape) for shape in allowed)


def _input(field: inspect.Field) -> Input:
    return Input(
        name=field.encode_name,
        attribute=field.name,
        shapes=shapes(field.type),
        required=field.required,
        default=_default(field),
        meaning=_meaning(field.type),
    )


def _default(field: inspect.Field) -> object:
    if field.default is not msgspec.NODEFAULT:
        return field.default
    return field.default_factory() if callable(field.default_factory) else None


def _meaning(described: Shape) -> str:
    schema = described.extra_json_schema if isinstance(described, inspect.Metadata) else None
    return str((schema or {}).get("description", ""))


def _describe(shape: Shape) -> str:
    match shape:
        case inspect.StrType(pattern=str(pattern)):
            return PATTERNS_IN_WORDS[pattern]
        case inspect.StrType():
            return "text"
        case inspect.IntType():
            return f"a whole number{_range(shape)}"
        case inspect.FloatType():
            return f"a number{_range(shape)}"
        case inspect.BoolType():
            return "true or false"
        case inspect.LiteralType():
            return "one of " + ", ".join(str(word) for word in shape.values)
        case inspect.VarTupleType():
            items = describe(shapes(shape.item_type))
            return f"a list of {items}" if items == "text" else f"a list, each entry {items}"
        case inspect.DictType():
            return f"a mapping of names to {describe(shapes(shape.value_type))}"
        case inspect.StructType():
            return "a mapping with " + ", ".join(field.encode_name for field in shape.fields)
        case _:
            return "any value"


def _range(shape: inspect.IntType | inspect.FloatType) -> str:
    lowest = "" if shape.ge is None else f" from {shape.ge:g}"
    return lowest if shape.le is None else f"{lowest} to {shape.le:g}"
