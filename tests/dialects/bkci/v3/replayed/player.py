"""Plays a scenario: each event as a client asks for it, or as the world brings it; then looks at what clients see.

A lock that a transcript lets wait is held by a rival: another build of the pipeline for its turn, a small pipeline of
its own for a mutex. `granted` lets the rival go.
"""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count, zip_longest

from ferryman.domain.events import (
    CancelRequested,
    Delivered,
    Event,
    GateAnswered,
    Halted,
    LockGranted,
    LockRefused,
    Resumed,
    RetryRequested,
    ReviewersNamed,
    SkipRequested,
    Started,
    StepFinished,
    StepLost,
    VerdictGiven,
)
from ferryman.domain.run import Run
from ferryman.domain.status import Phase, Why
from ferryman.machine.context import job_of
from ferryman.services import Caller, Services
from ferryman.testing.server import InProcess
from ferryman.testing.told import ToldExecutor
from tests.dialects.bkci.v3.replayed import looks
from tests.dialects.bkci.v3.replayed.client import Client, Refusal
from tests.dialects.bkci.v3.replayed.sayable import mutexes_of, pipeline_of
from tests.dialects.bkci.v3.replayed.told import Told, length_of
from tests.machine.scenario import Block, Scenario
from tests.machine.scenario_commands import event_of

PEOPLE = ("ann", "bob", "carol", "dave", "sonar", "eve")
"""Who acts in transcripts; eve starts rivals."""
INSIDE = Caller(name="ann", project="demo")
TURN = ""
"""The lock that is a run's turn."""
LONGEST = 60.0
"""Seconds after which what is waited for does not come."""
MINUTE = 60_000
MOST_LOOKS = 5
"""How often is looked at an ended build while others of its pipeline may move."""
BY_ITSELF = ("named ", "delivered ")
"""Commands for what the server does by itself."""


class Player:
    """One scenario, being played on a server."""

    def __init__(
        self, server: InProcess, executor: ToldExecutor, scenario: Scenario, name: str, *, newer: bool = False
    ) -> None:
        """Under this name of its pipeline; what is read is read over v4 where that is wanted."""
        self._server, self._executor, self._scenario = server, executor, scenario
        self._define = pipeline_of(scenario)
        self._client = Client(server, self._define, name, newer=newer)
        self._told = Told(self._define)
        self._run = ""
        self._beginning = server.now
        self._values: dict[str, str] = {}
        self._rivals: dict[str, str] = {}
        """Lock → the run that holds it."""
        self._others: list[str] = []
        """Every run but the one that is told of."""

    async def play(self) -> int:
        """Play it to its end; how often was looked. Raises AssertionError where it is seen otherwise than told."""
        blocks, looked = self._scenario.blocks, 0
        try:
            await self._client.save()
            for block, after in zip_longest(blocks, blocks[1:]):
                try:
                    await self._block(block)
                    # What the server answers by itself is answered before anybody can look.
                    if self._run and not (after and after.commands[0].startswith(BY_ITSELF)):
                        await self._look(self._told)
                        looked += 1
                except Exception as fault:
                    raise AssertionError(f"{self._scenario.name}:{block.line}: {fault!r}") from fault
        finally:
            await self._clear()
        return looked

    async def _block(self, block: Block) -> None:
        self._told.take(block)
        timers, refusals = list(self._told.timers), []
        for at, command in enumerate(block.commands):
            if self._run and at:
                await self._look()
            if command.startswith("after "):
                await self._after(length_of(command), timers)
            elif not command.startswith("look "):
                run = await self._state() if self._run else None
                try:
                    await self._do(event_of(command, run, self._server.now), run)
                except Refusal as refusal:
                    refusals.append(f"{command}: {refusal}")
        assert len(refusals) == self._told.refusals, f"{self._told.refusals} refusals were told: {refusals}"

    # What happens

    async def _do(self, event: Event, run: Run | None) -> None:
        """Bring one event about."""
        if isinstance(event, Started):
            await self._start(event)
            return
        assert run is not None, "the run has not begun"
        match event:
            case StepFinished() | StepLost():
                await self._world(run, lambda: self._report(event))
            case CancelRequested(pushed_out=True):
                await self._world(run, self._take_turn)
            case CancelRequested(by=by):
                await self._client.stop(by)
            case RetryRequested(turn=True) | SkipRequested():
                await self._client.retry(event)
            case RetryRequested():
                if TURN not in self._rivals:
                    await self._take_turn()
                await self._client.retry(event)
                await self._expect_queued()
            case GateAnswered():
                await self._client.answer(event)
            case VerdictGiven():
                await self._client.judge(event)
            case Resumed() | Halted():
                await self._client.decide(event)
            case LockGranted(path=path):
                lock = _waited_for(run, path)
                if lock is not None and lock in self._rivals:
                    await self._world(run, lambda: self._executor.let_go(self._rivals.pop(lock)))
            case LockRefused():
                await self._refuse(run, event)
            case ReviewersNamed() | Delivered():
                """The server does so by itself."""
            case _:
                raise AssertionError(f"nobody knows how to bring about {event}")

    async def _start(self, event: Started) -> None:
        self._values = dict(event.values)
        for mutex in mutexes_of(self._scenario):
            if mutex not in self._rivals:
                self._rivals[mutex] = await self._client.hold(mutex)
                self._others.append(self._rivals[mutex])
        if not event.turn:
            await self._take_turn()
        self._beginning = self._server.now
        self._run = await self._client.start(self._values, off=event.disabled, by=event.by)
        self._client.follow(self._run)
        if not event.turn:
            await self._expect_queued()

    def _report(self, event: StepFinished | StepLost) -> None:
        if isinstance(event, StepLost):
            self._executor.lose(self._run, event.key, event.known)
            return
        self._executor.end(
            self._run,
            event.key,
            event.outcome,
            reason=event.reason,
            variables=event.variables,
            outputs=event.outputs,
            remark=event.remark,
            spawned_at=event.spawned_at,
        )

    async def _world(self, run: Run, deed: Callable[[], Awaitable[None] | None]) -> None:
        """Let something happen, and wait until the run has heard of it, unless it listens no more."""
        pending = deed()
        if pending is not None:
            await pending
        if run.phase is not Phase.FINISHED:
            await self._heard(run.seq + 1)

    async def _after(self, length: int, timers: list[int]) -> None:
        """Move the clock, stopping where timers are told to fire."""
        until = self._server.now + length
        while timers and self._beginning + timers[0] <= until:
            run, at = await self._state(), timers[0]
            alike = timers.count(at)
            del timers[:alike]
            await self._server.pass_time(self._beginning + at - self._server.now)
            await self._heard(run.seq + alike)
        await self._server.pass_time(until - self._server.now)

    # Locks

    async def _take_turn(self) -> None:
        """Start another build of the pipeline, so that the turn is taken."""
        rival = await self._client.start(self._values, by="eve")
        self._rivals[TURN] = rival
        self._others.append(rival)
        # In a review it would let others go before it.
        await self._client.approve_first(rival)

    async def _expect_queued(self) -> None:
        assert _waited_for(await self._state(), TURN) is not None, "it does not wait for its turn"

    async def _refuse(self, run: Run, event: LockRefused) -> None:
        """Let a wait come to its end; one that is over already, or never was, is let be."""
        if _waited_for(run, event.path) is None:
            return
        if event.reason.kind is Why.PUSHED_OUT:
            while len(self._others) <= self._define.concurrency.queue_length:
                await self._take_turn()
            await self._heard(run.seq + 1)
            return
        of_run = self._define.concurrency.waiting_minutes
        minutes = int(event.reason.facts["minutes"]) if event.path else of_run
        await self._world(run, lambda: self._server.pass_time(minutes * MINUTE))
        # In the transcript no time has passed.
        self._beginning += minutes * MINUTE

    # What is seen

    async def _look(self, told: Told | None = None) -> None:
        """Compare, as soon as all is done that the server still does by itself; amid a block, where nothing is told,
        the answers with one another."""
        for again in count(1):
            run = await self._state()
            seen = await self._client.look()
            wrong = looks.disagreements(self._define, seen)
            if told is not None:
                wrong += looks.otherwise(told, self._define, seen, beginning=self._beginning)
            if not wrong:
                return
            if run.phase is Phase.FINISHED:
                # The calls are made one after the other, and a rival may move between them.
                assert again < (MOST_LOOKS if self._others else 1), "; ".join(wrong)
                continue
            try:
                await self._heard(run.seq + 1)
            except TimeoutError:
                raise AssertionError("; ".join(wrong)) from None

    # The server from inside

    @property
    def _services(self) -> Services:
        assert self._server.house.services is not None
        return self._server.house.services

    async def _state(self) -> Run:
        """The run: which attempts it speaks of, what it waits for, how much it has heard. No word is read off it."""
        return await self._services.runs.load(await self._services.runs.find(INSIDE, self._run))

    async def _heard(self, seq: int) -> None:
        """Return when the run has heard so much, or has ended. Raises `TimeoutError`."""
        async with asyncio.timeout(LONGEST):
            async for view in self._services.runs.watch(INSIDE, run=self._run):
                if view.seq >= seq:
                    return

    async def _clear(self) -> None:
        """Leave nothing that runs."""
        for run in filter(None, (*self._others[::-1], self._run)):
            if (await self._services.runs.find(INSIDE, run)).phase != Phase.FINISHED:
                await self._services.requests.cancel(INSIDE, run=run, force=True)


def _waited_for(run: Run, path: str) -> str | None:
    """The lock that a run, or a job of it, waits for."""
    if not path:
        return TURN if run.phase is Phase.WAITING and run.reason.kind is Why.QUEUED else None
    job = job_of(run, path)
    if job is None or job.phase is not Phase.WAITING or job.reason.kind is not Why.LOCK:
        return None
    return job.reason.facts["group"]
