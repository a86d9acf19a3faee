"""A simulated world for the embedded driver: its clock, its executor and the faults that befall it, all from one seed.

The driver, the machine and the store are the real ones; only time and what steps do are made up. A crash drops the
driver as a kill would, in the middle of whatever it was doing, and a fresh one is opened on the same store.
"""

import asyncio
import random
from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from ferryman.domain.errors import FerrymanError, Unavailable
from ferryman.domain.events import (
    CancelRequested,
    GateAnswered,
    Halted,
    LostSettled,
    Resumed,
    RetryRequested,
    Started,
    StepFinished,
    VerdictGiven,
)
from ferryman.domain.ids import split_key
from ferryman.domain.pipeline import Pipeline
from ferryman.domain.run import Run
from ferryman.domain.status import NO_REASON, Outcome, Phase, Reason, Why
from ferryman.domain.wants import GateWanted, PersonWanted
from ferryman.domain.work import Nothing, Work, WorkResult
from ferryman.drivers.embedded import EmbeddedDriver, Start
from ferryman.machine import snapshots, wants
from ferryman.ports.executor import Found, Report
from ferryman.ports.store import Unit
from ferryman.stores.memory import MemoryStore

EPOCH = 1_700_000_000_000


class VirtualClock:
    """Time that moves when it is told to."""

    def __init__(self) -> None:
        self.time = EPOCH
        self._sleepers: list[tuple[int, asyncio.Future[None]]] = []

    def now(self) -> int:
        return self.time

    async def sleep_until(self, at: int) -> None:
        if at <= self.time:
            return
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleepers.append((at, sleeper))
        await sleeper

    def next(self) -> int:
        """When the next sleeper wakes; 0 when nobody sleeps."""
        self._sleepers = [each for each in self._sleepers if not each[1].done()]
        return min((at for at, _ in self._sleepers), default=0)

    def move(self, to: int) -> None:
        self.time = max(self.time, to)
        for at, sleeper in self._sleepers:
            if at <= self.time and not sleeper.done():
                sleeper.set_result(None)


class FaultyStore(MemoryStore):
    """The store in memory, with the faults of a disk: it takes its time, some units are not kept, some are kept and the
    answer is lost. Units are written one after another, in the order in which they were handed over."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self.refuse = 0
        self.on_kept: Any = None
        self.handed: list[str] = []
        """The runs whose units are being written or wait for that, in order."""
        self._rng, self._disk = rng, asyncio.Lock()

    async def append(self, unit: Unit) -> None:
        run = unit.run.id
        self.handed.append(run)
        try:
            async with self._disk:
                await self._a_while()
                if self.refuse:
                    self.refuse -= 1
                    raise Unavailable("the disk is full; make room")
                await super().append(unit)
                if self.on_kept is not None:
                    self.on_kept(unit)
            await self._a_while()
        finally:
            self.handed.remove(run)

    async def _a_while(self) -> None:
        for _ in range(self._rng.randrange(12)):
            await asyncio.sleep(0)


class Body:
    """What executes steps: it outlives the driver, as a supervisor does."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.running: dict[tuple[str, str], Work] = {}
        self.ended: dict[tuple[str, str], WorkResult] = {}
        self.vanished: set[tuple[str, str]] = set()
        self.starts: list[tuple[str, str]] = []
        self.stubborn: set[tuple[str, str]] = set()
        self.folders: set[tuple[str, str]] = set()
        self.report: Report | None = None

    async def open(self, report: Report) -> None:
        self.report = report

    async def keep_only(
        self, attempts: Collection[tuple[str, str]], folders: Collection[tuple[str, str]]
    ) -> None:
        for each in self.running.keys() - set(attempts):
            self.end(each, "failed")
        kept = {*folders, *((run, _folder(key)) for run, key in attempts)}
        for run, folder in self.folders - kept:
            await self.release(run, folder)

    async def start(self, work: Work) -> None:
        key = (work.run, work.key)
        if key in self.running or key in self.ended or key in self.vanished:
            return
        self.starts.append(key)
        self.folders.add((work.run, work.folder))
        self.running[key] = work
        if self.rng.random() < 0.1:
            self.stubborn.add(key)

    async def stop(self, run: str, key: str, *, force: bool) -> None:
        if (run, key) in self.running and (force or (run, key) not in self.stubborn):
            self.end((run, key), "failed")

    async def find(self, attempts: Sequence[tuple[str, str]]) -> Sequence[Found]:
        return [self._found(each) for each in attempts]

    def _found(self, each: tuple[str, str]) -> Found:
        run, key = each
        if each in self.running:
            return Found(run=run, key=key, state="alive")
        if each in self.ended:
            return Found(run=run, key=key, state="ended", result=self.ended[each])
        if each in self.vanished:
            return Found(run=run, key=key, state="lost", known="it was recorded as started")
        return Found(run=run, key=key, state="unknown")

    async def release(self, run: str, folder: str) -> None:
        """A folder goes with all that is known of attempts in it."""
        self.folders.discard((run, folder))
        self.vanished = {each for each in self.vanished if (each[0], _folder(each[1])) != (run, folder)}
        self.ended = {
            each: end for each, end in self.ended.items() if (each[0], _folder(each[1])) != (run, folder)
        }

    async def close(self) -> None:
        self.report = None

    def end(self, each: tuple[str, str], outcome: str) -> None:
        del self.running[each]
        run, key = each
        reason = NO_REASON if outcome == "succeeded" else Reason(Why.EXIT, {"code": "1"})
        written = {"v": key} if self.rng.random() < 0.3 else {}
        result = WorkResult(run=run, key=key, outcome=outcome, reason=reason, variables=written)
        self.ended[each] = result
        if self.report is not None:
            self.report(result)

    def vanish(self, each: tuple[str, str]) -> None:
        del self.running[each]
        self.vanished.add(each)
        if self.report is not None:
            self.report(Found(run=each[0], key=each[1], state="lost"))


def _folder(key: str) -> str:
    """The path of an attempt's job."""
    return split_key(key)[0].rpartition("/")[0]


class Preparer:
    def prepare(self, run: Run, key: str, *, project: str) -> Work:
        return Work(run=run.id, key=key, project=project, action=Nothing(), folder=_folder(key))


class World:
    """One history: some runs of some pipelines, and everything that befalls them."""

    def __init__(self, seed: int, pipelines: Sequence[Pipeline]) -> None:
        self.rng = random.Random(seed)
        self.pipelines = pipelines
        self.clock = VirtualClock()
        self.store = FaultyStore(random.Random(seed))
        self.store.on_kept = self._kept
        self.body = Body(self.rng)
        self.driver = self._fresh()
        self.acknowledged: dict[str, int] = {}
        self.completed: set[tuple[str, str]] = set()
        self.repeated: list[tuple[str, str]] = []
        self.crashes = 0
        self.canceled_at: dict[str, int] = {}
        self.ids: list[str] = []
        self.asked: set[asyncio.Task[None]] = set()

    def _fresh(self) -> EmbeddedDriver:
        return EmbeddedDriver(
            store=self.store,
            executor=self.body,
            preparer=Preparer(),
            clock=self.clock,
            members=lambda project, roles: tuple(f"{role}-1" for role in roles),
            snapshot_every=7,
        )

    def _kept(self, unit: Unit) -> None:
        for entry in unit.entries:
            if isinstance(entry.event, StepFinished) and not entry.ignored:
                self.completed.add((unit.run.id, entry.event.key))

    async def open(self) -> None:
        await self.store.open()
        for at, pipeline in enumerate(self.pipelines):
            await self.store.save_pipeline(
                "local", f"p{at}", msgspec.json.encode(pipeline), "", at=EPOCH, by="ann"
            )
        await self.driver.open()

    async def still(self) -> None:
        """Let everything that can happen without time passing happen."""
        turns = 60
        while turns:
            turns = 60 if self.store.handed else turns - 1
            await asyncio.sleep(0)

    async def begin(self) -> None:
        at = self.rng.randrange(len(self.pipelines))
        number = await self.store.next_number("local", f"p{at}")
        run = f"r{len(self.ids)}"
        self.ids.append(run)
        event = Started(at=self.clock.now(), run=run, number=number, by="ann", values={"v": "0"})
        start = Start(project="local", pipeline=f"p{at}", version=1, define=self.pipelines[at], event=event)
        self._ask(run, lambda driver: driver.start(start))

    def _ask(self, run: str, asked: Any) -> None:
        async def wait() -> None:
            try:
                answer = await asked(self.driver)
            except (FerrymanError, asyncio.CancelledError):
                return
            self.acknowledged[run] = max(self.acknowledged.get(run, 0), answer.seq)

        task = asyncio.ensure_future(wait())
        self.asked.add(task)
        task.add_done_callback(self.asked.discard)

    def _tell(self, run: Run, event: Any) -> None:
        self._ask(run.id, lambda driver: driver.tell(run.id, event))

    async def crash(self) -> None:
        """The driver is gone in the middle of what it was doing; a fresh one takes up what is kept."""
        self.crashes += 1
        self.body.report = None
        old = self.driver
        for task in (*old._tasks, *self.asked):
            task.cancel()
        await old._timers.close()
        for _ in range(3):
            await asyncio.sleep(0)
        self.store.refuse = 0
        self.driver = self._fresh()
        await self.driver.open()

    def live(self) -> list[Run]:
        return [claim.run for claim in self.driver._claims.values()]

    async def step(self) -> None:
        """One thing that happens."""
        chance = self.rng.random()
        running = sorted(self.body.running)
        if running and chance < 0.45:
            each = self.rng.choice(running)
            self.body.end(each, "succeeded" if self.rng.random() < 0.8 else "failed")
        elif running and chance < 0.48:
            self.body.vanish(self.rng.choice(running))
        elif chance < 0.58:
            await self.crash()
        elif chance < 0.63:
            self.store.refuse = self.rng.randrange(1, 4)
        elif chance < 0.72:
            self.pass_time()
        elif chance < 0.78 and len(self.ids) < 6:
            await self.begin()
        else:
            self.people()
        for _ in range(self.rng.randrange(self.rng.choice((3, 12)))):
            await asyncio.sleep(0)

    def pass_time(self) -> None:
        soon = self.clock.next()
        if soon and soon < self.clock.now() + 10 * 24 * 3_600_000:
            self.clock.move(soon)

    def people(self, *, kindly: bool = False) -> None:
        """Somebody asks for something, or answers."""
        runs = self.live()
        at = self.clock.now()
        if not runs:
            return
        run = self.rng.choice(runs)
        for want in wants(run):
            if isinstance(want, GateWanted):
                yes = kindly or self.rng.random() < 0.8
                if want.kind == "verdict":
                    self._tell(run, VerdictGiven(at=at, path=want.path, passed=yes, by="eve"))
                else:
                    by = self.rng.choice(want.reviewers) if want.reviewers else "bob"
                    self._tell(run, GateAnswered(at=at, path=want.path, by=by, yes=yes))
                return
            if isinstance(want, PersonWanted) and want.kind == "lost":
                key = want.name.removesuffix(":lost")
                verdict = self.rng.choice(["succeeded", "failed", "repeat"])
                self._tell(run, LostSettled(at=at, key=key, verdict=verdict, by="ann"))
                return
            if isinstance(want, PersonWanted):
                event = Resumed if kindly or self.rng.random() < 0.8 else Halted
                self._tell(run, event(at=at, path=want.path, by="ann"))
                return
        if not kindly and self.rng.random() < 0.3:
            self.canceled_at.setdefault(run.id, at)
            self._tell(run, CancelRequested(at=at, by="ann"))

    async def to_the_end(self) -> None:
        """No more faults: everything that is wanted is done until no run is left."""
        self.store.refuse = 0
        for _ in range(3000):
            await self.still()
            if not self.driver._claims:
                return
            running = sorted(self.body.running)
            if running:
                self.body.end(running[0], "succeeded")
                continue
            seqs = sum(run.seq for run in self.live())
            self.people(kindly=True)
            await self.still()
            if seqs == sum(run.seq for run in self.live()):
                self.pass_time()
        raise AssertionError(f"stuck: {[(run.id, run.phase, run.reason, wants(run)) for run in self.live()]}")

    async def check(self) -> None:
        """The promises, at the end of a history."""
        for run, seq in self.acknowledged.items():
            entries = await self.store.journal(run, limit=100_000)
            assert len(entries) >= seq, f"{run}: entry {seq} was acknowledged and is lost"
        counts: dict[tuple[str, str], int] = {}
        for each in self.body.starts:
            counts[each] = counts.get(each, 0) + 1
        assert all(count == 1 for count in counts.values()), "an attempt was begun twice"
        for row in await self.store.runs("local", limit=500):
            assert row.phase == Phase.FINISHED, f"{row.id} never ended"
            stored = await self.store.load(row.id)
            define = msgspec.json.decode(stored.definition, type=Pipeline)
            run = snapshots.unpack(stored.snapshot, define)
            assert run.outcome is not None
            assert all(
                step.outcome is not None for stage in run.stages for job in stage.jobs for step in job.steps
            )
            _attempts_within_policy(run)
        assert not self.body.running, "a step still runs though nobody wants it"
        assert not self.body.folders, f"{self.body.folders} is kept for a job that has ended"
        for lock in await self.store.locks():
            assert not lock.lock.holders, f"lock {lock.name} is still held"
            assert not lock.lock.waiters


def _attempts_within_policy(run: Run) -> None:
    for stage in run.stages:
        for job in stage.jobs:
            for each in (job, *job.children):
                for step, define in zip(each.steps, each.define.steps, strict=False):
                    assert step.tries <= define.retry.automatic
                    assert step.outcome is not Outcome.ERRORED or step.reason.kind is not Why.NONE


async def history(seed: int, pipelines: Sequence[Pipeline], steps: int = 60) -> World:
    """One history from one seed; the same seed is the same history."""
    world = World(seed, pipelines)
    await world.open()
    await world.begin()
    for _ in range(steps):
        await world.step()
    await world.still()
    await world.to_the_end()
    await world.check()
    await world.driver.close()
    return world


__all__ = ["RetryRequested", "World", "history"]
