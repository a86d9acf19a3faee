"""Steps that say nothing: their end is told at once, nothing is kept for it, and it comes out the same again."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from ferryman.domain.status import Why
from ferryman.domain.work import RunScript, Work, WorkResult
from ferryman.executors.local import executor as executor_module
from ferryman.ports.executor import Found
from tests.executors.local.stage import LocalStage, until

KEY = "s/j/t#1.1"


def work(text: str, key: str = KEY) -> Work:
    """One step of a job."""
    return Work(run="r", key=key, project="p", action=RunScript(text=text), folder="s/j")


def result(told: list[WorkResult | Found]) -> WorkResult:
    """The only thing that was told."""
    (only,) = told
    assert isinstance(only, WorkResult)
    return only


def staged(tmp_path: Path, story: Callable[[LocalStage], Coroutine[Any, Any, None]]) -> None:
    """Live through a story on a stage of its own."""

    async def perform() -> None:
        stage = LocalStage(tmp_path / "data")
        try:
            await story(stage)
        finally:
            await stage.close()

    asyncio.run(perform())


@pytest.mark.parametrize(
    ("text", "outcome", "outputs"),
    [
        ("true", "succeeded", {}),
        ("exit 3", "failed", {}),
        ('echo SIZE=7 >"$FERRYMAN_OUTPUT"', "succeeded", {"SIZE": "7"}),
    ],
    ids=["that succeed", "that fail", "that hand something over in a file"],
)
def test_an_end_comes_again_to_the_next_server_as_it_was(
    text: str, outcome: str, outputs: dict[str, str], tmp_path: Path
) -> None:
    async def story(stage: LocalStage) -> None:
        first, second = stage.executor(), stage.executor()
        told: list[WorkResult | Found] = []
        await first.open(told.append)
        await first.start(work(text))
        await until(lambda: bool(told))
        await first.close()
        before = result(told)
        assert (before.outcome, before.outputs) == (outcome, outputs)
        assert bool(before.reason) == (before.reason.kind is Why.EXIT)
        await second.open(lambda told: None)
        (found,) = await second.find([("r", KEY)])
        assert found.result == before
        await second.close()

    staged(tmp_path, story)


def test_an_end_that_is_recorded_is_not_told_again_while_its_job_goes_on(tmp_path: Path) -> None:
    async def story(stage: LocalStage) -> None:
        first, second = stage.executor(), stage.executor()
        told: list[WorkResult | Found] = []
        await first.open(told.append)
        await first.start(work("true"))
        await first.start(work("echo word", "s/j/u#1.1"))
        await until(lambda: len(told) == 2)
        await first.close()
        told.clear()
        await second.open(told.append)
        await second.keep_only([], [("r", "s/j")])
        # What is begun now has its end told behind whatever was to be told before.
        await second.start(work("true", "s/j/v#1.1"))
        await until(lambda: bool(told))
        assert result(told).key == "s/j/v#1.1"
        await second.release("r", "s/j")
        await until(lambda: not stage.folders())
        await second.close()

    staged(tmp_path, story)


def test_no_line_is_missing_of_a_step_that_speaks_with_its_last_breath(tmp_path: Path) -> None:
    async def story(stage: LocalStage) -> None:
        executor = stage.executor()
        told: list[WorkResult | Found] = []
        await executor.open(told.append)
        keys = [f"s/j/t{number}#1.1" for number in range(8)]
        for key in keys:
            await executor.start(work("trap 'echo last' EXIT; true", key))
        await until(lambda: len(told) == len(keys))
        assert [list(await stage.said("r", key)) for key in keys] == [["last"]] * len(keys)
        await executor.close()

    staged(tmp_path, story)


def test_what_a_silent_step_has_left_running_is_said(tmp_path: Path) -> None:
    async def story(stage: LocalStage) -> None:
        executor = stage.executor()
        told: list[WorkResult | Found] = []
        await executor.open(told.append)
        await executor.start(work("sleep 600 & true"))
        await until(lambda: bool(told))
        (line,) = await stage.said("r", KEY)
        assert "left a process running" in line
        await executor.close()

    staged(tmp_path, story)


def test_nobody_waits_for_more_words_of_one_that_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor_module, "_LAST_WORDS", None)

    async def story(stage: LocalStage) -> None:
        executor = stage.executor()
        told: list[WorkResult | Found] = []
        await executor.open(told.append)
        await executor.start(work("sleep 600"))
        await executor.stop("r", KEY, force=True)
        async with asyncio.timeout(60):
            await executor.close()
        assert result(told).reason.facts["signal"] == "SIGKILL"

    staged(tmp_path, story)
