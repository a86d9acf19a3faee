"""One request and its answer, over the three things that ASGI hands in."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from ferryman.asgi.bodies import BodyLimits, read_body, throw_away

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[["Exchange"], Awaitable[None]]
"""Answers an exchange, once."""

JSON = "application/json; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
MOST_FIELDS = 1000
"""Parameters of a query that are looked at."""


class Exchange:
    """One request: what was asked, and how it is answered."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, *, request: str) -> None:
        """Over a connection; `request` is the request's id, which goes out with the answer."""
        self._scope = scope
        self._receive = receive
        self._send = send
        self._path = ""
        self._headers: dict[str, str] | None = None
        self._query: tuple[tuple[str, str], ...] | None = None
        self.request = request
        self.status = 0
        """What was answered; 0 before."""
        self.notes: dict[str, str] = {}
        """What the server's log shall say of it besides: actor, operation, project, run. Never a secret."""
        self.announced: list[tuple[str, str]] = []
        """Headers that go out with the answer, whatever it is."""
        self.fault: BaseException | None = None
        """What nobody had foreseen, where the answer is 500; the log tells it whole."""

    @property
    def method(self) -> str:
        """In upper case."""
        return str(self._scope["method"])

    @property
    def path(self) -> str:
        """As it was sent, percent signs and all."""
        if not self._path:
            raw: bytes = self._scope.get("raw_path") or self._scope["path"].encode()
            self._path = raw.decode("latin-1")
        return self._path

    @property
    def headers(self) -> Mapping[str, str]:
        """By name in lower case; of one that came twice, the first. Values are UTF-8 where they can be, else Latin-1,
        of which every byte is a character."""
        if self._headers is None:
            found: dict[str, str] = {}
            for name, value in self._scope["headers"]:
                found.setdefault(name.decode("latin-1"), _text(value).strip())
            self._headers = found
        return self._headers

    @property
    def query(self) -> tuple[tuple[str, str], ...]:
        """Name and value of each parameter, in order."""
        if self._query is None:
            self._query = parameters(self._scope["query_string"].decode("latin-1"))
        return self._query

    @property
    def address(self) -> str:
        """From where: the other end of the connection. A header that names another is not believed."""
        client = self._scope.get("client")
        return str(client[0]) if client else ""

    async def body(self, limits: BodyLimits) -> bytes:
        """The whole body. Raises `TooLarge` and `TooSlow`."""
        return await read_body(self._receive, self.headers.get("content-length", ""), limits)

    async def answer(
        self,
        status: int,
        body: bytes,
        *,
        media: str = JSON,
        headers: Iterable[tuple[str, str]] = (),
        close: bool = False,
    ) -> None:
        """Answer with this. `close` ends the connection after it, where the rest of a request is not wanted: it is
        thrown away before, so that the answer is heard."""
        given = [(b"content-length", b"%d" % len(body))]
        if close:
            given.append((b"connection", b"close"))
        await self._begin(status, media, headers, given)
        await self._send({"type": "http.response.body", "body": body, "more_body": close})
        if close:
            await throw_away(self._receive)
            await self._send({"type": "http.response.body", "body": b""})

    async def stream(
        self, pieces: AsyncIterator[bytes], *, media: str, headers: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Answer piece by piece, as they come. The first is waited for before anything is sent, so that what it raises
        can still be answered."""
        first = await anext(pieces, b"")
        await self._begin(200, media, headers, [])
        await self._send({"type": "http.response.body", "body": first, "more_body": True})
        async for piece in pieces:
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        await self._send({"type": "http.response.body", "body": b""})

    async def _begin(
        self, status: int, media: str, headers: Iterable[tuple[str, str]], given: list[tuple[bytes, bytes]]
    ) -> None:
        self.status = status
        sent = [(b"content-type", media.encode("latin-1")), (b"x-request-id", self.request.encode()), *given]
        sent += [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in (*self.announced, *headers)
        ]
        await self._send({"type": "http.response.start", "status": status, "headers": sent})


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def parameters(query: str) -> tuple[tuple[str, str], ...]:
    """Name and value of each parameter of a query, in order."""
    query = _cut(query)
    if "%" in query or "+" in query:
        return tuple(parse_qsl(query, keep_blank_values=True, errors="replace"))
    pairs = (one.partition("=") for one in query.split("&") if one)
    return tuple((name, value) for name, _, value in pairs)


def _cut(query: str) -> str:
    """A query with its first parameters only, where it has very many."""
    return query if query.count("&") < MOST_FIELDS else "&".join(query.split("&", MOST_FIELDS)[:MOST_FIELDS])
