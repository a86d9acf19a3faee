"""Values and how they convert: truth, equality, order, text, number.

Source: pipeline-yaml 10.3, 10.4; semantics 16.3.

A value is null, a boolean, a number, a text, an array or an object. In Python: None, bool, float (int is
welcome), str, list or tuple, and any mapping; whatever else a context holds counts as an object without
keys.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from enum import Enum, auto

_DECIMALS = 11
_SMALLEST = Decimal(1).scaleb(-_DECIMALS)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_OCTAL = re.compile(r"0o[0-7]+")
_EXACT = 1e15


class Kind(Enum):
    """The six kinds of values."""

    NULL = auto()
    BOOLEAN = auto()
    NUMBER = auto()
    STRING = auto()
    ARRAY = auto()
    OBJECT = auto()


class FilteredArray(list[object]):
    """What `.*` gives: an array on which every further access is done item by item."""

    __slots__ = ()


class Branch(Mapping[str, object]):
    """The object made of all names of a mapping that share a prefix (semantics 16.3).

    Of `{"a.b": 1, "a.c": 2}` the branch `a.` is `{"b": 1, "c": 2}`. Two branches are the same object when
    they stand for the same prefix of the same mapping.
    """

    __slots__ = ("mapping", "prefix")

    def __init__(self, mapping: Mapping[str, object], prefix: str) -> None:
        """The names of `mapping` that start with `prefix`, which ends with a dot (or is empty: all names)."""
        self.mapping = mapping
        self.prefix = prefix

    def __getitem__(self, key: str) -> object:
        """The value under the name, or the branch below it; KeyError when there is neither."""
        name = self.prefix + key
        if name in self.mapping:
            return self.mapping[name]
        below = name + "."
        if any(other.startswith(below) for other in self.mapping):
            return Branch(self.mapping, below)
        raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        """The first steps behind the prefix, each once, in the order of the mapping."""
        start = len(self.prefix)
        names = (name[start:] for name in self.mapping if name.startswith(self.prefix))
        return iter(dict.fromkeys(name.partition(".")[0] for name in names))

    def __len__(self) -> int:
        """How many first steps there are."""
        return sum(1 for _ in self)

    def __eq__(self, other: object) -> bool:
        """Whether both stand for the same prefix of the same mapping."""
        return isinstance(other, Branch) and self.mapping is other.mapping and self.prefix == other.prefix

    def __hash__(self) -> int:
        """Fits `__eq__`."""
        return hash((id(self.mapping), self.prefix))


def kind_of(value: object) -> Kind:
    """The kind of a value."""
    if value is None:
        return Kind.NULL
    if isinstance(value, str):
        return Kind.STRING
    if isinstance(value, bool):
        return Kind.BOOLEAN
    if isinstance(value, int | float):
        return Kind.NUMBER
    if isinstance(value, list | tuple):
        return Kind.ARRAY
    return Kind.OBJECT


def truthy(value: object) -> bool:
    """False are null, false, 0, NaN, a blank text and the text `false`; all else is true, also `'0'`."""
    if value is True or value is False:
        return value
    if isinstance(value, str):
        return value != "false" and bool(value) and not value.isspace()
    if value is None:
        return False
    if isinstance(value, int | float):
        return not (value == 0 or math.isnan(_float(value)))
    return True


def to_text(value: object) -> str:
    """The text of a value: null is empty, an array the word `Array`, an object the word `Object`."""
    if isinstance(value, str):
        return value
    match kind_of(value):
        case Kind.NULL:
            return ""
        case Kind.BOOLEAN:
            return "true" if value else "false"
        case Kind.NUMBER:
            return number_text(_float(value))
        case Kind.ARRAY:
            return "Array"
        case _:
            return "Object"


def number_text(value: float) -> str:
    """A number without needless decimals and never with an exponent: 12.0 is `12`; at most 11 decimals."""
    if value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    # The shortest digits that mean this number: its exact binary value would show noise behind them.
    digits = Decimal(repr(value))
    if int(digits.as_tuple().exponent) < -_DECIMALS:
        digits = digits.quantize(_SMALLEST, ROUND_HALF_EVEN)
    text = f"{digits:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def to_number(value: object) -> float:
    """The number of a value: null 0, booleans 1 and 0, a blank text 0, decimal or 0o octal text; else NaN."""
    match kind_of(value):
        case Kind.NUMBER | Kind.BOOLEAN:
            return _float(value)
        case Kind.NULL:
            return 0.0
        case Kind.STRING:
            return _number_of_text(str(value).strip())
        case _:
            return math.nan


def _number_of_text(text: str) -> float:
    if not text:
        return 0.0
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _OCTAL.fullmatch(text):
        return _float(int(text, 8))
    return math.nan


def _float(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        return math.inf if value > 0 else -math.inf  # type: ignore[operator]


def equal(left: object, right: object) -> bool:
    """Whether two values are equal: different kinds convert, arrays and objects equal only themselves."""
    kind, other = kind_of(left), kind_of(right)
    if kind is not other:
        return _levelled(left, right) == _levelled(right, left)
    if kind is Kind.ARRAY or kind is Kind.OBJECT:
        return left is right or (isinstance(left, Branch) and left == right)
    if kind is Kind.NUMBER:
        return _float(left) == _float(right)
    return left == right


def less(left: object, right: object) -> bool:
    """Whether the left value comes before the right one; null, arrays and objects have no order."""
    kind, other = kind_of(left), kind_of(right)
    if kind is not other:
        return _levelled(left, right) < _levelled(right, left)
    if kind is Kind.STRING:
        return _code_units(str(left)) < _code_units(str(right))
    if kind is Kind.NUMBER or kind is Kind.BOOLEAN:
        return _float(left) < _float(right)
    return False


def _levelled(value: object, beside: object) -> float:
    """The number of a value beside one of another kind: the text `true` is a boolean beside a boolean."""
    if isinstance(beside, bool) and value in ("true", "false"):
        return 1.0 if value == "true" else 0.0
    return to_number(value)


def _code_units(text: str) -> bytes:
    """A key that orders texts by their UTF-16 code units, which is not the order of code points."""
    return text.encode("utf-16-be", "surrogatepass")


COMPARISONS: Mapping[str, Callable[[object, object], bool]] = {
    "==": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": less,
    "<=": lambda left, right: equal(left, right) or less(left, right),
    ">": lambda left, right: less(right, left),
    ">=": lambda left, right: equal(left, right) or less(right, left),
}
"""What each operator of comparison asks."""
