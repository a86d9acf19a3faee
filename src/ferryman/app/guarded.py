"""The protocol of a connection, with the limits that a stranger's needs: heads that come slowly, or grow without end,
and readers that do not read, lose their connection; nobody else waits for them.

Bodies have their limits where they are read (`asgi.bodies`); idle connections have uvicorn's own.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ferryman.app.joined import Joined

HEAD_SECONDS = 15.0
"""In this time a request's head must have come, from the connection or its first byte on."""
READ_SECONDS = 60.0
"""So long a reader may leave a full buffer as it is."""
MOST_HEAD = 64 * 1024
"""Bytes of a request's address and headers."""

MOST_TRAILERS = 10_000
"""Headers of a request, with those that come behind its body."""

_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class GuardedProtocol(HttpToolsProtocol):
    """One connection."""

    head_seconds = HEAD_SECONDS
    read_seconds = READ_SECONDS

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """As uvicorn makes it."""
        super().__init__(*arguments, **named)
        self._head: asyncio.TimerHandle | None = None
        self._in_head = False
        self._unread: asyncio.TimerHandle | None = None
        self._size = 0
        """Bytes of a head that did not come in one piece."""
        self._piece = 0
        """Bytes of the last piece."""
        self._refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection is there; now a head must come."""
        super().connection_made(Joined(transport, self.loop))  # type: ignore[arg-type]
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._await_no_head()
        self._in_head = False
        self._stop(self._unread)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Something has come. A head that is there in one piece, as nearly all are, needs no timer and no counting."""
        if self._refused:
            return
        self._piece = len(data)
        super().data_received(data)
        if self._in_head:
            self._size += self._piece
            if self._size > MOST_HEAD:
                self._refuse()
            elif self._head is None:
                self._await_head()
        elif len(self.headers) > MOST_TRAILERS and not self._refused:
            self._refuse()

    def on_message_begin(self) -> None:
        """The first byte of a head has come; what is left of the time that its connection had is not its."""
        super().on_message_begin()
        self._size = 0
        self._in_head = True
        self._await_no_head()

    def on_headers_complete(self) -> None:
        """The head is there. Its size is only counted out where what has come could be too much."""
        self._in_head = False
        self._await_no_head()
        if self._refused:
            return
        if self._size + self._piece > MOST_HEAD:
            head = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
            if head > MOST_HEAD:
                self._refuse()
                return
        self._size = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body; there is none to a head that was refused."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there."""
        if not self._refused:
            super().on_message_complete()

    def pause_writing(self) -> None:
        """The other end does not read as fast as it is answered."""
        super().pause_writing()
        self._unread = self.loop.call_later(self.read_seconds, self._end)

    def resume_writing(self) -> None:
        """It has read."""
        self._stop(self._unread)
        super().resume_writing()

    def _await_head(self) -> None:
        self._await_no_head()
        self._head = self.loop.call_later(self.head_seconds, self._end)

    def _await_no_head(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _refuse(self) -> None:
        self._refused = True
        self._in_head = False
        self._await_no_head()
        self.transport.write(_TOO_LARGE)
        self.transport.close()

    def _end(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()

    @staticmethod
    def _stop(timer: asyncio.TimerHandle | None) -> None:
        if timer is not None:
            timer.cancel()
