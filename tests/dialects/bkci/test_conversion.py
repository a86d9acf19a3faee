"""JSON as BK-CI reads it (bkci-v3 1.3)."""

from contextlib import suppress
from enum import StrEnum
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET, UnsetType

from ferryman.dialects.bkci.conversion import DEEPEST, converted, decoded
from ferryman.dialects.bkci.errors import WireRefusal


class Word(StrEnum):
    """An enumeration."""

    MANUAL = "MANUAL"


class Inner(msgspec.Struct, omit_defaults=True):
    """An object in an object, that may hold itself."""

    name: str | UnsetType = UNSET
    inner: "Inner | UnsetType" = UNSET


class Model(msgspec.Struct, omit_defaults=True):
    """One field of each kind."""

    text: str = ""
    number: int = 0
    truth: bool = False
    word: Word | UnsetType = UNSET
    inner: Inner | UnsetType = UNSET
    many: list[Inner] | UnsetType = UNSET
    texts: dict[str, str] | UnsetType = UNSET
    anything: Any = UNSET


@pytest.mark.parametrize(
    ("sent", "wanted"),
    [
        pytest.param({"text": 12}, Model(text="12"), id="a number where a text is expected"),
        pytest.param({"text": True}, Model(text="true"), id="a truth where a text is expected"),
        pytest.param({"number": "12"}, Model(number=12), id="a text where a number is expected"),
        pytest.param({"number": 12.0}, Model(number=12), id="a whole number with a point"),
        pytest.param({"truth": "true"}, Model(truth=True), id="a text where a truth is expected"),
        pytest.param({"inner": ""}, Model(), id="an empty text where an object is expected is null"),
        pytest.param({"text": None, "inner": None, "many": None}, Model(), id="null is absent"),
        pytest.param({"text": ""}, Model(text=""), id="an empty text where a text is expected stays"),
        pytest.param(
            {"unknown": 1, "inner": {"else": 2, "name": 3}}, Model(inner=Inner(name="3")), id="unknown fields"
        ),
        pytest.param(
            {"inner": {"inner": {"inner": ""}}}, Model(inner=Inner(inner=Inner())), id="a model in itself"
        ),
        pytest.param({"many": [{"name": 1}]}, Model(many=[Inner(name="1")]), id="in lists"),
        pytest.param({"texts": {"a": 1, "b": None}}, Model(texts={"a": "1"}), id="in maps"),
        pytest.param({"anything": {"a": [None, 1]}}, Model(anything={"a": [None, 1]}), id="anything stays"),
    ],
)
def test_what_is_sent_fits_where_it_converts(sent: dict[str, Any], wanted: Model) -> None:
    assert converted(sent, Model) == wanted


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        pytest.param({"number": "twelve"}, "number", id="no number"),
        pytest.param({"number": 1.5}, "number", id="no whole number"),
        pytest.param({"number": 2**70}, "larger", id="larger than any"),
        pytest.param({"truth": "perhaps"}, "truth", id="no truth"),
        pytest.param({"word": "OTHER"}, "word", id="an unknown word"),
        pytest.param({"many": {}}, "many", id="no list"),
        pytest.param({"inner": "text"}, "inner", id="no object"),
        pytest.param([], "object", id="no object at all"),
    ],
)
def test_what_does_not_convert_is_refused_with_its_place(sent: Any, place: str) -> None:
    with pytest.raises(WireRefusal, match=place) as refusal:
        converted(sent, Model)
    assert (refusal.value.http, refusal.value.code, refusal.value.technical) == (400, 400, True)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{", id="cut off"),
        pytest.param(b"\xff", id="no text"),
        pytest.param(b'"\xff"', id="no text within a text"),
        pytest.param(b'"\\ud800"', id="half a character"),
        pytest.param(b"1e999", id="no such number"),
        pytest.param(b"[" * 100_000, id="deeper than any reader"),
        pytest.param(b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), id="deeper than any model"),
    ],
)
def test_a_body_that_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(WireRefusal) as refusal:
        decoded(body)
    assert refusal.value.http == 400


def test_a_wide_body_is_not_a_deep_one() -> None:
    assert decoded(b"[" + b"{}," * 1000 + b"{}]") == [{}] * 1001


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(Model.__struct_fields__) | st.text(), inner)
    ),
)


@given(json)
def test_whatever_is_sent_fits_or_is_refused(value: Any) -> None:
    """Input alone can never cause a fault of the server (ERR-8)."""
    try:
        first = converted(value, Model)
    except WireRefusal:
        return
    assert converted(msgspec.to_builtins(first), Model) == first


@given(st.binary())
def test_whatever_bytes_are_sent_are_read_or_refused(body: bytes) -> None:
    with suppress(WireRefusal):
        decoded(body)
