"""While a unit is being written: what comes gathers, and nothing is shown or done before it is kept (RULINGS 5).

Each test holds the store back, and lets units go one by one (DESIGN 4, promises 1 to 4).
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import msgspec
import pytest

from ferryman.domain.errors import Conflict, Unavailable
from ferryman.domain.events import CancelRequested, Started
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.run import Run
from ferryman.drivers.embedded import EmbeddedDriver, Start
from ferryman.ports.executor import Found
from ferryman.ports.store import Unit
from ferryman.stores.memory import MemoryStore
from tests.drivers.world import EPOCH, Body, Preparer, VirtualClock

Verdict = Exception | None


class HeldStore(MemoryStore):
    """Writes a unit when the test says so, or fails as it says."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[tuple[Unit, asyncio.Future[Verdict]]] = []
        self.free = True
        self.begun: dict[str, int] = {}
        """How many entries a run had when it had begun."""

    async def append(self, unit: Unit) -> None:
        if not self.free:
            answer: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
            self.held.append((unit, answer))
            verdict = await answer
            if verdict is not None:
                raise verdict
        await super().append(unit)

    async def let_go(self, verdict: Verdict = None) -> None:
        """Answer the oldest unit that is held, and let everything happen that comes of it."""
        self.held.pop(0)[1].set_result(verdict)
        await still()

    @property
    def firsts(self) -> list[tuple[str, int]]:
        """Run and first entry of each unit that is held, counted from the end of its beginning."""
        return [(unit.run.id, unit.before + 1 - self.begun[unit.run.id]) for unit, _ in self.held]


class Scene:
    """A driver over a held store, and what happened around it."""

    def __init__(self, store: HeldStore | None = None, body: Body | None = None) -> None:
        self.store, self.body = store or HeldStore(), body or Body(random.Random(1))
        self.clock = VirtualClock()
        self.faults: list[str] = []
        self.asked: list[asyncio.Task[Run]] = []
        self.driver = EmbeddedDriver(
            store=self.store,
            executor=self.body,
            preparer=Preparer(),
            clock=self.clock,
            fault=lambda run, fault: self.faults.append(str(fault)),
        )

    async def begin(self, run: str, define: Pipeline) -> None:
        """A run whose first steps have begun; from here on units are held."""
        self.store.free = True
        await self.store.save_pipeline("local", run, msgspec.json.encode(define), "", at=EPOCH, by="ann")
        event = Started(at=EPOCH, run=run, number=1, by="ann")
        await self.driver.start(Start(project="local", pipeline=run, version=1, define=define, event=event))
        await still()
        self.store.free, self.store.begun[run] = False, len(await self.store.journal(run))

    async def end(self, run: str, key: str) -> None:
        """A step ends well."""
        self.body.end((run, key), "succeeded")
        await still()

    async def kept(self, run: str) -> int:
        """How many entries are kept since it had begun."""
        return len(await self.store.journal(run)) - self.store.begun[run]

    async def cancel(self, run: str) -> "asyncio.Task[Run]":
        """Somebody cancels; who waits for the answer."""
        event = CancelRequested(at=EPOCH, by="ann")
        asked = asyncio.create_task(self.driver.tell(run, event))
        await still()
        return asked

    @property
    def begun(self) -> list[str]:
        """Keys of the attempts that were begun, in order."""
        return [key for _, key in self.body.starts]


async def still() -> None:
    """Let everything happen that can without time passing."""
    for _ in range(60):
        await asyncio.sleep(0)


def jobs(count: int) -> Pipeline:
    """One stage of so many jobs, named a, b, c, of two steps each."""
    does = tuple(Step(id=f"t{at}", kind="ferrymanNothing") for at in range(2))
    return Pipeline(stages=(Stage(id="s", jobs=tuple(Job(id=each, steps=does) for each in "abc"[:count])),))


def in_scene(story: Callable[[Scene], Awaitable[None]]) -> None:
    """Tell a story in a scene of its own."""

    async def tell() -> None:
        scene = Scene()
        await scene.store.open()
        await scene.driver.open()
        await story(scene)
        scene.store.free = True
        while scene.store.held:
            await scene.store.let_go()
        await scene.driver.close()

    asyncio.run(tell())


def test_what_comes_while_a_unit_is_written_becomes_the_next_one() -> None:
    async def story(scene: Scene) -> None:
        await scene.begin("r", jobs(3))
        before = scene.driver.run("r")
        for job in "abc":
            await scene.end("r", f"s/{job}/t0#1.1")
        assert scene.store.firsts == [("r", 1)]
        # What is not kept is shown to nobody, and nothing was begun because of it.
        assert scene.driver.run("r") is before
        assert len(scene.begun) == 3
        await scene.store.let_go()
        assert scene.begun[3:] == ["s/a/t1#1.1"]
        assert scene.store.firsts == [("r", 2)]
        assert len(scene.store.held[0][0].entries) == 2
        await scene.store.let_go()
        assert scene.begun[3:] == ["s/a/t1#1.1", "s/b/t1#1.1", "s/c/t1#1.1"]
        assert await scene.kept("r") == 3
        assert not scene.faults

    in_scene(story)


def test_what_is_reported_while_runs_are_taken_up_waits_until_theirs_is_carried_on() -> None:
    """The unit that takes a run up again is made of what is kept, so no other may be under way."""

    class Hasty(Body):
        """Reports an end while it is asked."""

        async def find(self, attempts: Sequence[tuple[str, str]]) -> Sequence[Found]:
            return [each async for each in self._slowly(attempts)]

        async def _slowly(self, attempts: Sequence[tuple[str, str]]) -> AsyncIterator[Found]:
            for each in attempts:
                self.end(each, "succeeded")
                await still()
                yield self._found(each)

    async def story(scene: Scene) -> None:
        await scene.begin("r", jobs(2))
        await scene.driver.close()
        hasty = Hasty(random.Random(1))
        hasty.running = scene.body.running
        again = Scene(scene.store, hasty)
        opening = asyncio.create_task(again.driver.open())
        while scene.store.held or not opening.done():
            await still()
            if scene.store.held:
                await scene.store.let_go()
        await opening
        assert sorted(again.begun) == ["s/a/t1#1.1", "s/b/t1#1.1"]
        assert not again.faults
        scene.store.free = True
        await again.driver.close()

    in_scene(story)


def test_what_comes_waits_for_a_unit_that_is_tried_again() -> None:
    async def story(scene: Scene) -> None:
        await scene.begin("r", jobs(2))
        await scene.end("r", "s/a/t0#1.1")
        await scene.store.let_go(Unavailable("the disk is full"))
        await scene.end("r", "s/b/t0#1.1")
        assert (scene.store.firsts, scene.faults) == ([], ["the disk is full"])
        scene.clock.move(scene.clock.next())
        await still()
        assert scene.store.firsts == [("r", 1)]
        await scene.store.let_go()
        assert scene.begun[2:] == ["s/a/t1#1.1"]
        assert scene.store.firsts == [("r", 2)]
        await scene.store.let_go()
        assert scene.begun[2:] == ["s/a/t1#1.1", "s/b/t1#1.1"]
        assert scene.faults == ["the disk is full"]

    in_scene(story)


def test_with_a_unit_that_is_given_up_goes_all_that_came_meanwhile() -> None:
    """Nobody goes on with what this process remembers; who waits is told, and the driver says it once."""

    async def story(scene: Scene) -> None:
        await scene.begin("r", jobs(3))
        first, second = await scene.cancel("r"), await scene.cancel("r")
        assert scene.store.firsts == [("r", 1)]
        await scene.store.let_go(Conflict("somebody else wrote"))
        for asked in (first, second):
            with pytest.raises(Conflict, match="somebody else"):
                await asked
        assert scene.faults == ["somebody else wrote"]
        assert scene.driver.run("r") is None
        # What is kept is what the next one to ask sees.
        scene.store.free = True
        assert (await scene.cancel("r")).done()
        event, *_ = await scene.store.journal("r", after=scene.store.begun["r"])
        assert isinstance(event.event, CancelRequested)

    in_scene(story)


def test_who_closes_the_driver_waits_for_what_is_being_written_and_what_came_meanwhile() -> None:
    async def story(scene: Scene) -> None:
        await scene.begin("r", jobs(2))
        await scene.end("r", "s/a/t0#1.1")
        await scene.end("r", "s/b/t0#1.1")
        closing = asyncio.create_task(scene.driver.close())
        await still()
        await scene.store.let_go()
        assert not closing.done()
        await scene.store.let_go()
        await closing
        assert await scene.kept("r") == 2

    in_scene(story)
