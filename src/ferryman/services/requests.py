"""What people and programs ask of runs: to start, stop, go on, decide. Each returns when it is durable."""

import hashlib
import os
from collections.abc import Callable
from typing import Literal

from ferryman import machine
from ferryman.domain import views
from ferryman.domain.errors import NotFound, Refused
from ferryman.domain.events import (
    CancelRequested,
    Event,
    GateAnswered,
    Halted,
    LostSettled,
    Resumed,
    RetryRequested,
    SkipRequested,
    Started,
    VerdictGiven,
)
from ferryman.domain.ids import split_key
from ferryman.domain.run import Run
from ferryman.domain.values import Json
from ferryman.ports.clock import Clock
from ferryman.ports.driver import Driver
from ferryman.ports.store import RunRow, Store
from ferryman.services import paths
from ferryman.services.caller import Caller
from ferryman.services.pipelines import Pipelines
from ferryman.services.runs import Runs
from ferryman.services.views import of_run


class Requests:
    """What can be asked of runs where a driver moves them."""

    def __init__(
        self,
        *,
        store: Store,
        driver: Driver,
        clock: Clock,
        runs: Runs,
        pipelines: Pipelines,
        zone: str = "UTC",
    ) -> None:
        """Over this driver. `zone` is the one in which runs read times."""
        self._store = store
        self._driver = driver
        self._clock = clock
        self._runs = runs
        self._pipelines = pipelines
        self._zone = zone

    async def start(
        self,
        caller: Caller,
        *,
        pipeline: str,
        version: int = 0,
        values: dict[str, str] | None = None,
        facts: dict[str, Json] | None = None,
        reason: str = "",
        disabled: tuple[str, ...] = (),
        key: str = "",
        run: str = "",
    ) -> views.RunView:
        """Start a run of a version, by default the newest. With a `key`, or under an id given as `run`, starting again
        gives the run that is there.

        Raises `Refused` for a start that the rules or its lock refuse, and leaves no trace then.
        """
        if key or run:
            run = run or run_id_of(caller.project, key)
            if (known := await self._known(run)) is not None:
                return of_run(await self._runs.load(known), known)
        run = run or run_id(self._clock.now())
        version, define = await self._pipelines.define(caller, pipeline, version)
        ci = {
            "actor": caller.name,
            "event": "manual",
            "build_id": run,
            "pipeline_id": pipeline,
            "pipeline_name": define.name,
            "pipeline_version": str(version),
            "project_id": caller.project,
            **({"build_msg": reason} if reason else {}),
            **(facts or {}),
        }

        def started(number: int) -> Started:
            return Started(
                at=self._clock.now(),
                run=run,
                number=number,
                by=caller.name,
                values=values or {},
                facts={**ci, "build_num": str(number)},
                zone=self._zone,
                disabled=disabled,
            )

        # What the rules refuse costs no number.
        machine.begin(define, started(0))
        number = await self._store.next_number(caller.project, pipeline)
        state = await self._driver.begin(
            project=caller.project, pipeline=pipeline, version=version, define=define, event=started(number)
        )
        row = await self._store.run(state.id)
        return of_run(state, row, expected_ms=await self._runs.expected(row))

    async def _known(self, run: str) -> RunRow | None:
        try:
            return await self._store.run(run)
        except NotFound:
            return None

    async def cancel(
        self,
        caller: Caller,
        *,
        run: str,
        reason: str = "",
        force: bool = False,
        running: Literal["stop", "finish"] = "stop",
    ) -> views.RunView:
        """Stop a run; with `force` at once and for good. `running` says what running steps do."""
        return await self._tell(
            caller,
            run,
            lambda at, _: CancelRequested(at=at, by=caller.name, why=reason, force=force, running=running),
        )

    async def retry(
        self, caller: Caller, *, run: str, path: str = "", failed_only: bool = False
    ) -> views.RunView:
        """Run again: the whole run, or from a stage, job or step on."""
        return await self._tell(
            caller,
            run,
            lambda at, state: RetryRequested(
                at=at, by=caller.name, path=_path(state, path), failed_only=failed_only
            ),
        )

    async def skip(self, caller: Caller, *, run: str, path: str) -> views.RunView:
        """Pass over a failed step, or every failed step of a stage, and go on behind it."""
        return await self._tell(
            caller, run, lambda at, state: SkipRequested(at=at, by=caller.name, path=_path(state, path))
        )

    async def answer(
        self,
        caller: Caller,
        *,
        run: str,
        path: str,
        yes: bool,
        comment: str = "",
        values: dict[str, str] | None = None,
        group: str = "",
        name: str = "",
    ) -> views.RunView:
        """Answer a review or a manual start. With `name` in somebody's name, which the comment says."""
        by = name or caller.name
        said = comment if by == caller.name else f"{comment} (given by {caller.name})".strip()
        return await self._tell(
            caller,
            run,
            lambda at, state: GateAnswered(
                at=at,
                path=_path(state, path),
                by=by,
                yes=yes,
                group=group,
                comment=said,
                values=values or {},
            ),
        )

    async def judge(
        self,
        caller: Caller,
        *,
        run: str,
        path: str,
        passed: bool,
        where: Literal["before", "after", ""] = "",
    ) -> views.RunView:
        """Tell the verdict on the quality rules of a stage's open gate."""
        return await self._tell(
            caller,
            run,
            lambda at, state: VerdictGiven(
                at=at, path=_path(state, path), passed=passed, by=caller.name, where=where
            ),
        )

    async def resume(
        self, caller: Caller, *, run: str, path: str, settings: dict[str, Json] | None = None
    ) -> views.RunView:
        """Let a paused step begin; settings that it has already may be changed."""
        return await self._tell(
            caller,
            run,
            lambda at, state: Resumed(
                at=at, path=_path(state, path), by=caller.name, settings=settings or {}
            ),
        )

    async def halt(self, caller: Caller, *, run: str, path: str) -> views.RunView:
        """End a paused step and its job, before it begins."""
        return await self._tell(
            caller, run, lambda at, state: Halted(at=at, path=_path(state, path), by=caller.name)
        )

    async def settle(
        self, caller: Caller, *, run: str, path: str, verdict: Literal["repeat", "succeeded", "failed"]
    ) -> views.RunView:
        """Say what became of a lost attempt, named by its step or its key, or let it be repeated."""

        def settled(at: int, state: Run) -> LostSettled:
            return LostSettled(at=at, key=_lost(state, path), verdict=verdict, by=caller.name)

        return await self._tell(caller, run, settled)

    async def _tell(self, caller: Caller, run: str, made: Callable[[int, Run], Event]) -> views.RunView:
        row = await self._runs.find(caller, run)
        event = made(self._clock.now(), await self._runs.load(row))
        state = await self._driver.tell(row.id, event)
        return of_run(state, await self._store.run(row.id))


def _path(run: Run, text: str) -> str:
    return paths.found(run, text) if text else ""


def _lost(run: Run, text: str) -> str:
    """The key of the newest attempt of a step, which must be lost for anybody to settle it."""
    path, execution, _ = split_key(text)
    if execution:
        return text
    wanted = paths.found(run, path)
    for stage in run.stages:
        for job in (each for group in stage.jobs for each in (group, *group.children)):
            for step in job.steps:
                if f"{job.path}/{step.id}" == wanted:
                    return f"{wanted}#{step.execution}.{step.attempt}"
    raise Refused(f"cannot settle {wanted}: only a step can be lost", reason="not-lost", path=wanted)


def run_id(at: int) -> str:
    """A new id: 32 hexadecimal digits that sort by time (the layout of UUID version 7)."""
    drawn = bytearray(at.to_bytes(6, "big") + os.urandom(10))
    drawn[6] = drawn[6] & 0x0F | 0x70
    drawn[8] = drawn[8] & 0x3F | 0x80
    return drawn.hex()


def run_id_of(project: str, key: str) -> str:
    """The id that belongs to a caller's key: always the same one."""
    return hashlib.sha256(f"{project}\n{key}".encode()).hexdigest()[:32]
