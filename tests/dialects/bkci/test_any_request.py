"""Whatever is asked is answered in the envelope; input alone never causes a fault of the server (ERR-8, RULINGS 28).

Every operation is asked with what its wire model says, made up: right kinds and wrong ones, ids that are there and not.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ferryman.dialects.bkci import conversion
from ferryman.dialects.bkci.v3.operations import OPERATIONS
from ferryman.testing.server import Threaded, threaded

PREFIX = "/ms/openapi/api/apigw"
HEADERS = {"X-DEVOPS-UID": "operator"}
IDS = [
    "p-" + "0" * 32,
    "b-" + "0" * 32,
    "latest",
    "1",
    "0",
    "-1",
    "a b",
    "../..",
    "%",
    "é",
    "\x00",
    "x" * 300,
]

EACH = settings.default.max_examples if settings.default.max_examples > 100 else 35
"""Calls of each operation: some 2,000 of all together, and 2,000 of each in the soak."""

texts = st.sampled_from(IDS) | st.text(max_size=20)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def server() -> Iterator[Threaded]:
    """One server for all that is asked."""
    with threaded() as running:
        yield running


def check(answer: Any, server: Threaded) -> None:
    """An answer in its form, and no fault behind it."""
    assert not server.faults, server.faults
    assert answer.status < 500, answer.body
    assert answer.headers["x-request-id"]
    if answer.headers["content-type"].startswith("application/json"):
        assert isinstance(answer.json["status"], int)
        assert answer.json.keys() <= {"status", "message", "data"}
        assert (answer.status == 200) == (answer.json["status"] == 0)
        assert b":null" not in answer.body


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_an_operation_answers_whatever_it_is_asked(operation: Any, server: Threaded) -> None:
    fields = conversion.fields_of(operation.takes)

    @settings(max_examples=EACH)
    @given(data=st.data())
    def ask(data: st.DataObject) -> None:
        method, _, template = data.draw(st.sampled_from(operation.routes)).partition(" ")
        path = "/".join(
            quote(data.draw(texts), safe="") if part.startswith("{") and part != "{projectId}" else part
            for part in template.split("/")
        ).replace("{projectId}", "demo")
        query = data.draw(st.dictionaries(st.sampled_from(sorted(fields)), texts | st.integers(), max_size=4))
        body = None if method == "GET" else data.draw(values)
        address = f"{PREFIX}{path}?{urlencode(query)}"
        check(
            server.ask(method, address, headers=HEADERS, **({} if body is None else {"json": body})), server
        )

    ask()


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]),
    path=st.text(max_size=60),
    body=st.binary(max_size=60),
    headers=st.dictionaries(
        st.sampled_from(
            [
                "X-DEVOPS-UID",
                "X-Bkapi-Authorization",
                "X-DEVOPS-APP-CODE",
                "Content-Type",
                "Host",
                "Forwarded",
            ]
        ),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
    ),
)
def test_any_path_any_headers_any_bytes(
    method: str, path: str, body: bytes, headers: dict[str, str], server: Threaded
) -> None:
    check(server.ask(method, f"{PREFIX}/v3/{quote(path, safe='/%?&=')}", body=body, headers=headers), server)
