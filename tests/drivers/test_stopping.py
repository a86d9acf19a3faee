"""An attempt that was wanted and stopped within one unit was never begun: nobody waits for its end."""

import asyncio
import random

import msgspec

from ferryman.domain.events import CancelRequested, Started
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.run import Run
from ferryman.domain.status import Outcome, Phase
from ferryman.drivers.embedded import EmbeddedDriver, Start
from ferryman.stores.memory import MemoryStore
from tests.drivers.world import EPOCH, Body, Preparer, VirtualClock

RUN = "r"


def test_a_cancel_beside_the_end_of_a_step_waits_for_no_step_that_never_began() -> None:
    """Time stands still here, so a patience is never over (promise 6; ERR-6: nothing runs without running)."""

    async def story() -> None:
        store, clock, body = MemoryStore(), VirtualClock(), Body(random.Random(1))
        await store.open()
        steps = tuple(Step(id=name, kind="linuxScript") for name in ("first", "second"))
        define = Pipeline(stages=(Stage(id="s", jobs=(Job(id="j", steps=steps),)),))
        await store.save_pipeline("local", "p", msgspec.json.encode(define), "", at=EPOCH, by="ann")
        driver = EmbeddedDriver(store=store, executor=body, preparer=Preparer(), clock=clock)
        await driver.open()
        event = Started(at=EPOCH, run=RUN, number=1, by="ann")
        await driver.start(Start(project="local", pipeline="p", version=1, define=define, event=event))
        while not body.running:
            await asyncio.sleep(0)
        # Both wait for the run before it is moved, so they become one unit.
        body.end((RUN, "s/j/first#1.1"), "succeeded")
        run: Run = await driver.tell(RUN, CancelRequested(at=EPOCH, by="ann"))
        async with asyncio.timeout(10):
            while run.phase is not Phase.FINISHED:
                run = await driver.changed(RUN, run.seq)
        assert run.outcome is Outcome.CANCELED
        assert body.starts == [(RUN, "s/j/first#1.1")]
        second = run.stages[0].jobs[0].steps[1]
        assert second.outcome is Outcome.CANCELED
        await driver.close()

    asyncio.run(story())
