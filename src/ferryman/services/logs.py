"""Logs: which there are, and their lines, by attempt or over a whole run. Masked long before they come here."""

from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from ferryman.domain import views
from ferryman.domain.actions import Action
from ferryman.domain.errors import NotFound, Refused
from ferryman.domain.ids import join, split_key
from ferryman.domain.run import Run
from ferryman.domain.status import Phase
from ferryman.ports.logs import ENDLESS, LogBook, LogLine, LogState, RunLine, RunLines
from ferryman.ports.store import RunRow
from ferryman.services import paths
from ferryman.services.caller import Caller
from ferryman.services.permits import permit
from ferryman.services.runs import Runs

STRIDE = 4_000
"""How many lines are read at a time."""
PAGE_SIZE = 16 * 1024 * 1024
"""Characters of one page; it ends before its limit where its lines are that long."""

Chosen = Callable[[Run], Collection[str]]
"""Which stages, jobs or steps of a run are meant: their paths."""


def every(line: views.Line) -> bool:
    """Keep all lines."""
    return True


class LogPage(NamedTuple):
    """Lines of a run by their numbers in it, and how the log stands."""

    run: Run
    pipeline: str
    lines: Sequence[views.Line] = ()
    more: bool = False
    """Whether what was asked for goes on."""
    finished: bool = False
    """Whether what was chosen has said its last line; said of the moment before the lines were read."""
    removed: bool = False
    """Whether there were lines and all of them were removed since."""
    last: int = 0
    """The number of the run's last line."""


class LogDownload(NamedTuple):
    """All lines of a run, page by page."""

    run: Run
    pipeline: str
    pages: AsyncIterator[Sequence[views.Line]]


class RunLogs:
    """What can be read of what steps said."""

    def __init__(self, *, book: LogBook, runs: Runs) -> None:
        """Over this log book."""
        self._book = book
        self._runs = runs

    async def attempts(self, caller: Caller, *, run: str, step: str = "") -> Sequence[views.AttemptLog]:
        """The attempts of a run that have said something, in the order of their beginning. `step` picks a stage, job or
        step by path or name, or one attempt by its key."""
        row = await self._permitted(caller, run)
        states = await self._book.states(row.id)
        if step:
            path, execution, _ = split_key(step)
            state = await self._runs.load(row)
            wanted = paths.found(state, path)
            key = wanted + step.removeprefix(path)
            if execution:
                _has_been(key, paths.newest_attempt(state, wanted))
            states = [
                state
                for state in states
                if (state.key == key if execution else _below(split_key(state.key)[0], wanted))
            ]
        return [_of_state(state) for state in states]

    async def read(
        self, caller: Caller, *, run: str, key: str, after: int = 0, limit: int = 1000
    ) -> Sequence[views.Line]:
        """Lines of an attempt behind `after`, in order."""
        row = await self._permitted(caller, run)
        return [_of_line(key, line) for line in await self._book.read(row.id, key, after=after, limit=limit)]

    async def tail(self, caller: Caller, *, run: str, key: str, lines: int) -> Sequence[views.Line]:
        """The last lines of an attempt."""
        row = await self._permitted(caller, run)
        return [_of_line(key, line) for line in await self._book.tail(row.id, key, lines)]

    async def follow(
        self, caller: Caller, *, run: str, key: str, after: int = 0
    ) -> AsyncIterator[views.Line]:
        """Every line of an attempt once and in order, until it has ended."""
        row = await self._permitted(caller, run)
        async for line in self._book.follow(row.id, key, after=after):
            yield _of_line(key, line)

    async def raw(self, caller: Caller, *, run: str, key: str) -> AsyncIterator[bytes]:
        """What an attempt wrote, byte for byte except for masks."""
        row = await self._permitted(caller, run)
        async for piece in self._book.raw(row.id, key):
            yield piece

    async def page(
        self,
        caller: Caller,
        *,
        run: str,
        pipeline: str = "",
        chosen: Chosen | None = None,
        execution: int = 0,
        after: int = 0,
        until: int = ENDLESS,
        limit: int = 1000,
        newest_first: bool = False,
        kept: Callable[[views.Line], bool] = every,
    ) -> LogPage:
        """At most `limit` lines of a run behind `after` and up to `until`, by their numbers in the run: of what is
        chosen, in this execution if one is named, and of those the ones to keep. Raises `NotFound`; `Refused` where the
        run is one of another pipeline than the one named."""
        state, named = await self._loaded(caller, run, pipeline)
        meant = chosen(state) if chosen is not None else None
        finished = _is_done(state, meant, execution)
        attempts = _attempts(await self._states(state, finished), meant, execution)
        found: list[views.Line] = []
        size, more = 0, False
        if limit > 0:
            keys = None if meant is None and not execution else [one.key for one in attempts]
            async for page in self._pages(
                state.id, after=after, until=until, keys=keys, newest_first=newest_first
            ):
                for line in filter(kept, map(_of_run_line, page.lines)):
                    if more := len(found) >= limit or size >= PAGE_SIZE:
                        break
                    found.append(line)
                    size += len(line.text)
                if more:
                    break
        return LogPage(
            run=state,
            pipeline=named,
            lines=found,
            more=more,
            finished=finished,
            removed=_are_removed(attempts),
            last=await self._book.last_line(state.id),
        )

    async def download(
        self,
        caller: Caller,
        *,
        run: str,
        pipeline: str = "",
        chosen: Chosen | None = None,
        execution: int = 0,
        kept: Callable[[views.Line], bool] = every,
    ) -> LogDownload:
        """All lines that there are now, of what is chosen. Raises as `page`, and `Refused` where they were removed."""
        state, named = await self._loaded(caller, run, pipeline)
        meant = chosen(state) if chosen is not None else None
        states = await self._states(state, _is_done(state, meant, execution))
        attempts = _attempts(states, meant, execution)
        if _are_removed(attempts):
            raise Refused(
                f"cannot give the log of {state.id}: its lines were removed when they had been kept long enough",
                reason="log-removed",
            )
        last = await self._book.last_line(state.id)
        keys = [one.key for one in attempts]

        async def pages() -> AsyncIterator[Sequence[views.Line]]:
            async for page in self._pages(state.id, after=0, until=last, keys=keys, newest_first=False):
                yield [line for line in map(_of_run_line, page.lines) if kept(line)]

        return LogDownload(run=state, pipeline=named, pages=pages())

    async def _permitted(self, caller: Caller, run: str) -> RunRow:
        """The run, for a caller who may read its logs. Who may read none learns nothing of what there is."""
        try:
            row = await self._runs.find(caller, run)
        except NotFound:
            permit(caller, Action.GET_LOG)
            raise
        permit(caller, Action.GET_LOG, resource=f"pipeline/{row.pipeline}")
        return row

    async def _loaded(self, caller: Caller, run: str, pipeline: str) -> tuple[Run, str]:
        """The run, and the pipeline that it is one of."""
        row = await self._permitted(caller, run)
        if pipeline and row.pipeline != pipeline:
            raise Refused(
                f"run {run} is one of pipeline {row.pipeline}, not of {pipeline}; name that one, or none",
                reason="run-of-another-pipeline",
            )
        return await self._runs.load(row), row.pipeline

    async def _states(self, run: Run, finished: bool) -> Sequence[LogState]:
        """The logs of a run; where all was said that will be, none of it is still on its way."""
        states = await self._book.states(run.id)
        if finished and not all(one.ended_at for one in states):
            await self._book.flush()
        return states

    async def _pages(
        self, run: str, *, after: int, until: int, keys: Sequence[str] | None, newest_first: bool
    ) -> AsyncIterator[RunLines]:
        """A window of a run, page by page."""
        more = True
        while more:
            page = await self._book.read_run(
                run, after=after, until=until, limit=STRIDE, keys=keys, newest_first=newest_first
            )
            yield page
            more = page.more
            after, until = (after, page.reached - 1) if newest_first else (page.reached, until)


def _attempts(
    states: Sequence[LogState], chosen: Collection[str] | None, execution: int
) -> Sequence[LogState]:
    """The logs of these paths in this execution; of all where nothing is chosen."""
    keys = ((state, *split_key(state.key)[:2]) for state in states)
    return [state for state, path, at in keys if (chosen is None or path in chosen) and execution in (0, at)]


def _are_removed(attempts: Sequence[LogState]) -> bool:
    """Whether there were lines and all are gone."""
    spoken = [one for one in attempts if one.lines]
    return bool(spoken) and all(one.removed_at for one in spoken)


def _is_done(run: Run, chosen: Collection[str] | None, execution: int) -> bool:
    """Whether what is chosen will say no more in this execution (0: in any); the whole run, where nothing is chosen."""
    if run.phase is Phase.FINISHED or not chosen:
        return run.phase is Phase.FINISHED
    return all(
        phase is Phase.FINISHED or 0 < execution < now for path, phase, now in _nodes(run) if path in chosen
    )


def _nodes(run: Run) -> Iterator[tuple[str, Phase, int]]:
    """Path, phase and execution of each job and step. What is left of an ended job has ended with it."""
    jobs = [job for stage in run.stages for job in stage.jobs]
    while jobs:
        job = jobs.pop()
        jobs += job.children
        yield job.path, job.phase, job.execution
        for step in job.steps:
            ended = job.phase is Phase.FINISHED
            yield join(job.path, step.id), job.phase if ended else step.phase, step.execution


def _has_been(key: str, newest: str) -> None:
    """Refuse the key of an attempt that there never was. Raises `NotFound`."""
    if not newest or split_key(key)[1:] > split_key(newest)[1:]:
        hint = f"its newest is {newest}" if newest else "only a step that has begun has attempts"
        raise NotFound(f"there is no attempt {key}; {hint}")


def _below(path: str, wanted: str) -> bool:
    return path == wanted or path.startswith((f"{wanted}/", f"{wanted}."))


def _of_state(state: LogState) -> views.AttemptLog:
    return views.AttemptLog(
        key=state.key,
        path=split_key(state.key)[0],
        lines=state.lines,
        size=state.size,
        ended_at=state.ended_at,
        missing=_missing(state),
    )


def _missing(state: LogState) -> str:
    """What a log lacks: all of it, where it had been kept long enough (LOG-2)."""
    if not state.removed_at or not state.lines:
        return state.missing
    at = datetime.fromtimestamp(state.removed_at / 1000, UTC)
    lines = "1 line was" if state.lines == 1 else f"all {state.lines:,} lines were"
    return f"{lines} removed on {at:%Y-%m-%d}, having been kept long enough"


def _of_line(key: str, line: LogLine) -> views.Line:
    return views.Line(key=key, number=line.number, at=line.at, text=line.text, kind=line.kind)


def _of_run_line(line: RunLine) -> views.Line:
    return views.Line(
        key=line.key, number=line.number, at=line.line.at, text=line.line.text, kind=line.line.kind
    )
