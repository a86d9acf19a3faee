"""Reading what a step prints while it grows, in bounded memory: once for the log, once for its commands.

The log says up to where it has everything; the commands are collected from the beginning. So after a restart neither
misses or repeats anything.
"""

import asyncio
import os

import msgspec

from ferryman.executors.local.sayings import Sayings
from ferryman.ports.clock import Clock
from ferryman.ports.logs import LogBook
from ferryman.ports.secrets import Secrets

_PIECE = 1 << 18


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

    def __init__(
        self, about: About, path: str, *, logs: LogBook, secrets: Secrets | None, clock: Clock
    ) -> None:
        """Read the file at this path; without one there is nothing to read yet."""
        self.about, self.path = about, path
        self._logs, self._secrets, self._clock = logs, secrets, clock
        self._fd = -1
        self._at = 0
        self._stored = -1
        """Bytes that the log has; -1 while the log is not open."""
        self.sayings = Sayings()
        self._told = ""
        self._to_tell: list[str] = []
        """Lines of Ferryman's own that come behind what was printed before them."""
        self.ended = False
        """Its process has ended: it is being read to its end, and no look at it is needed."""
        self._reading = asyncio.Lock()

    async def pull(self, *, pieces: int = 1 << 62, until: int = -1) -> None:
        """Take in all there is now, or so many pieces of it: who prints faster than we read must not keep us from the
        others. Where it is known that there are so many bytes, nobody looks for more than `until`. Raises what the log
        raises; then the same is tried again at the next call."""
        # Two readers at once would mix up the order.
        async with self._reading:
            while pieces and self._at != until and (self._fd >= 0 or self._open()):
                if not (piece := os.pread(self._fd, _PIECE, self._at)):
                    break
                pieces -= 1
                await self._log(piece)
                self.sayings.feed(piece)
                self._at += len(piece)
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
        """Whether something was added since the last look."""
        return (self._fd >= 0 or self._open()) and os.fstat(self._fd).st_size > self._at

    @property
    def size(self) -> int:
        """Bytes that it has printed."""
        return os.fstat(self._fd).st_size if self._fd >= 0 else 0

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
            await self._logs.close_attempt(self.about.run, self.about.key, at=self._clock.now())

    def close(self) -> None:
        """Stop reading."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    async def _log(self, piece: bytes) -> None:
        await self._open_log()
        if fresh := piece[max(0, self._stored - self._at) :]:
            await self._logs.ready()
            self._logs.append(self.about.run, self.about.key, fresh, at=self._clock.now())

    async def _open_log(self) -> None:
        if self._stored < 0:
            values = await self._secrets.values(self.about.project) if self._secrets is not None else ()
            self._stored = await self._logs.open_attempt(
                self.about.run, self.about.key, secrets=(*values, *self.about.masked)
            )

    def _open(self) -> bool:
        if not self.path:
            return False
        try:
            self._fd = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        return True
