"""Answers go out in one piece, and nothing waits for a piece that does not come."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

from ferryman.app.guarded import GuardedProtocol
from ferryman.app.joined import Joined
from ferryman.app.server import answering, listen
from ferryman.asgi import Receive, Scope, Send

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"


class Counting(socket.socket):
    """A socket that remembers each call that sends."""

    def __init__(self, fileno: int) -> None:
        super().__init__(fileno=fileno)
        self.sent: list[bytes] = []

    def send(self, data: bytes, flags: int = 0, /) -> int:  # type: ignore[override]
        """Send, and remember."""
        self.sent.append(bytes(data))
        return super().send(data, flags)


def told(story: Callable[[Joined, Counting], Awaitable[None]]) -> bytes:
    """Tell a story over a real connection; what came out at its other end."""

    async def run() -> bytes:
        ours, theirs = socket.socketpair()
        counting = Counting(ours.detach())
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_accepted_socket(asyncio.Protocol, counting)
        await story(Joined(transport, loop), counting)
        transport.close()
        reader, writer = await asyncio.open_connection(sock=theirs)
        try:
            return await asyncio.wait_for(reader.read(), 60)
        finally:
            writer.close()

    return asyncio.run(run())


def test_a_head_goes_out_with_the_first_piece_of_its_body() -> None:
    async def story(joined: Joined, counting: Counting) -> None:
        joined.write(HEAD)
        joined.write(b"{}")
        joined.write(b"more")
        await asyncio.sleep(0)
        assert counting.sent == [HEAD + b"{}", b"more"]

    assert told(story) == HEAD + b"{}more"


def test_a_head_waits_for_this_turn_of_the_loop_alone() -> None:
    async def story(joined: Joined, counting: Counting) -> None:
        joined.write(HEAD)
        assert counting.sent == []
        await asyncio.sleep(0)
        assert counting.sent == [HEAD]
        joined.write(b"{}")
        assert counting.sent == [HEAD, b"{}"]

    assert told(story) == HEAD + b"{}"


def test_a_head_goes_out_before_the_end() -> None:
    async def story(joined: Joined, counting: Counting) -> None:
        joined.write(HEAD)
        joined.close()
        assert counting.sent == [HEAD]
        assert joined.is_closing()

    assert told(story) == HEAD


def test_who_waits_for_a_stream_has_its_head_at_once() -> None:
    going = asyncio.Event()

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await going.wait()
        await send({"type": "http.response.body", "body": b"at last"})

    async def run() -> bytes:
        async with answering(application, listen("127.0.0.1", 0), protocol=GuardedProtocol) as listening:
            reader, writer = await asyncio.open_connection("127.0.0.1", listening.port)
            writer.write(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 60)
            going.set()
            body = await asyncio.wait_for(reader.readuntil(b"0\r\n\r\n"), 60)
            writer.close()
            return head[:15] + body

    assert asyncio.run(run()) == b"HTTP/1.1 200 OK7\r\nat last\r\n0\r\n\r\n"
