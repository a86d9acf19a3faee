"""Which plain words of YAML are booleans, numbers or nothing (pipeline-yaml 2).

The words are those of YAML 1.1 with these exceptions. The lower-case `on` is text, so that `on:` is a key;
`y` and `n` are text. Sixties (`12:30`) and dates stay text, because a time of day or a date is what their
writers mean. Whole numbers beyond 64 bits and numbers that are not finite stay text, because no reader of
JSON keeps them.
"""

import re
from math import isfinite

from ferryman.definition.file.nodes import ScalarValue

_TRUE = frozenset({"true", "True", "TRUE", "yes", "Yes", "YES", "On", "ON"})
_FALSE = frozenset({"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})
_NULL = frozenset({"", "~", "null", "Null", "NULL"})

_WHOLE = re.compile(
    r"(?P<sign>[-+]?)(?:0b(?P<binary>[01_]+)|0x(?P<hex>[0-9a-fA-F_]+)|0(?P<octal>[0-7_]+)"
    r"|(?P<decimal>0|[1-9][0-9_]*))",
    re.ASCII,
)
_FRACTION = re.compile(r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+][0-9]+)?", re.ASCII)
_AS_WRITTEN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", re.ASCII)
_BASES = {"binary": 2, "octal": 8, "decimal": 10, "hex": 16}
_LONGEST_NUMBER = 100
_WIDEST = 2**63


def resolve(text: str) -> ScalarValue:
    """The value of a plain scalar: null, a boolean, a number, or else the text itself."""
    if text in _NULL:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    if len(text) > _LONGEST_NUMBER or text[0] not in "+-.0123456789":
        return text
    if whole := _WHOLE.fullmatch(text):
        return _whole(whole, text)
    if _FRACTION.fullmatch(text):
        number = float(text.replace("_", ""))
        return number if isfinite(number) else text
    return text


def _whole(found: re.Match[str], text: str) -> ScalarValue:
    base = found.lastgroup or "decimal"
    digits = found[base].replace("_", "")
    if not digits:
        return text
    number = int(digits, _BASES[base])
    if number >= _WIDEST:
        return text
    return -number if found["sign"] == "-" else number


def as_text(value: ScalarValue, written: str) -> str:
    """The text of a scalar where the format wants text.

    Decimal numbers keep their spelling, so that the version `1.10` stays `1.10`; other spellings give the
    number.
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case _:
            return written if _AS_WRITTEN.fullmatch(written) else format_number(value)


def format_number(value: int | float) -> str:
    """A number as text, whole ones without a fraction."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _WIDEST:
        return str(int(value))
    return str(value)
