"""Truth, equality, order, text and number of every kind of value (pipeline-yaml 10.4, semantics 16.3)."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.expressions import evaluate, to_number, to_text, truthy

CONTEXT = {"array": ["x"], "object": {"x": "y"}, "other": ["x"]}

FALSE = ["null", "false", "0", "-0", "0.0", "NaN", "''", "'  '", "'\t\n'", "'false'", "format('')"]
TRUE = [
    "true",
    "1",
    "-1",
    "0.1",
    "Infinity",
    "'0'",
    "'a'",
    "'False'",
    "' false '",
    "'null'",
    "'NaN'",
    "array",
    "object",
    "fromJSON('[]')",
    "fromJSON('{}')",
]


@pytest.mark.parametrize("text", FALSE)
def test_these_are_false(text: str) -> None:
    assert truthy(evaluate(text, CONTEXT)) is False
    assert evaluate(f"!{text}", CONTEXT) is True


@pytest.mark.parametrize("text", TRUE)
def test_everything_else_is_true(text: str) -> None:
    assert truthy(evaluate(text, CONTEXT)) is True
    assert evaluate(f"!{text}", CONTEXT) is False


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'' || 'b'", "b"),
        ("0 && array", 0.0),
        ("'a' && 'b'", "b"),
        ("'a' || 'b'", "a"),
        ("null || false", False),
        ("false || null", None),
        ("'' && 'b'", ""),
        ("null || '' || 'c' || 'd'", "c"),
        ("'a' && 'b' && 0 && 'd'", 0.0),
        ("!'x'", False),
        ("!!'x'", True),
        # Nothing behind the deciding operand is evaluated.
        ("'a' || fromJSON('{')", "a"),
        ("'' && format('{')", ""),
    ],
)
def test_logical_operators_give_the_deciding_operand_and_stop_there(text: str, value: object) -> None:
    found = evaluate(text, CONTEXT)
    assert found == value
    assert type(found) is type(value)


# Row and column: each kind of value, by each kind. One mark where `row == column`.
EQUAL = """
         null true false 0 1 NaN '' '0' '1' 'true' 'false' 'a' array object
null      x    .    x    x .  .  x   x   .    .       .     .    .     .
true      .    x    .    . x  .  .   .   x    x       .     .    .     .
false     x    .    x    x .  .  x   x   .    .       x     .    .     .
0         x    .    x    x .  .  x   x   .    .       .     .    .     .
1         .    x    .    . x  .  .   .   x    .       .     .    .     .
NaN       .    .    .    . .  .  .   .   .    .       .     .    .     .
''        x    .    x    x .  .  x   .   .    .       .     .    .     .
'0'       x    .    x    x .  .  .   x   .    .       .     .    .     .
'1'       .    x    .    . x  .  .   .   x    .       .     .    .     .
'true'    .    x    .    . .  .  .   .   .    x       .     .    .     .
'false'   .    .    x    . .  .  .   .   .    .       x     .    .     .
'a'       .    .    .    . .  .  .   .   .    .       .     x    .     .
array     .    .    .    . .  .  .   .   .    .       .     .    x     .
object    .    .    .    . .  .  .   .   .    .       .     .    .     x
"""

# The same where `row < column`.
LESS = """
         null true false 0 1 NaN '' '0' '1' 'true' 'false' 'a' array object
null      .    x    .    . x  .  .   .   x    .       .     .    .     .
true      .    .    .    . .  .  .   .   .    .       .     .    .     .
false     .    x    .    . x  .  .   .   x    x       .     .    .     .
0         .    x    .    . x  .  .   .   x    .       .     .    .     .
1         .    .    .    . .  .  .   .   .    .       .     .    .     .
NaN       .    .    .    . .  .  .   .   .    .       .     .    .     .
''        .    x    .    . x  .  .   x   x    x       x     x    .     .
'0'       .    x    .    . x  .  .   .   x    x       x     x    .     .
'1'       .    .    .    . .  .  .   .   .    x       x     x    .     .
'true'    .    .    .    . .  .  .   .   .    .       .     .    .     .
'false'   .    x    .    . .  .  .   .   .    x       .     .    .     .
'a'       .    .    .    . .  .  .   .   .    x       x     .    .     .
array     .    .    .    . .  .  .   .   .    .       .     .    .     .
object    .    .    .    . .  .  .   .   .    .       .     .    .     .
"""


def cells(table: str) -> dict[tuple[str, str], bool]:
    head, *rows = table.strip().splitlines()
    columns = head.split()
    return {
        (name, column): mark == "x"
        for name, *marks in map(str.split, rows)
        for column, mark in zip(columns, marks, strict=True)
    }


EQUALS, LESSES = cells(EQUAL), cells(LESS)


@pytest.mark.parametrize(("left", "right"), EQUALS)
def test_every_kind_compares_with_every_kind_by_the_table(left: str, right: str) -> None:
    equal, less, greater = EQUALS[left, right], LESSES[left, right], LESSES[right, left]
    assert evaluate(f"{left} == {right}", CONTEXT) is equal
    assert evaluate(f"{left} != {right}", CONTEXT) is not equal
    assert evaluate(f"{left} < {right}", CONTEXT) is less
    assert evaluate(f"{left} > {right}", CONTEXT) is greater
    assert evaluate(f"{left} <= {right}", CONTEXT) is (equal or less)
    assert evaluate(f"{left} >= {right}", CONTEXT) is (equal or greater)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # Strings are case sensitive and ordered by UTF-16 code unit.
        ("'a' == 'A'", False),
        ("'10' < '9'", True),
        ("'Z' < 'a'", True),
        ("'\U0001f600' < '\uff5e'", True),
        ("'ab' < 'abc'", True),
        ("false < true", True),
        # Arrays and objects are equal only when they are the same object.
        ("array == array", True),
        ("array == other", False),
        ("fromJSON('[]') == fromJSON('[]')", False),
        ("object != object", False),
        # A number and a string: the string becomes a number.
        ("' 12 ' == 12", True),
        ("'1e1' == 10", True),
        ("'0o17' == 15", True),
        ("'.5' == 0.5", True),
        ("'0x10' == 16", False),
        ("'1_0' == 10", False),
        ("'Infinity' == Infinity", False),
        ("'a' < 1", False),
        ("'a' >= 1", False),
        ("'9' < 10", True),
        # A boolean and anything.
        ("'True' == true", False),
        ("'1' == true", True),
        ("'yes' == true", False),
        ("array == false", False),
        ("2 > true", True),
        # semantics 16.3.
        ("'1' == 1", True),
        ("null == 0", True),
        ("'' == 0", True),
        ("true == 1", True),
        ("'false' == 0", False),
    ],
)
def test_equality_and_order(text: str, value: bool) -> None:
    assert evaluate(text, CONTEXT) is value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (12.0, "12"),
        (12, "12"),
        (-0.0, "0"),
        (0.5, "0.5"),
        (-9.25, "-9.25"),
        (0.1 + 0.2, "0.3"),
        (1 / 3, "0.33333333333"),
        (2 / 3, "0.66666666667"),
        (123456789.123456, "123456789.123456"),
        (1e-11, "0.00000000001"),
        (1e-12, "0"),
        (-1e-12, "0"),
        (1e15, "1000000000000000"),
        (1e23, "100000000000000000000000"),
        (10**400, "Infinity"),
        (math.nan, "NaN"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        ("a\nb", "a\nb"),
        ([1, 2], "Array"),
        ((1, 2), "Array"),
        ({"a": 1}, "Object"),
        (object(), "Object"),
    ],
)
def test_to_text(value: object, text: str) -> None:
    assert to_text(value) == text


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (None, 0),
        (True, 1),
        (False, 0),
        (7, 7),
        ("", 0),
        (" \n", 0),
        (" 12 ", 12),
        ("-2.5e1", -25),
        ("+3", 3),
        ("5.", 5),
        (".5", 0.5),
        ("0o10", 8),
        (-(10**400), -math.inf),
    ],
)
def test_to_number(value: object, number: float) -> None:
    assert to_number(value) == number


@pytest.mark.parametrize(
    "value", ["a", "1a", "0o8", "-0o7", "0O7", "1_0", "inf", "nan", "NaN", "Infinity", "１", [], {}, "."]
)
def test_all_else_is_no_number(value: object) -> None:
    assert math.isnan(to_number(value))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_number_is_near_it_and_plain(value: float) -> None:
    text = to_text(value)
    assert set(text) <= set("-.0123456789")
    assert not ("." in text and text.endswith(("0", ".")))
    assert len(text.partition(".")[2]) <= 11
    assert math.isclose(float(text), value, rel_tol=1e-15, abs_tol=5.1e-12)
