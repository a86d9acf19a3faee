"""The system's clock."""

import asyncio
import time


class SystemClock:
    """Time as the machine under it tells it."""

    def now(self) -> int:
        """Milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    async def sleep_until(self, at: int) -> None:
        """Return once the time is `at` or later."""
        while (left := at - self.now()) > 0:
            await asyncio.sleep(min(left / 1000, 3600))
