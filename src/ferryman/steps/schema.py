"""The JSON Schema (draft-07) of a kind's settings: the fragment an editor uses for `with`.

It allows what `checking` allows, text that holds `${{ }}` in place of any value included.
"""

from msgspec import inspect

from ferryman.steps.fitting import NUMBER, TRUTH, WHOLE_NUMBER
from ferryman.steps.inputs import Input, Shape, inputs, shapes
from ferryman.steps.kind import Choice, StepKind

Schema = dict[str, object]

_PLACEHOLDER: Schema = {"type": "string", "pattern": r"\$\{\{.*\}\}"}
"""Coarser than the language: an editor need not pair brackets."""


def settings_schema(kind: StepKind) -> Schema:
    """The schema of the whole `with` of this kind."""
    schema: Schema = {"description": kind.summary, **_object(inputs(kind.settings), free=kind.free)}
    if kind.choices:
        schema["allOf"] = [_choice(choice) for choice in kind.choices]
    return schema


def _object(known: tuple[Input, ...], *, free: bool = False) -> Schema:
    schema: Schema = {
        "type": "object",
        "properties": {one.name: _input(one) for one in known},
        "additionalProperties": free,
    }
    required = [one.name for one in known if one.required]
    return {**schema, "required": required} if required else schema


def _input(one: Input) -> Schema:
    schema: Schema = {"description": one.meaning, "anyOf": _any_of(one.shapes)}
    if not one.required and isinstance(one.default, str | int | float | bool):
        schema["default"] = one.default
    return schema


def _any_of(allowed: tuple[Shape, ...]) -> list[Schema]:
    return [*(_shape(shape) for shape in allowed), _PLACEHOLDER]


def _shape(shape: Shape) -> Schema:
    match shape:
        case inspect.StrType():
            return _text(shape)
        case inspect.IntType():
            return {"anyOf": [{"type": "integer", **_range(shape)}, _written(WHOLE_NUMBER)]}
        case inspect.FloatType():
            return {"anyOf": [{"type": "number", **_range(shape)}, _written(NUMBER)]}
        case inspect.BoolType():
            return {"anyOf": [{"type": "boolean"}, _written(TRUTH)]}
        case inspect.LiteralType():
            return {"enum": list(shape.values)}
        case inspect.VarTupleType():
            items: Schema = {"anyOf": _any_of(shapes(shape.item_type))}
            return {"type": "array", "items": items, "minItems": shape.min_length or 0}
        case inspect.DictType():
            values: Schema = {"anyOf": _any_of(shapes(shape.value_type))}
            return {"type": "object", "additionalProperties": values}
        case inspect.StructType():
            return _object(inputs(shape.cls))
        case _:
            return {}


def _text(shape: inspect.StrType) -> Schema:
    """Numbers and booleans are as good as the text they are written with."""
    if shape.pattern is not None:
        return _written(shape.pattern)
    return {"type": ["string", "number", "boolean"], "minLength": shape.min_length or 0}


def _written(pattern: str) -> Schema:
    return {"type": "string", "pattern": pattern}


def _range(shape: inspect.IntType | inspect.FloatType) -> Schema:
    limits = {"minimum": shape.ge, "maximum": shape.le}
    return {word: limit for word, limit in limits.items() if limit is not None}


def _choice(choice: Choice) -> Schema:
    each: list[Schema] = [{"required": [name]} for name in choice.names]
    if choice.needed:
        return {"oneOf": each}
    return {"oneOf": [*each, {"not": {"anyOf": each}}]}
