"""The laws see what breaks them, and nothing else."""

import pytest

from ferryman.testing.http import Answered
from tests.dialects.bkci.fuzz.laws import JSON, breaches
from tests.dialects.bkci.fuzz.test_fuzz import unforeseen

ID = "0" * 32


def found(status: int, body: bytes, media: str = JSON, request: str = ID) -> list[str]:
    """What is wrong with this answer."""
    headers = {"content-type": media, "x-request-id": request}
    return list(breaches(Answered(status, headers, body), is_file=False))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b'{"status":0}'),
        (200, b'{"status":0,"data":[0,"",false,{}]}'),
        (404, b'{"status":2101163,"message":"there is no such build"}'),
        (400, b'{"status":400,"message":"no","data":"technical"}'),
        (429, b'{"status":429,"message":"later"}'),
    ],
)
def test_answers_that_keep_to_the_laws(status: int, body: bytes) -> None:
    assert found(status, body) == []


@pytest.mark.parametrize(
    ("status", "body", "wrong"),
    [
        (500, b'{"status":500,"message":"x"}', "a fault of the server"),
        (200, b'{"status":0,"data":{"a":[null]}}', "a null"),
        (200, b'{"status":400,"message":"x"}', "status 400 with HTTP 200"),
        (400, b'{"status":0}', "status 0 with HTTP 400"),
        (400, b'{"status":2101163,"message":"x"}', "code 2101163 with HTTP 400"),
        (404, b'{"status":400,"message":"x"}', "code 400 with HTTP 404"),
        (404, b'{"status":404}', "a refusal without a message"),
        (400, b'{"status":400,"message":"x","data":[]}', "data of a refusal that is no technical text"),
        (200, b'{"status":0,"more":1}', "fields of the envelope: ['more', 'status']"),
        (200, b"[]", "no envelope"),
    ],
)
def test_answers_that_break_a_law(status: int, body: bytes, wrong: str) -> None:
    assert wrong in found(status, body)


def test_headers_count_too() -> None:
    assert found(200, b"hello", media="text/plain") == ["content type text/plain"]
    assert found(200, b'{"status":0}', request="") == ["no x-request-id"]


def test_a_refusal_amid_something_unforeseen_is_seen() -> None:
    """RULINGS 28: no handler turns an unforeseen exception into a refusal; a cause that is named was foreseen."""
    refused: list[BaseException] = []
    for named in (False, True):
        try:
            try:
                raise KeyError("x")
            except KeyError as error:
                if named:
                    raise ValueError("no") from error
                raise ValueError("no")  # noqa: B904
        except ValueError as error:
            refused.append(error)
    amid, meant = refused
    assert unforeseen(amid) == ["KeyError('x')"]
    assert unforeseen(meant) == []
