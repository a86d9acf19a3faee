"""Which places are not there yet: told from what was given out and has not begun, without an entry (RULINGS 4)."""

import asyncio

from ferryman.app.bindings import Preparing
from ferryman.definition import load
from ferryman.domain.events import Started
from ferryman.domain.work import Work
from ferryman.drivers.embedded import EmbeddedDriver, Start
from ferryman.drivers.embedded.clock import SystemClock
from ferryman.executors.scripted import Hang, ScriptedExecutor, World
from ferryman.logs import Logs
from ferryman.services.starting import written_down
from ferryman.stores.memory import MemoryStore
from ferryman.testing.logs import MemoryPieces

TEXT = "version: v3.0\nname: two\njobs:\n  build:\n    steps: [{run: 'true'}, {run: 'true'}]\n"
JOB = frozenset({"s1/build"})


class Gated(ScriptedExecutor):
    """Begins an attempt when the test lets it."""

    def __init__(self, world: World) -> None:
        super().__init__({"*": (Hang(),)}, logs=Logs(MemoryPieces()), clock=SystemClock(), world=world)
        self.asked, self.ready = asyncio.Event(), asyncio.Event()

    async def start(self, work: Work) -> None:
        self.asked.set()
        await self.ready.wait()
        await super().start(work)


def driver_of(store: MemoryStore, executor: Gated) -> EmbeddedDriver:
    return EmbeddedDriver(store=store, executor=executor, preparer=Preparing(), clock=SystemClock())


def test_a_place_is_prepared_until_its_first_attempt_has_begun() -> None:
    """Also after a restart: who is found alive has a place, who never began has none."""

    async def story() -> None:
        store, world = MemoryStore(), World()
        await store.open()
        define = load(TEXT).pipeline
        await store.save_pipeline("demo", "two", written_down(define), TEXT, at=1, by="ann")
        executor = Gated(world)
        driver = driver_of(store, executor)
        await driver.open()
        event = Started(at=1, run="a" * 32, number=1, by="ann")
        start = Start(project="demo", pipeline="two", version=1, define=define, event=event)
        await driver.start(start)
        assert driver.preparing(event.run) == JOB
        await executor.asked.wait()
        entries = len(await store.journal(event.run))
        executor.ready.set()
        while driver.preparing(event.run):
            await asyncio.sleep(0)
        assert len(await store.journal(event.run)) == entries
        assert driver.preparing("nobody") == frozenset()
        await driver.close()
        # It is found alive by the next process, which begins nothing for it.
        executor = Gated(world)
        driver = driver_of(store, executor)
        await driver.open()
        assert driver.preparing(event.run) == frozenset()
        await driver.close()
        # Nobody knows of it: it never began, and begins now.
        executor = Gated(World())
        driver = driver_of(store, executor)
        await driver.open()
        assert driver.preparing(event.run) == JOB
        executor.ready.set()
        await driver.close()

    asyncio.run(story())
