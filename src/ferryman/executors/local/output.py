"""Reading what a step prints while it grows, in bounded memory: once for the log, once for its commands.

The log says up to where it has everything; the commands are collected from the beginning. So after a restart neither
misses or repeats anything.

A step may empty the file that it prints to: to a shell, `> /dev/stderr` is a file like any other. What it had printed
just before cannot be read any more then. That is told, and what it prints from then on is read.
"""

import asyncio
import os
from collections.abc import Sequence

import msgspec

from ferryman.executors.local.sayings import Sayings
from ferryman.ports.clock import Clock
from ferryman.ports.logs import LogBook
from ferryman.ports.processes import Sighting
from ferryman.ports.secrets import Secrets

_PIECE = 1 << 18
_REMEMBERED = 64
"""Bytes before our place that tell whether the file is still the one that was read."""
_EMPTIED = "the step has emptied its own output, as > /dev/stderr and > /dev/stdout do: >&2 and >> /dev/stderr do not"
_MISSING = "what it had printed shortly before it emptied its own output, nobody can tell how much"


class About(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What has to be known of an attempt to take care of it after a restart."""

    run: str
    key: str
    project: str
    """Whose secrets its log must not show."""
    folder: str
    patience_ms: int
    masked: tuple[str, ...] = ()
    """More values that its log must not show."""
    script: bool = False
    """It is no plugin, and leaves no answer like one."""


class Output:
    """The output of one attempt on its way into the log."""

    def __init__(self, about: About, *, logs: LogBook, secrets: Secrets | None, clock: Clock) -> None:
        """There is nothing to read until the file was found."""
        self.about = about
        self._logs, self._secrets, self._clock = logs, secrets, clock
        self._path = ""
        self._fd = -1
        self._at = 0
        """Bytes of the output that were read."""
        self._place = 0
        """Where in the file the next ones stand."""
        self._before = b""
        """What stands right before them, as long as nobody empties the file."""
        self._was_emptied = False
        self._stored = -1
        """Bytes that the log has; -1 while the log is not open."""
        self._values: Sequence[str] = ()
        """The secrets of the project, as they were when the log was last told what to mask."""
        self.sayings = Sayings()
        self._told = ""
        self._to_tell: list[str] = []
        """Lines of Ferryman's own that come behind what was printed before them."""
        self.ended = False
        """Its process has ended: it is being read to its end, and no look at it is needed."""
        self._reading = asyncio.Lock()

    def found(self, sighting: Sighting) -> None:
        """It is known where its file is."""
        if not self._path:
            self._path, self._place = sighting.output, sighting.begins
            self._before = bytes(min(sighting.begins, _REMEMBERED))

    async def pull(self, *, pieces: int = 1 << 62, until: int = -1) -> None:
        """Take in all there is now, or so many pieces of it: who prints faster than we read must not keep us from the
        others. Where it is known that there are so many bytes, nobody looks for more than `until`. Raises what the log
        raises; then the same is tried again at the next call."""
        # Two readers at once would mix up the order.
        async with self._reading:
            while pieces and self._at != until and (self._fd >= 0 or self._open()):
                if self._is_another():
                    await self._begin_again()
                    until = -1
                if not (piece := os.pread(self._fd, _PIECE, self._place)):
                    break
                pieces -= 1
                await self._log(piece)
                self.sayings.feed(piece)
                self._at += len(piece)
                self._place += len(piece)
                self._before = piece[-_REMEMBERED:]
                if len(piece) == _PIECE:
                    # There is more, maybe for minutes: others have their turn, and with them the log, which lets go of
                    # what it is told is kept.
                    await asyncio.sleep(0)
            for text in self._to_tell:
                self._logs.note(self.about.run, self.about.key, text, at=self._clock.now())
            self._to_tell.clear()

    @property
    def is_silent(self) -> bool:
        """Whether nothing of it was read so far, and nothing said."""
        return not self._at and self._stored < 0 and not self._told

    def has_more(self) -> bool:
        """Whether something was added since the last look, or all was taken away."""
        return (self._fd >= 0 or self._open()) and os.fstat(self._fd).st_size != self._place

    @property
    def size(self) -> int:
        """Bytes that it has printed."""
        return self._at + os.fstat(self._fd).st_size - self._place if self._fd >= 0 else 0

    async def note(self, text: str) -> None:
        """Add a line of Ferryman's own."""
        await self._open_log()
        self._logs.note(self.about.run, self.about.key, text, at=self._clock.now())

    def tell(self, text: str) -> None:
        """Have the next `pull` add a line of Ferryman's own; the same one is not told twice in a row."""
        if text != self._told:
            self._told = text
            self._to_tell.append(text)

    async def keep(self) -> None:
        """The attempt has ended: have the log keep all of it, durably."""
        self.sayings.close()
        if self._stored >= 0 or self._told:
            missing = _MISSING if self._was_emptied else ""
            await self._logs.close_attempt(
                self.about.run, self.about.key, missing=missing, at=self._clock.now()
            )

    def close(self) -> None:
        """Stop reading."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _is_another(self) -> bool:
        """Whether what was read is no longer there: the file was emptied, and maybe filled anew."""
        before = self._before
        return os.pread(self._fd, len(before), self._place - len(before)) != before

    async def _begin_again(self) -> None:
        """What is in the file now follows what the log has. After a restart some of it may be there already: better
        twice than not at all."""
        await self._open_log()
        self._at = max(self._at, self._stored)
        self._place, self._before = 0, b""
        if not self._was_emptied:
            self._was_emptied = True
            self._logs.note(self.about.run, self.about.key, _EMPTIED, at=self._clock.now())

    async def _log(self, piece: bytes) -> None:
        await self._open_log()
        if fresh := piece[max(0, self._stored - self._at) :]:
            await self._logs.ready()
            self._logs.append(self.about.run, self.about.key, fresh, at=self._clock.now())

    async def _open_log(self) -> None:
        """Have the log open, and mask what the project keeps by now: a step that runs on can print that too, wherever
        it has it from."""
        values = () if self._secrets is None else await self._secrets.values(self.about.project)
        if self._stored >= 0 and values is self._values:
            return
        stored = await self._logs.open_attempt(
            self.about.run, self.about.key, secrets=(*values, *self.about.masked)
        )
        if self._stored < 0:
            self._stored = stored
        self._values = values

    def _open(self) -> bool:
        if not self._path:
            return False
        try:
            self._fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        return True
