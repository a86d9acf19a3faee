"""Messages between server and supervisor: four bytes of length, then JSON. Both ends use this module."""

import json
from collections.abc import Callable, Iterator
from typing import Any

Message = dict[str, Any]

LONGEST = 64 * 1024 * 1024
"""Bytes of one message; whoever sends more has lost its place in the stream."""

to_json = json.JSONEncoder(separators=(",", ":")).encode
"""An encoder made once: otherwise each message has to make its own."""


def pack(message: Message) -> bytes:
    """One message, ready to be sent."""
    return framed(to_json(message).encode())


def framed(body: bytes) -> bytes:
    """A message that is JSON already, ready to be sent."""
    return len(body).to_bytes(4, "big") + body


class Frames:
    """Cuts a stream of bytes into messages."""

    def __init__(self, read: Callable[[bytes], Any] = json.loads) -> None:
        """Begin with nothing received. `read` reads JSON, and raises ValueError where it is none."""
        self._read = read
        self._rest = bytearray()

    def feed(self, piece: bytes) -> Iterator[Message]:
        """The messages that this piece completes. Raises ValueError when the stream makes no sense."""
        self._rest += piece
        while len(self._rest) >= 4:
            end = 4 + int.from_bytes(self._rest[:4], "big")
            if end - 4 > LONGEST:
                raise ValueError("a message is longer than any may be")
            if len(self._rest) < end:
                return
            body = bytes(self._rest[4:end])
            del self._rest[:end]
            message = self._read(body)
            if not isinstance(message, dict):
                raise ValueError("a message is no object")
            yield message
