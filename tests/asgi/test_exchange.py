"""What is read off a request."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.asgi.exchange import MOST_FIELDS, Exchange, parameters


@given(query=st.text(alphabet="ab=&%+2F;\xe4 "))
def test_a_query_is_read_as_a_form_is(query: str) -> None:
    """The short way, for queries in which nothing is quoted, says the same."""
    assert parameters(query) == tuple(parse_qsl(query, keep_blank_values=True, errors="replace"))


def test_no_more_parameters_are_looked_at_than_anybody_means() -> None:
    assert len(parameters("&".join(["a=1"] * (MOST_FIELDS + 5)))) == MOST_FIELDS


@pytest.mark.parametrize(
    ("sent", "read"),
    [("李雷".encode(), "李雷"), ("Zoë".encode("latin-1"), "Zoë"), (b" plain ", "plain"), (b"\xc3", "Ã")],
)
def test_a_header_is_utf_8_where_it_can_be(sent: bytes, read: str) -> None:
    scope = {"headers": [(b"x-name", sent)]}
    assert Exchange(scope, no_message, nobody_hears, request="r").headers["x-name"] == read


async def no_message() -> dict[str, object]:
    return {}


async def nobody_hears(message: object) -> None:
    return
