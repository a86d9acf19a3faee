"""subPipelineCall at work: a run of another pipeline, begun once and followed to its end.

The id of the run that is called is made from the attempt that calls it: asked again after a restart, the same run is
found. Canceling the caller cancels it, and its end is awaited (bkci-v3 9).
"""

import asyncio
import contextlib
import hashlib
from collections.abc import Mapping
from typing import Protocol

import msgspec

from ferryman.domain.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from ferryman.domain.status import Outcome
from ferryman.domain.task_codes import TaskCode
from ferryman.domain.work import Action, CallPipeline, Work, WorkResult
from ferryman.executors.inside.attempt import Attempt


class RunEnd(msgspec.Struct, frozen=True, kw_only=True):
    """How a run ended, with one sentence on why."""

    outcome: Outcome
    why: str = ""


class Runs(Protocol):
    """Begins and follows runs."""

    async def start_run(
        self,
        project: str,
        pipeline: str,
        values: Mapping[str, str],
        *,
        run: str,
        child_of: tuple[str, str],
    ) -> str:
        """Begin a run of a pipeline (by id or name) under the id `run`, called by attempt `child_of` (run, key); its
        id. One that was begun already is left as it is. Raises `NotFound`, `Invalid`, `Refused`."""
        ...

    async def await_end(self, run: str, *, child_of: tuple[str, str]) -> RunEnd:
        """Return when the run has finished; until then attempt `child_of` (run, key) is known to wait for it."""
        ...

    async def cancel_run(self, run: str, *, by: str, force: bool) -> None:
        """Ask a run to end; one that has finished stays as it is."""
        ...


def called_run(run: str, key: str) -> str:
    """The id of the run that this attempt calls: always the same."""
    return hashlib.sha256(f"{run}\n{key}".encode()).hexdigest()[:32]


class PipelineCalls:
    """Calls the pipelines of steps."""

    def __init__(self, runs: Runs) -> None:
        """`runs` knows pipelines and their runs."""
        self._runs = runs

    async def __call__(self, attempt: Attempt, action: Action) -> WorkResult:
        """Begin the run, and unless told otherwise succeed or fail with it."""
        if not isinstance(action, CallPipeline):
            raise TypeError("no call")
        work = attempt.work
        try:
            called = await self._runs.start_run(
                work.project,
                action.pipeline,
                action.values,
                run=called_run(work.run, work.key),
                child_of=(work.run, work.key),
            )
        except NotFound as refusal:
            return attempt.failed(str(refusal), TaskCode.NOT_FOUND)
        except (Invalid, Refused, Conflict, Forbidden) as refusal:
            return attempt.failed(
                f"pipeline {action.pipeline} cannot be started: {refusal}", TaskCode.BAD_INPUT
            )
        attempt.say(f"run {called} of pipeline {action.pipeline}")
        if not action.wait:
            return attempt.succeeded()
        end = await self._follow(attempt, called)
        if end.outcome.is_good:
            return attempt.succeeded()
        why = f": {end.why}" if end.why else ""
        return attempt.failed(f"run {called} has {_ENDS[end.outcome]}{why}", TaskCode.WENT_WRONG)

    async def abandon(self, work: Work) -> None:
        """The step that called is wanted no more, and nobody follows it: end the run that it waited for, if there is
        one."""
        if isinstance(work.action, CallPipeline) and work.action.wait:
            with contextlib.suppress(NotFound):
                await self._runs.cancel_run(called_run(work.run, work.key), by=f"run {work.run}", force=True)

    async def _follow(self, attempt: Attempt, called: str) -> RunEnd:
        by = f"run {attempt.work.run}"
        ending = asyncio.create_task(self._end(called, attempt.work))
        stopping = asyncio.create_task(attempt.stop.wait())
        try:
            await asyncio.wait({ending, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not ending.done():
                attempt.say(f"canceling run {called}")
                await self._runs.cancel_run(called, by=by, force=False)
            return await ending
        except asyncio.CancelledError:
            # Canceled with a stop: ended for good. Without one the server closes, and the called run goes on.
            if attempt.forced:
                await self._runs.cancel_run(called, by=by, force=True)
            raise
        finally:
            ending.cancel()
            stopping.cancel()

    async def _end(self, called: str, work: Work) -> RunEnd:
        return await self._runs.await_end(called, child_of=(work.run, work.key))


_ENDS = {
    Outcome.FAILED: "failed",
    Outcome.ERRORED: "ended with an error",
    Outcome.CANCELED: "been canceled",
    Outcome.UNREACHED: "not been reached",
}
