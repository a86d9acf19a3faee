"""Reading one attempt: one cursor, the number of the last line seen; stored pieces first, then the tail.

No gap and no repeat follow from two facts: lines are numbered without holes, and the tail lets go only of what the
store has. So each step asks the tail for what follows the cursor, and where the tail says that it has let go, the
store.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from ferryman.logs.chunks import Block, page
from ferryman.logs.tail import Tail

Stored = Callable[[int, int], Awaitable[Sequence[Block]]]
"""The stored blocks that hold the lines behind `after`, as many as cover `limit` lines: (after, limit) → blocks."""

STRIDE = 4_000
"""How many lines a walk over a whole log asks for at a time."""


async def read(stored: Stored, tail: Tail | None, *, after: int, limit: int) -> list[Block]:
    """At most `limit` lines behind `after`, in order."""
    found: list[Block] = []
    while limit > 0:
        blocks = tail.read(after=after, limit=limit) if tail else None
        if blocks is None:
            blocks = page(await stored(after, limit), after=after, limit=limit)
        if not blocks:
            break
        found += blocks
        after = blocks[-1].last
        limit -= sum(len(block.lines) for block in blocks)
    return found


async def walk(stored: Stored, tail: Tail | None, *, after: int = 0) -> AsyncIterator[Block]:
    """Everything behind `after` that is there now, in order."""
    while blocks := await read(stored, tail, after=after, limit=STRIDE):
        for block in blocks:
            yield block
        after = blocks[-1].last
