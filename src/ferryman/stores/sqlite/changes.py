"""How often a part of the store has changed: what was made of it is good for as long as nobody has written there."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import apsw

from ferryman.stores.sqlite.shelves import Doing

Answer = TypeVar("Answer")


class Changes:
    """A way to write that counts. Only one process writes, so nothing changes past it."""

    def __init__(self, write: Doing) -> None:
        """Over this way to write."""
        self._write = write
        self._count = 0
        self._under_way = 0

    def count(self) -> int | None:
        """Grows with every change. What is read from now on is at least as new as this number; None while a change is
        under way, and may be kept or not."""
        return None if self._under_way else self._count

    async def write(self, work: Callable[[apsw.Connection], Answer]) -> Answer:
        """Have this written, and count it. Who stops waiting stops neither."""
        task = asyncio.ensure_future(self._write(work))
        self._under_way += 1
        task.add_done_callback(self._end)
        return await asyncio.shield(task)

    def _end(self, task: "asyncio.Future[Any]") -> None:
        self._under_way -= 1
        self._count += 1
        if not task.cancelled():
            # Looked at, also where nobody waits for it any more.
            task.exception()
