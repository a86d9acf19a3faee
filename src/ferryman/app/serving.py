"""The socket of a data folder: other processes of its owner have their changes made by the one that holds it.

One request to a connection. Who asks is known from the connection itself, not from what it says.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from ferryman.app.bindings import name_of
from ferryman.client import wire
from ferryman.client.transport import SOCKET, listen
from ferryman.domain.errors import FerrymanError, Unavailable
from ferryman.services import LOCAL, Caller, Desk

Choose = Callable[[str], str]
"""From the project that was asked for, or none, to the one that is meant."""


def just_local(asked: str) -> str:
    """Of a folder that knows no other project."""
    return asked or LOCAL


TURNS = 8
"""Turns of the loop in which a connection that was made is accepted, and whoever made it heard."""
ANSWERED_SECONDS = 5
"""How long what was asked for may take once the folder is about to be let go."""

_PEER = struct.Struct("3i")
"""Process, user and group at the other end of a socket."""


@asynccontextmanager
async def serve_socket(folder: Path, desk: Desk, choose: Choose = just_local) -> AsyncIterator[None]:
    """Answer in this folder until left; `choose` tells the project that a request is about."""
    busy: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await _serve(desk, choose, reader, writer)

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve(reader, writer), name="socket")
        busy.add(task)
        task.add_done_callback(busy.discard)

    server = await asyncio.start_unix_server(connected, sock=listen(folder), limit=wire.LONGEST)
    try:
        yield
    finally:
        (folder / SOCKET).unlink(missing_ok=True)
        # Whoever came before that is heard.
        for _ in range(TURNS):
            await asyncio.sleep(0)
        server.close()
        # What was accepted is answered.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(ANSWERED_SECONDS):
                while busy:
                    await asyncio.wait(busy)
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)


async def _serve(
    desk: Desk, choose: Choose, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    try:
        text = await reader.readline()
        if text:
            writer.write(wire.line(await _answer(desk, choose, _peer(writer), text)))
            await writer.drain()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def _answer(desk: Desk, choose: Choose, name: str, text: bytes) -> wire.Answer:
    try:
        request = wire.request(text)
        caller = Caller(name=name, project=choose(request.project))
        result = await desk.ask(caller, request.verb, request.arguments)
    except FerrymanError as error:
        return wire.Answer(error=wire.packed(error))
    except Exception as fault:
        # Told without its text: that may hold what must not leave this process.
        return wire.Answer(
            error=wire.packed(
                Unavailable(f"the process that holds the data folder failed: {type(fault).__name__}")
            )
        )
    return wire.Answer(result=msgspec.to_builtins(result))


def _peer(writer: asyncio.StreamWriter) -> str:
    """Who is at the other end, as the system tells it."""
    link = writer.get_extra_info("socket")
    peer = link.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _PEER.size)
    _, uid, _ = _PEER.unpack(peer)
    return name_of(uid)
