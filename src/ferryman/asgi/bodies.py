"""Bodies of requests, read within limits: a large one never fills memory, a slow one never stays for ever."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

REST_SECONDS = 15.0
"""So long the rest of a body that is not wanted is thrown away at most."""
REST_PAUSE_SECONDS = 1.0
"""So long its sender may pause; then nothing more is awaited."""


class BodyLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken of a body."""

    most_bytes: int = 20 * 1024 * 1024
    """A larger one is refused, before it is read where its length is announced."""
    seconds: float = 60
    """In this time the whole of it must have come."""


class TooLarge(Exception):
    """The body has more bytes than are taken."""

    def __init__(self, most_bytes: int) -> None:
        """`most_bytes` would have been taken."""
        super().__init__(
            f"the body has more than {most_bytes} bytes; send less, or raise body_bytes under [server]"
        )


class TooSlow(Exception):
    """The body did not come in time, or its sender went away."""

    def __init__(self, seconds: float) -> None:
        """`seconds` were waited for it."""
        super().__init__(f"the body did not come whole within {seconds:g} s; send it faster, or send less")


async def read_body(
    receive: Callable[[], Awaitable[MutableMapping[str, Any]]], announced: str, limits: BodyLimits
) -> bytes:
    """The whole body. `announced` is its length as the sender gives it, or empty. Raises `TooLarge` and
    `TooSlow`; what comes after is for `throw_away`."""
    if announced.isdecimal() and int(announced[:20]) > limits.most_bytes:
        raise TooLarge(limits.most_bytes)
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limits.seconds):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise TooSlow(limits.seconds)
                piece = message.get("body", b"")
                size += len(piece)
                if size > limits.most_bytes:
                    raise TooLarge(limits.most_bytes)
                pieces.append(piece)
                if not message.get("more_body"):
                    return b"".join(pieces)
    except TimeoutError:
        raise TooSlow(limits.seconds) from None


async def throw_away(receive: Callable[[], Awaitable[MutableMapping[str, Any]]]) -> None:
    """Take what is still on its way of a body, and keep none of it, until it ends or its sender pauses or is at it for
    too long. A connection that is closed on bytes nobody read is reset, and whoever was still sending would lose the
    answer that tells them why."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(REST_SECONDS):
            while True:
                async with asyncio.timeout(REST_PAUSE_SECONDS):
                    message = await receive()
                if message["type"] != "http.request" or not message.get("more_body"):
                    return
