"""The life of attempts inside the server: begun, ended, stopped, found again after a restart (RULINGS 17, 29)."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web

from ferryman.domain.status import Why
from ferryman.domain.work import (
    Action,
    CallHttp,
    CallPipeline,
    Impossible,
    Nothing,
    RunScript,
    Wait,
    WorkResult,
)
from ferryman.executors.inside import ACTIONS
from ferryman.ports.executor import Found
from tests.executors.inside.world import KEY, World, lived, served, work


def test_nothing_succeeds_and_leaves_neither_log_nor_record(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path)
        result = await world.result(work(Nothing()))
        assert (result.run, result.key, result.outcome) == ("shop-12", KEY, "succeeded")
        assert world.book.closed == []
        assert world.records.read_bytes() == b""

    lived(story())


def test_what_cannot_be_done_fails_in_preparation_with_its_reason_and_number(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path)
        result = await world.result(work(Impossible(message="no Windows here", code=2199009)))
        assert (result.outcome, result.error_code) == ("failed", 2199009)
        assert (result.reason.kind, result.reason.facts) == (
            Why.ENVIRONMENT_FAILED,
            {"message": "no Windows here"},
        )
        assert world.book.lines == ["no Windows here"]

    lived(story())


def test_an_action_that_needs_a_machine_is_not_done_here(tmp_path: Path) -> None:
    async def story() -> None:
        result = await World(tmp_path).result(work(RunScript(text="make")))
        assert result.outcome == "errored"
        assert RunScript not in ACTIONS

    lived(story())


def test_a_wait_ends_when_its_time_has_come(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path, flies=False)
        executor = world.executor()
        await executor.open(world.hear)
        await executor.start(work(Wait(seconds=90)))
        await until(lambda: bool(world.clock.slept))
        world.clock.advance(89_999)
        await asyncio.sleep(0)
        assert world.reports == []
        world.clock.advance(1)
        report = await world.heard()
        assert isinstance(report, WorkResult)
        assert report.outcome == "succeeded"
        await executor.close()

    lived(story())


def test_a_wait_is_kept_over_a_restart(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path, flies=False)
        first = world.executor()
        await first.open(world.hear)
        await first.start(work(Wait(seconds=90)))
        await until(lambda: bool(world.clock.slept))
        world.clock.advance(60_000)
        await first.close()
        assert world.reports == []

        second = world.executor()
        await second.open(world.hear)
        (found,) = await second.find([("shop-12", KEY)])
        assert found.state == "alive"
        await until(lambda: len(world.clock.slept) == 2)
        assert world.clock.slept[1] == 30_000
        world.clock.advance(30_000)
        assert isinstance(await world.heard(), WorkResult)
        await second.close()

    lived(story())


def test_starting_twice_changes_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path)
        executor = world.executor()
        await executor.open(world.hear)
        await executor.start(work(Nothing()))
        await executor.start(work(Nothing()))
        await world.heard()
        await executor.start(work(Nothing()))
        await executor.start(work(Nothing(), key="s/j/other#1.1"))
        await world.heard(2)
        assert [report.key for report in world.reports] == [KEY, "s/j/other#1.1"]
        await executor.close()

    lived(story())


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize("action", [Wait(seconds=60), "request"], ids=["wait", "request"])
def test_a_stop_ends_it_and_its_end_is_reported_once(
    tmp_path: Path, action: Action | str, force: bool
) -> None:
    async def story() -> None:
        world = World(tmp_path, flies=False)
        asked = asyncio.Event()
        stay = asyncio.Event()

        async def silence(request: web.Request) -> web.Response:
            asked.set()
            await stay.wait()
            return web.Response()

        async with served(silence) as url:
            executor = world.executor()
            await executor.open(world.hear)
            await executor.start(work(CallHttp(url=url) if isinstance(action, str) else action))
            if isinstance(action, str):
                await asked.wait()
            await executor.stop("shop-12", KEY, force=force)
            await executor.stop("shop-12", KEY, force=True)
            report = await world.heard()
            assert isinstance(report, WorkResult)
            assert (report.outcome, report.reason.facts) == ("failed", {"message": "stopped"})
            await executor.stop("shop-12", KEY, force=True)
            await executor.stop("shop-12", "nobody#1.1", force=False)
            stay.set()
            await executor.close()
        assert len(world.reports) == 1

    lived(story())


def test_a_request_that_was_begun_and_has_no_end_is_lost_after_a_restart(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path)
        asked = asyncio.Event()
        stay = asyncio.Event()

        async def silence(request: web.Request) -> web.Response:
            asked.set()
            await stay.wait()
            return web.Response()

        async with served(silence) as url:
            first = world.executor()
            await first.open(world.hear)
            await first.start(work(CallHttp(url=url)))
            await asked.wait()
            kept = world.records.read_bytes()
            stay.set()
            await first.close()
            # The process ended while the request was under way: nothing later is on the disk.
            world.records.write_bytes(kept)
            world.reports.clear()

            second = world.executor()
            await second.open(world.hear)
            (found,) = await second.find([("shop-12", KEY)])
            assert (found.state, "may have been sent" in found.known) == ("lost", True)
            await second.start(work(CallHttp(url=url), key="s/j/new#1.1"))
            await world.heard()
            assert [report.key for report in world.reports] == ["s/j/new#1.1"]
            await second.close()

    lived(story())


def test_a_start_without_asking_first_never_sends_a_request_again(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path)
        seen: list[str] = []

        async def count(request: web.Request) -> web.Response:
            seen.append(request.path)
            return web.Response()

        async with served(count) as url:
            await world.result(work(CallHttp(url=url)))
            executor = world.executor()
            await executor.open(world.hear)
            await executor.start(work(CallHttp(url=url)))
            told = await world.heard(2)
            await executor.close()
        assert isinstance(told, Found)
        assert (told.state, told.result == world.reports[0]) == ("ended", True)
        assert seen == ["/"]

    lived(story())


def test_an_end_that_nobody_heard_of_is_found(tmp_path: Path) -> None:
    """A closing server lets a request under way end; the next one finds how it went."""

    async def story() -> None:
        world = World(tmp_path)
        asked, stay = asyncio.Event(), asyncio.Event()

        async def slow(request: web.Request) -> web.Response:
            asked.set()
            await stay.wait()
            return web.Response(text="done")

        async with served(slow) as url:
            first = world.executor()
            await first.open(world.hear)
            await first.start(work(CallHttp(url=url)))
            await asked.wait()
            closing = asyncio.create_task(first.close())
            await asyncio.sleep(0)
            stay.set()
            await closing
        assert world.reports == []
        second = world.executor()
        await second.open(world.hear)
        found, unknown = await second.find([("shop-12", KEY), ("shop-12", "s/j/none#1.1")])
        assert found.state == "ended"
        assert found.result is not None
        assert found.result.outputs == {"status": "200", "body": "done"}
        assert unknown.state == "unknown"
        await second.close()

    lived(story())


def test_a_call_of_a_pipeline_can_be_canceled_after_a_restart(tmp_path: Path) -> None:
    async def story() -> None:
        world = World(tmp_path)
        first = world.executor()
        await first.open(world.hear)
        await first.start(work(CallPipeline(pipeline="child")))
        await until(lambda: bool(world.runs.started))
        await first.close()
        assert world.runs.canceled == []

        second = world.executor()
        await second.open(world.hear)
        (found,) = await second.find([("shop-12", KEY)])
        assert found.state == "alive"
        await until(lambda: len(world.runs.started) == 2)
        assert world.runs.started[0] == world.runs.started[1]
        await second.stop("shop-12", KEY, force=False)
        report = await world.heard()
        assert isinstance(report, WorkResult)
        assert report.outcome == "failed"
        assert [force for _, force in world.runs.canceled] == [False]
        await second.close()

    lived(story())


def test_when_nothing_can_be_recorded_no_request_is_sent(tmp_path: Path) -> None:
    """A full disk: clear, and recovered from by itself."""

    async def story() -> None:
        world = World(tmp_path)
        seen: list[str] = []

        async def count(request: web.Request) -> web.Response:
            seen.append(request.path)
            return web.Response()

        async with served(count) as url:
            executor = world.executor()
            await executor.open(world.hear)
            records = executor._records
            file, records._file = records._file, -1
            await executor.start(work(CallHttp(url=url)))
            report = await world.heard()
            assert isinstance(report, WorkResult)
            assert report.outcome == "errored"
            assert "cannot record" in report.reason.facts["message"]
            records._file = file
            await executor.start(work(CallHttp(url=url), key="s/j/t#1.2"))
            again = await world.heard(2)
            assert isinstance(again, WorkResult)
            assert again.outcome == "succeeded"
            await executor.close()
        assert seen == ["/"]

    lived(story())


async def until(holds: object) -> None:
    """Let others go on until this holds."""
    async with asyncio.timeout(60):
        while not holds():  # type: ignore[operator]
            await asyncio.sleep(0)
