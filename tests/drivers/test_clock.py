"""The system's clock, which may be set meanwhile, and the virtual one, which tests move."""

import asyncio

import pytest

from ferryman.drivers.embedded.clock import LONGEST_SLEEP, SystemClock, VirtualClock


def test_a_clock_that_is_set_on_is_noticed_within_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was due when the machine stood still, or before its clock was set, is late by a minute at most."""
    hour = 3_600_000
    passed: list[float] = []
    now = 0

    async def sleep(seconds: float) -> None:
        nonlocal now
        passed.append(seconds)
        now += 2 * hour

    async def story() -> None:
        clock = SystemClock()
        monkeypatch.setattr(clock, "now", lambda: now)
        monkeypatch.setattr(asyncio, "sleep", sleep)
        await clock.sleep_until(hour)

    asyncio.run(story())
    assert passed == [LONGEST_SLEEP]
    assert LONGEST_SLEEP <= 60


def test_time_stands_still_until_it_is_moved_and_wakes_sleepers_in_their_order() -> None:
    async def story() -> None:
        clock = VirtualClock(1000)
        woken: list[tuple[str, int]] = []

        async def sleep(name: str, at: int, *, again: int = 0) -> None:
            await clock.sleep_until(at)
            woken.append((name, clock.now()))
            if again:
                await sleep(f"{name} again", again)

        tasks = [
            asyncio.create_task(sleep("late", 3000)),
            asyncio.create_task(sleep("early", 2000, again=2500)),
            asyncio.create_task(sleep("canceled", 2200)),
            asyncio.create_task(sleep("past", 500)),
            asyncio.create_task(sleep("never", 9000)),
        ]
        for _ in range(5):
            await asyncio.sleep(0)
        assert (clock.now(), woken) == (1000, [("past", 1000)])
        tasks[2].cancel()
        await clock.move_to(4000)
        assert woken[1:] == [("early", 2000), ("early again", 2500), ("late", 3000)]
        assert clock.now() == 4000
        await clock.move_to(3000)
        assert clock.now() == 4000
        tasks[4].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(story())
