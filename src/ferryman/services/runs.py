"""Reading runs: one run whole, lists, the journal, why, and following a run to its end.

Where a driver moves the run in this process, what it holds is read; otherwise what is kept. Both are the same fold.
"""

from collections.abc import AsyncIterator, Sequence
from statistics import median

import msgspec

from ferryman.domain import views
from ferryman.domain.errors import NotFound
from ferryman.domain.pipeline import Pipeline
from ferryman.domain.run import Run
from ferryman.domain.status import Outcome, Phase
from ferryman.machine import replay, snapshots
from ferryman.ports.clock import Clock
from ferryman.ports.driver import Driver
from ferryman.ports.store import RunRow, RunStore, Stored
from ferryman.services import entries, paths, why
from ferryman.services.caller import Caller
from ferryman.services.views import hider, of_row, of_run

LOOK_MS = 200
"""How often a run is looked at that another process moves."""
CHEAP_MS = 5
PAUSES = 5
"""Views that cost more than this are made only in a sixth of the time."""
HISTORY = 20
"""How many earlier runs tell how long one takes."""
LATEST = "latest"
LOOKED_THROUGH = 1000
"""How many runs are looked through for a number that comes without its pipeline."""


class Runs:
    """What can be read of runs."""

    def __init__(self, *, store: RunStore, clock: Clock, driver: Driver | None = None) -> None:
        """Over this store, and the driver of this process if there is one."""
        self._store = store
        self._clock = clock
        self._driver = driver

    async def find(self, caller: Caller, run: str) -> RunRow:
        """The run that is meant: an id, `#number`, `pipeline#number` or `latest`. Raises `NotFound`."""
        pipeline, mark, number = run.rpartition("#")
        if run == LATEST:
            newest = await self._store.runs(caller.project, limit=1)
            if not newest:
                raise NotFound("there is no run yet; `ferryman run FILE` starts one")
            return newest[0]
        if not mark or not number.isdecimal():
            row = await self._store.run(run)
            if row.project != caller.project:
                raise NotFound(f"there is no run {run}", reason="run")
            return row
        if pipeline:
            return await self._store.run_numbered(caller.project, pipeline, int(number))
        for row in await self._store.runs(caller.project, limit=LOOKED_THROUGH):
            if row.number == int(number):
                return row
        raise NotFound(f"there is no run {run} among the newest; name its pipeline too, as in release{run}")

    async def load(self, row: RunRow) -> Run:
        """A run as it stands."""
        moved = self._driver.run(row.id) if self._driver is not None else None
        return moved or folded(await self._store.load(row.id))

    async def read(self, caller: Caller, *, run: str) -> views.RunView:
        """One run, whole."""
        row = await self.find(caller, run)
        return of_run(await self.load(row), row, expected_ms=await self.expected(row))

    async def list(
        self,
        caller: Caller,
        *,
        pipeline: str = "",
        phase: str = "",
        limit: int = 50,
        before: tuple[int, str] | None = None,
    ) -> Sequence[views.RunLine]:
        """Runs, newest first. `before` is queue time and id of the last run of the page before."""
        rows = await self._store.runs(
            caller.project, pipeline=pipeline, phase=phase, before=before, limit=limit
        )
        return [of_row(row) for row in rows]

    async def unfinished(self, caller: Caller) -> Sequence[views.RunLine]:
        """All runs that have not ended, oldest first."""
        return [of_row(row) for row in await self._store.unfinished() if row.project == caller.project]

    async def journal(
        self, caller: Caller, *, run: str, after: int = 0, limit: int = 1000
    ) -> Sequence[views.Entry]:
        """Entries of the run's journal behind `after`, readable."""
        row = await self.find(caller, run)
        hide = hider(await self.load(row))
        return [
            entries.of_entry(entry, hide)
            for entry in await self._store.journal(row.id, after=after, limit=limit)
        ]

    async def why(self, caller: Caller, *, run: str, path: str = "") -> Sequence[views.Explained]:
        """For each node why it ran, was skipped, waits; with `path` for that node and what is below it."""
        row = await self.find(caller, run)
        state = await self.load(row)
        told = why.explain(of_run(state, row), state)
        if not path:
            return list(told)
        wanted = paths.found(state, path)
        return [
            one for one in told if one.path == wanted or one.path.startswith((f"{wanted}/", f"{wanted}."))
        ]

    async def watch(self, caller: Caller, *, run: str) -> AsyncIterator[views.RunView]:
        """The run as it stands now, then again whenever it has changed, until it has ended. What came in between may
        be passed over; the last view is its end."""
        row = await self.find(caller, run)
        state = await self.load(row)
        expected_ms = await self.expected(row)
        while True:
            before = self._clock.now()
            view = of_run(state, row, expected_ms=expected_ms)
            cost = self._clock.now() - before
            yield view
            if state.phase is Phase.FINISHED:
                return
            if cost > CHEAP_MS:
                # A view of a large run takes time that its driver needs: what comes in between is passed over.
                await self._clock.sleep_until(self._clock.now() + PAUSES * cost)
            state = await self._next(state)

    async def _next(self, state: Run) -> Run:
        """The run as soon as it has changed."""
        while True:
            if self._driver is not None and self._driver.run(state.id) is not None:
                return await self._driver.changed(state.id, state.seq)
            new = await self._store.journal(state.id, after=state.seq)
            if new:
                return replay(state.pipeline, new, since=state)
            await self._clock.sleep_until(self._clock.now() + LOOK_MS)

    async def expected(self, row: RunRow) -> int:
        """What earlier runs of the pipeline took that succeeded, in the middle; 0 where there are none."""
        earlier = await self._store.runs(
            row.project, pipeline=row.pipeline, phase=Phase.FINISHED.value, limit=HISTORY
        )
        times = [
            one.ended_at - one.started_at
            for one in earlier
            if one.outcome == Outcome.SUCCEEDED and one.id != row.id and one.started_at
        ]
        return int(median(times)) if times else 0


def folded(stored: Stored) -> Run:
    """The run that what is kept amounts to."""
    define = msgspec.json.decode(stored.definition, type=Pipeline)
    since = snapshots.unpack(stored.snapshot, define) if stored.snapshot else None
    return replay(define, stored.entries, since=since)
