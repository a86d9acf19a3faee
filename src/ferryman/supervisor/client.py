"""The server's end: finds the supervisor of a data folder or starts one, and speaks to it."""

import asyncio
import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import cast

import msgspec

import ferryman
from ferryman.domain.errors import Unavailable
from ferryman.ports.processes import Launch, Sighting
from ferryman.supervisor.process.book import AHEAD, is_whole
from ferryman.supervisor.process.wire import Frames, Message, framed

_PROGRAM = (
    "import sys; sys.path.insert(0, sys.argv[1]); from ferryman.supervisor.process.guard import main; "
    "sys.exit(main(*sys.argv[2:]))"
)
_SOURCE = str(Path(ferryman.__file__).parent.parent)
_FILES = ("book", "book.new", "lock", "log")
"""What a supervisor opens in its folder."""
_TRIES = 400
_PAUSE = 0.025
_ROOM = 2 * AHEAD
"""Bytes of the disk that its record may take when it begins."""
_MOST_VAIN = 20
"""Connections in a row that broke before anything was heard, until we give up."""


class _Line(asyncio.Protocol):
    """One connection to a supervisor."""

    def __init__(self, take: Callable[[Message], None]) -> None:
        """What comes is taken by this function."""
        self._take, self._frames = take, Frames(_read)
        self._transport: asyncio.Transport | None = None
        self.ended = asyncio.Event()
        self.heard = False
        """Whether anything came."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It stands."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Take in what came; what makes no sense ends the connection."""
        self.heard = True
        try:
            messages = list(self._frames.feed(data))
        except ValueError:
            self.close()
            return
        for message in messages:
            self._take(message)

    def connection_lost(self, exc: Exception | None) -> None:
        """It has ended, whoever wanted that."""
        self._transport = None
        self.ended.set()

    def send(self, frames: bytes) -> None:
        """Send; what cannot be sent any more is sent again over the next connection, by whoever waits."""
        if self._transport is not None:
            self._transport.write(frames)

    def close(self) -> None:
        """End it."""
        if self._transport is not None:
            self._transport.close()


class SupervisedProcesses:
    """`ports.processes.Processes` by way of the supervisor of one data folder.

    `private` is the part of the data folder that steps must not see; the supervisor keeps its files in `supervisor`
    below it. When the connection breaks it is made anew, requests without an answer are sent again (each is harmless
    twice), and what ended meanwhile is told.
    """

    def __init__(self, private: Path, *, hide: bool = True, groups: bool = True) -> None:
        """Serve the data folder with this private part. `hide` and `groups` may be switched off."""
        self._private = private.absolute()
        self._folder = self._private / "supervisor"
        self._words = ("hide" if hide else "", "groups" if groups else "")
        self._exited: Callable[[Sighting], None] = lambda sighting: None
        self._numbers = itertools.count(1)
        self._waiting: dict[int, tuple[bytes, asyncio.Future[Message]]] = {}
        self._unsent: list[bytes] = []
        """What is asked for in one turn of the loop goes out together."""
        self._watched: set[str] = set()
        self._followers = 0
        self._untold: dict[str, Sighting] = {}
        """Ends that came while somebody was asking what to watch."""
        self._line: _Line | None = None
        self._talk: asyncio.Task[None] | None = None
        self._hiding = "no supervisor was asked yet"

    def has_records(self) -> bool:
        """Whether there is a record of what was started, and all of it can be read; the first supervisor makes it.
        Raises Unavailable where something else is in its place."""
        self._refuse_strange()
        place = self._folder / "book"
        try:
            return is_whole(str(place))
        except OSError as error:
            raise Unavailable(f"cannot read the record of processes {place}: {error.strerror}") from error

    async def open(self, exited: Callable[[Sighting], None]) -> None:
        """Find the supervisor or start one."""
        self._exited = exited
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._refuse_strange()
        self._line = await self._connect()
        self._talk = asyncio.create_task(self._converse(self._line), name="supervisor")
        hello = await self._ask({"do": "hello"})
        self._hiding = hello["hiding"]

    async def launch(self, order: Launch) -> Sighting:
        """Start a program; where its output is. While the machine has no room for another process or its record,
        it is tried again for half a minute; then Unavailable says what is lacking."""
        self._watched.add(order.attempt)
        answer = await self._ask({"do": "start", **msgspec.to_builtins(order)})
        if refused := answer.get("refused"):
            self._watched.discard(order.attempt)
            raise Unavailable(f"cannot start {order.attempt}: {refused}")
        return Sighting(
            attempt=order.attempt,
            state="alive",
            output=self._output(answer["output"]),
            begins=answer.get("begins", 0),
        )

    async def stop(self, attempt: str, *, patience_ms: int, force: bool) -> None:
        """End a program with all that it started."""
        await self._ask({"do": "stop", "attempt": attempt, "patience": patience_ms / 1000, "force": force})

    async def known(self) -> Mapping[str, Sighting]:
        """Every attempt that there is a record of."""
        answer = await self._ask({"do": "list"})
        return {seen["attempt"]: self._sighting(seen) for seen in answer["attempts"]}

    async def follow(self, attempts: Sequence[str]) -> Mapping[str, Sighting]:
        """What is known of these attempts."""
        wanted = set(attempts)
        self._followers += 1
        try:
            found = {name: seen for name, seen in (await self.known()).items() if name in wanted}
        finally:
            self._followers -= 1
        alive = {name for name, seen in found.items() if seen.state == "alive"}
        self._watched |= alive
        # What ended between the answer and this line was told already, to nobody.
        for name in alive & self._untold.keys():
            asyncio.get_running_loop().call_soon(self._tell, self._untold[name])
        if not self._followers:
            self._untold.clear()
        return found

    async def conclude(self, attempt: str, result: str) -> None:
        """Empty an attempt's output, and keep this text in its place."""
        await self._ask({"do": "conclude", "attempt": attempt, "result": result})

    async def forget(self, group: str) -> None:
        """Delete records and outputs of the attempts of a group."""
        await self._ask({"do": "forget", "group": group})

    @property
    def hiding(self) -> str:
        """Why programs could read the private part of the data folder; empty when they cannot."""
        return self._hiding

    async def close(self) -> None:
        """Let go. Programs that run go on."""
        if self._talk is not None:
            self._talk.cancel()
            await asyncio.gather(self._talk, return_exceptions=True)
        if self._line is not None:
            self._line.close()
            await self._line.ended.wait()
        self._fail(Unavailable("the connection to the supervisor was closed"))

    def _refuse_strange(self) -> None:
        """Raises Unavailable: a supervisor that opens a pipe in place of its file waits for ever, and we for it."""
        for name in _FILES:
            place = self._folder / name
            if place.exists() and not place.is_file():
                raise Unavailable(
                    f"{place} is no plain file, so no supervisor can use it; move it away, and put back the file that "
                    "was there if you have it: without it, steps that ran count as lost"
                )

    async def _ask(self, message: Message) -> Message:
        """Send a request and await its answer, over as many connections as it takes."""
        if self._talk is None or self._talk.done():
            raise Unavailable("there is no connection to the supervisor")
        number = next(self._numbers)
        frame = framed(msgspec.json.encode({"id": number, **message}))
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[number] = frame, answer
        try:
            if not self._unsent:
                asyncio.get_running_loop().call_soon(self._send)
            self._unsent.append(frame)
            return await answer
        finally:
            self._waiting.pop(number, None)

    def _send(self) -> None:
        frames, self._unsent = b"".join(self._unsent), []
        if self._line is not None:
            self._line.send(frames)

    async def _converse(self, line: _Line) -> None:
        """Whenever a connection breaks, make a new one and catch up."""
        vain = 0
        while True:
            await line.ended.wait()
            self._line = None
            vain = 0 if line.heard else vain + 1
            try:
                if vain > _MOST_VAIN:
                    raise Unavailable(f"the supervisor does not stay; {self._cause()}")
                self._line = line = await self._connect()
            except Unavailable as error:
                self._fail(error)
                return
            asyncio.get_running_loop().create_task(self._catch_up(), name="supervisor-catch-up")

    def _take(self, message: Message) -> None:
        """An end that is told, or an answer."""
        if exit := message.get("exit"):
            self._tell(self._sighting(exit))
        elif (entry := self._waiting.get(message["id"])) and not entry[1].done():
            entry[1].set_result(message)

    def _sighting(self, seen: Message) -> Sighting:
        return msgspec.convert(seen | {"output": self._output(seen["output"])}, Sighting)

    def _output(self, name: str) -> str:
        return f"{self._folder}/output/{name}"

    def _tell(self, seen: Sighting) -> None:
        if seen.attempt in self._watched:
            self._watched.discard(seen.attempt)
            self._exited(seen)
        elif self._followers:
            self._untold[seen.attempt] = seen

    async def _catch_up(self) -> None:
        """After a new connection: ask to be told again, then tell what has ended meanwhile."""
        under_way = set(self._watched)
        try:
            await self._ask({"do": "hello"})
            known = await self.known()
        except Unavailable:
            # No supervisor stays. Whoever asks for something is told so.
            return
        for name in under_way:
            if name in known and known[name].state != "alive":
                self._tell(known[name])

    async def _connect(self) -> _Line:
        """A connection, to the supervisor that is there or to one that we start. Raises Unavailable."""
        for attempt in range(_TRIES):
            if (line := await self._reach()) is not None:
                return line
            if attempt % 40 == 0:
                await self._start_supervisor()
            await asyncio.sleep(_PAUSE)
        raise Unavailable(f"no supervisor can be started for {self._private}; {self._cause()}")

    def _cause(self) -> str:
        """What may keep it from staying, for a person. Its log says more, where there is room for one."""
        told = f"its log is {self._folder / 'log'}"
        facts = os.statvfs(self._folder)
        if (free := facts.f_bavail * facts.f_frsize) < _ROOM:
            return f"its disk has {free:,} bytes left, and it needs {_ROOM:,}: free some room; {told}"
        return told

    async def _reach(self) -> _Line | None:
        place = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            # By way of the descriptor: the path of a folder may be longer than an address may be.
            _, line = await asyncio.get_running_loop().create_unix_connection(
                lambda: _Line(self._take), f"/proc/self/fd/{place}/socket"
            )
        except (FileNotFoundError, ConnectionError):
            return None
        finally:
            os.close(place)
        line.send(b"".join(frame for frame, _ in self._waiting.values()))
        return line

    async def _start_supervisor(self) -> None:
        """Start one; if two are started, the lock in the folder lets one live."""
        command = (
            sys.executable,
            "-I",
            "-S",
            "-c",
            _PROGRAM,
            _SOURCE,
            str(self._folder),
            str(self._private),
            *self._words,
        )
        # A shell starts it in the background and ends, so that it is nobody's child: nobody has to wait for it.
        await asyncio.to_thread(
            subprocess.run,
            ("/bin/sh", "-c", '"$@" &', "sh", *command),
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            check=False,
        )

    def _fail(self, error: Exception) -> None:
        for _, answer in list(self._waiting.values()):
            if not answer.done():
                answer.set_exception(error)


def _read(text: bytes) -> object:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error
