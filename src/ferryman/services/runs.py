"""Reading runs: one run whole, lists, the journal, why, and following a run to its end.

Where a driver moves the run in this process, what it holds is read; otherwise what is kept. Both are the same fold.
"""

from collections.abc import AsyncIterator, Sequence
from difflib import get_close_matches
from statistics import median

import msgspec

from ferryman import definition
from ferryman.domain import views, words
from ferryman.domain.actions import Action
from ferryman.domain.errors import NotFound, Refused
from ferryman.domain.ids import encoded
from ferryman.domain.pipeline import Step
from ferryman.domain.run import Run, StepState
from ferryman.domain.status import Outcome, Phase, Why
from ferryman.domain.values import Json
from ferryman.machine import locks, replay
from ferryman.machine.rules.reruns import offers
from ferryman.ports.clock import Clock
from ferryman.ports.driver import Driver
from ferryman.ports.heads import KnownHead
from ferryman.ports.history import Order, RunSearch
from ferryman.ports.store import RunRow, Store
from ferryman.services import entries, paths, why
from ferryman.services.caller import Caller
from ferryman.services.executions import Execution, executions_of
from ferryman.services.folding import folded
from ferryman.services.latest import Latest
from ferryman.services.permits import judged, permit
from ferryman.services.views import hider, of_row, of_run

__all__ = ["Page", "RunRow", "RunSearch", "Runs", "Whole", "offered"]

LOOK_MS = 200
"""How often a run is looked at that another process moves."""
CHEAP_MS = 5
PAUSES = 5
"""Views that cost more than this are made only in a sixth of the time."""
HISTORY = 20
"""How many earlier runs tell how long one takes."""
LATEST = "latest"
MOST_DIGITS = 18
"""A number of more digits is no run's, and no store takes it."""
LOOKED_THROUGH = 1000
"""How many runs are looked through for a number that comes without its pipeline, or for one that none has called."""
HINTED_FROM = 200
"""How many runs are looked through for a pipeline whose name is near to one that is not there."""


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """One run with all that stands around it, for those who tell of it in another's words."""

    row: RunRow
    run: Run
    model: Json
    """Its definition as the vendor's model, completed as it is shown."""
    newest_version: int
    newest_number: int
    place: int = 0
    """Its place in the queue, from 1; 0 where it does not wait for its turn."""
    at: int
    """Now."""
    starters: tuple[str, ...] = ()
    """Who asked for each execution, in order; none where nobody asked for them."""
    earlier: tuple[Run, ...] = ()
    """The run at the end of each execution before."""
    preparing: frozenset[str] = frozenset()
    """Paths of jobs whose place is not there yet."""


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the runs that were searched for, and how many there are."""

    count: int
    rows: tuple[RunRow, ...]
    runs: tuple[Run, ...]
    """The same, whole."""
    newest_version: int
    """Of the pipeline."""
    may_start: bool
    """Whether who asks may start others."""
    at: int
    """Now."""


class Runs:
    """What can be read of runs."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        driver: Driver | None = None,
        latest: Latest | None = None,
    ) -> None:
        """Over this store, and the driver of this process if there is one, which then feeds `latest`."""
        self._store = store
        self._clock = clock
        self._driver = driver
        self.latest = latest or Latest(store=store)

    async def find(self, caller: Caller, run: str, *, action: str = Action.GET_RUN) -> RunRow:
        """The run that is meant: an id, `#number`, `pipeline#number` or `latest`, for this to be done with it. Raises
        `NotFound` (run-unknown), and what permits raise."""
        try:
            row = await self._found(caller, run)
        except NotFound as missing:
            permit(caller, action)
            hint = await self._near(caller, run)
            raise NotFound(f"{missing}{hint}", reason=missing.reason) from None
        permit(caller, action, resource=f"pipeline/{row.pipeline}")
        return row

    async def _near(self, caller: Caller, run: str) -> str:
        """A hint at the newest run of the pipeline that may be meant, for who may see all; else empty (ERR-3)."""
        meant = run.rpartition("#")[0] or run
        rows = await self._store.runs(caller.project, limit=HINTED_FROM)
        newest = {row.pipeline: row.number for row in reversed(rows)}
        return "".join(
            f"; did you mean {near}#{newest[near]}?" for near in get_close_matches(meant, newest, n=1)
        )

    async def _found(self, caller: Caller, run: str) -> RunRow:
        pipeline, mark, number = run.rpartition("#")
        if run == LATEST:
            return await self._latest(caller.project)
        if not mark or not number.isdecimal() or len(number) > MOST_DIGITS:
            row = await self._store.run(run)
            if row.project != caller.project:
                raise NotFound(f"there is no run {run}", reason="run")
            return row
        if pipeline:
            return await self._numbered(caller.project, pipeline, int(number))
        for row in await self._store.runs(caller.project, limit=LOOKED_THROUGH):
            if row.number == int(number):
                return row
        raise NotFound(f"there is no run {run} among the newest; name its pipeline too, as in release{run}")

    async def _latest(self, project: str) -> RunRow:
        """The newest run that somebody asked for: those that it called began later. Where there are only such, the
        newest of them."""
        for most in (1, LOOKED_THROUGH):
            newest = await self._store.runs(project, limit=most)
            for row in newest:
                if row.how != words.BY_PIPELINE:
                    return row
        if not newest:
            raise NotFound("there is no run yet; `ferryman run FILE` starts one")
        return newest[0]

    async def _numbered(self, project: str, pipeline: str, number: int) -> RunRow:
        """The run with this number of the pipeline with this id or name. Raises `NotFound`, calling it as it was."""
        try:
            return await self._store.run_numbered(project, pipeline, number)
        except NotFound:
            known = await self._known_as(project, pipeline)
            if known == pipeline:
                raise
            try:
                return await self._store.run_numbered(project, known, number)
            except NotFound:
                raise NotFound(f"pipeline {pipeline} of project {project} has no run {number}") from None

    async def _known_as(self, project: str, pipeline: str) -> str:
        """The id of the pipeline that has this id or, where none has, this name. One that was deleted is still known by
        the id that its name made."""
        if await self._store.heads.several(project, [pipeline]):
            return pipeline
        head = await self._store.heads.named(project, pipeline)
        return head.id if head is not None else encoded(pipeline)

    async def project_of(self, run: str) -> str:
        """The project of a run, by its id: for those who ask as nobody, within this process. Raises `NotFound`."""
        return (await self._store.run(run)).project

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
        """Runs, newest first, of a pipeline by its id or name if one is given. `before` is queue time and id of the
        last run of the page before."""
        pipeline = await self._known_as(caller.project, pipeline) if pipeline else ""
        permit(caller, Action.LIST_RUNS, resource=f"pipeline/{pipeline}" if pipeline else "*")
        rows = await self._store.runs(
            caller.project, pipeline=pipeline, phase=phase, before=before, limit=limit
        )
        return [of_row(row) for row in rows]

    async def unfinished(self, caller: Caller) -> Sequence[views.RunLine]:
        """All runs that have not ended, oldest first."""
        permit(caller, Action.LIST_RUNS)
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

    async def seen(self, caller: Caller, *, run: str) -> views.Seen:
        """What a condition behind all of the run would see, as it stands, for whoever tries one (CFG-5)."""
        state = await self.load(await self.find(caller, run))
        ci: dict[str, Json] = {**state.facts, **({"remark": state.remark} if state.remark else {})}
        if state.outcome is not None:
            ci[words.BUILD_STATUS] = words.OUTCOME_WORDS[state.outcome]
        secret = {parameter.name for parameter in state.pipeline.parameters if parameter.sensitive}
        variables = {
            name: words.HIDDEN if name in secret else value for name, value in state.variables.items()
        }
        names = {"variables": variables, "ci": ci, "jobs": state.jobs, "stages": state.reviews}
        return views.Seen(
            names=entries.hidden(names, hider(state)), dialect=state.pipeline.dialect, zone=state.zone
        )

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

    # For faces that speak in another's words

    async def whole(
        self,
        caller: Caller,
        *,
        run: str,
        pipeline: str = "",
        execution: int = 0,
        retold: bool = False,
    ) -> Whole:
        """One run with all that stands around it; with `execution` as it stood at the end of that one, as far as the
        journal goes back. Its executions are there if one is asked for, or all are to be `retold`.

        Raises `NotFound` (run-unknown) and, for a run of another pipeline than the one given, `Refused`
        (run-of-another-pipeline).
        """
        row = await self.find(caller, run)
        if pipeline and row.pipeline != pipeline:
            raise Refused(f"run {run} is not one of pipeline {pipeline}", reason="run-of-another-pipeline")
        state = await self.load(row)
        known: tuple[Execution, ...] = ()
        if retold or 0 < execution < state.execution:
            known = await executions_of(self._store, row, state)
        is_newest = not 0 < execution < len(known)
        if not is_newest:
            known = known[:execution]
            state = known[-1].run
        standing = await self.latest.read(row.project, row.pipeline)
        newest = standing.newest
        return Whole(
            row=row,
            run=state,
            model=definition.model_of(state.pipeline),
            starters=tuple(each.by for each in known),
            earlier=tuple(each.run for each in known[:-1]),
            newest_version=await self._newest_version(row),
            newest_number=max(row.number, newest.number if newest is not None else 0),
            place=await self._place(row, state),
            preparing=self._driver.preparing(row.id) if self._driver and is_newest else frozenset(),
            at=self._clock.now(),
        )

    async def _newest_version(self, row: RunRow) -> int:
        head = await self.head(row.project, row.pipeline)
        return head.head.version if head is not None else row.version

    async def _place(self, row: RunRow, state: Run) -> int:
        if state.phase is not Phase.WAITING or state.reason.kind is not Why.QUEUED:
            return 0
        name = state.group or locks.run_lock(state.pipeline.concurrency, row.pipeline)
        lock = await self._store.lock(row.project, "runs", name)
        # Between two changes it may have its turn already, or stand in a queue that is not written yet.
        return max(locks.place(lock, row.id), 1) if lock is not None else 1

    async def head(self, project: str, pipeline: str) -> KnownHead | None:
        """What is known of a pipeline beside its definitions; None where it is not there, or no more."""
        try:
            return await self._store.heads.read(project, pipeline)
        except NotFound:
            return None

    async def expect_pipeline(self, caller: Caller, *, pipeline: str) -> KnownHead:
        """A pipeline that a question names. Raises `NotFound` (pipeline-unknown)."""
        permit(caller, Action.LIST_RUNS, resource=f"pipeline/{pipeline}")
        return await self._store.heads.read(caller.project, pipeline)

    async def search(
        self,
        caller: Caller,
        *,
        pipeline: str,
        wanted: RunSearch,
        order: Order = "number",
        skip: int = 0,
        limit: int = 20,
    ) -> Page:
        """Some of the runs of a pipeline that are meant, whole. Raises `NotFound` (pipeline-unknown)."""
        known = await self.expect_pipeline(caller, pipeline=pipeline)
        history = self._store.history
        rows = await history.search(caller.project, pipeline, wanted, order=order, skip=skip, limit=limit)
        return Page(
            count=await history.count(caller.project, pipeline, wanted),
            rows=tuple(rows),
            runs=tuple([await self.load(row) for row in rows]),
            newest_version=known.head.version,
            may_start=judged(caller, Action.START_RUN, resource=f"pipeline/{pipeline}").allowed,
            at=self._clock.now(),
        )


def offered(define: Step, state: StepState) -> tuple[bool, bool]:
    """Whether a person may retry, and skip, this step of a job that has ended (semantics 7.4)."""
    return offers(define, state)
