"""The record of starts and ends: one file, lines one after another, written anew without the forgotten when opened.

    ["start", attempt, facts]    flushed to the disk before the gate of its process opens (RULINGS 17)
    ["passed", attempts]         written after their gates were opened
    ["never", attempt]           it never passed its gate, and may be started
    ["exit", attempt, facts]     written before the process is reaped
    ["result", attempt, text]    its output has been read, this is what it came to
    ["forget", group]

A line counts once it is whole; what a power cut left behind without its end is passed over. A line that has its end
and makes no sense is passed over too, and `is_whole` says that there is one: it may have been a start.

The file is filled with zeros ahead of its lines: flushing then writes data alone, and waits for no change of the file
system's own records, which costs several times as much.
"""

import contextlib
import errno
import json
import os
from collections.abc import Iterable, Iterator
from typing import Any

from ferryman.supervisor.process.wire import to_json

Line = list[Any]
Entry = dict[str, Any]

AHEAD = 1 << 20
"""Bytes of zeros that are written at a time."""
SPARE = AHEAD // 4
"""Bytes that a flushed line leaves free behind it: whoever may start on a full disk can also be said to have ended."""
LINES_TO_REWRITE = 20_000
"""Lines, beyond four for each entry, after which the file is written anew."""


class Book:
    """The record in one folder, held open by one process."""

    def __init__(self, folder: int) -> None:
        """Open the record in the folder with this descriptor, and read it; `entries` are by attempt."""
        self._folder = folder
        self.entries: dict[str, Entry] = {}
        for line in self._read():
            self._take(line)
        self._fd = self._end = self._room = self._lines = 0
        self._rewrite()

    def add(self, lines: Iterable[Line], *, flush: bool = False) -> None:
        """Add lines, all in one write; with `flush`, return when they are on the disk. Raises OSError: none counts."""
        known = list(lines)
        if not known:
            return
        self._write(_packed(known), spare=SPARE if flush else 0)
        if flush:
            os.fdatasync(self._fd)
        for line in known:
            self._take(line)
        self._lines += len(known)
        if self._lines > LINES_TO_REWRITE + 4 * len(self.entries):
            # Where there is no room for a shorter one, the long one goes on.
            with contextlib.suppress(OSError):
                self._rewrite()

    def _write(self, text: bytes, *, spare: int = 0) -> None:
        while self._end + len(text) + spare > self._room:
            _write_all(self._fd, bytes(AHEAD), self._room)
            os.fsync(self._fd)
            self._room += AHEAD
        _write_all(self._fd, text, self._end)
        self._end += len(text)

    def _take(self, line: Line) -> None:
        match line:
            case ["start", str(attempt), dict(facts)]:
                self.entries[attempt] = facts
            case ["passed", list(attempts)]:
                for attempt in attempts:
                    if attempt in self.entries:
                        self.entries[attempt]["passed"] = True
            case ["exit", str(attempt), dict(facts)] if attempt in self.entries:
                self.entries[attempt]["exit"] = facts
            case ["result", str(attempt), str(text)] if attempt in self.entries:
                self.entries[attempt]["result"] = text
            case ["never", str(attempt)]:
                self.entries.pop(attempt, None)
            case ["forget", str(group)]:
                for attempt in [name for name, entry in self.entries.items() if entry["group"] == group]:
                    del self.entries[attempt]

    def _read(self) -> Iterator[Line]:
        try:
            fd = os.open("book", os.O_RDONLY, dir_fd=self._folder)
        except FileNotFoundError:
            return
        with open(fd, "rb") as file:
            for text in file:
                line = _line_of(text)
                if text.endswith(b"\n") and line is not None:
                    yield line

    def _rewrite(self) -> None:
        """Write the record anew, without what is forgotten, and go on with that. Raises OSError: then the old one is
        as it was."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        old = self._fd, self._end, self._room
        self._fd, self._end, self._room = os.open("book.new", flags, 0o600, dir_fd=self._folder), 0, 0
        lines = [line for attempt, entry in self.entries.items() for line in _lines_of(attempt, entry)]
        try:
            self._write(_packed(lines) + b"\n")
            os.fsync(self._fd)
            os.rename("book.new", "book", src_dir_fd=self._folder, dst_dir_fd=self._folder)
        except OSError:
            os.close(self._fd)
            self._fd, self._end, self._room = old
            raise
        if old[0]:
            os.close(old[0])
        self._lines = len(lines)
        os.fsync(self._folder)


def is_whole(path: str) -> bool:
    """Whether the record is there, and every line that has its end can be read. Raises OSError."""
    try:
        with open(path, "rb") as file:
            return all(_line_of(text) is not None for text in file if text.endswith(b"\n") and text != b"\n")
    except FileNotFoundError:
        return False


def _line_of(text: bytes) -> Line | None:
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, list) else None


def _packed(lines: Iterable[Line]) -> bytes:
    return "".join(to_json(line) + "\n" for line in lines).encode()


def _write_all(fd: int, text: bytes, at: int) -> None:
    written = os.pwrite(fd, text, at)
    if written < len(text):
        raise OSError(errno.ENOSPC, "no space left for the record of processes")


def _lines_of(attempt: str, entry: Entry) -> Iterator[Line]:
    late = ("passed", "exit", "result")
    yield ["start", attempt, {name: fact for name, fact in entry.items() if name not in late}]
    if "passed" in entry:
        yield ["passed", [attempt]]
    for name in ("exit", "result"):
        if name in entry:
            yield [name, attempt, entry[name]]
