"""What a step says across restarts of the server, and much of it: no gap, no repeat, bounded memory (LOG-2)."""

import asyncio
import resource
from pathlib import Path

import pytest

from ferryman.domain.work import RunScript, Work, WorkResult
from ferryman.ports.executor import Found
from tests.conftest import PROFILE
from tests.executors.local.stage import LocalStage

KEY = "s/j/t#1.1"


def work(text: str) -> Work:
    """One step."""
    return Work(run="r", key=KEY, project="p", action=RunScript(text=text), folder="s/j")


async def until_said(stage: LocalStage, line: str) -> None:
    """Wait for a line in the log."""
    async with asyncio.timeout(60):
        while line not in await stage.said("r", KEY):
            await asyncio.sleep(0.01)


def test_reading_goes_on_where_the_log_stands(tmp_path: Path) -> None:
    """Three servers in turn; a variable that was set before the first restart comes with the result."""

    async def perform() -> None:
        stage = LocalStage(tmp_path / "data")
        told: list[WorkResult | Found] = []
        signs = tmp_path / "signs"
        signs.mkdir()
        text = "echo '::set-variable name=A::1'\n" + "\n".join(
            f"echo line-{number}; until test -e '{signs}/{number}'; do sleep 0.02; done"
            for number in range(3)
        )
        try:
            for number in range(3):
                executor = stage.executor()
                await executor.open(told.append)
                if number == 0:
                    await executor.start(work(text))
                else:
                    (found,) = await executor.find([("r", KEY)])
                    assert found.state == "alive"
                await until_said(stage, f"line-{number}")
                if number < 2:
                    await executor.close()
                (signs / str(number)).touch()
            async with asyncio.timeout(60):
                while not told:
                    await asyncio.sleep(0.01)
            (result,) = told
            assert isinstance(result, WorkResult)
            assert result.variables == {"A": "1"}
            assert await stage.said("r", KEY) == [
                "::set-variable name=A::1",
                "line-0",
                "line-1",
                "line-2",
            ]
            await executor.close()
        finally:
            await stage.close()

    asyncio.run(perform())


def test_an_end_is_told_before_the_supervisor_keeps_it_and_can_be_told_again(tmp_path: Path) -> None:
    """Promises 2 and 7: a server that dies in between is followed by one that makes the same result once more."""

    async def perform() -> None:
        stage = LocalStage(tmp_path / "data")
        told: asyncio.Queue[WorkResult | Found] = asyncio.Queue()
        kept = asyncio.Event()

        async def conclude(attempt: str, result: str) -> None:
            await kept.wait()

        try:
            executor = stage.executor()
            executor._processes.conclude = conclude  # type: ignore[method-assign]
            await executor.open(told.put_nowait)
            await executor.start(work("echo '::set-output name=A::1'; echo done"))
            async with asyncio.timeout(60):
                result = await told.get()
            await executor.close()
            assert not kept.is_set()
            executor = stage.executor()
            await executor.open(told.put_nowait)
            (found,) = await executor.find([("r", KEY)])
            assert found.result == result
            assert isinstance(result, WorkResult)
            assert result.outputs == {"A": "1"}
            assert await stage.said("r", KEY) == ["::set-output name=A::1", "done"]
            await executor.close()
        finally:
            await stage.close()

    asyncio.run(perform())


@pytest.mark.parametrize("megabytes", [1000 if PROFILE == "soak" else 60])
def test_a_great_output_passes_in_bounded_memory(megabytes: int, tmp_path: Path) -> None:
    """It is read by pieces, and the log slows the reading down. What the log keeps does not count here."""

    class Counting(LocalStage):
        """A stage whose log only counts."""

        taken = 0

        async def open_attempt(self, run: str, key: str, *, secrets: object = ()) -> int:
            return 0

        async def ready(self) -> None:
            await asyncio.sleep(0)

        def append(self, run: str, key: str, raw: bytes, *, at: int) -> None:
            self.taken += len(raw)

        async def close_attempt(self, run: str, key: str, *, missing: str = "", at: int = 0) -> int:
            return 0

    async def perform() -> None:
        stage = Counting(tmp_path / "data")
        told: list[WorkResult | Found] = []
        executor = stage.executor()
        executor._logs = stage  # type: ignore[assignment]
        try:
            await executor.open(told.append)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            text = f"yes a line of output | head -c {megabytes}000000\necho '::set-output name=LAST::1'"
            await executor.start(work(text))
            async with asyncio.timeout(120):
                while not told:
                    await asyncio.sleep(0.01)
            (result,) = told
            assert isinstance(result, WorkResult)
            assert stage.taken == megabytes * 1_000_000 + len("::set-output name=LAST::1\n")
            # Kilobytes; far less than was printed.
            assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000
            await executor.close()
        finally:
            await stage.close()

    asyncio.run(perform())
