"""A JSON Schema of pipeline files for editors, made from their tables (pipeline-yaml 14; CFG-1).

Draft-07. Mappings whose keys the format names are closed, those whose keys the writer chooses are open.
Keys that only make sense on a server of the vendor are left out, so an editor marks them as unknown. What
needs more than one key to judge is left to the reader of the file.
"""

import json
import re
from functools import lru_cache
from typing import Any

from ferryman.definition.file.check import PLACEHOLDER, is_single
from ferryman.definition.file.shapes import (
    Anything,
    Flag,
    Forms,
    Key,
    Keys,
    Listing,
    Minutes,
    Shape,
    Text,
    Whole,
    Word,
)
from ferryman.definition.file.tables import PIPELINE

ID = "urn:ferryman:schema:pipeline:v3.0"
"""The fixed name of the schema."""
DIALECT = "http://json-schema.org/draft-07/schema#"
"""The language the schema is written in."""

Schema = dict[str, Any]


def schema() -> Schema:
    """The JSON Schema of a pipeline file, a fresh copy each time."""
    made: Schema = json.loads(_text())
    return made


@lru_cache(maxsize=1)
def _text() -> str:
    whole = {
        "$schema": DIALECT,
        "$id": ID,
        "title": "Ferryman pipeline file, version v3.0",
        **_keys(PIPELINE),
        "anyOf": [{"required": [key]} for key in ("stages", "jobs", "steps")],
    }
    return json.dumps(whole)


def _shape(shape: Shape) -> Schema:
    """The schema of one shape."""
    match shape:
        case Text():
            return _written(shape)
        case Word(words=words, flags=flags):
            return {"enum": [*words, *([True, False] if flags else [])]}
        case Flag():
            return {"type": "boolean"}
        case Whole(least=least, most=most):
            return {"type": "integer"} | _limits("minimum", least) | _limits("maximum", most)
        case Minutes(least=least, most=most):
            text = {"type": "string", "pattern": rf"^\s*[0-9]+\s*$|{re.escape(PLACEHOLDER)}"}
            return {"anyOf": [{"type": "integer", "minimum": least, "maximum": most}, text]}
        case Listing(item=item, least=least, most=most, single=single):
            one = _shape(item)
            several = {"type": "array", "items": one} | _limits("minItems", least or None)
            several |= _limits("maxItems", most)
            return {"anyOf": [one, several]} if single else several
        case Keys():
            return _keys(shape)
        case Forms(scalar=scalar, listing=listing, mapping=mapping):
            return {"anyOf": [_shape(form) for form in (scalar, listing, mapping) if form is not None]}
        case Anything():
            return {}


def _written(shape: Text) -> Schema:
    """Text, and the numbers and booleans that are turned into it."""
    types = [
        "string",
        "number",
        *(["boolean"] if shape.booleans else []),
        *(["null"] if shape.nothing else []),
    ]
    made: Schema = {"type": types} | _limits("maxLength", shape.longest)
    made |= _limits("minLength", shape.shortest or None)
    if shape.pattern:
        made["pattern"] = f"^(?:{_portable(shape.pattern)})$"
        made["type"] = "string"
    return made


def _portable(pattern: str) -> str:
    """A pattern as JavaScript, the language of JSON Schema, writes it."""
    return pattern.replace("(?s)", "").replace(".*", r"[\s\S]*") if pattern.startswith("(?s)") else pattern


def _keys(shape: Keys) -> Schema:
    known = [key for key in shape.keys if key.standing != "X"]
    made: Schema = {"type": "object"}
    if known:
        made["properties"] = {key.name: _key(key) for key in known}
    if required := [key.name for key in known if key.required]:
        made["required"] = required
    made["additionalProperties"] = False if shape.rest is None else _shape(shape.rest)
    names: Schema = _limits("maxLength", shape.longest_name)
    refused = [refusal.name for refusal in shape.refusals if not refusal.name.endswith("*")]
    if refused and shape.rest is not None:
        names["not"] = {"enum": refused}
    if names:
        made["propertyNames"] = names
    return made | _limits("minProperties", shape.least or None) | _limits("maxProperties", shape.most)


def _key(key: Key) -> Schema:
    made = _shape(key.shape)
    if is_single(key.shape) and not key.required:
        made = _or_nothing(made)
    told = {} if key.default is None else {"default": _plain(key.default)}
    return {"description": key.help, **told, **made}


def _plain(default: bool | int | str | tuple[str, ...]) -> bool | int | str | list[str]:
    return list(default) if isinstance(default, tuple) else default


def _or_nothing(made: Schema) -> Schema:
    """A key with nothing behind it counts as absent where a single value is wanted."""
    if "enum" in made:
        return made | {"enum": [*made["enum"], None]}
    if "anyOf" in made:
        return made | {"anyOf": [*made["anyOf"], {"type": "null"}]}
    if "type" in made:
        types = made["type"] if isinstance(made["type"], list) else [made["type"]]
        return made | {"type": list(dict.fromkeys([*types, "null"]))}
    return made


def _limits(word: str, number: int | None) -> Schema:
    return {} if number is None else {word: number}
