"""Plain HTTP, as any client speaks it: one request on one connection, what came back."""

import asyncio
import http.client
import ssl
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec

TIMEOUT = 60.0
"""Seconds after which a server counts as hanging."""


class Answered(NamedTuple):
    """An answer."""

    status: int
    headers: Mapping[str, str]
    """By name in lower case."""
    body: bytes

    @property
    def json(self) -> Any:
        """Its body's plain value."""
        return msgspec.json.decode(self.body)


async def ask(
    address: str,
    method: str,
    path: str,
    *,
    json: Any = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    trusting: ssl.SSLContext | None = None,
) -> Answered:
    """Ask a server at an address (`http://127.0.0.1:8080`). `json` is sent as JSON, `body` as it is."""
    return await asyncio.to_thread(
        asking, address, method, path, json=json, body=body, headers=headers, trusting=trusting
    )


def asking(
    address: str,
    method: str,
    path: str,
    *,
    json: Any = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    trusting: ssl.SSLContext | None = None,
) -> Answered:
    """The same, for whoever has no loop."""
    sent = dict(headers or {})
    if json is not None:
        body = msgspec.json.encode(json)
        sent.setdefault("Content-Type", "application/json")
    place = urlsplit(address)
    assert place.hostname is not None
    connection: http.client.HTTPConnection
    if place.scheme == "https":
        connection = http.client.HTTPSConnection(
            place.hostname, place.port, timeout=TIMEOUT, context=trusting
        )
    else:
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=TIMEOUT)
    try:
        connection.request(method, path, body=body, headers=sent)
        answer = connection.getresponse()
        return Answered(
            answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        )
    finally:
        connection.close()
