"""subPipelineCall at work (bkci-v3 9): one child, found again, and canceled with its caller."""

import asyncio
from pathlib import Path

import pytest

from ferryman.domain.errors import Invalid, NotFound, Problem, Refused
from ferryman.domain.status import Outcome
from ferryman.domain.work import CallPipeline, WorkResult
from ferryman.executors.inside import RunEnd, called_run
from tests.executors.inside.world import KEY, World, lived, work

CHILD = called_run("shop-12", KEY)


def test_the_called_run_is_begun_with_its_values_and_an_id_made_from_the_attempt(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path)
        action = CallPipeline(pipeline="child", values={"target": "staging"}, wait=False)
        result = await world.result(work(action))
        assert result.outcome == "succeeded"
        assert world.runs.started == [("p", "child", CHILD, {"target": "staging"}, ("shop-12", KEY))]
        assert world.book.lines == [f"run {CHILD} of pipeline child"]

    lived(story())


def test_each_attempt_calls_a_run_of_its_own() -> None:
    ids = {called_run("a", "s/j/t#1.1"), called_run("a", "s/j/t#1.2"), called_run("b", "s/j/t#1.1")}
    assert len(ids) == 3


@pytest.mark.parametrize(
    ("end", "outcome", "said"),
    [
        (RunEnd(outcome=Outcome.SUCCEEDED), "succeeded", ""),
        (RunEnd(outcome=Outcome.SKIPPED), "succeeded", ""),
        (RunEnd(outcome=Outcome.FAILED, why="step make failed"), "failed", "has failed: step make failed"),
        (RunEnd(outcome=Outcome.ERRORED), "failed", "has ended with an error"),
        (RunEnd(outcome=Outcome.CANCELED, why="by bob"), "failed", "has been canceled: by bob"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_step_ends_as_the_called_run_does(tmp_path: Path, end: RunEnd, outcome: str, said: str) -> None:
    async def story() -> None:
        world = World(tmp_path)
        done: asyncio.Future[RunEnd] = asyncio.get_running_loop().create_future()
        done.set_result(end)
        world.runs.ends[CHILD] = done
        result = await world.result(work(CallPipeline(pipeline="child")))
        assert result.outcome == outcome
        assert said in result.reason.facts.get("message", "")

    lived(story())


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (NotFound("there is no pipeline child"), 2199003),
        (Refused("runs are locked", reason="locked"), 2199002),
        (Invalid([Problem(path="values.a", message="is missing", code=1)]), 2199002),
    ],
)
def test_a_call_that_is_refused_says_why(tmp_path: Path, refusal: Exception, code: int) -> None:
    async def story() -> None:
        world = World(tmp_path)
        world.runs.refusal = refusal
        result = await world.result(work(CallPipeline(pipeline="child")))
        assert (result.outcome, result.error_code) == ("failed", code)
        assert str(refusal) in result.reason.facts["message"]

    lived(story())


@pytest.mark.parametrize("force", [False, True])
def test_canceling_the_caller_cancels_the_called_run(tmp_path: Path, force: bool) -> None:
    async def story() -> None:
        world = World(tmp_path)
        executor = world.executor()
        await executor.open(world.hear)
        await executor.start(work(CallPipeline(pipeline="child")))
        async with asyncio.timeout(60):
            while not world.book.lines:
                await asyncio.sleep(0)
        await executor.stop("shop-12", KEY, force=force)
        report = await world.heard()
        assert isinstance(report, WorkResult)
        assert report.outcome == "failed"
        assert world.runs.canceled == [(CHILD, force)]
        await executor.close()

    lived(story())


def test_a_call_that_nobody_wants_after_a_restart_ends_the_called_run(tmp_path: Path) -> None:
    """The caller ended while no process was there to cancel the run that it waited for (promise 6)."""

    async def story() -> None:
        world = World(tmp_path)
        first = world.executor()
        await first.open(world.hear)
        await first.start(work(CallPipeline(pipeline="child")))
        while CHILD not in world.runs.ends:
            await asyncio.sleep(0)
        await first.close()
        assert world.runs.canceled == []
        for _ in range(2):
            later = world.executor()
            await later.open(world.hear)
            await later.keep_only([], [])
            while not world.runs.canceled:
                await asyncio.sleep(0)
            await later.close()
        assert world.runs.canceled == [(CHILD, True)]

    lived(story())


def test_a_call_that_is_wanted_after_a_restart_goes_on(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path)
        first = world.executor()
        await first.open(world.hear)
        await first.start(work(CallPipeline(pipeline="child")))
        while CHILD not in world.runs.ends:
            await asyncio.sleep(0)
        await first.close()
        second = world.executor()
        await second.open(world.hear)
        await second.keep_only([("shop-12", KEY)], [])
        (found,) = await second.find([("shop-12", KEY)])
        assert found.state == "alive"
        world.runs.ends[CHILD].set_result(RunEnd(outcome=Outcome.SUCCEEDED))
        result = await world.heard()
        assert isinstance(result, WorkResult)
        assert (result.outcome, world.runs.canceled) == ("succeeded", [])
        await second.close()

    lived(story())
