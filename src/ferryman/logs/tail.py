"""The newest lines of one attempt, in memory, for those who follow it.

Bounded: blocks beyond the bound go as soon as the store has them, and never before, so that whatever the tail has
let go can be read from the store (this is the whole reason why a reader meets no gap).
"""

import asyncio
from collections import deque

from ferryman.logs.chunks import Block, page

TAIL_LINES = 2_000
TAIL_BYTES = 1024 * 1024


class Tail:
    """One attempt's newest lines and those who wait for more. Used on one event loop."""

    def __init__(self, *, newest: int = 0) -> None:
        """Begin behind line `newest`, which the store has."""
        self.newest = newest
        """The number of the last line there is."""
        self.ended = False
        self._written = newest
        self._blocks: deque[Block] = deque()
        self._lines = 0
        self._bytes = 0
        self._waiting: set[asyncio.Future[None]] = set()

    def push(self, block: Block) -> None:
        """Add the next lines, and wake whoever waits for them."""
        self._blocks.append(block)
        self._lines += len(block.lines)
        self._bytes += block.size()
        self.newest = block.last
        self._let_go()
        self._wake()

    def written(self, last: int) -> None:
        """The store has everything up to this line."""
        self._written = max(self._written, last)
        self._let_go()

    def end(self) -> None:
        """No line will follow."""
        self.ended = True
        self._wake()

    def read(self, *, after: int, limit: int) -> list[Block] | None:
        """Lines behind `after`; None where the tail no longer has the first of them, but the store does."""
        first = self._blocks[0].first if self._blocks else self.newest + 1
        if after + 1 < first:
            return None
        # From the end: readers of a tail are nearly always there.
        found: list[Block] = []
        for block in reversed(self._blocks):
            if block.last <= after:
                break
            found.append(block)
        return page(reversed(found), after=after, limit=limit)

    async def more(self, after: int) -> None:
        """Return once there is a line behind `after`, or none will come."""
        while self.newest <= after and not self.ended:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.add(waiting)
            try:
                await waiting
            finally:
                self._waiting.discard(waiting)

    def _let_go(self) -> None:
        blocks = self._blocks
        while (
            len(blocks) > 1
            and (self._lines > TAIL_LINES or self._bytes > TAIL_BYTES)
            and blocks[0].last <= self._written
        ):
            gone = blocks.popleft()
            self._lines -= len(gone.lines)
            self._bytes -= gone.size()

    def _wake(self) -> None:
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
