"""Units behind one another: what comes while a unit is written is handed over behind it, and counts only after it.

Each test holds the store's answers back, and lets them go in the order that it wants (DESIGN 4, promises 1 to 4).
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import msgspec
import pytest

from ferryman.domain.errors import Conflict, Unavailable
from ferryman.domain.events import CancelRequested, Started
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.policies import Mutex
from ferryman.domain.run import Run
from ferryman.drivers.embedded import EmbeddedDriver, Start
from ferryman.ports.executor import Found
from ferryman.ports.store import Unit
from ferryman.stores.memory import MemoryStore
from tests.drivers.world import EPOCH, Body, Preparer, VirtualClock

Verdict = Exception | None


class HeldStore(MemoryStore):
    """Writes a unit when the test says so, or at once with `early`, and answers when and as it says."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[tuple[Unit, asyncio.Future[Verdict]]] = []
        self.free, self.early = True, False
        self.begun: dict[str, int] = {}
        """How many entries a run had when it had begun."""

    async def append(self, unit: Unit) -> None:
        if not self.free:
            answer: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
            self.held.append((unit, answer))
            if self.early:
                await super().append(unit)
            verdict = await answer
            if verdict is not None:
                raise verdict
        if self.free or not self.early:
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


def jobs(count: int, *, steps: int = 2, mutex: str = "") -> Pipeline:
    """One stage of so many jobs, named a, b, c."""
    ids = "abcdefgh"[:count]
    does = tuple(Step(id=f"t{at}", kind="ferrymanNothing") for at in range(steps))
    last = Mutex(group=mutex) if mutex else None
    stages = [Stage(id="s", jobs=tuple(Job(id=each, steps=does) for each in ids))]
    stages += [Stage(id="locked", jobs=(Job(id="m", steps=does, mutex=last),))] if last else []
    return Pipeline(stages=tuple(stages))


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


def test_what_comes_while_a_unit_is_written_is_handed_over_behind_it_and_acted_on_after_it() -> None:
    async def story(scene: Scene) -> None:
        await scene.begin("r", jobs(3))
        before = scene.driver.run("r")
        await scene.end("r", "s/a/t0#1.1")
        await scene.end("r", "s/b/t0#1.1")
        await scene.end("r", "s/c/t0#1.1")
        # The third waits: there is one unit, and one behind it.
        assert scene.store.firsts == [("r", 1), ("r", 2)]
        # What is not kept is shown to nobody, and nothing was begun because of it.
        assert scene.driver.run("r") is before
        assert len(scene.begun) == 3
        await scene.store.let_go()
        assert scene.begun[3:] == ["s/a/t1#1.1"]
        # Now the second is the one that is followed.
        assert scene.store.firsts == [("r", 2), ("r", 3)]
        await scene.store.let_go()
        await scene.store.let_go()
        assert scene.begun[3:] == ["s/a/t1#1.1", "s/b/t1#1.1", "s/c/t1#1.1"]
        assert await scene.kept("r") == 3
        assert not scene.faults

    in_scene(story)


def test_a_unit_is_not_acted_on_before_the_one_in_front_of_it_even_where_it_is_answered_first() -> None:
    """A store that answers out of order has not kept the second one yet: its entries would not follow."""

    async def story(scene: Scene) -> None:
        await scene.begin("r", jobs(2))
        await scene.end("r", "s/a/t0#1.1")
        asked = await scene.cancel("r")
        scene.store.held.reverse()
        await scene.store.let_go()
        assert not asked.done()
        assert scene.store.firsts == [("r", 1)]
        await scene.store.let_go()
        # Tried again at once, now that it can be.
        assert scene.store.firsts == [("r", 2)]
        assert not asked.done()
        await scene.store.let_go()
        assert (await asked).stopping is not None
        assert not scene.faults

    in_scene(story)


def test_units_that_are_kept_are_acted_on_in_their_order_however_the_answers_come() -> None:
    async def story(scene: Scene) -> None:
        await scene.begin("r", jobs(2))
        scene.store.early = True
        await scene.end("r", "s/a/t0#1.1")
        asked = await scene.cancel("r")
        scene.store.held.reverse()
        await scene.store.let_go()
        assert not asked.done()
        assert len(scene.begun) == 2
        await scene.store.let_go()
        assert asked.done()
        # The second step of job a was wanted, and then not any more.
        assert ("r", "s/a/t1#1.1") in scene.body.ended
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


def test_a_unit_waits_for_one_in_front_of_it_that_is_tried_again() -> None:
    async def story(scene: Scene) -> None:
        await scene.begin("r", jobs(2))
        await scene.end("r", "s/a/t0#1.1")
        await scene.end("r", "s/b/t0#1.1")
        await scene.store.let_go(Unavailable("the disk is full"))
        # The second one fails too, as its entries would not follow: nobody is told that, and it is not given up.
        await scene.store.let_go()
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


def test_with_a_unit_that_is_given_up_go_those_behind_it() -> None:
    """Nobody goes on with what this process remembers; who waits is told."""

    async def story(scene: Scene) -> None:
        await scene.begin("r", jobs(3))
        await scene.end("r", "s/a/t0#1.1")
        second = await scene.cancel("r")
        third = await scene.cancel("r")
        assert scene.store.firsts == [("r", 1), ("r", 2)]
        await scene.store.let_go(Conflict("somebody else wrote"))
        await scene.store.let_go()
        for asked, sentence in ((second, "what came before it could not be kept"), (third, "somebody else")):
            with pytest.raises((Conflict, Unavailable), match=sentence):
                await asked
        assert scene.faults == ["somebody else wrote"]
        assert scene.driver.run("r") is None
        assert len(scene.begun) == 3
        # What is kept is what the next one to ask sees.
        scene.store.free = True
        assert (await scene.cancel("r")).done()
        first, *_ = await scene.store.journal("r", after=scene.store.begun["r"])
        assert isinstance(first.event, CancelRequested)

    in_scene(story)


def test_a_unit_that_asks_for_a_lock_waits_for_the_one_in_front_of_it() -> None:
    """What a lock says is heard by other runs: nothing may be missing before it."""

    async def story(scene: Scene) -> None:
        await scene.begin("r", jobs(2, steps=1, mutex="m"))
        await scene.end("r", "s/a/t0#1.1")
        await scene.end("r", "s/b/t0#1.1")
        assert scene.store.firsts == [("r", 1)]
        await scene.store.let_go()
        assert scene.store.firsts == [("r", 2)]
        assert scene.store.held[0][0].locks
        # Nor is it followed while it is written.
        asked = await scene.cancel("r")
        assert scene.store.firsts == [("r", 2)]
        await scene.store.let_go()
        await scene.store.let_go()
        assert (await asked).stopping is not None

    in_scene(story)


def test_where_other_runs_write_too_events_gather() -> None:
    """One unit of many events costs less than many units."""

    async def story(scene: Scene) -> None:
        await scene.begin("q", jobs(1))
        await scene.begin("r", jobs(3))
        await scene.end("q", "s/a/t0#1.1")
        for job in "abc":
            await scene.end("r", f"s/{job}/t0#1.1")
        assert scene.store.firsts == [("q", 1), ("r", 1)]
        await scene.store.let_go()
        await scene.store.let_go()
        assert scene.store.firsts == [("r", 2)]
        assert len(scene.store.held[0][0].entries) == 2

    in_scene(story)


def test_a_run_that_has_ended_is_followed_by_nothing_before_that_is_kept() -> None:
    async def story(scene: Scene) -> None:
        await scene.begin("r", jobs(1, steps=1))
        await scene.end("r", "s/a/t0#1.1")
        asked = await scene.cancel("r")
        assert scene.store.firsts == [("r", 1)]
        await scene.store.let_go()
        while scene.store.held:
            await scene.store.let_go()
        assert asked.done()

    in_scene(story)


def test_both_units_are_finished_when_the_driver_closes() -> None:
    async def story(scene: Scene) -> None:
        await scene.begin("r", jobs(2))
        await scene.end("r", "s/a/t0#1.1")
        await scene.end("r", "s/b/t0#1.1")
        closing = asyncio.create_task(scene.driver.close())
        await still()
        assert not closing.done()
        await scene.store.let_go()
        await scene.store.let_go()
        await closing
        assert await scene.kept("r") == 2

    in_scene(story)
