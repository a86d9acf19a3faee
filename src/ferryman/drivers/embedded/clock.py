"""The system's clock, and one that tests move."""

import asyncio
import heapq
import time

LONGEST_SLEEP = 60
"""Seconds after which a sleeper looks at the time again: who sleeps does not notice that the clock was set, or that the
machine stood still."""
ROUNDS = 20
"""Rounds of the loop that whoever was woken has, before the virtual time goes on."""


class SystemClock:
    """Time as the machine under it tells it."""

    def now(self) -> int:
        """Milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    async def sleep_until(self, at: int) -> None:
        """Return once the time is `at` or later."""
        while (left := at - self.now()) > 0:
            await asyncio.sleep(min(left / 1000, LONGEST_SLEEP))


class VirtualClock:
    """Time that stands still until it is moved; for tests of what takes hours.

    Only what asks this clock is moved: timers, limits, expiries. Processes of steps live in the machine's own time.
    """

    def __init__(self, now: int) -> None:
        """It begins at `now`."""
        self._now = now
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = 0

    def now(self) -> int:
        """Milliseconds since 1970."""
        return self._now

    async def sleep_until(self, at: int) -> None:
        """Return once the time was moved to `at` or later."""
        if at <= self._now:
            await asyncio.sleep(0)
            return
        self._count += 1
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (at, self._count, woken))
        await woken

    async def move_to(self, at: int) -> None:
        """Move the time on to `at`, from sleeper to sleeper, each of which sees the time it asked for. Time that has
        passed is never taken back."""
        while self._sleepers and self._sleepers[0][0] <= at:
            due, _, woken = heapq.heappop(self._sleepers)
            if woken.done():
                # Whoever slept was canceled.
                continue
            self._now = max(self._now, due)
            woken.set_result(None)
            for _ in range(ROUNDS):
                await asyncio.sleep(0)
        self._now = max(self._now, at)
