"""How often a part of the store has changed."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from ferryman.stores.sqlite.changes import Changes


class Slow:
    """A way to write that waits for the test."""

    def __init__(self) -> None:
        self.let = asyncio.Event()
        self.done: list[Any] = []

    async def write(self, work: Callable[[Any], Any]) -> Any:
        await self.let.wait()
        self.done.append(work(None))
        return self.done[-1]


def test_a_change_counts_when_it_is_kept_and_nothing_is_known_before() -> None:
    async def story() -> None:
        slow = Slow()
        changes = Changes(slow.write)
        before = changes.count()
        first = asyncio.ensure_future(changes.write(lambda connection: "a"))
        second = asyncio.ensure_future(changes.write(lambda connection: "b"))
        await asyncio.sleep(0)
        assert changes.count() is None
        slow.let.set()
        assert tuple(await asyncio.gather(first, second)) == ("a", "b")
        assert before is not None
        assert changes.count() == before + 2

    asyncio.run(story())


def test_who_stops_waiting_stops_neither_the_change_nor_its_count() -> None:
    async def story() -> None:
        slow = Slow()
        changes = Changes(slow.write)
        task = asyncio.ensure_future(changes.write(lambda connection: "a"))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert changes.count() is None
        slow.let.set()
        while changes.count() is None:
            await asyncio.sleep(0)
        assert (slow.done, changes.count()) == (["a"], 1)

    asyncio.run(story())


def test_a_change_that_fails_counts_too_and_its_error_is_told() -> None:
    async def story() -> None:
        slow = Slow()
        slow.let.set()
        changes = Changes(slow.write)
        with pytest.raises(ZeroDivisionError):
            await changes.write(lambda connection: 1 / 0)
        assert changes.count() == 1

    asyncio.run(story())
