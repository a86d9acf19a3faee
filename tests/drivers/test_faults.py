"""What must not happen is heard of: no exception of what the driver sets going is lost."""

import asyncio
import random
from collections.abc import Coroutine
from typing import Any

import msgspec

from ferryman.domain.errors import Unavailable
from ferryman.domain.events import CancelRequested, Started
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.run import Run
from ferryman.drivers.embedded import EmbeddedDriver, Start
from ferryman.drivers.embedded.tasks import Tasks
from ferryman.stores.memory import MemoryStore
from tests.drivers.world import EPOCH, Body, Preparer, VirtualClock


class Broken(Body):
    """A body that can neither stop nor release."""

    async def stop(self, run: str, key: str, *, force: bool) -> None:
        raise Unavailable(f"cannot stop {key}")

    async def release(self, run: str, folder: str) -> None:
        raise OSError(f"cannot release {folder}")


async def _still() -> None:
    for _ in range(40):
        await asyncio.sleep(0)


def test_a_stop_or_release_that_fails_is_heard_of() -> None:
    async def story() -> list[tuple[str, str]]:
        heard: list[tuple[str, str]] = []
        store, clock = MemoryStore(), VirtualClock()
        await store.open()
        step = Step(id="t", kind="ferrymanNothing")
        define = Pipeline(stages=(Stage(id="s", jobs=(Job(id="j", steps=(step,)),)),))
        await store.save_pipeline("local", "p", msgspec.json.encode(define), "", at=EPOCH, by="ann")
        driver = EmbeddedDriver(
            store=store,
            executor=Broken(random.Random(1)),
            preparer=Preparer(),
            clock=clock,
            fault=lambda run, fault: heard.append((run, str(fault))),
        )
        await driver.open()
        event = Started(at=EPOCH, run="r", number=1, by="ann")
        await driver.start(Start(project="local", pipeline="p", version=1, define=define, event=event))
        await _still()
        ended: Run = await driver.tell("r", CancelRequested(at=EPOCH, by="ann", force=True))
        await _still()
        assert ended.outcome is not None
        await driver.close()
        return heard

    heard = asyncio.run(story())
    assert sorted(heard) == [("r", "cannot release s/j"), ("r", "cannot stop s/j/t#1.1")]


def test_work_that_fails_is_heard_of_and_work_that_is_canceled_is_not() -> None:
    async def story() -> list[tuple[str, BaseException]]:
        heard: list[tuple[str, BaseException]] = []
        tasks = Tasks(lambda run, fault: heard.append((run, fault)))

        async def fails() -> None:
            tasks.spawn("later", succeeds())
            raise ValueError("no")

        async def succeeds() -> None:
            await asyncio.sleep(0)

        async def hangs() -> None:
            await asyncio.get_running_loop().create_future()

        works: dict[str, Coroutine[Any, Any, None]] = {"a": fails(), "b": succeeds(), "c": hangs()}
        for run, work in works.items():
            tasks.spawn(run, work)
        *_, last = tasks
        last.cancel()
        await tasks.finish()
        assert not list(tasks)
        return heard

    ((run, fault),) = asyncio.run(story())
    assert (run, str(fault)) == ("a", "no")
