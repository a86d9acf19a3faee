"""Asking for runs: a new one, or one anew."""

import hashlib
import os

from ferryman import machine
from ferryman.definition import model_of
from ferryman.domain import views, words
from ferryman.domain.actions import Action
from ferryman.domain.errors import NotFound, Refused
from ferryman.domain.events import CancelRequested, Started
from ferryman.domain.locks import Request
from ferryman.domain.run import Run
from ferryman.domain.status import Phase
from ferryman.domain.values import LONGEST_VALUE, Json
from ferryman.machine import locks
from ferryman.ports.store import RunRow
from ferryman.services import starting
from ferryman.services.caller import Caller
from ferryman.services.permits import permit
from ferryman.services.requests.asking import Asking
from ferryman.services.views import of_run

RESTARTED = "restarted"
"""Why a run was canceled that begins anew."""


class Beginning(Asking):
    """Begins runs."""

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
        behind: str = "",
    ) -> views.RunView:
        """Start a run of a version, by default the newest. With a `key`, or under an id given as `run`, starting again
        gives the run that is there.

        `how` is a word of `words.STARTS`; with `unasked` values count that a start does not ask for; `recommended`
        replaces the number that the pipeline recommends; `disabled` are paths of steps switched off for this run;
        `behind` is the person in whose name this is asked: theirs is the run, the audit tells of both.
        Raises `Refused` for a start that the rules or its lock refuse (too-frequent, locked, queue-full, value-missing,
        value-too-long, dependency-circle), and leaves no trace then; and (key-used) for a key of another start.
        """
        permit(caller, Action.START_RUN, resource=f"pipeline/{pipeline}")
        if key or run:
            run = run or run_id_of(caller.project, key)
            if (known := await self._known(run)) is not None:
                if key:
                    await self._check_same(known, key, pipeline, values or {})
                return of_run(await self._runs.load(known), known)
        with self._crowd.entered(caller.project, pipeline):
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
                by=behind or caller.name,
                how=how,
            )
            ci |= {
                "build_id": starting.known_as(pipeline, run),
                **({"build_msg": reason} if reason else {}),
                **(facts or {}),
            }

            def started(number: int, advised: int | None = None) -> Started:
                known = {**ci, "build_num": str(number)}
                if advised is not None:
                    known["build_no"] = str(advised)
                own = starting.built_in(known)
                return Started(
                    at=self._clock.now(),
                    run=run,
                    number=number,
                    by=behind or caller.name,
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
            self._refuse_crowd(caller.project, pipeline, begun)
            number = await self._store.next_number(caller.project, pipeline)
            advised = await self.numbering.take(
                caller.project, pipeline, define, number=number, given=recommended
            )
            event = starting.called(define, head, started(number, advised))
            state = await self._driver.begin(
                project=caller.project,
                pipeline=pipeline,
                version=version,
                define=define,
                event=event,
                definition=b"" if define is written else starting.written_down(define),
                audit=(
                    self._noted(
                        caller,
                        Action.START_RUN,
                        run,
                        reason,
                        after={"pipeline": pipeline, **({"for": behind} if behind else {})},
                    ),
                ),
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

    async def _check_same(self, row: RunRow, key: str, pipeline: str, values: dict[str, str]) -> None:
        """The run of a key is of this pipeline, and was started with these values."""
        stands = f"key {key} stands for run {row.number} of {row.pipeline}"
        if row.pipeline != pipeline:
            raise Refused(f"{stands}; take a new one", reason="key-used")
        started = _given_to(await self._beginning(row))
        if started != {name: text for name, text in values.items() if len(text) <= LONGEST_VALUE}:
            raise Refused(f"{stands}, which was started with other values; take a new one", reason="key-used")

    async def _beginning(self, row: RunRow) -> Started:
        """The first entry of a run's journal."""
        (first, *_) = await self._store.journal(row.id, limit=1)
        event = first.event
        if not isinstance(event, Started):
            raise AssertionError(f"the journal of run {row.id} does not begin with its start")
        return event

    async def _known(self, run: str) -> RunRow | None:
        try:
            return await self._store.run(run)
        except NotFound:
            return None

    def _refuse_crowd(self, project: str, pipeline: str, begun: Run) -> None:
        policy = begun.pipeline.concurrency
        lock = self._driver.turns(project, begun.group or locks.run_lock(policy, pipeline))
        asked = Request(at=begun.at, holder=begun.id, terms=locks.terms(policy, pipeline=pipeline))
        if lock is not None and locks.advance(lock, asked).refused:
            raise Refused(
                f"cannot start {begun.pipeline.name}: as many runs as may be are running or waiting",
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
        event = await self._beginning(row)
        return await self.start(
            caller,
            pipeline=row.pipeline,
            values=_given_to(event),
            reason=str(event.facts.get("build_msg", "")),
            disabled=event.disabled,
            how=str(event.facts.get("build_start_type", words.MANUAL)),
            unasked=event.unasked,
        )

    async def _cancel(self, caller: Caller, row: RunRow, why: str) -> None:
        event = CancelRequested(at=self._clock.now(), by=caller.name, why=why)
        await self._driver.tell(row.id, event, (self._noted(caller, Action.CANCEL_RUN, row.id, why),))


def _given_to(event: Started) -> dict[str, str]:
    """The values that a start was given, without those that every start gets."""
    own = {*words.BUILT_IN, words.BUILD_NUMBER, words.NUMBER_ALIAS}
    return {name: text for name, text in event.values.items() if name not in own}


def run_id(at: int) -> str:
    """A new id: 32 hexadecimal digits that sort by time (the layout of UUID version 7)."""
    drawn = bytearray(at.to_bytes(6, "big") + os.urandom(10))
    drawn[6] = drawn[6] & 0x0F | 0x70
    drawn[8] = drawn[8] & 0x3F | 0x80
    return drawn.hex()


def run_id_of(project: str, key: str) -> str:
    """The id that belongs to a caller's key: always the same one."""
    return hashlib.sha256(f"{project}\n{key}".encode()).hexdigest()[:32]
