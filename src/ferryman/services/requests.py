"""What people and programs ask of runs: to start, stop, go on, decide. Each returns when it is durable."""

import hashlib
import os
from collections.abc import Callable
from typing import Literal

from ferryman import machine
from ferryman.definition import model_of
from ferryman.domain import views, words
from ferryman.domain.actions import Action
from ferryman.domain.audit import AuditEntry
from ferryman.domain.errors import Forbidden, NotFound, Refused
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
from ferryman.domain.heads import CancelPolicy
from ferryman.domain.locks import Request
from ferryman.domain.run import Run
from ferryman.domain.status import Phase
from ferryman.domain.values import Json
from ferryman.machine import locks
from ferryman.ports.clock import Clock
from ferryman.ports.driver import Driver
from ferryman.ports.store import RunRow, Store
from ferryman.services import paths, starting
from ferryman.services.caller import Caller
from ferryman.services.permits import permit
from ferryman.services.pipelines import Pipelines
from ferryman.services.runs import Runs
from ferryman.services.views import of_run

RESTARTED = "restarted"
"""Why a run was canceled that begins anew."""


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
        self.numbering = starting.Numbering(store.history)
        """The numbers that pipelines recommend."""

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
        how: str = words.MANUAL,
        unasked: bool = False,
        recommended: int | None = None,
    ) -> views.RunView:
        """Start a run of a version, by default the newest. With a `key`, or under an id given as `run`, starting again
        gives the run that is there.

        `how` is a word of `words.STARTS`; with `unasked` values count that a start does not ask for; `recommended`
        replaces the number that the pipeline recommends; `disabled` are paths of steps switched off for this run.
        Raises `Refused` for a start that the rules or its lock refuse (locked, queue-full, value-missing,
        value-too-long, dependency-circle), and leaves no trace then.
        """
        permit(caller, Action.START_RUN, resource=f"pipeline/{pipeline}")
        if key or run:
            run = run or run_id_of(caller.project, key)
            if (known := await self._known(run)) is not None:
                return of_run(await self._runs.load(known), known)
        run = run or run_id(self._clock.now())
        version, define = await self._pipelines.define(caller, pipeline, version)
        head = await self._runs.head(caller.project, pipeline)
        written = define
        define = starting.effective(define, head)
        starting.refuse_closed(define, head)
        given = starting.fitting(define, values or {})
        ci = starting.facts_of(
            define,
            head,
            pipeline=pipeline,
            version=version,
            project=caller.project,
            by=caller.name,
            how=how,
        )
        ci |= {"build_id": run, **({"build_msg": reason} if reason else {}), **(facts or {})}

        def started(number: int, advised: int | None = None) -> Started:
            known = {**ci, "build_num": str(number)}
            if advised is not None:
                known["build_no"] = str(advised)
            own = starting.built_in(define, known)
            return Started(
                at=self._clock.now(),
                run=run,
                number=number,
                by=caller.name,
                values={
                    **given,
                    **own,
                    **({words.BUILD_NUMBER: str(advised)} if advised is not None else {}),
                },
                unasked=unasked,
                facts=known,
                zone=self._zone,
                disabled=disabled,
            )

        # What the rules refuse costs no number, nor does a queue that has no room.
        begun = machine.begin(define, started(0)).run
        await self._refuse_crowd(caller.project, pipeline, begun)
        number = await self._store.next_number(caller.project, pipeline)
        advised = await self.numbering.take(
            caller.project, pipeline, define, number=number, given=recommended
        )
        event = started(number, advised)
        state = await self._driver.begin(
            project=caller.project,
            pipeline=pipeline,
            version=version,
            define=define,
            event=event,
            definition=b"" if define is written else starting.written_down(define),
            audit=(self._noted(caller, Action.START_RUN, run, reason, after={"pipeline": pipeline}),),
        )
        row = await self._store.run(state.id)
        return of_run(state, row, expected_ms=await self._runs.expected(row))

    async def startup(self, caller: Caller, *, pipeline: str) -> starting.Startup:
        """What a start of the newest version asks for. Raises `NotFound` (pipeline-unknown), `Refused` (locked)."""
        permit(caller, Action.START_RUN, resource=f"pipeline/{pipeline}")
        _, define = await self._pipelines.define(caller, pipeline)
        known = await self._runs.head(caller.project, pipeline)
        define = starting.effective(define, known)
        starting.refuse_closed(define, known)
        return starting.Startup(
            define=define,
            model=model_of(define),
            newest=(await self._runs.latest.read(caller.project, pipeline)).run,
            recommended=await self.numbering.present(caller.project, pipeline, define),
        )

    async def _known(self, run: str) -> RunRow | None:
        try:
            return await self._store.run(run)
        except NotFound:
            return None

    async def _refuse_crowd(self, project: str, pipeline: str, begun: Run) -> None:
        policy = begun.pipeline.concurrency
        if policy.queue_length > 0:
            return
        name = begun.group or locks.run_lock(policy, pipeline)
        lock = await self._store.lock(project, "runs", name)
        asked = Request(at=begun.at, holder=begun.id, terms=locks.terms(policy, pipeline=pipeline))
        if lock is not None and locks.advance(lock, asked).refused:
            raise Refused(
                f"cannot start {begun.pipeline.name}: a run is under way, and nobody may wait",
                reason="queue-full",
            )

    async def restart(self, caller: Caller, *, run: str, pipeline: str = "") -> views.RunView:
        """Start a new run with the same start values, of the newest version; one that still runs is canceled first.

        Raises `Refused` (restarting) for one that is being canceled for a new one already.
        """
        row = await self._row(caller, Action.START_RUN, run, pipeline)
        state = await self._runs.load(row)
        if state.phase is not Phase.FINISHED:
            if state.stopping is not None and state.stopping.why == RESTARTED:
                raise Refused(
                    f"cannot restart run {row.number}: it is being restarted already", reason="restarting"
                )
            starting.refuse_closed(state.pipeline, await self._runs.head(row.project, row.pipeline))
            if state.stopping is None:
                await self._cancel(caller, row, RESTARTED)
        (first, *_) = await self._store.journal(row.id, limit=1)
        event = first.event
        if not isinstance(event, Started):
            raise AssertionError(f"the journal of run {row.id} does not begin with its start")
        own = {*words.BUILT_IN, words.BUILD_NUMBER}
        return await self.start(
            caller,
            pipeline=row.pipeline,
            values={name: text for name, text in event.values.items() if name not in own},
            reason=str(event.facts.get("build_msg", "")),
            disabled=event.disabled,
            how=str(event.facts.get("build_start_type", words.MANUAL)),
            unasked=event.unasked,
        )

    async def _cancel(self, caller: Caller, row: RunRow, why: str) -> None:
        event = CancelRequested(at=self._clock.now(), by=caller.name, why=why)
        await self._driver.tell(row.id, event, (self._noted(caller, Action.CANCEL_RUN, row.id, why),))

    async def cancel(
        self,
        caller: Caller,
        *,
        run: str,
        pipeline: str = "",
        reason: str = "",
        force: bool = False,
        running: Literal["stop", "finish"] = "stop",
    ) -> views.RunView:
        """Stop a run; with `force` at once and for good. `running` says what running steps do.

        Raises, in this order: `NotFound`, `Refused` (ended; run-of-another-pipeline), `Forbidden` (not-yours) where the
        pipeline lets only the starter and its managers do so, `Refused` (too-soon).
        """
        row = await self._row(caller, Action.CANCEL_RUN, run, "")
        if row.phase == Phase.FINISHED:
            raise Refused(f"cannot cancel run {row.number}: it has ended already", reason="ended")
        _check_pipeline(row, pipeline)
        await self._check_canceling(caller, row)
        return await self._tell(
            caller,
            Action.CANCEL_RUN,
            row,
            lambda at, _: CancelRequested(at=at, by=caller.name, why=reason, force=force, running=running),
            reason,
        )

    async def _check_canceling(self, caller: Caller, row: RunRow) -> None:
        head = await self._runs.head(row.project, row.pipeline)
        setting = head.setting if head is not None else None
        open_to_all = setting is None or setting.policies.cancel is not CancelPolicy.STARTER
        if open_to_all or caller.name == row.started_by:
            return
        try:
            permit(caller, Action.MANAGE_PIPELINE, resource=f"pipeline/{row.pipeline}")
        except Forbidden as refusal:
            raise Forbidden(
                f"{caller.name} cannot cancel run {row.number}: only {row.started_by}, who started it, and who manages "
                "the pipeline can",
                reason="not-yours",
            ) from refusal

    async def retry(
        self, caller: Caller, *, run: str, path: str = "", failed_only: bool = False, pipeline: str = ""
    ) -> views.RunView:
        """Run again: the whole run, or from a stage, job or step on. Raises `Refused` (locked) where the pipeline takes
        no runs, and what the rules refuse."""
        row = await self._row(caller, Action.RETRY_RUN, run, pipeline)
        await self._check_open(row)
        return await self._tell(
            caller,
            Action.RETRY_RUN,
            row,
            lambda at, state: RetryRequested(
                at=at, by=caller.name, path=_path(state, path), failed_only=failed_only
            ),
            path,
        )

    async def skip(self, caller: Caller, *, run: str, path: str, pipeline: str = "") -> views.RunView:
        """Pass over a failed step, or every failed step of a stage, and go on behind it."""
        row = await self._row(caller, Action.SKIP_STEP, run, pipeline)
        await self._check_open(row)
        return await self._tell(
            caller,
            Action.SKIP_STEP,
            row,
            lambda at, state: SkipRequested(at=at, by=caller.name, path=_path(state, path)),
            path,
        )

    async def _check_open(self, row: RunRow) -> None:
        head = await self._runs.head(row.project, row.pipeline)
        if starting.is_closed(head):
            raise Refused(
                f"cannot run {row.pipeline} again: it is locked, and takes no runs", reason="locked"
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
        pipeline: str = "",
    ) -> views.RunView:
        """Answer a review or a manual start. With `name` in somebody's name, which the comment says."""
        row = await self._row(caller, Action.ANSWER_GATE, run, pipeline)
        by = name or caller.name
        said = comment if by == caller.name else f"{comment} (given by {caller.name})".strip()
        return await self._tell(
            caller,
            Action.ANSWER_GATE,
            row,
            lambda at, state: GateAnswered(
                at=at,
                path=_path(state, path),
                by=by,
                yes=yes,
                group=group,
                comment=said,
                values=values or {},
            ),
            comment,
            after={"path": path, "yes": yes, "by": by},
        )

    async def judge(
        self,
        caller: Caller,
        *,
        run: str,
        path: str,
        passed: bool,
        where: Literal["before", "after", ""] = "",
        pipeline: str = "",
    ) -> views.RunView:
        """Tell the verdict on the quality rules of a stage's open gate."""
        row = await self._row(caller, Action.JUDGE_GATE, run, pipeline)
        return await self._tell(
            caller,
            Action.JUDGE_GATE,
            row,
            lambda at, state: VerdictGiven(
                at=at, path=_path(state, path), passed=passed, by=caller.name, where=where
            ),
            after={"path": path, "passed": passed},
        )

    async def resume(
        self,
        caller: Caller,
        *,
        run: str,
        path: str,
        settings: dict[str, Json] | None = None,
        pipeline: str = "",
    ) -> views.RunView:
        """Let a paused step begin; settings that it has already may be changed."""
        row = await self._row(caller, Action.RESUME_STEP, run, pipeline)
        return await self._tell(
            caller,
            Action.RESUME_STEP,
            row,
            lambda at, state: Resumed(
                at=at, path=_path(state, path), by=caller.name, settings=settings or {}
            ),
            path,
        )

    async def halt(self, caller: Caller, *, run: str, path: str, pipeline: str = "") -> views.RunView:
        """End a paused step and its job, before it begins."""
        row = await self._row(caller, Action.HALT_STEP, run, pipeline)
        return await self._tell(
            caller,
            Action.HALT_STEP,
            row,
            lambda at, state: Halted(at=at, path=_path(state, path), by=caller.name),
            path,
        )

    async def settle(
        self, caller: Caller, *, run: str, path: str, verdict: Literal["repeat", "succeeded", "failed"]
    ) -> views.RunView:
        """Say what became of a lost attempt, named by its step or its key, or let it be repeated."""

        def settled(at: int, state: Run) -> LostSettled:
            return LostSettled(at=at, key=paths.lost(state, path), verdict=verdict, by=caller.name)

        row = await self._row(caller, Action.SETTLE_STEP, run, "")
        return await self._tell(caller, Action.SETTLE_STEP, row, settled, path)

    async def note(self, caller: Caller, *, run: str, text: str, pipeline: str = "") -> RunRow:
        """Keep what a person says of a run, in place of what its steps said."""
        row = await self._row(caller, Action.START_RUN, run, pipeline)
        await self._store.history.note(
            row.id, text, (self._noted(caller, Action.START_RUN, row.id, after={"note": text}),)
        )
        return await self._store.run(row.id)

    async def _row(self, caller: Caller, action: str, run: str, pipeline: str) -> RunRow:
        row = await self._runs.find(caller, run, action=action)
        _check_pipeline(row, pipeline)
        return row

    async def _tell(
        self,
        caller: Caller,
        action: str,
        row: RunRow,
        made: Callable[[int, Run], Event],
        reason: str = "",
        *,
        after: Json = None,
    ) -> views.RunView:
        event = made(self._clock.now(), await self._runs.load(row))
        state = await self._driver.tell(
            row.id, event, (self._noted(caller, action, row.id, reason, after=after),)
        )
        return of_run(state, await self._store.run(row.id))

    def _noted(
        self, caller: Caller, action: str, run: str, reason: str = "", *, after: Json = None
    ) -> AuditEntry:
        return AuditEntry(
            at=self._clock.now(),
            by=caller.name,
            project=caller.project,
            action=action,
            subject=f"run/{run}",
            request=caller.request,
            address=caller.address,
            reason=reason,
            after=after,
        )


def _check_pipeline(row: RunRow, pipeline: str) -> None:
    """Raises `Refused` for a run that is not this pipeline's; without one nobody asks."""
    if pipeline and row.pipeline != pipeline:
        raise Refused(f"run {row.id} is not one of pipeline {pipeline}", reason="run-of-another-pipeline")


def _path(run: Run, text: str) -> str:
    return paths.found(run, text) if text else ""


def run_id(at: int) -> str:
    """A new id: 32 hexadecimal digits that sort by time (the layout of UUID version 7)."""
    drawn = bytearray(at.to_bytes(6, "big") + os.urandom(10))
    drawn[6] = drawn[6] & 0x0F | 0x70
    drawn[8] = drawn[8] & 0x3F | 0x80
    return drawn.hex()


def run_id_of(project: str, key: str) -> str:
    """The id that belongs to a caller's key: always the same one."""
    return hashlib.sha256(f"{project}\n{key}".encode()).hexdigest()[:32]
