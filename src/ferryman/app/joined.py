"""The sending half of a connection, which sends the head of an answer together with the body's first piece."""

import asyncio
from typing import Any

_HEAD = b"HTTP/"


class Joined:
    """A transport. uvicorn writes a head and what follows one after the other, and each writing is a call of the system
    that wakes the other end, to which half an answer is none."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        """Send over this transport."""
        self._transport, self._loop = transport, loop
        self._head = b""

    def write(self, data: bytes) -> None:
        """Send, in order. A head is held back for what is written in the same turn of the loop, and no longer."""
        if self._head:
            data, self._head = self._head + data, b""
            self._transport.write(data)
        elif data.startswith(_HEAD):
            self._head = data
            self._loop.call_soon(self._send)
        else:
            self._transport.write(data)

    def close(self) -> None:
        """Send what was held back, and end."""
        self._send()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        """All else is the transport's."""
        return getattr(self._transport, name)

    def _send(self) -> None:
        if self._head and not self._transport.is_closing():
            self._transport.write(self._head)
        self._head = b""
