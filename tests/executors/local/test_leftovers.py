"""What earlier processes left and nobody wants: ended, read to its end, taken away (promises 6 and 7)."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from ferryman.domain.work import RunScript, Work, WorkResult
from ferryman.executors.local import LocalExecutor
from ferryman.ports.executor import Found
from tests.executors.local.stage import LocalStage, until


def work(text: str, *, run: str = "r", key: str = "s/j/t#1.1") -> Work:
    """One step."""
    return Work(run=run, key=key, project="p", action=RunScript(text=text), folder="s/j")


def staged(folder: Path, story: Callable[[LocalStage], Coroutine[Any, Any, None]]) -> None:
    """Live through a story on a stage of its own."""

    async def perform() -> None:
        stage = LocalStage(folder)
        try:
            await story(stage)
        finally:
            await stage.close()

    asyncio.run(perform())


def test_what_ended_while_nobody_looked_is_read_to_its_end_before_it_goes(tmp_path: Path) -> None:
    async def story(stage: LocalStage) -> None:
        sign = tmp_path / "sign"
        first = stage.executor()
        await first.open(lambda told: None)
        text = f"echo one; until test -e '{sign}'; do sleep 0.02; done; echo two; rm '{sign}'"
        await first.start(work(text))
        await first.close()
        sign.touch()
        await until(lambda: not sign.exists())
        told: list[WorkResult | Found] = []
        second = stage.executor()
        await second.open(told.append)
        await second.keep_only([], [])
        await until(lambda: not stage.folders())
        assert await stage.said("r", "s/j/t#1.1") == ["one", "two"]
        assert [each.key for each in told] == ["s/j/t#1.1"]
        await second.close()

    staged(tmp_path / "data", story)


def test_what_was_killed_is_read_to_its_end_before_the_server_lets_go(tmp_path: Path) -> None:
    """Promise 7: a forced run ends at once, and with it the process that moved it; no line waits for the next."""

    async def story(stage: LocalStage) -> None:
        executor = stage.executor()
        await executor.open(lambda told: None)
        await executor.start(work("trap '' TERM; seq 20000; mkfifo ever; cat ever"))
        await until(lambda: bool(stage.living()) and (executor.folder("r", "s/j") / "ever").exists())
        await executor.stop("r", "s/j/t#1.1", force=True)
        await executor.close()
        state = await stage.logs.state("r", "s/j/t#1.1")
        assert state is not None
        # And the one that says that it was ended.
        assert state.lines == 20_001
        assert state.ended_at

    staged(tmp_path / "data", story)


def test_a_folder_without_any_record_goes_and_one_that_is_wanted_stays(tmp_path: Path) -> None:
    async def story(stage: LocalStage) -> None:
        for name in ("gone/s%2Fj", "kept/s%2Fj", "kept/s%2Fk"):
            (stage.folder / "work" / name / "space").mkdir(parents=True)
        executor = stage.executor()
        await executor.open(lambda told: None)
        await executor.keep_only([], [("kept", "s/j")])
        assert sorted(str(each.relative_to(stage.folder)) for each in stage.folder.glob("work/**/*")) == [
            "work/kept",
            "work/kept/s%2Fj",
            "work/kept/s%2Fj/space",
        ]
        await executor.close()

    staged(tmp_path / "data", story)


def test_steps_of_another_data_folder_are_left_alone(tmp_path: Path) -> None:
    async def story(stage: LocalStage) -> None:
        other = LocalStage(tmp_path / "other")
        try:
            theirs, ours = other.executor(), stage.executor()
            await theirs.open(lambda told: None)
            await theirs.start(work("sleep 600"))
            await ours.open(lambda told: None)
            await ours.keep_only([], [])
            (found,) = await theirs.find([("r", "s/j/t#1.1")])
            assert found.state == "alive"
            assert other.living()
            await theirs.close()
            await ours.close()
        finally:
            await other.close()

    staged(tmp_path / "data", story)


@pytest.mark.parametrize("force", [True, False])
def test_a_stop_that_comes_before_the_process_keeps_it_from_beginning(tmp_path: Path, force: bool) -> None:
    async def story(stage: LocalStage) -> None:
        told: list[WorkResult | Found] = []
        executor = stage.executor()
        await executor.open(told.append)
        asked = asyncio.Event()
        prepared = LocalExecutor._prepared

        async def slowly(name: str, work: Work) -> Any:
            await asked.wait()
            return await prepared(executor, name, work)

        executor._prepared = slowly  # type: ignore[method-assign]
        starting = asyncio.create_task(executor.start(work("sleep 600")))
        await asyncio.sleep(0)
        await executor.stop("r", "s/j/t#1.1", force=force)
        asked.set()
        await starting
        await until(lambda: bool(told))
        assert isinstance(told[0], WorkResult)
        assert told[0].reason.facts["message"] == "it was stopped before it began"
        assert not stage.living()
        await executor.release("r", "s/j")
        assert not stage.folders()
        await executor.close()

    staged(tmp_path / "data", story)
