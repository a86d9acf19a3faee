"""The record of starts and ends: one file, lines added at its end, rewritten without the forgotten ones when opened.

    ["start", attempt, mark, boot id, at, tag]   flushed to the disk before anything is spawned (RULINGS 17)
    ["pid", attempt, pid, start time, slot]     written before the gate of that process opens
    ["exit", attempt, facts]                    written before the process is reaped
    ["forget", attempt]

A line counts once it is whole; what a power cut left behind without its end is passed over. A start without a pid
within the same boot is a step that never passed its gate, so it never ran.
"""

import json
import os
from collections.abc import Iterable
from typing import Any

Line = list[Any]

_LINES_TO_REWRITE = 20_000


class Book:
    """The record in one folder, held open by one process."""

    def __init__(self, folder: int) -> None:
        """Open the record in the folder with this descriptor, and read it; `entries` are by attempt."""
        self._folder = folder
        self.entries: dict[str, dict[str, Any]] = {}
        self._lines = 0
        for line in self._read():
            self._take(line)
        self._fd = self._rewrite()

    def add(self, lines: Iterable[Line], *, flush: bool = False) -> None:
        """Add lines, all in one write; with `flush`, return when they are on the disk. Raises OSError."""
        known = list(lines)
        if not known:
            return
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in known).encode()
        written = os.write(self._fd, text)
        if written < len(text):
            # A full disk took a part: close the torn line, so that the next one stands alone.
            os.write(self._fd, b"\n")
            raise OSError(28, "no space left for the record of processes")
        if flush:
            os.fdatasync(self._fd)
        for line in known:
            self._take(line)
        self._lines += len(known)
        if self._lines > _LINES_TO_REWRITE + 4 * len(self.entries):
            old, self._fd = self._fd, self._rewrite()
            os.close(old)

    def _take(self, line: Line) -> None:
        match line:
            case ["start", str(attempt), str(mark), str(boot), int(at), str(tag)]:
                self.entries[attempt] = {"mark": mark, "boot": boot, "at": at, "tag": tag}
            case ["pid", str(attempt), int(pid), int(ticks), int(slot)] if attempt in self.entries:
                self.entries[attempt] |= {"pid": pid, "ticks": ticks, "slot": slot}
            case ["exit", str(attempt), dict(facts)] if attempt in self.entries:
                self.entries[attempt]["exit"] = facts
            case ["forget", str(attempt)]:
                self.entries.pop(attempt, None)

    def _read(self) -> Iterable[Line]:
        try:
            fd = os.open("book", os.O_RDONLY, dir_fd=self._folder)
        except FileNotFoundError:
            return
        with open(fd, "rb") as file:
            for text in file:
                try:
                    line = json.loads(text)
                except ValueError:
                    continue
                if text.endswith(b"\n") and isinstance(line, list):
                    yield line

    def _rewrite(self) -> int:
        """Write the record anew, without what is forgotten; the descriptor to add to."""
        fd = os.open(
            "book.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600, dir_fd=self._folder
        )
        lines = [line for attempt, entry in self.entries.items() for line in _lines_of(attempt, entry)]
        text = memoryview("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode())
        while text:
            text = text[os.write(fd, text) :]
        os.fdatasync(fd)
        os.rename("book.new", "book", src_dir_fd=self._folder, dst_dir_fd=self._folder)
        os.fsync(self._folder)
        self._lines = len(lines)
        return fd


def _lines_of(attempt: str, entry: dict[str, Any]) -> Iterable[Line]:
    yield ["start", attempt, entry["mark"], entry["boot"], entry["at"], entry["tag"]]
    if "pid" in entry:
        yield ["pid", attempt, entry["pid"], entry["ticks"], entry["slot"]]
    if "exit" in entry:
        yield ["exit", attempt, entry["exit"]]
