"""One attempt while it is carried out inside the server, and the ways in which it may end."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from ferryman.domain.status import NO_REASON, Reason, Why
from ferryman.domain.task_codes import TaskCode
from ferryman.domain.values import Json
from ferryman.domain.work import Action, Work, WorkResult
from ferryman.ports.clock import Clock
from ferryman.ports.logs import LogBook


class Attempt:
    """One attempt at work. `stop` is set once it has been asked to end, `forced` when it must end at once."""

    def __init__(self, work: Work, clock: Clock, logs: LogBook, *, begun_at: int) -> None:
        """`begun_at` is when it first began, which may be in an earlier process."""
        self.work = work
        self.clock = clock
        self.begun_at = begun_at
        self.stop = asyncio.Event()
        self.forced = False
        self._logs = logs
        self._over = False

    def say(self, text: str) -> None:
        """Add a line to the attempt's log."""
        self.spoke = True
        self._logs.note(self.work.run, self.work.key, text, at=self.clock.now())

    spoke = False
    """Whether there is anything in its log."""

    async def masks(self, values: tuple[str, ...]) -> None:
        """From now on these values are masked in the log."""
        if values:
            self.spoke = True
            await self._logs.open_attempt(self.work.run, self.work.key, secrets=values)

    async def pause(self, milliseconds: int) -> None:
        """Let time pass."""
        await self.clock.sleep_until(self.clock.now() + milliseconds)

    async def in_thread(self, work: Callable[[], WorkResult]) -> WorkResult:
        """Do what waits for the disk; when this attempt is ended, `is_stopping` is true from then on."""
        try:
            return await asyncio.to_thread(work)
        finally:
            self._over = True

    def is_stopping(self) -> bool:
        """Whether work in a thread is to end; asked between pieces of it."""
        return self._over

    def ended(
        self,
        outcome: str,
        *,
        message: str = "",
        why: Why = Why.EXIT,
        code: int = 0,
        outputs: Mapping[str, Json] | None = None,
    ) -> WorkResult:
        """An end of this attempt, now."""
        return WorkResult(
            run=self.work.run,
            key=self.work.key,
            outcome=outcome,
            reason=Reason(why, {"message": message}) if message else NO_REASON,
            outputs=dict(outputs or {}),
            error_code=code,
            spawned_at=self.begun_at,
            ended_at=self.clock.now(),
        )

    def succeeded(self, outputs: Mapping[str, Json] | None = None) -> WorkResult:
        """It did what was asked."""
        return self.ended("succeeded", outputs=outputs)

    def failed(self, message: str, code: TaskCode, *, why: Why = Why.EXIT) -> WorkResult:
        """It could not do what was asked, and says why."""
        self.say(message)
        return self.ended("failed", message=message, code=code, why=why)

    def errored(self, message: str) -> WorkResult:
        """Nobody can tell whether it did what was asked; the fault is the platform's."""
        self.say(message)
        return self.ended("errored", message=message, code=TaskCode.PLATFORM)


Doer = Callable[[Attempt, Action], Awaitable[WorkResult]]
"""Carries out one kind of action."""
