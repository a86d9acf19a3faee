"""From where a request comes (RULINGS 22)."""

from typing import Any

import pytest

from ferryman.asgi import Exchange
from ferryman.asgi.origin import LOOPBACK, foreign, sender


async def nothing(*_: Any) -> Any:
    """Neither sent nor received."""


def exchange(address: str, *headers: tuple[bytes, bytes]) -> Exchange:
    """A request from an address."""
    scope = {"client": (address, 1234) if address else None, "headers": list(headers)}
    return Exchange(scope, nothing, nothing, request="r")


@pytest.mark.parametrize(
    ("address", "headers", "why"),
    [
        ("127.0.0.1", [], ""),
        ("127.9.9.9", [(b"host", b"127.0.0.1:8080")], ""),
        ("::1", [(b"host", b"[::1]:8080")], ""),
        ("::1", [(b"host", b"[::1]")], ""),
        ("::ffff:127.0.0.1", [(b"host", b"localhost:80")], ""),
        ("127.0.0.1", [(b"host", b"ferryman.localhost")], ""),
        ("192.0.2.1", [], "from 192.0.2.1"),
        ("", [], "from there"),
        ("nonsense", [], "from nonsense"),
        ("127.0.0.1", [(b"host", b"evil.example:8080")], "for host evil.example:8080"),
        ("127.0.0.1", [(b"x-forwarded-for", b"127.0.0.1")], "through a proxy"),
        ("127.0.0.1", [(b"forwarded", b"for=127.0.0.1")], "through a proxy"),
    ],
)
def test_who_is_here_and_who_is_not(address: str, headers: list[tuple[bytes, bytes]], why: str) -> None:
    assert foreign(exchange(address, *headers), LOOPBACK) == why


def test_other_networks_can_be_trusted() -> None:
    assert foreign(exchange("10.1.2.3"), ("10.0.0.0/8",)) == ""
    assert foreign(exchange("127.0.0.1"), ("10.0.0.0/8",)) == "from 127.0.0.1"


@pytest.mark.parametrize(
    ("address", "forwarded", "counted"),
    [
        ("192.0.2.1", b"", "192.0.2.1"),
        ("192.0.2.1", b"198.51.100.7", "192.0.2.1"),
        ("127.0.0.1", b"", "127.0.0.1"),
        ("127.0.0.1", b"203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("::1", b"2001:db8::7", "2001:db8::7"),
        ("127.0.0.1", b"unknown", "127.0.0.1"),
        ("127.0.0.1", b"198.51.100.7,", "127.0.0.1"),
        ("", b"198.51.100.7", ""),
    ],
)
def test_against_whom_a_wrong_word_is_counted(address: str, forwarded: bytes, counted: str) -> None:
    """A header is heard only from a proxy on this machine, and only what that proxy itself put there: the last."""
    headers = [(b"x-forwarded-for", forwarded)] if forwarded else []
    assert sender(exchange(address, *headers)) == counted
