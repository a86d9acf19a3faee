"""Timers: one sleeper for all that is due some day."""

import asyncio
import heapq
from collections.abc import Callable, Hashable

from ferryman.ports.clock import Clock


class Timers:
    """Calls back when a time has come. A timer has a key; setting it anew replaces it."""

    def __init__(self, clock: Clock, due: Callable[[Hashable], None]) -> None:
        """`due` is called on the event loop with the key of a timer that has come."""
        self._clock = clock
        self._due = due
        self._times: dict[Hashable, int] = {}
        self._heap: list[tuple[int, int, Hashable]] = []
        self._counter = 0
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def set(self, key: Hashable, at: int) -> None:
        """Call back at `at` (milliseconds since 1970), or at once when that has passed."""
        self._times[key] = at
        self._counter += 1
        heapq.heappush(self._heap, (at, self._counter, key))
        # Only an earlier time than the one slept for has to wake the sleeper.
        if self._heap[0][1] == self._counter:
            self._changed.set()
        if self._task is None:
            self._task = asyncio.create_task(self._sleep())

    def clear(self, key: Hashable) -> None:
        """Forget a timer, if there is one."""
        self._times.pop(key, None)
        if len(self._heap) > 64 and len(self._heap) > 4 * len(self._times):
            self._heap = [entry for entry in self._heap if self._times.get(entry[2]) == entry[0]]
            heapq.heapify(self._heap)

    async def _sleep(self) -> None:
        while True:
            self._changed.clear()
            while self._heap and self._heap[0][0] <= self._clock.now():
                at, _, key = heapq.heappop(self._heap)
                if self._times.get(key) == at:
                    del self._times[key]
                    self._due(key)
            if not self._heap:
                await self._changed.wait()
                continue
            sleeper = asyncio.ensure_future(self._clock.sleep_until(self._heap[0][0]))
            waker = asyncio.ensure_future(self._changed.wait())
            try:
                await asyncio.wait((sleeper, waker), return_when=asyncio.FIRST_COMPLETED)
            finally:
                sleeper.cancel()
                waker.cancel()
                await asyncio.gather(sleeper, waker, return_exceptions=True)

    async def close(self) -> None:
        """Stop sleeping."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
