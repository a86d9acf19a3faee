"""What carries verbs: to services in this process, over a socket to another one, or both, each where it belongs."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from ferryman.client import wire
from ferryman.domain.errors import Unavailable

SOCKET = "socket"
"""Name of the socket in the data folder."""
CHANGES = frozenset(
    {
        "pipelines.save",
        "runs.start",
        "runs.cancel",
        "runs.restart",
        "runs.retry",
        "runs.skip",
        "runs.answer",
        "runs.judge",
        "runs.resume",
        "runs.halt",
        "runs.settle",
        "runs.note",
        "secrets.write",
        "secrets.remove",
        "secrets.change-key",
        "projects.create",
        "projects.disable",
        "people.create",
        "people.disable",
        "people.attach",
        "people.password",
        "roles.grant",
        "roles.revoke",
        "keys.make",
        "keys.disable",
        "keys.remove",
        "tokens.make",
        "tokens.revoke",
        "policies.write",
        "policies.remove",
    }
)
"""Verbs that change something: they go to the process that holds the data folder."""
TRIES = 50
PAUSE = 0.1
"""How often, and how many seconds apart, a socket that is not there yet is looked for."""
PATIENCE = 30.0
"""Seconds in which whoever holds the folder has to answer; it may be stopped, or its disk may hang."""
LONGEST_PATH = 100
"""Bytes of a path that any system takes as the address of a socket."""


class Transport(Protocol):
    """Carries verbs."""

    async def ask(self, verb: str, arguments: dict[str, Any]) -> Any:
        """Have a verb done; its answer, as a view or as the plain values of one. Raises what the verb raises."""
        ...

    def stream(self, verb: str, arguments: dict[str, Any]) -> AsyncIterator[Any]:
        """Have a verb done that answers again and again."""
        ...


class InProcess:
    """To services in this very process."""

    def __init__(
        self,
        ask: Callable[[str, dict[str, Any]], Awaitable[Any]],
        stream: Callable[[str, dict[str, Any]], AsyncIterator[Any]],
    ) -> None:
        """Over the two doors of a desk, the caller being settled."""
        self._ask = ask
        self._stream = stream

    async def ask(self, verb: str, arguments: dict[str, Any]) -> Any:
        """Have a verb done."""
        return await self._ask(verb, arguments)

    def stream(self, verb: str, arguments: dict[str, Any]) -> AsyncIterator[Any]:
        """Have a verb done that answers again and again."""
        return self._stream(verb, arguments)


class HolderGone(Unavailable):
    """Nobody holds the folder any more: what was to be asked was not, and whoever takes the folder can do it."""


class Unanswered(Unavailable):
    """Somebody was asked, and did not answer: it may have been done, so nobody but the person who asked asks again."""


def _somebody() -> bool:
    return True


class OverSocket:
    """To the process that holds a data folder. Each request has a connection of its own."""

    def __init__(
        self,
        folder: Path,
        *,
        project: str = "",
        patience: float = PATIENCE,
        held: Callable[[], bool] = _somebody,
    ) -> None:
        """To whoever holds this folder, about this project of it; `held` tells whether anybody does. An answer is
        waited for `patience` seconds."""
        self._folder = folder
        self._project = project
        self._patience = patience
        self._held = held

    async def ask(self, verb: str, arguments: dict[str, Any]) -> Any:
        """Have a verb done over there. Raises `Unavailable` where nobody listens, as `HolderGone` where nobody is, and
        `Unanswered` where no answer comes, or not in time."""
        reader, writer = await self._connect()
        try:
            writer.write(wire.line(wire.Request(verb, arguments, self._project)))
            async with asyncio.timeout(self._patience):
                await writer.drain()
                text = await reader.readline()
        except TimeoutError as error:
            # What was not read over there is not waited for. (A `TimeoutError` is an `OSError` too.)
            writer.transport.abort()
            raise Unanswered(
                f"the process that holds {self._folder} has not answered for {self._patience:g} s; look whether it is "
                f"stopped and whether {verb} was done, then ask again"
            ) from error
        except (OSError, ValueError) as error:
            raise _gone(verb) from error
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        if not text:
            raise _gone(verb)
        answer = wire.answer(text)
        if answer.error is not None:
            raise wire.unpacked(answer.error)
        return answer.result

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection; whoever holds the folder may be about to open its socket."""
        was_held = True
        for last in [False] * TRIES + [True]:
            try:
                with address(self._folder) as place:
                    return await asyncio.open_unix_connection(place, limit=wire.LONGEST)
            except OSError as error:
                held = self._held()
                if not held and not was_held:
                    raise HolderGone(f"the process that held {self._folder} has ended; ask again") from error
                was_held = held
                if last:
                    raise Unavailable(
                        f"the process that holds {self._folder} does not answer; wait for it to end, or stop it"
                    ) from error
                await asyncio.sleep(PAUSE)
        raise AssertionError("the last try returns or raises")


def _gone(verb: str) -> Unanswered:
    return Unanswered(
        f"the process that holds the data folder ended before it answered; look whether {verb} was done, then ask again"
    )


class Beside:
    """Reads here, and has changes made by the process that holds the folder (RULINGS 25)."""

    def __init__(self, *, reading: Transport, changing: OverSocket) -> None:
        """Read over the one, change over the other."""
        self._reading = reading
        self._changing = changing

    async def ask(self, verb: str, arguments: dict[str, Any]) -> Any:
        """Have a verb done where it belongs."""
        return await (self._changing if verb in CHANGES else self._reading).ask(verb, arguments)

    def stream(self, verb: str, arguments: dict[str, Any]) -> AsyncIterator[Any]:
        """What answers again and again only reads."""
        return self._reading.stream(verb, arguments)


@contextlib.contextmanager
def address(folder: Path) -> Iterator[str]:
    """The address of a folder's socket, short enough for the system however long the folder's name is."""
    whole = str(folder / SOCKET)
    if len(os.fsencode(whole)) <= LONGEST_PATH or not os.path.isdir("/proc/self/fd"):
        yield whole
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{handle}/{SOCKET}"
    finally:
        os.close(handle)


async def answers(folder: Path) -> bool:
    """Whether somebody listens at a folder's socket now."""
    try:
        with address(folder) as place:
            _, writer = await asyncio.open_unix_connection(place)
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


def listen(folder: Path) -> socket.socket:
    """A socket in the folder for its owner only; one that a dead process left is replaced."""
    place = folder / SOCKET
    place.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
    try:
        with address(folder) as name:
            listener.bind(name)
        place.chmod(0o600)
    except BaseException:
        listener.close()
        raise
    return listener
