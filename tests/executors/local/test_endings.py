"""Ends that cannot be read just now, or not at all: nobody waits for ever (ERR-6, ERR-7)."""

import asyncio
import errno
import os
from pathlib import Path
from typing import Any

import pytest

from ferryman.domain.work import RunScript, Work, WorkResult
from ferryman.ports.executor import Found
from tests.executors.local.stage import LocalStage

KEY = "s/j/t1#1.1"


def work(text: str) -> Work:
    """One shell script."""
    return Work(run="r", key=KEY, project="p", action=RunScript(text=text), folder="s/j")


class Shortage:
    """No output can be opened until it is over, as where a process may open no more files."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It begins now."""
        self._open, self._lasts = os.open, True
        self.met = asyncio.Event()
        monkeypatch.setattr(os, "open", self._try)

    def _try(self, path: Any, *words: Any, **more: Any) -> int:
        if self._lasts and "/supervisor/output/" in str(path):
            self.met.set()
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return self._open(path, *words, **more)

    def end(self) -> None:
        """It is over."""
        self._lasts = False


@pytest.mark.parametrize("lives", [False, True])
def test_where_no_more_files_can_be_opened_the_output_is_read_later(
    lives: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LOG-2: of a step that has ended, and of one that still prints (LOG-1). That an end is waited for is told: it may
    be a disk that fails, which nobody would hear of."""

    async def perform() -> None:
        stage = LocalStage(tmp_path / "data")
        told: asyncio.Queue[WorkResult | Found] = asyncio.Queue()
        faults: list[tuple[str, str]] = []
        try:
            executor = stage.executor(fault=lambda run, fault: faults.append((run, str(fault))))
            await executor.open(told.put_nowait)
            shortage = Shortage(monkeypatch)
            gate = tmp_path / "gate"
            os.mkfifo(gate)
            await executor.start(work("echo first" + (f"; read line <'{gate}'" if lives else "")))
            async with asyncio.timeout(60):
                await shortage.met.wait()
                assert told.empty()
                shortage.end()
                if lives:
                    while "first" not in await stage.said("r", KEY):
                        await asyncio.sleep(0.01)
                    gate.write_text("\n")
                result = await told.get()
            assert isinstance(result, WorkResult)
            assert result.outcome == "succeeded"
            assert await stage.said("r", KEY) == ["first"]
            told_of = {("r", "cannot read what a step printed: Too many open files")}
            assert set(faults) == (set() if lives else told_of)
            await executor.close()
        finally:
            await stage.close()

    asyncio.run(perform())


def test_an_end_that_we_fail_to_read_is_lost_and_told_with_what_is_known(tmp_path: Path) -> None:
    """A fault of ours leaves no step running: a person settles it; the fault reaches whoever runs Ferryman."""

    class Known:
        """Secrets, one of which is masked."""

        async def resolve(self, project: str, name: str, field: str, *, run: str, key: str) -> str:
            return "hunter-2/x"

        async def values(self, project: str) -> tuple[str, ...]:
            return ("hunter-2/x",)

    def mask(text: str, secrets: object) -> str:
        raise ZeroDivisionError

    async def perform() -> None:
        stage = LocalStage(tmp_path / "data")
        told: asyncio.Queue[WorkResult | Found] = asyncio.Queue()
        faults: list[tuple[str, BaseException]] = []
        try:
            executor = stage.executor(
                secrets=Known(), mask=mask, fault=lambda run, fault: faults.append((run, fault))
            )
            await executor.open(told.put_nowait)
            await executor.start(work("echo '::set-output name=A::1'; exit 7"))
            async with asyncio.timeout(60):
                found = await told.get()
            assert isinstance(found, Found)
            assert found.state == "lost"
            assert (
                found.known
                == "it ended with exit code 7, and the server failed (ZeroDivisionError) to read its end"
            )
            assert [(run, type(fault)) for run, fault in faults] == [("r", ZeroDivisionError)]
            await executor.close()
        finally:
            await stage.close()

    asyncio.run(perform())


def test_the_folder_of_a_job_that_ended_goes_with_the_executor(tmp_path: Path) -> None:
    """SEC-1: what its steps had kept of a secret was left there where a command ended with its run."""

    async def perform() -> None:
        stage = LocalStage(tmp_path / "data")
        closed: list[asyncio.Task[None]] = []
        ended = asyncio.Event()
        try:
            executor = stage.executor()

            async def close() -> None:
                await executor.release("r", "s/j")
                await executor.close()
                ended.set()

            # The job is over with this step, and the process with the job.
            await executor.open(lambda end: closed.append(asyncio.create_task(close())))
            await executor.start(work("echo hunter-2 >kept; echo '::set-output name=A::1'"))
            async with asyncio.timeout(60):
                await ended.wait()
            assert stage.folders() == 0
        finally:
            await stage.close()

    asyncio.run(perform())
