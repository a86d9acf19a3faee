"""Reading loosely typed JSON: every function takes any value and answers with the type it promises.

The tree of a file and the model of a client both come checked, yet a model may be older than the checks. What
does not fit counts as absent, so that mapping never fails.
"""

import re
from typing import Any

Json = Any
"""What JSON can say: dict, list, str, int, float, bool or None."""

Tree = dict[str, Any]
"""A mapping whose keys are text, in a meaningful order."""


_COMMA = re.compile(",")
_BRACES = re.compile(r"(\$\{\{|\}\})")


def mapping(value: Json) -> Tree:
    """The mapping, or an empty one."""
    return value if isinstance(value, dict) else {}


def mappings(value: Json) -> list[Tree]:
    """The mappings in a list; a single mapping is a list of one."""
    return [item for item in listing(value) if isinstance(item, dict)]


def listing(value: Json) -> list[Json]:
    """The list; nothing is empty and anything else a list of one."""
    if isinstance(value, list):
        return value
    return [] if value is None or value == "" else [value]


def text(value: Json) -> str:
    """A scalar as text; nothing and collections are empty, whole numbers carry no fraction."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case int() | float():
            return str(value)
        case _:
            return ""


def texts(value: Json) -> list[str]:
    """The texts in a list that are not empty; a single text is a list of one."""
    return [told for item in listing(value) if (told := text(item))]


def whole(value: Json, default: int = 0) -> int:
    """A whole number, also when it is written as text."""
    found = whole_or_none(value)
    return default if found is None else found


def whole_or_none(value: Json) -> int | None:
    """A whole number, also when it is written as text; None when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return int(value.strip() if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None


def flag(value: Json, default: bool = False) -> bool:
    """A boolean, also when it is written as text."""
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    return value if isinstance(value, bool) else default


def same(value: Json) -> Json:
    """The value as it is: what is free in both documents."""
    return value


def split_commas(value: Json) -> list[str]:
    """The parts of a comma list, blanks around them dropped; commas inside `${{ }}` belong to it."""
    told = text(value)
    parts: list[str] = []
    begin = 0
    for comma in (*_COMMA.finditer(hide_placeholders(told)), None):
        end = comma.start() if comma else len(told)
        parts.append(told[begin:end].strip())
        begin = end + 1
    return [part for part in parts if part]


def hide_placeholders(told: str) -> str:
    """A text of the same length in which each `${{ }}` is blotted out, so that only what is outside is found."""
    depth = 0
    pieces: list[str] = []
    for shown in _BRACES.split(told):
        depth += shown == "${{"
        pieces.append("_" * len(shown) if depth else shown)
        depth -= shown == "}}" and depth > 0
    return "".join(pieces)


def join_commas(value: Json) -> str:
    """A list as one text with commas."""
    return ",".join(texts(value))


def ordered(tree: Tree, keys: tuple[str, ...]) -> Tree:
    """The mapping with only these keys, in this order."""
    return {key: tree[key] for key in keys if key in tree}
