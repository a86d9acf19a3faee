"""Blocks of lines, and the packed pieces that are stored.

A *block* is what one moment brought: lines with one time. A *piece* is some blocks together, compressed: large
enough to be few, small enough that reading a page anywhere unpacks only a handful. `pack` and `unpack` are each
other's inverse.
"""

import zlib
from collections.abc import Iterable, Sequence

import msgspec

from ferryman.ports.logs import Piece

PIECE_LINES = 1_000
"""Most lines of a piece."""
PIECE_BYTES = 128 * 1024
"""Most bytes of a piece before packing, unless a single line is longer."""
LEVEL = 1
"""How hard to compress: the quickest; harder ones gain a tenth of the room and take five times as long."""


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """Lines of one moment, without their newlines, numbered from `first`."""

    first: int
    lines: Sequence[bytes]
    at: int
    note: bool = False
    unended: tuple[int, ...] = ()
    """Places (from 0) of lines that had no newline of their own."""

    @property
    def last(self) -> int:
        """The number of the last line."""
        return self.first + len(self.lines) - 1

    def size(self) -> int:
        """Bytes of what the step wrote here, newlines included."""
        return sum(map(len, self.lines)) + len(self.lines) - len(self.unended)

    def raw(self) -> bytes:
        """What the step wrote here; a note gives nothing."""
        if self.note:
            return b""
        if not self.unended:
            return b"\n".join((*self.lines, b""))
        unended = frozenset(self.unended)
        return b"".join(line if at in unended else line + b"\n" for at, line in enumerate(self.lines))

    def part(self, begin: int, end: int) -> "Block":
        """The lines at these places, from 0, the end not included."""
        if begin <= 0 and end >= len(self.lines):
            return self
        begin = max(0, begin)
        return Block(
            first=self.first + begin,
            lines=self.lines[begin:end],
            at=self.at,
            note=self.note,
            unended=tuple(place - begin for place in self.unended if begin <= place < end),
        )


class Filling:
    """The piece that is being filled."""

    def __init__(self) -> None:
        """Begin with an empty one."""
        self._empty()

    def add(self, block: Block) -> list[tuple[Block, ...]]:
        """Take in a block, which is split where that is needed; the pieces that became full."""
        full: list[tuple[Block, ...]] = []
        while block.lines:
            fits = self._fitting(block)
            if fits:
                taken = block.part(0, fits)
                self.blocks.append(taken)
                self._lines += fits
                self._bytes += sum(map(len, taken.lines)) + fits
                block = block.part(fits, len(block.lines)) if fits < len(block.lines) else EMPTY
            if block.lines or self._lines >= PIECE_LINES or self._bytes >= PIECE_BYTES:
                full.append(tuple(self.blocks))
                self._empty()
        return full

    def _empty(self) -> None:
        self.blocks: list[Block] = []
        self._lines = 0
        self._bytes = 0

    def _fitting(self, block: Block) -> int:
        """How many of its lines still fit; at least one into an empty piece."""
        fits = min(len(block.lines), PIECE_LINES - self._lines)
        while fits and self._bytes + sum(map(len, block.lines[:fits])) + fits > PIECE_BYTES:
            fits //= 2
        return fits if self.blocks else max(1, fits)


EMPTY = Block(first=1, lines=(), at=0)
_HEADS = msgspec.msgpack.Decoder(tuple[list[tuple[int, int, bool, tuple[int, ...]]], bytes])


def pack(blocks: Sequence[Block]) -> Piece:
    """Neighboring blocks as one piece."""
    heads = [(len(block.lines), block.at, block.note, block.unended) for block in blocks]
    text = b"\n".join(line for block in blocks for line in block.lines)
    return Piece(
        first=blocks[0].first,
        lines=sum(len(block.lines) for block in blocks),
        body=zlib.compress(msgspec.msgpack.encode((heads, text)), LEVEL),
    )


def unpack(piece: Piece) -> list[Block]:
    """The blocks of a piece."""
    heads, text = _HEADS.decode(zlib.decompress(piece.body))
    lines = text.split(b"\n")
    blocks: list[Block] = []
    place = 0
    for count, at, note, unended in heads:
        blocks.append(
            Block(
                first=piece.first + place,
                lines=lines[place : place + count],
                at=at,
                note=note,
                unended=unended,
            )
        )
        place += count
    return blocks


def page(blocks: Iterable[Block], *, after: int, limit: int) -> list[Block]:
    """Of blocks in order, the lines behind `after`, at most `limit` of them."""
    taken: list[Block] = []
    for block in blocks:
        if limit <= 0:
            break
        if block.last > after:
            part = block.part(after + 1 - block.first, max(0, after + 1 - block.first) + limit)
            taken.append(part)
            limit -= len(part.lines)
    return taken
