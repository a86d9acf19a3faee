"""Plain words of YAML (pipeline-yaml 2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.definition.file.nodes import ScalarValue
from ferryman.definition.file.scalars import as_text, resolve


@pytest.mark.parametrize("word", ["true", "True", "TRUE", "yes", "Yes", "YES", "On", "ON"])
def test_words_for_true(word: str) -> None:
    assert resolve(word) is True


@pytest.mark.parametrize("word", ["false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"])
def test_words_for_false(word: str) -> None:
    assert resolve(word) is False


@pytest.mark.parametrize("word", ["", "~", "null", "Null", "NULL"])
def test_words_for_nothing(word: str) -> None:
    assert resolve(word) is None


@pytest.mark.parametrize(
    "word",
    [
        pytest.param("on", id="the lower-case on is a key"),
        pytest.param("y", id="y is text"),
        pytest.param("N", id="N is text"),
        pytest.param("tRue", id="other capitals are text"),
        pytest.param("08", id="no octal"),
        pytest.param("12:30", id="a time of day is no number"),
        pytest.param("2024-01-31", id="a date is text"),
        pytest.param("1e3", id="YAML 1.1 wants a point in a fraction"),
        pytest.param("1.2.3", id="a version"),
        pytest.param("0x", id="no digits"),
        pytest.param("0b_", id="no digits but an underscore"),
        pytest.param(".", id="a point"),
        pytest.param("-", id="a dash"),
        pytest.param(".inf", id="no reader of JSON keeps infinity"),
        pytest.param(".nan", id="nor what is no number"),
        pytest.param("9" * 30, id="beyond 64 bits"),
        pytest.param("9" * 5000, id="far beyond"),
        pytest.param("1.0e+999", id="a fraction too large"),
        pytest.param("\u0663", id="digits of other scripts are text"),
    ],
)
def test_text(word: str) -> None:
    assert resolve(word) == word


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("0", 0),
        ("-12", -12),
        ("+7", 7),
        ("1_000", 1000),
        ("010", 8),
        ("0x1F", 31),
        ("-0b11", -3),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1.", 1.0),
        ("-1.5e+3", -1500.0),
    ],
)
def test_numbers(word: str, number: float) -> None:
    found = resolve(word)
    assert found == number
    assert type(found) is type(number)


@pytest.mark.parametrize(
    ("value", "written", "text"),
    [
        pytest.param(30, "30", "30", id="a whole number"),
        pytest.param(1.1, "1.10", "1.10", id="a version keeps its last zero"),
        pytest.param(8, "010", "8", id="an octal number is the number"),
        pytest.param(1000, "1_000", "1000", id="underscores go"),
        pytest.param(1500.0, "1.5e+3", "1500", id="a whole fraction"),
        pytest.param(True, "yes", "true", id="a boolean"),
        pytest.param(False, "OFF", "false", id="another"),
        pytest.param(None, "~", "", id="nothing is the empty text"),
    ],
)
def test_what_becomes_of_a_value_where_text_is_wanted(value: ScalarValue, written: str, text: str) -> None:
    assert as_text(value, written) == text


@given(st.text(alphabet="0123456789+-._xobeEinfaNy:", max_size=120))
def test_every_word_has_a_value_and_a_text(word: str) -> None:
    assert isinstance(as_text(resolve(word), word), str)
