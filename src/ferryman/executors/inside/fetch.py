"""One request over HTTP: checked address, no redirects, a time limit, and no more of the answer than is bearable.

aiohttp is imported at the first request only, so that a server at rest does without it (RULINGS 20).
"""

import asyncio
import re
import socket
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ferryman.executors.inside.addresses import (
    LookUp,
    Network,
    RefusedAddress,
    UnknownName,
    is_allowed,
    reach,
)

BODY_LIMIT = 1 << 20
"""Bytes of an answer that are read; the rest is left."""
SECONDS = 60.0
"""How long one request may take, from looking up the name to the last byte."""


_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_FRAMING = frozenset({"content-length", "transfer-encoding"})
"""Headers that say where the body ends: another end than its own would cut it, or hang the other side."""
_CONTROL = re.compile(r"[\0-\x08\x0a-\x1f\x7f]")


class Unsendable(Exception):
    """There can be no such request; asking again would not help. The text says why."""


class NoAnswer(Exception):
    """The other side gave no answer, or none in time. The text says why."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A request to be sent."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = {}
    body: bytes = b""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came back. `whole` is false where the body was longer than what is read."""

    status: int
    body: bytes
    charset: str = "utf-8"
    whole: bool = True

    def text(self) -> str:
        """The body as text; what cannot be read as such is shown by the sign for that.

        The charset is what the other side says: there may be none of that name (`LookupError`), no name at all, or one
        that is not for bodies, such as `idna` (`ValueError`).
        """
        try:
            return self.body.decode(self.charset, errors="replace")
        except (LookupError, ValueError):
            return self.body.decode("utf-8", errors="replace")


class Fetch:
    """Sends requests, to allowed addresses only."""

    def __init__(
        self, *, allow: Sequence[Network] = (), seconds: float = SECONDS, look_up: LookUp | None = None
    ) -> None:
        """`allow` names networks that are not public and may be asked all the same."""
        self._allow = allow
        self._seconds = seconds
        self._look_up = look_up

    async def ask(self, question: Question) -> Answer:
        """Send one request, once. Raises `Unsendable` and `NoAnswer`."""
        import aiohttp
        from yarl import URL

        async def once(
            request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
        ) -> aiohttp.ClientResponse:
            # What is idempotent aiohttp sends a second time when a connection ends, unless it meets an error that it
            # does not know. Who asks decides on that, and the log tells it.
            try:
                return await send(request)
            except aiohttp.ServerDisconnectedError as fault:
                raise NoAnswer("no answer: the connection ended before one had come") from fault
            except aiohttp.ClientConnectorError:
                raise
            except aiohttp.ClientOSError as fault:
                raise NoAnswer(f"no answer: {fault}") from fault

        try:
            url = URL(question.url)
            host, port = url.raw_host or "", url.port or 0
        except ValueError as fault:
            raise Unsendable("the address of the request cannot be read") from fault
        if url.scheme not in ("http", "https") or not host:
            raise Unsendable("the address of the request must begin with http:// or https:// and name a host")
        for name, text in question.headers.items():
            if not _HEADER.fullmatch(name) or _CONTROL.search(text):
                raise Unsendable(f"header {name!r} cannot be sent: it holds what no header may hold")
            if name.lower() in _FRAMING:
                raise Unsendable(f"header {name!r} cannot be sent: it follows from the body; leave it out")
        try:
            async with asyncio.timeout(self._seconds):
                pinned = _Pinned(await reach(host, port, self._allow, look_up=self._look_up))
                if _is_address(host) and not is_allowed(host, self._allow):
                    raise RefusedAddress(f"requests to {host} are not allowed")
                async with (
                    aiohttp.TCPConnector(resolver=pinned, use_dns_cache=False, force_close=True) as way,  # type: ignore[arg-type]
                    aiohttp.ClientSession(
                        connector=way, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
                    ) as session,
                    session.request(
                        question.method,
                        url,
                        headers={"Accept-Encoding": "identity", "User-Agent": "ferryman", **question.headers},
                        data=question.body or None,
                        allow_redirects=False,
                        middlewares=(once,),
                    ) as reply,
                ):
                    body, whole = await _read(reply)
                    charset = reply.charset or "utf-8"
                    return Answer(status=reply.status, body=body, charset=charset, whole=whole)
        except RefusedAddress as refusal:
            raise Unsendable(str(refusal)) from refusal
        except UnknownName as fault:
            raise NoAnswer(str(fault)) from fault
        except TimeoutError as fault:
            raise NoAnswer(f"no answer within {self._seconds:g} seconds") from fault
        except aiohttp.ClientPayloadError as fault:
            raise NoAnswer(
                "no whole answer: the connection ended, or what came was no HTTP, in the middle"
            ) from fault
        except aiohttp.ClientResponseError as fault:
            raise NoAnswer(f"no answer that is HTTP: {' '.join(fault.message.split())}") from fault
        except (aiohttp.ClientError, OSError) as fault:
            raise NoAnswer(f"no answer: {fault}") from fault
        except (ValueError, TypeError) as fault:
            raise Unsendable(f"the request cannot be sent: {fault}") from fault


class _Pinned:
    """A name service that knows one answer."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[dict[str, Any]]:
        """The addresses that were checked, whatever is asked."""
        return [
            {
                "hostname": host,
                "host": address,
                "port": port,
                "family": socket.AF_INET6 if ":" in address else socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            }
            for address in self._addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdecimal()


async def _read(reply: Any) -> tuple[bytes, bool]:
    pieces: list[bytes] = []
    size = 0
    async for piece in reply.content.iter_chunked(1 << 16):
        pieces.append(piece[: BODY_LIMIT - size])
        size += len(piece)
        if size > BODY_LIMIT:
            return b"".join(pieces), False
    return b"".join(pieces), True
