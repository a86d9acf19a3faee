"""API-8: uses of tokens and keys are kept by themselves, and a server that nobody uses sleeps."""

import asyncio
from pathlib import Path

from ferryman.drivers.embedded.clock import VirtualClock
from ferryman.services.access import Access
from ferryman.services.access.asking import WRITTEN_EVERY
from tests.services.access.place import NOW, place


class Counting(VirtualClock):
    """A clock that knows how often somebody began to sleep by it."""

    sleeps = 0

    async def sleep_until(self, at: int) -> None:
        self.sleeps += 1
        await super().sleep_until(at)


def test_uses_are_written_a_while_after_the_first_and_nothing_wakes_before(tmp_path: Path) -> None:
    async def story() -> None:
        clock = Counting(NOW)
        async with place(tmp_path) as at:
            access = Access(rows=at.store.access, audit=at.store.audit, keys=at.keys, clock=clock)
            await access.open()
            writing = asyncio.create_task(access.asking.keep_writing_uses())
            await asyncio.sleep(0)
            assert clock.sleeps == 0
            access.asking.by_credential(access.asking.by_key("AK"))
            for _ in range(3):
                await asyncio.sleep(0)
            assert clock.sleeps == 1
            await clock.move_to(NOW + WRITTEN_EVERY)
            await asyncio.sleep(0)
            assert (await at.again()).asking.used_at("key:AK") == NOW
            assert clock.sleeps == 1
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)

    asyncio.run(story())
