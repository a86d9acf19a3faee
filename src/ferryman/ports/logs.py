"""Where what steps say is kept, and how it is read.

`LogBook` is what executors, services and faces see. `PieceStore` is what the log book itself asks of a database:
plain rows, written by one thread. The words they share: a *line* has a number within its attempt and another within
its run, a *piece* is a row of lines, packed (`logs/chunks.py` knows how), a *span* is where lines of an attempt stand
in their run, and `raw` counts bytes of the step's own output, before masking.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from typing import Protocol

import msgspec

ENDLESS = 2**62
"""More lines than there ever are."""


class LogLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line, harmless to show. `number` counts from 1 within an attempt; `at` is when it was written, in
    milliseconds since 1970."""

    number: int
    text: str
    at: int = 0
    kind: str = "out"
    """out, or note: a line of Ferryman's own."""


class LogState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of one attempt's log."""

    run: str
    key: str
    lines: int = 0
    raw: int = 0
    """Bytes of the step's own output that the kept lines account for: reading it goes on here after a crash."""
    size: int = 0
    """Bytes of masked output, which is the size of its raw download."""
    ended_at: int = 0
    """When the attempt was closed, in milliseconds since 1970; 0 while it is open."""
    missing: str = ""
    """What the log lacks, in words; empty when it is whole."""
    removed_at: int = 0
    """When retention took the lines away; 0 while they are there."""


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """Lines `first` to `first + lines - 1` of an attempt, packed."""

    first: int
    lines: int
    body: bytes


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Lines that stand together in their run: lines `first` and on of attempt `key` are its lines `number` and on."""

    number: int
    key: str
    first: int
    lines: int

    @property
    def last(self) -> int:
        """The run's number of the last line."""
        return self.number + self.lines - 1


class RunLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a run: its number there, the attempt that said it, and the line as it stands in that attempt."""

    number: int
    key: str
    line: LogLine


class RunLines(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a run's lines, in the order asked for."""

    lines: tuple[RunLine, ...] = ()
    reached: int = 0
    """The number of the last line that was looked at, whether it is still kept or not."""
    more: bool = False
    """Whether what was asked for goes on behind it."""


class LogWrite(msgspec.Struct, frozen=True, kw_only=True):
    """What one attempt has to be kept: its state, and the pieces that are new or have grown."""

    state: LogState
    pieces: tuple[Piece, ...] = ()


class PieceStore(Protocol):
    """The rows of logs. Its calls wait for the disk; `write` and `remove` come from one thread, others from another.

    Raises `Unavailable` where the database cannot be used now (full, locked); nothing of that call was kept then.
    """

    def open(self) -> None:
        """Open, and make or bring up to date what is needed."""
        ...

    def close(self) -> None:
        """Let the file go."""
        ...

    def write(self, writes: Sequence[LogWrite], *, durable: bool) -> None:
        """Keep all of it or nothing; `durable` waits until it would survive a power cut, and all before it too. A
        piece with the same first line replaces the one that is there. Lines that are new by the state's count get the
        next numbers of their run, in the order of the writes, and keep them for ever."""
        ...

    def remove(self, logs: Sequence[tuple[str, str]], *, at: int) -> None:
        """Take away the lines of these (run, key); their states stay and say when it happened."""
        ...

    def state(self, run: str, key: str) -> LogState | None:
        """What is kept of one attempt, or None."""
        ...

    def states(self, run: str = "") -> Sequence[LogState]:
        """What is kept of a run's attempts, or of all, in the order of their beginning."""
        ...

    def oldest(self, *, limit: int, besides: Collection[str]) -> Sequence[LogState]:
        """Logs that were closed and are still there, those that ended first before the others; none of these runs."""
        ...

    def size(self) -> int:
        """Bytes of masked output of all logs that are still there."""
        ...

    def pieces(self, run: str, key: str, *, after: int, limit: int, room: int = 0) -> Sequence[Piece]:
        """The pieces that hold the lines behind `after`, in order, as many as cover `limit` lines or all that there
        are; with `room` no further one once they have so many bytes. The cost does not depend on how much else is
        kept."""
        ...

    def spans(
        self,
        run: str,
        *,
        after: int,
        until: int,
        limit: int,
        keys: Collection[str] | None = None,
        newest_first: bool = False,
    ) -> Sequence[Span]:
        """Where the run's lines behind `after` and up to `until` stand, of these attempts or of all, as many as cover
        `limit` lines; not of logs that were removed. The cost does not depend on how much else is kept."""
        ...

    def last_line(self, run: str) -> int:
        """The number of the run's last line; 0 where nothing was said."""
        ...


class LogBook(Protocol):
    """Lines of attempts, masked before they are kept.

    Whoever reads a step's output calls `open_attempt`, reads its file from the place that it gives, then again and
    again `await ready()` and `append`, at last `close_attempt`. Everything here is called on one event loop.
    """

    async def open_attempt(self, run: str, key: str, *, secrets: Sequence[str] = ()) -> int:
        """Get ready to take in an attempt's output, with these values masked; how many raw bytes are kept already.
        Opening what is open changes nothing but adds secrets."""
        ...

    async def ready(self) -> None:
        """Return when there is room for more: what is taken in but not yet written stays bounded."""
        ...

    def append(self, run: str, key: str, raw: bytes, *, at: int) -> None:
        """Take in raw output of an open attempt, cut anywhere. Raises `Refused` where the attempt is not open."""
        ...

    def note(self, run: str, key: str, text: str, *, at: int) -> None:
        """Add a line of Ferryman's own, which opens an attempt that is not open; one that was closed stays as it is."""
        ...

    async def close_attempt(self, run: str, key: str, *, missing: str = "", at: int = 0) -> int:
        """The attempt has ended: keep what is left, durably, and say what is missing; the number of lines. Closing
        again changes nothing."""
        ...

    async def state(self, run: str, key: str) -> LogState | None:
        """How much there is, up to the newest line; None where nothing was ever said."""
        ...

    async def states(self, run: str) -> Sequence[LogState]:
        """The same for every attempt of a run that has said something."""
        ...

    async def read(self, run: str, key: str, *, after: int = 0, limit: int = 1000) -> Sequence[LogLine]:
        """Lines behind `after`, in order, stored pieces and the newest lines alike."""
        ...

    async def tail(self, run: str, key: str, lines: int) -> Sequence[LogLine]:
        """The last lines."""
        ...

    def follow(self, run: str, key: str, *, after: int = 0) -> AsyncIterator[LogLine]:
        """Every line once and in order, until the attempt has ended."""
        ...

    def raw(self, run: str, key: str) -> AsyncIterator[bytes]:
        """What the step wrote, byte for byte except for masks, without Ferryman's own lines."""
        ...

    async def read_run(
        self,
        run: str,
        *,
        after: int = 0,
        until: int = ENDLESS,
        limit: int = 1000,
        keys: Collection[str] | None = None,
        newest_first: bool = False,
    ) -> RunLines:
        """Lines of a run behind `after` and up to `until` by their numbers in the run, of these attempts or of all; at
        most `limit`, and fewer where they would be many megabytes. A line has its number from the moment when it is
        kept, which is a part of a second after it was said, and keeps it: numbers begin at 1 and have no gaps."""
        ...

    async def last_line(self, run: str) -> int:
        """The number of the run's last line; 0 where nothing was said."""
        ...

    async def flush(self) -> None:
        """Return when everything taken in so far that made a line is kept."""
        ...
