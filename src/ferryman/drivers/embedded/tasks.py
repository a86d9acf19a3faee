"""Work that is set going and not waited for. What it raises is not lost: it reaches `fault`."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

Fault = Callable[[str, BaseException], None]
"""Hears of what must not happen: the run it concerns (empty for none), and what was raised."""


class Tasks:
    """Everything that one driver has under way."""

    def __init__(self, fault: Fault) -> None:
        """Nothing is under way; `fault` hears of what ends with an exception."""
        self._fault = fault
        self._runs: dict[asyncio.Task[None], str] = {}

    def spawn(self, run: str, work: Coroutine[Any, Any, None]) -> None:
        """Set work for a run going."""
        task = asyncio.create_task(work)
        self._runs[task] = run
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        run = self._runs.pop(task)
        if not task.cancelled() and (raised := task.exception()) is not None:
            self._fault(run, raised)

    def __iter__(self) -> Iterator["asyncio.Task[None]"]:
        """What is under way now."""
        return iter(tuple(self._runs))

    async def finish(self) -> None:
        """Return when nothing is under way, what it has set going itself included."""
        while self._runs:
            await asyncio.gather(*self._runs, return_exceptions=True)
