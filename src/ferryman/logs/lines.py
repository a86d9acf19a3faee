"""From masked parts to lines.

Only a newline ends a line; a carriage return does not, so a progress bar is one line however often it is drawn. A line
that grows past the limit is cut there and goes on as the next line; what is cut has no newline of its own, so that the
raw download puts it together again. Where a line is cut depends on the stream alone.
"""

from collections.abc import Iterable

from ferryman.logs.masking import Part

LINE_LIMIT = 1024 * 1024
"""Bytes of the longest line."""

Lines = tuple[list[bytes], list[int]]
"""Lines without their newlines, and the places (from 0) in that list of those that never had one."""


class LineCutter:
    """Cuts one stream into lines. `feed` it parts, then `flush` once."""

    def __init__(self, *, at: int = 0, limit: int = LINE_LIMIT) -> None:
        """Begin at this place of the raw stream."""
        self.raw = at
        """The place of the raw stream behind the last line given out: to begin anew there gives what follows."""
        self._limit = limit
        self._begun: list[bytes] = []
        self._size = 0

    def feed(self, parts: Iterable[Part]) -> Lines:
        """The lines that these parts end."""
        lines: list[bytes] = []
        unended: list[int] = []
        for at, kept, masked in parts:
            if masked:
                if self._size + len(kept) > self._limit:
                    self._cut(lines, unended, at)
                self._begin(kept)
                continue
            *ended, rest = kept.split(b"\n")
            if ended and self._size + max(map(len, ended)) <= self._limit:
                # Nearly always so: nothing to look at line by line.
                self._begin(ended[0])
                ended[0] = self._end()
                lines += ended
                at = self.raw = at + len(kept) - len(rest)
                ended = []
            for line in ended:
                at = self._grow(lines, unended, at, line) + 1
                lines.append(self._end())
                self.raw = at
            self._grow(lines, unended, at, rest)
        return lines, unended

    def flush(self) -> Lines:
        """The stream has ended: the line that was begun, if any."""
        return ([self._end()], [0]) if self._size else ([], [])

    def _grow(self, lines: list[bytes], unended: list[int], at: int, text: bytes) -> int:
        """Add a text that begins at `at` to the line that is begun; the place behind it."""
        while self._size + len(text) > self._limit:
            room = self._limit - self._size
            self._begin(text[:room])
            at, text = at + room, text[room:]
            self._cut(lines, unended, at)
        self._begin(text)
        return at + len(text)

    def _cut(self, lines: list[bytes], unended: list[int], at: int) -> None:
        unended.append(len(lines))
        lines.append(self._end())
        self.raw = at

    def _begin(self, text: bytes) -> None:
        if text:
            self._begun.append(text)
            self._size += len(text)

    def _end(self) -> bytes:
        line = b"".join(self._begun)
        self._begun.clear()
        self._size = 0
        return line
