"""What was begun inside the server, in a small file that is only appended to.

A request or a notice is recorded, durably, before it is sent (RULINGS 17): after a crash the record says that it may
have been sent, and its end says how it went. A wait keeps until when it waits, a call of a pipeline the whole order, so
that both go on where they were. Many records share one flush.

At opening the file is written anew with what still counts: what has not ended, and the newest ends.
"""

import asyncio
import os
from collections.abc import Collection, Iterable
from pathlib import Path

import msgspec

from ferryman.domain.errors import Unavailable
from ferryman.domain.work import Work, WorkResult

KEPT_BYTES = 16 << 20
"""How much of the ends of attempts is kept; a driver asks for the newest only, right after a restart."""


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The beginning of an attempt, or its end (`result`). `at` is when it began, in milliseconds since 1970."""

    run: str
    key: str
    at: int = 0
    work: Work | None = None
    """Set where the attempt simply goes on after a restart."""
    result: WorkResult | None = None
    known: str = ""
    """What is known of one whose end is not, where that is something else than that the server has ended."""


_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(Record)


class Records:
    """The file of records, written by one process."""

    def __init__(self, path: Path) -> None:
        """Nothing is read before `open`."""
        self._path = path
        self._file = -1
        self._open: dict[tuple[str, str], Record] = {}
        self._ended: dict[tuple[str, str], tuple[Record, int]] = {}
        self._ended_bytes = 0
        self._appended = 0
        self._waiting: list[_Waiting] = []
        self._flusher: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Read what an earlier process left; a line that was cut off by its end is as good as never written."""
        await asyncio.to_thread(self._read)
        await asyncio.to_thread(self._rewrite, self._text())

    async def close(self) -> None:
        """Finish writing, and let the file go."""
        while self._flusher is not None:
            await asyncio.wait([self._flusher])
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def find(self, run: str, key: str) -> Record | None:
        """What is known of an attempt: its end, else its beginning."""
        ended = self._ended.get((run, key))
        return ended[0] if ended is not None else self._open.get((run, key))

    def unended(self) -> Iterable[Record]:
        """Every beginning that has no end."""
        return tuple(self._open.values())

    async def keep_only(self, names: Collection[tuple[str, str]]) -> None:
        """Forget all attempts but these (run, key)."""
        before = len(self._open) + len(self._ended)
        self._open = {name: record for name, record in self._open.items() if name in names}
        self._ended = {name: kept for name, kept in self._ended.items() if name in names}
        self._ended_bytes = sum(size for _, size in self._ended.values())
        if len(self._open) + len(self._ended) < before:
            await asyncio.to_thread(self._rewrite, self._text())

    async def keep(self, record: Record) -> None:
        """Record a beginning or an end; returns when it is on the disk. Raises `Unavailable` where that is not
        possible: nothing of it counts then."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(record, _encode(record), done))
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush())
        await asyncio.shield(done)

    async def _flush(self) -> None:
        """Write what has gathered, again and again until there is nothing more."""
        try:
            while self._waiting:
                gathered, self._waiting = self._waiting, []
                shorter = self._text() if self._appended > 4 * KEPT_BYTES else None
                try:
                    await asyncio.to_thread(self._append, [one.line for one in gathered], shorter)
                except OSError as fault:
                    for one in gathered:
                        one.refuse(Unavailable(f"cannot record what is begun: {fault.strerror}"))
                else:
                    for one in gathered:
                        self._take_in(one.record, len(one.line))
                        one.accept()
        finally:
            self._flusher = None

    def _append(self, lines: list[bytes], shorter: bytes | None) -> None:
        if shorter is not None:
            self._rewrite(shorter)
        # An earlier write may have been cut off in a line: that line ends here.
        self._appended += _write(self._file, b"\n" + b"\n".join(lines) + b"\n")
        os.fdatasync(self._file)

    def _take_in(self, record: Record, size: int) -> None:
        name = (record.run, record.key)
        if record.result is None:
            self._open.setdefault(name, record)
            return
        self._open.pop(name, None)
        self._ended.setdefault(name, (record, size))
        self._ended_bytes += size
        while self._ended_bytes > KEPT_BYTES and len(self._ended) > 1:
            _, gone = self._ended.pop(next(iter(self._ended)))
            self._ended_bytes -= gone

    def _read(self) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # To read a named pipe would wait for ever.
        if not self._path.is_file():
            return
        for line in self._path.read_bytes().split(b"\n"):
            if line:
                try:
                    record = _decoder.decode(line)
                except msgspec.DecodeError:
                    continue
                self._take_in(record, len(line))

    def _text(self) -> bytes:
        records = [*(record for record, _ in self._ended.values()), *self._open.values()]
        return b"".join(_encode(record) + b"\n" for record in records)

    def _rewrite(self, text: bytes) -> None:
        """Written beside the old file, and put in its place when it is on the disk."""
        fresh = self._path.with_name(self._path.name + ".new")
        file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
        size = _write(file, text)
        os.fsync(file)
        os.replace(fresh, self._path)
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        os.fsync(folder)
        os.close(folder)
        if self._file >= 0:
            os.close(self._file)
        self._file, self._appended = file, size


class _Waiting:
    """A record on its way to the disk, and who waits for it."""

    def __init__(self, record: Record, line: bytes, done: "asyncio.Future[None]") -> None:
        self.record = record
        self.line = line
        self._done = done

    def accept(self) -> None:
        """It is on the disk."""
        if not self._done.done():
            self._done.set_result(None)

    def refuse(self, fault: Unavailable) -> None:
        """It is not, and whoever waits hears why; who waits no more need not."""
        if not self._done.done():
            self._done.set_exception(fault)
            self._done.exception()


def _write(file: int, text: bytes) -> int:
    rest = memoryview(text)
    while rest:
        rest = rest[os.write(file, rest) :]
    return len(text)
