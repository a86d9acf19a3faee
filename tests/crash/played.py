"""A play: runs of one shape, brought to their end by an outside that always does the same, with one crash in it.

What steps come to, what people answer and when time passes depends on nothing but what stands there, so a play with a
crash has to end like the play without. The driver that crashes is dead at once: nothing it calls answers any more.
"""

import asyncio
import contextlib
from collections.abc import Collection, Coroutine, Iterator, Sequence
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from ferryman.domain.errors import NotFound, Refused
from ferryman.domain.events import (
    CancelRequested,
    Event,
    GateAnswered,
    LostSettled,
    Resumed,
    Started,
    VerdictGiven,
)
from ferryman.domain.pipeline import Pipeline
from ferryman.domain.run import Run
from ferryman.domain.status import Phase
from ferryman.domain.wants import GateWanted, PersonWanted, StopWanted
from ferryman.domain.work import Work, WorkResult
from ferryman.drivers.embedded import EmbeddedDriver, Start
from ferryman.machine import snapshots, wants
from ferryman.ports.executor import Found, Report
from ferryman.ports.store import Unit
from ferryman.stores.memory import MemoryStore
from tests.drivers.world import EPOCH, Body, Preparer, VirtualClock

Mood = Literal["well", "failing", "canceled", "lost", "slow"]
MOODS: tuple[Mood, ...] = ("well", "failing", "canceled", "lost", "slow")
Pace = Literal["in batches", "one by one", "one behind another"]
PACES: tuple[Pace, ...] = ("in batches", "one by one", "one behind another")
"""All that can come at once does, or one thing after all came of the other, or while the other is being written."""
POINTS = ("before a unit is kept", "after a unit is kept", "before a spawn", "after a spawn", "at a report")
"""Where a driver can be made to die; each is counted over a play."""
LONGEST = 400
A_MOMENT = 3
"""Turns of the loop in which one more thing can come while what came of another is being written."""


class Point(NamedTuple):
    """Die when this happens for the `number`th time, counted from 1."""

    place: str
    number: int


class Life:
    """Whether a driver lives, and how often it came by each place."""

    def __init__(self, until: Point | None = None) -> None:
        """Live until this point, or for ever."""
        self.until = until
        self.counts = dict.fromkeys(POINTS, 0)
        self.dead = False

    def came_by(self, place: str) -> bool:
        """Count; whether this was the end."""
        self.counts[place] += 1
        self.dead = self.dead or self.until == (place, self.counts[place])
        return self.dead

    async def go_on(self) -> None:
        """The living go on; the dead do not."""
        if self.dead:
            await asyncio.get_running_loop().create_future()


class MortalStore:
    """The store as one driver sees it."""

    def __init__(self, store: MemoryStore, life: Life, *, turns: int) -> None:
        """For a driver with this life. To write a unit takes so many turns of the loop, one unit after another."""
        self._store, self._life, self._turns = store, life, turns
        self._disk = asyncio.Lock()

    async def append(self, unit: Unit) -> None:
        """Keep a unit, unless death comes first; who dies right after does not hear of it."""
        async with self._disk:
            await _turns(self._turns)
            self._life.came_by("before a unit is kept")
            await self._life.go_on()
            await self._store.append(unit)
            self._life.came_by("after a unit is kept")
            await self._life.go_on()

    def __getattr__(self, name: str) -> Any:
        """All else is as it is."""
        return getattr(self._store, name)


class MortalBody:
    """The body as one driver sees it."""

    def __init__(self, body: Body, life: Life) -> None:
        """For a driver with this life."""
        self._body, self._life = body, life

    async def open(self, report: Report) -> None:
        """Report to this driver while it lives."""

        def told(result: WorkResult | Found) -> None:
            if not self._life.dead and not self._life.came_by("at a report"):
                report(result)

        await self._body.open(told)

    async def keep_only(
        self, attempts: Collection[tuple[str, str]], folders: Collection[tuple[str, str]]
    ) -> None:
        """End what nobody wants."""
        await self._body.keep_only(attempts, folders)

    async def start(self, work: Work) -> None:
        """Begin an attempt, unless death comes first."""
        self._life.came_by("before a spawn")
        await self._life.go_on()
        await self._body.start(work)
        self._life.came_by("after a spawn")
        await self._life.go_on()

    async def stop(self, run: str, key: str, *, force: bool) -> None:
        """Stop an attempt."""
        await self._life.go_on()
        await self._body.stop(run, key, force=force)

    async def find(self, attempts: Sequence[tuple[str, str]]) -> Sequence[Found]:
        """Find attempts."""
        return await self._body.find(attempts)

    async def release(self, run: str, folder: str) -> None:
        """Let a job's folder go."""
        await self._life.go_on()
        await self._body.release(run, folder)

    async def close(self) -> None:
        """Nothing to close."""


class Always:
    """Dice that always fall the same way."""

    def __init__(self, value: float) -> None:
        """This one."""
        self._value = value

    def random(self) -> float:
        """The value."""
        return self._value


class Play:
    """One play, at one pace."""

    def __init__(
        self, pipeline: Pipeline, mood: Mood, *, pace: Pace, runs: int = 1, until: Point | None = None
    ) -> None:
        """Yet to be played; with several runs they begin at once."""
        self._pipeline, self._mood, self._pace = pipeline, mood, pace
        self._disk_turns = 2 * A_MOMENT if pace == "one behind another" else 0
        self.life = Life(until)
        self.crashed = False
        self.clock = VirtualClock()
        self.store = MemoryStore()
        # Every step writes a variable; what is to be canceled ends by force only.
        self.body = Body(Always(0.05 if mood == "canceled" else 0.2))  # type: ignore[arg-type]
        self.driver = self._fresh()
        self._runs = [f"r{number}" for number in range(runs)]
        self._tasks: set[asyncio.Task[None]] = set()

    def _fresh(self) -> EmbeddedDriver:
        return EmbeddedDriver(
            store=MortalStore(self.store, self.life, turns=self._disk_turns),
            executor=MortalBody(self.body, self.life),
            preparer=Preparer(),
            clock=self.clock,
            members=lambda project, roles: tuple(f"{role}-1" for role in roles),
            snapshot_every=3,
        )

    async def play(self) -> dict[str, Run]:
        """Play to the end; every run as it is kept then."""
        await self.store.open()
        text = msgspec.json.encode(self._pipeline)
        await self.store.save_pipeline("local", "p", text, "", at=EPOCH, by="ann")
        await self.driver.open()
        for _ in range(LONGEST):
            await self._still()
            if self.life.dead:
                await self._crash()
                continue
            if not await self._something_happens():
                await self._check()
                await self.driver.close()
                return {run: await self._kept(run) for run in self._runs}
        stuck = [(run.id, run.reason, wants(run)) for run in self._live()]
        raise AssertionError(f"stuck: {stuck}")

    async def _still(self) -> None:
        """Let everything happen that can without time passing."""
        await _turns(40 + 20 * self._disk_turns)

    async def _crash(self) -> None:
        """The driver is gone with all it remembers; a fresh one takes up what is kept."""
        self.crashed = True
        under_way = (*self.driver._tasks, *self._tasks)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        await self.driver._timers.close()
        self.life = Life()
        self.driver = self._fresh()
        await self.driver.open()

    def _live(self) -> list[Run]:
        return [claim.run for _, claim in sorted(self.driver._claims.items())]

    async def _something_happens(self) -> bool:
        """What happens next, by what stands there; False when nothing is left to happen."""
        return (
            await self._begin()
            or self._cancel()
            or (self._mood == "slow" and self._pass_time(minutes=61))
            or await self._steps_end()
            or self._people_answer()
            or self._pass_time()
        )

    async def _begin(self) -> bool:
        """Who has heard nothing of their start asks for it again."""
        missing = []
        for number, run in enumerate(self._runs, start=1):
            try:
                await self.store.load(run)
            except NotFound:
                missing.append((number, run))
        for number, run in missing[:1] if self._pace == "one by one" else missing:
            event = Started(at=self.clock.now(), run=run, number=number, by="ann", values={"v": "0"})
            start = Start(project="local", pipeline="p", version=1, define=self._pipeline, event=event)
            self._ask(self.driver.start(start))
        return bool(missing)

    def _ask(self, asked: Coroutine[Any, Any, Run]) -> None:
        async def wait() -> None:
            with contextlib.suppress(Refused):
                await asked

        task = asyncio.create_task(wait())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _tell(self, run: Run, event: Event) -> bool:
        self._ask(self.driver.tell(run.id, event))
        return True

    def _cancel(self) -> bool:
        """Each run is canceled once, as soon as its first step runs."""
        if self._mood != "canceled":
            return False
        for run in self._live():
            if run.stopping is None and any(key[0] == run.id for key in self.body.running):
                return self._tell(run, CancelRequested(at=self.clock.now(), by="ann"))
        return False

    async def _steps_end(self) -> bool:
        running = sorted(self.body.running)
        if self._mood == "canceled":
            # They end when they are stopped, unless nobody stops them.
            running = [
                each
                for each in running
                for run in self._live()
                if run.id == each[0] and not _stops(run, each[1])
            ]
        for each in running[:1] if self._pace == "one by one" else running:
            if each not in self.body.running:
                # What came of the one before has ended it.
                continue
            first = each[1].endswith("#1.1")
            if self._mood == "lost" and first and "/t#" in each[1]:
                self.body.vanish(each)
            else:
                self.body.end(each, "failed" if self._mood == "failing" and first else "succeeded")
            if self._pace == "one behind another":
                await _turns(A_MOMENT)
        return bool(running)

    def _people_answer(self) -> bool:
        at = self.clock.now()
        for run in self._live():
            for want in wants(run):
                match want:
                    case GateWanted(path=path, kind="verdict"):
                        passed = self._mood != "failing"
                        return self._tell(run, VerdictGiven(at=at, path=path, passed=passed, by="eve"))
                    case GateWanted(path=path, reviewers=reviewers):
                        by = next((name for name in reviewers if name not in _voters(run)), "bob")
                        return self._tell(run, GateAnswered(at=at, path=path, by=by, yes=True))
                    case PersonWanted(kind="lost", name=name):
                        verdict = "repeat" if name.startswith("a/a") else "failed"
                        key = name.removesuffix(":lost")
                        settled = LostSettled(at=at, key=key, verdict=verdict, by="ann")  # type: ignore[arg-type]
                        return self._tell(run, settled)
                    case PersonWanted(path=path):
                        return self._tell(run, Resumed(at=at, path=path, by="ann"))
                    case _:
                        continue
        return False

    def _pass_time(self, minutes: int = 100_000) -> bool:
        """To the next timer, if it is that near."""
        soon = self.clock.next()
        if not soon or soon > self.clock.now() + minutes * 60_000 or not self.driver._claims:
            return False
        self.clock.move(soon)
        return True

    async def _kept(self, run: str) -> Run:
        stored = await self.store.load(run)
        return snapshots.unpack(stored.snapshot, self._pipeline)

    async def _check(self) -> None:
        """Promises 2 and 6, at the end."""
        for run in self._runs:
            assert (await self.store.run(run)).phase == Phase.FINISHED, f"{run} never ended"
        assert len(set(self.body.starts)) == len(self.body.starts), "an attempt was begun twice"
        assert not self.body.running, f"{list(self.body.running)} runs though nobody wants it"
        assert not self.body.folders, f"{self.body.folders} is kept for a job that has ended"
        for row in await self.store.locks():
            assert not row.lock.holders, f"lock {row.name} is still held"
            assert not row.lock.waiters, f"somebody waits for lock {row.name}"


async def _turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def _stops(run: Run, key: str) -> bool:
    return any(isinstance(want, StopWanted) and want.key == key for want in wants(run))


def _voters(run: Run) -> set[str]:
    return {
        vote.by
        for stage in run.stages
        for gate in (*stage.before, *stage.after)
        for group in gate.groups
        for vote in group.votes
    }


def told(run: Run) -> Any:
    """What has to be the same: all of a run but where its journal stands."""
    return msgspec.json.decode(snapshots.pack(replace(run, seq=0, ignored="")))


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """Where two runs differ, for whoever reads a failure."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            yield from differences(one.get(name), other.get(name), f"{path}.{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for at, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{path}[{at}]")
    elif one != other:
        yield f"{path}: {one} but {other}"
