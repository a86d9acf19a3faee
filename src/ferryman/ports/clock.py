"""The clock: the only place where time comes from."""

from typing import Protocol


class Clock(Protocol):
    """Tells the time, and calls back when it has come."""

    def now(self) -> int:
        """Milliseconds since 1970."""
        ...

    async def sleep_until(self, at: int) -> None:
        """Return once the time is `at` or later."""
        ...
