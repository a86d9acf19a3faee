"""Blocks, pieces and pages."""

from hypothesis import given
from hypothesis import strategies as st

from ferryman.logs.chunks import PIECE_BYTES, PIECE_LINES, Block, Filling, pack, page, unpack

line = st.binary(max_size=20).map(lambda text: text.replace(b"\n", b""))


@st.composite
def rows(draw: st.DrawFn) -> list[Block]:
    """Neighboring blocks, numbered on."""
    found: list[Block] = []
    first = draw(st.integers(1, 1000))
    for _ in range(draw(st.integers(1, 6))):
        lines = draw(st.lists(line, min_size=1, max_size=5))
        unended = tuple(sorted(draw(st.sets(st.integers(0, len(lines) - 1)))))
        note = draw(st.booleans())
        found.append(Block(first=first, lines=lines, at=draw(st.integers(0, 9)), note=note, unended=unended))
        first += len(lines)
    return found


@given(rows())
def test_a_packed_piece_unpacks_to_what_it_was(blocks: list[Block]) -> None:
    piece = pack(blocks)
    assert unpack(piece) == blocks
    assert (piece.first, piece.lines) == (blocks[0].first, blocks[-1].last - blocks[0].first + 1)


@given(rows(), st.integers(0, 1010), st.integers(0, 12))
def test_a_page_is_the_lines_behind_a_number(blocks: list[Block], after: int, limit: int) -> None:
    numbered = [(block.first + place, text) for block in blocks for place, text in enumerate(block.lines)]
    found = page(blocks, after=after, limit=limit)
    assert [(block.first + place, text) for block in found for place, text in enumerate(block.lines)] == [
        row for row in numbered if row[0] > after
    ][:limit]


@given(rows(), st.integers(0, 5), st.integers(0, 5))
def test_parts_of_a_block_put_together_are_the_block(blocks: list[Block], begin: int, end: int) -> None:
    block = blocks[0]
    begin, end = sorted((min(begin, len(block.lines)), min(end, len(block.lines))))
    parts = [block.part(0, begin), block.part(begin, end), block.part(end, len(block.lines))]
    assert b"".join(part.raw() for part in parts) == block.raw()
    assert sum(part.size() for part in parts) == block.size()


@given(st.lists(st.tuples(st.integers(1, 2500), st.integers(0, 300)), max_size=8), st.booleans())
def test_pieces_are_filled_in_order_and_never_overfull(shapes: list[tuple[int, int]], long: bool) -> None:
    filling, first = Filling(), 1
    full: list[tuple[Block, ...]] = []
    for count, width in shapes:
        lines = [b"x" * width] * count
        if long:
            lines[0] = b"y" * (PIECE_BYTES + 1)
        full += filling.add(Block(first=first, lines=lines, at=0))
        first += count
    drafts = [*full, *([tuple(filling.blocks)] if filling.blocks else [])]
    numbers = [number for draft in drafts for block in draft for number in range(block.first, block.last + 1)]
    assert numbers == list(range(1, first))
    for draft in drafts:
        count = sum(len(block.lines) for block in draft)
        size = sum(len(text) + 1 for block in draft for text in block.lines)
        assert count <= PIECE_LINES
        assert size <= PIECE_BYTES or count == 1
