"""The wire: refusals keep their class, code, message and facts; nonsense is refused (RULINGS 25)."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.client import wire
from ferryman.domain import errors
from ferryman.domain.errors import FerrymanError, Invalid, Problem, Refused, Unavailable

REFUSALS = (
    Refused("cannot: no", reason="because", path="a/b"),
    Invalid(
        [
            Problem(path="x", message="wrong", code=3, line=2, hint="better"),
            Problem(path="y", message="too", code=0),
        ]
    ),
    errors.NotFound("none"),
    errors.Conflict("two"),
    errors.Forbidden("you may not"),
    errors.Unauthenticated("who are you"),
    errors.Unavailable("later"),
    errors.Throttled("too many"),
)


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: type(refusal).__name__)
def test_a_refusal_arrives_as_it_was_sent(refusal: FerrymanError) -> None:
    sent = wire.line(wire.Answer(error=wire.packed(refusal)))
    assert sent.endswith(b"\n")
    answer = wire.answer(sent)
    assert answer.error is not None
    got = wire.unpacked(answer.error)
    assert (type(got), got.code, str(got)) == (type(refusal), refusal.code, str(refusal))
    assert vars(got) == vars(refusal)


def test_no_class_of_refusal_is_forgotten() -> None:
    kinds = {
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, FerrymanError)
    }
    assert {type(refusal) for refusal in REFUSALS} == kinds - {FerrymanError}


def test_a_refusal_of_a_later_version_is_still_one() -> None:
    """CLI-18: an unknown class keeps its sentence."""
    got = wire.unpacked(wire.Error(kind="Tired", code="tired", message="go to bed"))
    assert (type(got), str(got)) == (FerrymanError, "go to bed")
    broken = wire.unpacked(wire.Error(kind="Invalid", code="invalid", message="x", facts={"problems": [3]}))
    assert isinstance(broken, Invalid)


@given(st.binary(max_size=200))
def test_whatever_comes_over_the_wire_is_read_or_refused(text: bytes) -> None:
    for read, refusal in ((wire.request, Invalid), (wire.answer, Unavailable)):
        with contextlib.suppress(refusal):
            read(text)


def test_a_request_says_what_it_asks() -> None:
    request = wire.request(wire.line(wire.Request("runs.read", {"run": "latest"})))
    assert (request.verb, request.arguments) == ("runs.read", {"run": "latest"})
