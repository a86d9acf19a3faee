"""A connection's limits: nobody holds the server by being slow, large or deaf (ERR-8, START-5)."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import psutil
import pytest

from ferryman.app.guarded import MOST_HEAD, MOST_TRAILERS, GuardedProtocol
from ferryman.app.server import answering, listen
from ferryman.asgi import Exchange, Receive, Scope, Send
from ferryman.testing.server import started

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
LONG = 64 * 1024 * 1024


class Hasty(GuardedProtocol):
    """The same limits, sooner; what is said at once is heard in time on a busy machine too."""

    head_seconds = 1.0
    read_seconds = 0.1


class Application:
    """Answers everything; `/long` with more than any buffer holds."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        exchange = Exchange(scope, receive, send, request="r")
        if exchange.path != "/long":
            await exchange.answer(200, b"{}")
            return
        try:
            await exchange.answer(200, bytes(LONG))
            # What cannot be sent is not waited for any longer than the connection stands.
            while (await receive())["type"] != "http.disconnect":
                continue
        finally:
            self.ended.set()


def told(
    story: Callable[[Application, int], Awaitable[None]], protocol: type[GuardedProtocol] = GuardedProtocol
) -> None:
    """Tell a story to a server with these limits."""

    async def run() -> None:
        application = Application()
        async with answering(application, listen("127.0.0.1", 0), protocol=protocol) as listening:
            await story(application, listening.port)

    asyncio.run(run())


async def everything(port: int, *pieces: bytes) -> bytes:
    """Say this; all that comes back until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
    try:
        return await asyncio.wait_for(reader.read(), 60)
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"", id="says nothing"),
        pytest.param(HEAD, id="never ends its head"),
        pytest.param(HEAD + b"\r\n" + HEAD, id="never ends its second head"),
    ],
)
def test_a_connection_without_a_whole_head_is_closed(said: bytes) -> None:
    async def story(application: Application, port: int) -> None:
        answers = await everything(port, *([said] if said else []))
        assert answers.count(b"HTTP/1.1 200") == said.count(b"\r\n\r\n")

    told(story, Hasty)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(HEAD + b"X-Long: " + b"x" * MOST_HEAD + b"\r\n\r\n", id="one long header"),
        pytest.param(HEAD + b"X-Many: y\r\n" * (MOST_HEAD // 7) + b"\r\n", id="many headers"),
        pytest.param(
            b"GET /" + b"x" * MOST_HEAD + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", id="a long address"
        ),
        pytest.param(
            b"POST /" + b"x" * MOST_HEAD + b" HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", id="a body behind it"
        ),
    ],
)
def test_a_head_that_is_too_large_is_refused(said: bytes) -> None:
    async def story(application: Application, port: int) -> None:
        answer = await everything(port, said)
        assert answer.startswith(b"HTTP/1.1 431") or answer == b""
        assert (await everything(port, HEAD + b"Connection: close\r\n\r\n")).startswith(b"HTTP/1.1 200")

    told(story)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(HEAD + b"X-Long: " + b"x" * MOST_HEAD, id="a head that has not ended"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
            + b"a: b\r\n" * (MOST_TRAILERS + 1),
            id="headers behind the body that have not ended",
        ),
    ],
)
def test_what_grows_without_end_is_refused_before_its_time_is_over(said: bytes) -> None:
    async def story(application: Application, port: int) -> None:
        assert b"HTTP/1.1 431" in await everything(port, said)

    told(story)


def test_what_is_no_http_is_refused() -> None:
    async def story(application: Application, port: int) -> None:
        assert (await everything(port, b"\x16\x03\x01 hello\r\n\r\n")).startswith(b"HTTP/1.1 400")

    told(story)


def test_a_reader_that_does_not_read_loses_its_connection() -> None:
    async def story(application: Application, port: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as deaf:
            await asyncio.to_thread(deaf.sendall, HEAD.replace(b"/ ", b"/long ", 1) + b"\r\n")
            await asyncio.wait_for(application.ended.wait(), 60)

    told(story, Hasty)


def test_requests_that_are_sent_without_waiting_are_answered_in_order() -> None:
    async def story(application: Application, port: int) -> None:
        answers = await everything(port, (HEAD + b"\r\n") * 3 + HEAD + b"Connection: close\r\n\r\n")
        assert answers.count(b"HTTP/1.1 200") == 4

    told(story)


SIZE = 100 * 1024 * 1024


def test_bodies_of_100_mb_never_fill_the_memory(tmp_path: Path) -> None:
    """Whether their length is announced or not."""
    head = (
        b"POST /api/apigw/v3/projects/demo/pipelines HTTP/1.1\r\nHost: localhost\r\n"
        b"X-DEVOPS-UID: operator\r\nContent-Type: application/json\r\n"
    )
    piece = b" " * 1024 * 1024
    with started(data=tmp_path / "data") as server:
        port = int(server.address.rpartition(":")[2])
        memory = psutil.Process(server.process.pid).memory_info
        before = memory().rss
        most = before
        for announced in (True, False):
            with (
                socket.create_connection(("127.0.0.1", port)) as client,
                contextlib.suppress(ConnectionError),
            ):
                client.sendall(
                    head
                    + (
                        b"Content-Length: %d\r\n\r\n" % SIZE
                        if announced
                        else b"Transfer-Encoding: chunked\r\n\r\n"
                    )
                )
                for _ in range(SIZE // len(piece)):
                    client.sendall(piece if announced else b"100000\r\n" + piece + b"\r\n")
                    most = max(most, memory().rss)
        assert most - before < 64 * 1024 * 1024
        assert server.ask("GET", "/health").status == 200
