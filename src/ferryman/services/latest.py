"""The newest run of each pipeline, and how many there are: kept in memory, so that a status costs no read (W5).

Read from the store when somebody asks for the first time, and from then on fed by every change that the driver shows.
Only one process moves runs, so what stands here is the truth, at the very next request.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from itertools import count

import msgspec

from ferryman.domain.run import Run
from ferryman.domain.status import Phase, Why
from ferryman.ports.history import RunRow
from ferryman.ports.store import Store
from ferryman.services.folding import folded

MOST = 1_000
"""Pipelines that are remembered; those that nobody asked for the longest are forgotten first."""

Key = tuple[str, str]
"""Project and pipeline."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a pipeline stands."""

    newest: RunRow | None
    run: Run | None
    """The same run, whole."""
    finished: int
    running: int
    """Runs that are moving now: one that waits for its turn, or for people before a stage, does not count."""
    change: int
    """Grows with every change, of all pipelines together: what was made of a standing holds while this is the same."""

    @property
    def runs(self) -> int:
        """Finished and running ones together."""
        return self.finished + self.running


class _Known(msgspec.Struct):
    """What is remembered of a pipeline."""

    standing: Standing
    moving: dict[str, bool]
    """Its unfinished runs, and whether each is moving. They are known one by one, since a run's last change may have
    been read already when the driver shows it: it was kept before."""


class Latest:
    """How pipelines stand."""

    def __init__(self, *, store: Store, most: int = MOST) -> None:
        """Over this store. Give `on_change` to the driver."""
        self._store = store
        self._most = most
        self._known: OrderedDict[Key, _Known] = OrderedDict()
        self._loading: dict[Key, asyncio.Task[Standing]] = {}
        self._meanwhile: dict[Key, dict[str, tuple[RunRow, Run]]] = {}
        self._changes = count(1)

    def known(self, project: str, pipeline: str) -> Standing | None:
        """How a pipeline stands, if that is remembered: no wait, no read."""
        found = self._known.get((project, pipeline))
        return None if found is None else found.standing

    async def read(self, project: str, pipeline: str) -> Standing:
        """How a pipeline stands; one without runs, or that is not there, has none."""
        key = (project, pipeline)
        found = self._known.get(key)
        if found is not None:
            self._known.move_to_end(key)
            return found.standing
        loading = self._loading.get(key)
        if loading is None:
            loading = self._loading[key] = asyncio.create_task(self._load(key))
        return await asyncio.shield(loading)

    def on_change(self, before: RunRow | None, row: RunRow, run: Run) -> None:
        """A run has changed, and that is kept."""
        key = (row.project, row.pipeline)
        if key in self._meanwhile:
            self._meanwhile[key][row.id] = (row, run)
        known = self._known.get(key)
        if known is None:
            return
        standing = known.standing
        finished, running = standing.finished, standing.running
        was = known.moving.pop(row.id, None)
        if row.phase != Phase.FINISHED:
            moves = known.moving[row.id] = _moves(row)
            running += moves - bool(was)
            finished -= was is None and before is not None and before.phase == Phase.FINISHED
        elif was is not None:
            running -= was
            finished += 1
        elif before is None:
            # Nothing tells whether what was read holds it already: the next who asks reads again.
            del self._known[key]
            return
        is_newest = standing.newest is None or row.number >= standing.newest.number
        known.standing = Standing(
            newest=row if is_newest else standing.newest,
            run=run if is_newest else standing.run,
            finished=finished,
            running=running,
            change=next(self._changes),
        )

    async def _load(self, key: Key) -> Standing:
        """Read it. What changes meanwhile may or may not be in what was read, so those runs are left out of it and
        counted from what the driver showed."""
        changed = self._meanwhile[key] = {}
        try:
            while True:
                without = frozenset(changed)
                totals = await self._store.history.totals(*key, without=tuple(without))
                newest = totals.newest
                run = folded(await self._store.load(newest.id)) if newest is not None else None
                if without == changed.keys():
                    break
            known = _summed(totals.finished, totals.unfinished, newest, run, changed, next(self._changes))
            self._known[key] = known
            while len(self._known) > self._most:
                self._known.popitem(last=False)
            return known.standing
        finally:
            del self._meanwhile[key]
            del self._loading[key]


def _summed(
    finished: int,
    unfinished: tuple[RunRow, ...],
    newest: RunRow | None,
    run: Run | None,
    changed: Mapping[str, tuple[RunRow, Run]],
    change: int,
) -> _Known:
    for row, moved in changed.values():
        if newest is None or row.number >= newest.number:
            newest, run = row, moved
    rows = (*unfinished, *(row for row, _ in changed.values()))
    moving = {row.id: _moves(row) for row in rows if row.phase != Phase.FINISHED}
    standing = Standing(
        newest=newest,
        run=run,
        finished=finished + len(rows) - len(moving),
        running=sum(moving.values()),
        change=change,
    )
    return _Known(standing, moving)


def _moves(row: RunRow) -> bool:
    """Whether it moves: runs that wait for a verdict still hold their place, those in a review gave it back."""
    return row.phase == Phase.RUNNING or (row.phase == Phase.WAITING and row.reason == Why.VERDICT)
