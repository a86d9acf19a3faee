"""An executor that does nothing by itself: its attempts run until a test says what became of them."""

from collections.abc import Collection, Sequence
from typing import Any

from ferryman.domain.work import Work, WorkResult
from ferryman.ports.executor import Found, Report


class ToldExecutor:
    """`ports.executor.Executor` that reports what it is told to.

    It forgets everything with its process, and hears requests to stop without obeying: that is for the test to do.
    """

    def __init__(self) -> None:
        """Nothing runs."""
        self._running: set[tuple[str, str]] = set()
        self._willing: set[str] = set()
        self._report: Report = lambda told: None

    async def open(self, report: Report) -> None:
        """Report to this function from now on."""
        self._report = report

    async def keep_only(
        self, attempts: Collection[tuple[str, str]], folders: Collection[tuple[str, str]]
    ) -> None:
        """There is nothing from earlier."""

    async def start(self, work: Work) -> None:
        """Begin an attempt; in a run that was let go it ends well at once."""
        if work.run in self._willing:
            self.end(work.run, work.key)
        else:
            self._running.add((work.run, work.key))

    async def stop(self, run: str, key: str, *, force: bool) -> None:
        """Heard, and left to the test."""

    async def find(self, attempts: Sequence[tuple[str, str]]) -> Sequence[Found]:
        """What runs is alive; nothing else is known."""
        return [
            Found(run=run, key=key, state="alive" if (run, key) in self._running else "unknown")
            for run, key in attempts
        ]

    async def release(self, run: str, folder: str) -> None:
        """There are no folders."""

    async def close(self) -> None:
        """Report no more."""
        self._report = lambda told: None

    def end(self, run: str, key: str, outcome: str = "succeeded", **facts: Any) -> None:
        """Report the end of an attempt; `facts` are more of its `WorkResult`."""
        self._running.discard((run, key))
        self._report(WorkResult(run=run, key=key, outcome=outcome, **facts))

    def lose(self, run: str, key: str, known: str = "") -> None:
        """Report that nobody knows what became of an attempt."""
        self._running.discard((run, key))
        self._report(Found(run=run, key=key, state="lost", known=known))

    def let_go(self, run: str) -> None:
        """All attempts of a run end well, those that run and those that will."""
        self._willing.add(run)
        for name in [name for name in self._running if name[0] == run]:
            self.end(*name)
