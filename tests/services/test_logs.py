"""Logs over a whole run, through the verbs (bkci-v3 3.4; expectations LOG-3)."""

import asyncio
from typing import Any

import pytest

from ferryman.domain import views
from ferryman.domain.access import Rights
from ferryman.domain.errors import NotFound, Refused
from ferryman.executors.scripted import Fail, Hang, Succeed
from ferryman.services import Caller, RunLogs, logs
from ferryman.services.logs import LogPage
from tests.services.stand import ANN, stand

TEXT = """version: v3.0
name: talk
stages:
  - name: Build
    id: build
    jobs:
      make:
        steps: [{id: one, run: make one}, {id: two, run: make two}]
"""
ONE = "build/make/one"
TWO = "build/make/two"


def said(page: LogPage) -> list[tuple[int, str, str]]:
    return [(line.number, line.key, line.text) for line in page.lines]


def test_a_run_is_read_as_a_whole_and_by_what_is_chosen() -> None:
    async def story() -> None:
        table = {
            "*/one": (Succeed(output="a\n##[debug]b\n"),),
            "*/two": (Fail(output="c\n"), Succeed(output="d\ne\n")),
        }
        async with stand(table) as at:
            verbs = RunLogs(book=at.logs, runs=at.runs)
            begun = await at.start(TEXT)
            await at.until(begun.id)
            await at.ask("runs.retry", run=begun.id)
            await at.until(begun.id, lambda view: view.phase == "finished" and view.execution == 2)

            async def page(**more: Any) -> LogPage:
                return await verbs.page(ANN, run=begun.id, **more)

            whole = await page()
            assert said(whole) == [
                (1, f"{ONE}#1.1", "a"),
                (2, f"{ONE}#1.1", "##[debug]b"),
                (3, f"{TWO}#1.1", "c"),
                (4, f"{ONE}#2.1", "a"),
                (5, f"{ONE}#2.1", "##[debug]b"),
                (6, f"{TWO}#2.1", "d"),
                (7, f"{TWO}#2.1", "e"),
            ]
            assert (whole.last, whole.finished, whole.more, whole.removed) == (7, True, False, False)
            assert (whole.pipeline, whole.run.id) == ("talk", begun.id)

            def numbers(page: LogPage) -> list[int]:
                return [line.number for line in page.lines]

            assert numbers(await page(chosen=lambda run: {TWO})) == [3, 6, 7]
            assert numbers(await page(chosen=lambda run: {TWO}, execution=2)) == [6, 7]
            assert numbers(await page(execution=1)) == [1, 2, 3]
            assert numbers(await page(chosen=lambda run: ())) == []
            assert numbers(await page(after=1, until=3)) == [2, 3]
            assert numbers(await page(newest_first=True)) == [7, 6, 5, 4, 3, 2, 1]
            first = await page(limit=2)
            assert (numbers(first), first.more) == ([1, 2], True)
            assert not (await page(limit=7)).more
            newest = await page(limit=2, newest_first=True)
            assert (numbers(newest), newest.more) == ([7, 6], True)
            odd = await page(limit=2, kept=lambda line: line.number % 2 == 1)
            assert (numbers(odd), odd.more) == ([1, 3], True)
            nothing = await page(limit=0)
            assert (numbers(nothing), nothing.last, nothing.more) == ([], 7, False)

            download = await verbs.download(ANN, run=begun.id, pipeline="talk", execution=1)
            pages = [page async for page in download.pages]
            assert [line.text for lines in pages for line in lines] == ["a", "##[debug]b", "c"]

    asyncio.run(story())


def test_pages_are_joined_and_a_page_of_long_lines_ends_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "STRIDE", 3)
    monkeypatch.setattr(logs, "PAGE_SIZE", 10)

    async def story() -> None:
        async with stand({"*/one": (Succeed(output="\n" * 8 + "0123456789\nlast\n"),)}) as at:
            verbs = RunLogs(book=at.logs, runs=at.runs)
            begun = await at.start(TEXT)
            await at.until(begun.id)
            page = await verbs.page(ANN, run=begun.id)
            assert ([line.number for line in page.lines], page.more) == (list(range(1, 10)), True)
            page = await verbs.page(ANN, run=begun.id, newest_first=True, after=5)
            assert [line.number for line in page.lines] == [10, 9]
            download = await verbs.download(ANN, run=begun.id)
            assert [len(lines) async for lines in download.pages] == [3, 3, 3, 1]

    asyncio.run(story())


def test_a_step_has_finished_before_its_run() -> None:
    async def story() -> None:
        async with stand({"*/one": (Succeed(output="a\n"),), "*/two": (Hang(),)}) as at:
            verbs = RunLogs(book=at.logs, runs=at.runs)
            begun = await at.start(TEXT)
            await at.until(begun.id, lambda view: view.stages[0].jobs[0].steps[1].phase == "running")

            async def finished(*paths: str, execution: int = 0) -> bool:
                chosen = (lambda run: paths) if paths else None
                page = await verbs.page(ANN, run=begun.id, chosen=chosen, execution=execution)
                return page.finished

            assert await finished(ONE)
            assert await finished(ONE, execution=1)
            assert not await finished(TWO)
            assert not await finished(ONE, TWO)
            assert not await finished("build/make")
            assert not await finished()
            await at.ask("runs.cancel", run=begun.id)
            await at.until(begun.id)
            assert await finished(TWO)
            assert await finished()

    asyncio.run(story())


def test_what_a_finished_run_said_is_whole_though_its_log_was_never_closed() -> None:
    async def story() -> None:
        async with stand() as at:
            verbs = RunLogs(book=at.logs, runs=at.runs)
            begun = await at.start(TEXT)
            await at.until(begun.id)
            await at.logs.open_attempt(begun.id, f"{ONE}#1.1")
            at.logs.append(begun.id, f"{ONE}#1.1", b"late\n", at=7)
            page = await verbs.page(ANN, run=begun.id)
            assert (said(page), page.finished) == ([(1, f"{ONE}#1.1", "late")], True)

    asyncio.run(story())


def test_removed_lines_are_told_of() -> None:
    async def story() -> None:
        async with stand({"*/one": (Succeed(output="a\n"),)}) as at:
            verbs = RunLogs(book=at.logs, runs=at.runs)
            begun = await at.start(TEXT)
            await at.until(begun.id)
            at.logs._store.remove([(begun.id, f"{ONE}#1.1")], at=9)
            page = await verbs.page(ANN, run=begun.id)
            assert (page.lines, page.removed, page.last) == ([], True, 1)
            with pytest.raises(Refused) as refused:
                await verbs.download(ANN, run=begun.id)
            assert refused.value.reason == "log-removed"

    asyncio.run(story())


STRANGER = Caller(name="eve", rights=Rights())


@pytest.mark.parametrize(
    "verb", ["attempts", "read", "tail", "follow", "raw", "page", "download"], ids=lambda verb: verb
)
def test_nobody_reads_logs_without_a_permit(verb: str) -> None:
    """Who is no member is told that there is no such project, whether or not there is such a run."""
    more = {
        "read": {"key": "k"},
        "tail": {"key": "k", "lines": 1},
        "follow": {"key": "k"},
        "raw": {"key": "k"},
    }

    async def story() -> None:
        async with stand() as at:
            begun = await at.start(TEXT)
            for run in ("none", begun.id):
                asked = getattr(RunLogs(book=at.logs, runs=at.runs), verb)(
                    STRANGER, run=run, **more.get(verb, {})
                )
                with pytest.raises(NotFound, match="there is no project"):
                    await (anext(asked) if verb in ("follow", "raw") else asked)

    asyncio.run(story())


def test_runs_that_are_not_there_and_runs_of_another_pipeline_are_refused() -> None:
    async def story() -> None:
        async with stand() as at:
            verbs = RunLogs(book=at.logs, runs=at.runs)
            begun = await at.start(TEXT)
            with pytest.raises(NotFound) as unknown:
                await verbs.page(ANN, run="0" * 32)
            assert unknown.value.reason == "run"
            with pytest.raises(Refused) as refused:
                await verbs.download(ANN, run=begun.id, pipeline="other")
            assert refused.value.reason == "run-of-another-pipeline"

    asyncio.run(story())


def test_every_line_is_kept_unless_told_otherwise() -> None:
    assert logs.every(views.Line(key="k", number=1, at=1, text="##[debug]x"))
