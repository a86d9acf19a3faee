"""A plain tree to YAML text that a person would have written (pipeline-yaml 2, 12.1).

Block style, literal blocks for texts of several lines, quotes only where a reader of YAML 1.1 would take
the text for something else, short lists of plain words on one line. The text of a tree is always the same,
and reading it gives the tree again. Three kinds of value have no text of their own and are written as what
comes closest: a number that is not finite as text, half of a surrogate pair as the replacement character, a
key that is not text as its text.
"""

import re
from collections.abc import Iterator
from math import isfinite
from typing import Any

from ferryman.definition.file.scalars import resolve

_STEP = "  "
_LONGEST_FLOW = 72
_LONGEST_PLAIN_KEY = 500

_PLAIN = re.compile(r"[^\s\-?:,\[\]{}#&*!|>'\"%@`][^\n]*|-[^\s-][^\n]*")
_BREAKS_PLAIN = re.compile(r":(?=\s|$)|\s#|\s$|\t")
_BREAKS_FLOW = re.compile(r"[,\[\]{}:?]|^-")
_UNPRINTABLE = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_OTHERWISE_READ = re.compile(
    r"on|<<|=|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt\s].*)?"
    r"|[-+]?(?:0o[0-7_]+|(?:[0-9][0-9_]*)?\.?[0-9_]*(?:[eE][-+]?[0-9]+)?)|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
"""Words that our reader takes for text, but another reader of YAML for a number, a date or a sign."""

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}


def write(tree: dict[str, Any]) -> str:
    """The text of a pipeline file."""
    return write_value(tree)


def write_value(value: Any) -> str:
    """The text of any plain value: dict, list, str, int, float, bool or None."""
    return "\n".join(_lines(value)) + "\n"


def _lines(value: Any) -> list[str]:
    """A value as lines that begin in the first column."""
    if isinstance(value, dict) and value:
        return [line for key, item in value.items() for line in _entry(key, item)]
    if isinstance(value, list) and value:
        return [line for item in value for line in _item(item)]
    return [*_scalar_lines(value)]


def _entry(key: Any, value: Any) -> Iterator[str]:
    """One key with its value: behind the colon, or on lines of its own below it."""
    name = _key(key if isinstance(key, str) else _scalar(key))
    if len(name) > _LONGEST_PLAIN_KEY:
        yield f"? {name}"
        name = ""
    if _is_block(value) and not _flow(value):
        yield f"{name}:"
        yield from _indented(_lines(value))
        return
    first, *rest = [_flow(value)] if _is_block(value) else _scalar_lines(value)
    yield f"{name}: {first}"
    yield from _indented(rest)


def _item(value: Any) -> Iterator[str]:
    """One item of a list, beginning behind its dash."""
    first, *rest = _lines(value)
    yield f"- {first}"
    yield from _indented(rest)


def _indented(lines: list[str]) -> Iterator[str]:
    return (_STEP + line if line else "" for line in lines)


def _is_block(value: Any) -> bool:
    return isinstance(value, dict | list) and bool(value)


def _flow(value: Any) -> str:
    """A short list of scalars on one line; empty when it does not suit."""
    if not isinstance(value, list) or any(isinstance(item, dict | list) for item in value):
        return ""
    shown = [_scalar(item) for item in value]
    suits = all(
        not _BREAKS_FLOW.search(text) if text == item or not isinstance(item, str) else "\\" not in text
        for item, text in zip(value, shown, strict=True)
    )
    line = f"[{', '.join(shown)}]"
    return line if suits and len(line) <= _LONGEST_FLOW else ""


def _scalar_lines(value: Any) -> list[str]:
    """A scalar, or an empty collection: one line, or a literal block when it has several."""
    if isinstance(value, str) and _suits_literal(value):
        return [_literal_sign(value), *value.removesuffix("\n").split("\n")]
    return [_scalar(value)]


def _scalar(value: Any) -> str:
    """A scalar, or an empty collection, on one line."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return _number(value)
        case str():
            return _text(value)
        case _:
            return "[]" if isinstance(value, list) else "{}"


def _number(value: float) -> str:
    """A fraction in the form that YAML 1.1 asks for: with a point, and a sign in the exponent."""
    if not isfinite(value):
        return _text(str(value))
    digits, exponent, power = repr(value).partition("e")
    return f"{digits if '.' in digits else digits + '.0'}{exponent}{power}"


def _text(text: str) -> str:
    """A text on one line, with the least quotes it can do with."""
    if "\n" in text or _UNPRINTABLE.search(text):
        return _escaped(text)
    if is_plain(text):
        return text
    return "'" + text.replace("'", "''") + "'"


def _key(text: str) -> str:
    """A key: quoted like a text, save the words that only mean something else where a value stands."""
    return text if text == "on" else _text(text)


def is_plain(text: str) -> bool:
    """Whether a text of one line can stand without quotes outside a flow collection."""
    return bool(
        _PLAIN.fullmatch(text)
        and not _BREAKS_PLAIN.search(text)
        and not _UNPRINTABLE.search(text)
        and not text.startswith("...")
        and not _OTHERWISE_READ.fullmatch(text)
        and resolve(text) == text
    )


def _escaped(text: str) -> str:
    """A text in double quotes; what cannot be shown is told by its number."""
    return '"' + "".join(_ESCAPES.get(each) or _escape(each) for each in text) + '"'


def _escape(character: str) -> str:
    if not _UNPRINTABLE.match(character):
        return character
    number = ord(character)
    if 0xD800 <= number <= 0xDFFF:
        return "\ufffd"
    return (
        f"\\x{number:02x}"
        if number <= 0xFF
        else f"\\u{number:04x}"
        if number <= 0xFFFF
        else f"\\U{number:08x}"
    )


def _suits_literal(text: str) -> bool:
    """Whether a literal block gives the text back: its first line shows the indentation, all is printable."""
    return "\n" in text[:-1] and text[0] not in " \t\n" and not _UNPRINTABLE.search(text)


def _literal_sign(text: str) -> str:
    if not text.endswith("\n"):
        return "|-"
    return "|+" if text.endswith("\n\n") else "|"
