"""The server's own log (LOG-10)."""

import asyncio
import io
import logging
from datetime import datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.observability.logging import _SECRET, MASK, ServerLog, bridged, masked, traced


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("/api/x?access_token=opensesame&page=1", "opensesame"),
        ("access_token: opensesame", "opensesame"),
        ('{"bk_app_secret": "opensesame", "page": 1}', "opensesame"),
        ("{'password': 'opensesame'}", "opensesame"),
        ("Authorization: Bearer opensesame", "opensesame"),
        ("x-auth-token = opensesame", "opensesame"),
        ("Signature=opensesame", "opensesame"),
        ("https://me:opensesame@host/x", "opensesame"),
        ("api_key='opensesame'", "opensesame"),
    ],
)
def test_what_proves_who_somebody_is_never_stands_in_it(text: str, secret: str) -> None:
    assert secret not in masked(text)
    assert MASK in masked(text)
    stream = io.StringIO()
    ServerLog(stream)("info", "request", path=text)
    assert secret not in stream.getvalue()


def test_other_texts_stay() -> None:
    for text in (
        "run.advanced",
        "/ms/openapi/api/apigw/v3/projects/demo/pipelines",
        "the token is not known",
        "a: b",
    ):
        assert masked(text) == text


class Counting(io.StringIO):
    """A stream that counts how often it is made to write."""

    flushes = 0

    def flush(self) -> None:
        self.flushes += 1


def test_lines_of_requests_of_one_turn_are_written_together_and_in_order() -> None:
    stream = Counting()
    log = ServerLog(stream)

    async def story() -> None:
        for number in range(3):
            log("info", "request", request=str(number))
        assert stream.flushes == 0
        await asyncio.sleep(0)
        assert stream.flushes == 1
        log("info", "request", request="3")
        log("warning", "fault", run="4")
        assert stream.flushes == 2

    asyncio.run(story())
    told = [msgspec.json.decode(line) for line in stream.getvalue().splitlines()]
    assert [each.get("request") or each["run"] for each in told] == ["0", "1", "2", "3", "4"]
    log("info", "request", request="5")
    assert stream.getvalue().count("\n") == 6


@given(text=st.text(alphabet="token=:/@ Bearsc'\"\t\u00a0\u2028x1"))
def test_a_text_that_is_not_searched_has_nothing_to_hide(text: str) -> None:
    """Searching is left out where no secret can stand; that must never leave one in."""
    assert masked(text) == _SECRET.sub(lambda found: (found[1] or "") + MASK, text)


def test_a_line_is_one_object_with_time_level_and_event() -> None:
    stream = io.StringIO()
    ServerLog(stream)("warning", "request", request="r1", actor="me", run="", ms=1.5, note=None)
    told = msgspec.json.decode(stream.getvalue())
    assert stream.getvalue().count("\n") == 1
    assert datetime.fromisoformat(told.pop("time")).tzinfo is not None
    assert told == {"level": "warning", "event": "request", "request": "r1", "actor": "me", "ms": 1.5}


def test_on_a_terminal_it_is_set_for_people() -> None:
    stream = io.StringIO()
    ServerLog(stream, form="text")("error", "request", path="/a\x1b[2J", traceback="one\ntwo\n")
    head, *rest = stream.getvalue().splitlines()
    assert head.split(" ", 1)[1] == r"error   request      path=/a\x1b[2J"
    assert rest == ["one", "two"]


def test_what_is_below_the_level_is_not_written_and_a_reader_that_left_does_no_harm() -> None:
    stream = io.StringIO()
    log = ServerLog(stream, level="warning")
    log("info", "request")
    assert stream.getvalue() == ""
    stream.close()
    log("error", "request")


def test_what_libraries_warn_of_stands_in_it_too() -> None:
    stream = io.StringIO()
    with bridged(ServerLog(stream), ["some.library"]):
        logger = logging.getLogger("some.library")
        logger.info("nothing")
        logger.warning("Invalid request, token=%s", "opensesame")
        try:
            raise KeyError("password=opensesame")
        except KeyError:
            logger.exception("failed")
    logger.warning("later")
    lines = [msgspec.json.decode(line) for line in stream.getvalue().splitlines()]
    assert [(line["level"], line["source"]) for line in lines] == [
        ("warning", "some.library"),
        ("error", "some.library"),
    ]
    assert "KeyError" in lines[1]["traceback"]
    assert "opensesame" not in stream.getvalue()


def test_a_traceback_keeps_its_places_and_no_secret() -> None:
    try:
        raise ValueError("secret: opensesame")
    except ValueError as error:
        told = traced(error)
    assert "test_logging.py" in told
    assert "opensesame" not in told
