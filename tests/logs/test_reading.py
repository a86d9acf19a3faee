"""One cursor over stored pieces and the tail: no gap and no repeat, whatever happens in between."""

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from ferryman.logs import tail as tails
from ferryman.logs.chunks import Block
from ferryman.logs.reader import read
from ferryman.logs.tail import Tail


@given(st.data())
def test_a_reader_sees_every_line_once(data: st.DataObject) -> None:
    """Lines are pushed, written and let go at any moment, also while the store is being asked."""
    tail = Tail()
    pushed: list[Block] = []
    written = 0

    def happen() -> None:
        nonlocal written
        for _ in range(data.draw(st.integers(0, 3))):
            if data.draw(st.booleans()):
                count = data.draw(st.sampled_from([1, 3, tails.TAIL_LINES]))
                block = Block(first=tail.newest + 1, lines=[b"x"] * count, at=0)
                pushed.append(block)
                tail.push(block)
            else:
                written = data.draw(st.integers(written, tail.newest))
                tail.written(written)

    async def stored(after: int, limit: int) -> Sequence[Block]:
        before = written
        happen()
        return [block.part(0, before + 1 - block.first) for block in pushed if block.first <= before]

    async def scenario() -> None:
        after, seen = 0, 0
        for _ in range(data.draw(st.integers(1, 6))):
            happen()
            limit = data.draw(st.sampled_from([1, 2, 1000, 5000]))
            for block in await read(stored, tail, after=after, limit=limit):
                assert block.first == seen + 1
                seen = after = block.last
        while blocks := await read(stored, tail, after=after, limit=10_000):
            assert blocks[0].first == seen + 1
            seen = after = blocks[-1].last
        assert seen == tail.newest

    asyncio.run(scenario())


def test_the_tail_is_bounded_once_the_store_has_its_lines() -> None:
    tail = Tail()
    for _ in range(10 * tails.TAIL_LINES):
        tail.push(Block(first=tail.newest + 1, lines=[b"line"], at=0))
    assert tail.read(after=0, limit=1), "nothing goes before the store has it"
    tail.written(tail.newest)
    assert tail.read(after=0, limit=1) is None
    kept = tail.read(after=tail.newest - tails.TAIL_LINES, limit=10_000)
    assert kept is not None
    assert len(kept) == tails.TAIL_LINES


def test_who_waits_is_woken_by_a_line_and_by_the_end() -> None:
    async def scenario() -> None:
        tail = Tail()
        waiting = asyncio.ensure_future(tail.more(0))
        await asyncio.sleep(0)
        assert not waiting.done()
        tail.push(Block(first=1, lines=[b"x"], at=0))
        await waiting
        waiting = asyncio.ensure_future(tail.more(1))
        await asyncio.sleep(0)
        tail.end()
        await waiting
        await tail.more(5)

    asyncio.run(scenario())
