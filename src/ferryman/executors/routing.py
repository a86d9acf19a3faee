"""One executor over several: which of them does an attempt depends on its action alone.

Whoever has the record of an attempt knows of it: `find` asks all of them, and a stop goes to whoever began or found it.
"""

import asyncio
from collections.abc import Collection, Sequence
from functools import partial

from ferryman.domain.errors import Unavailable
from ferryman.domain.work import Work, WorkResult
from ferryman.ports.executor import Executor, Found, Report

Route = tuple[tuple[type, ...], Executor]
"""Actions, and the executor that does them."""

UNSETTLED = {"unknown": 0, "lost": 1}
"""Answers after which others are asked as well, the one that says more behind the other."""


class RoutedExecutor:
    """Executors by action; the first route that has an action counts."""

    def __init__(self, routes: Sequence[Route]) -> None:
        """At least one route; an executor may stand in several."""
        self._by_action = {action: executor for actions, executor in reversed(routes) for action in actions}
        self._executors = tuple(dict.fromkeys(executor for _, executor in routes))
        self._owners: dict[tuple[str, str], Executor] = {}

    async def open(self, report: Report) -> None:
        """Open all of them."""
        for executor in self._executors:
            await executor.open(partial(self._pass_on, report))

    async def keep_only(
        self, attempts: Collection[tuple[str, str]], folders: Collection[tuple[str, str]]
    ) -> None:
        """Tell all of them what is still wanted."""
        for executor in self._executors:
            await executor.keep_only(attempts, folders)

    async def start(self, work: Work) -> None:
        """Begin an attempt. Raises `Unavailable` for an action that nobody does."""
        executor = self._by_action.get(type(work.action))
        if executor is None:
            raise Unavailable(f"this server has nobody who can do {type(work.action).__name__}")
        self._owners.setdefault((work.run, work.key), executor)
        await executor.start(work)

    async def stop(self, run: str, key: str, *, force: bool) -> None:
        """Ask an attempt to end; one that nobody is known to have goes to all, and changes nothing where it is not."""
        owner = self._owners.get((run, key))
        for executor in (owner,) if owner is not None else self._executors:
            await executor.stop(run, key, force=force)

    async def find(self, attempts: Sequence[tuple[str, str]]) -> Sequence[Found]:
        """What became of these attempts, by whoever knows of each. What one holds for lost another one may still have;
        then it is not."""
        found = {(run, key): Found(run=run, key=key, state="unknown") for run, key in attempts}
        for executor in self._executors:
            asked = [name for name, known in found.items() if known.state in UNSETTLED]
            for known in await executor.find(asked) if asked else ():
                before = found[known.run, known.key].state
                if UNSETTLED.get(known.state, 2) <= UNSETTLED[before]:
                    continue
                found[known.run, known.key] = known
                if known.state == "alive":
                    self._owners[known.run, known.key] = executor
        return [found[name] for name in attempts]

    async def release(self, run: str, folder: str) -> None:
        """Tell all of them that a job has ended."""
        for executor in self._executors:
            await executor.release(run, folder)

    async def close(self) -> None:
        """Close all of them."""
        await asyncio.gather(*(executor.close() for executor in self._executors))

    def _pass_on(self, report: Report, said: WorkResult | Found) -> None:
        self._owners.pop((said.run, said.key), None)
        report(said)
