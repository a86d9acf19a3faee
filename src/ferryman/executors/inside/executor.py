"""The executor of what runs inside the server: requests, waits, notices, calls of pipelines, artifacts, nothing.

Attempts are tasks of the server's own loop and end with it. What becomes of them then, the action decides:

- a wait and a call of a pipeline go on where they were: their record holds the whole order;
- a request or a notice that was begun and has no end is lost: it may have been sent;
- all else leaves no record, because doing it again is harmless: it may simply be started.
"""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from ferryman.domain.errors import FerrymanError, NotFound
from ferryman.domain.task_codes import TaskCode
from ferryman.domain.work import CallHttp, CallPipeline, Nothing, Notify, Wait, Work, WorkResult
from ferryman.executors.inside.attempt import Attempt, Doer
from ferryman.executors.inside.records import Record, Records
from ferryman.ports.clock import Clock
from ferryman.ports.executor import Found, Report
from ferryman.ports.logs import LogBook

GO_ON = (Wait, CallPipeline)
"""Actions that go on after a restart."""
ONCE = (CallHttp, Notify)
"""Actions that must not be done twice unseen (RULINGS 17)."""
RECORDED = frozenset({*GO_ON, *ONCE})

REMEMBERED = 20_000
"""How many ended attempts are remembered, so that a second start of one changes nothing."""
CLOSING_SECONDS = 5.0
"""How long requests under way may still take when the server closes."""

Name = tuple[str, str]


class _Alive(NamedTuple):
    """An attempt under way: the work itself, and what follows its end."""

    attempt: Attempt
    doing: "asyncio.Task[WorkResult]"
    ending: "asyncio.Task[None]"


class InsideExecutor:
    """Carries out attempts in this process. `doers` says who does which kind of action, `abandon` who ends what an
    action has set going when its attempt is wanted no more and nobody carries it out."""

    def __init__(
        self,
        *,
        doers: Mapping[type, Doer],
        records: Records,
        clock: Clock,
        logs: LogBook,
        abandon: Mapping[type, Callable[[Work], Awaitable[None]]] | None = None,
    ) -> None:
        """An action that nobody does fails as impossible things do."""
        self._doers = doers
        self._abandon = abandon or {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._records = records
        self._clock = clock
        self._logs = logs
        self._report: Report = _nobody
        self._alive: dict[Name, _Alive] = {}
        self._ended: OrderedDict[Name, None] = OrderedDict()
        self._closing = False

    async def open(self, report: Report) -> None:
        """Read what an earlier process recorded."""
        self._report = report
        self._closing = False
        await self._records.open()

    async def keep_only(
        self, attempts: Collection[tuple[str, str]], folders: Collection[tuple[str, str]]
    ) -> None:
        """Forget all attempts but these, and end what they have set going."""
        wanted = set(attempts)
        left = [
            record
            for record in self._records.unended()
            if (record.run, record.key) not in wanted
            and record.work is not None
            and type(record.work.action) in self._abandon
        ]
        await self._records.keep_only({*wanted, *((record.run, record.key) for record in left)})
        for record in left:
            task = asyncio.create_task(self._leave(record))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    async def start(self, work: Work) -> None:
        """Begin an attempt; one that an earlier process began is told as what `find` says of it."""
        name = (work.run, work.key)
        if name in self._alive or name in self._ended:
            return
        if type(work.action) in ONCE and (known := self._records.find(*name)) is not None:
            self._remember(name)
            self._tell(self._found(known))
            return
        self._begin(work)

    async def stop(self, run: str, key: str, *, force: bool) -> None:
        """Ask an attempt to end. A called pipeline is canceled and its end awaited, all else ends here."""
        found = self._alive.get((run, key))
        if found is None:
            return
        attempt = found.attempt
        attempt.stop.set()
        if not attempt.forced and (force or not isinstance(attempt.work.action, CallPipeline)):
            attempt.forced = force
            found.doing.cancel()

    async def find(self, attempts: Sequence[Name]) -> Sequence[Found]:
        """What became of these attempts; those that can go on do so from now on."""
        return [self._find(name) for name in attempts]

    async def release(self, run: str, folder: str) -> None:
        """Nothing is held for a job."""

    async def close(self) -> None:
        """Let requests under way end, then stop watching; nothing is reported any more."""
        self._closing = True
        once = [one.ending for one in self._alive.values() if type(one.attempt.work.action) in ONCE]
        if once:
            await asyncio.wait(once, timeout=CLOSING_SECONDS)
        tasks = [task for one in self._alive.values() for task in (one.ending, one.doing)]
        tasks += self._leaving
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._records.close()

    async def _leave(self, record: Record) -> None:
        """End what an attempt has set going; until that is done its record stays, for the next process to do it."""
        if record.work is not None:
            attempt = Attempt(record.work, self._clock, self._logs, begun_at=record.at)
            # Where it cannot be done now, the next process finds the record.
            with contextlib.suppress(FerrymanError):
                await self._abandon[type(record.work.action)](record.work)
                result = attempt.ended("failed", message="stopped")
                await self._records.keep(Record(run=record.run, key=record.key, result=result))

    def _find(self, name: Name) -> Found:
        run, key = name
        if name in self._alive:
            return Found(run=run, key=key, state="alive")
        known = self._records.find(run, key)
        if known is None:
            return Found(run=run, key=key, state="unknown")
        if known.result is None and known.work is not None:
            self._begin(known.work, since=known.at)
            return Found(run=run, key=key, state="alive")
        self._remember(name)
        return self._found(known)

    def _found(self, known: Record) -> Found:
        if known.result is not None:
            return Found(run=known.run, key=known.key, state="ended", result=known.result)
        return Found(
            run=known.run,
            key=known.key,
            state="lost",
            known=known.known
            or "it was begun, and the server ended before an answer came: it may have been sent",
        )

    def _begin(self, work: Work, *, since: int = 0) -> None:
        at = since or self._clock.now()
        if type(work.action) is Nothing:
            # Nothing needs no task: its end is told as soon as the caller lets others go on.
            self._remember((work.run, work.key))
            end = WorkResult(run=work.run, key=work.key, outcome="succeeded", spawned_at=at, ended_at=at)
            asyncio.get_running_loop().call_soon(self._tell, end)
            return
        attempt = Attempt(work, self._clock, self._logs, begun_at=at)
        doing = asyncio.create_task(self._carry_out(attempt, recorded=bool(since)))
        ending = asyncio.create_task(self._end(attempt, doing))
        self._alive[work.run, work.key] = _Alive(attempt, doing, ending)

    async def _end(self, attempt: Attempt, doing: "asyncio.Task[WorkResult]") -> None:
        """Wait for the end of the work, keep its log and record, then tell. Only closing interrupts this."""
        work = attempt.work
        name = (work.run, work.key)
        await asyncio.wait([doing])
        result = attempt.ended("failed", message="stopped") if doing.cancelled() else doing.result()
        try:
            if attempt.spoke:
                await self._logs.close_attempt(*name, at=self._clock.now())
            if type(work.action) in RECORDED:
                await self._records.keep(Record(run=work.run, key=work.key, result=result))
        except FerrymanError:
            # The end is told all the same: the journal is the better record of it.
            pass
        del self._alive[name]
        self._remember(name)
        self._tell(result)

    async def _carry_out(self, attempt: Attempt, *, recorded: bool) -> WorkResult:
        work = attempt.work
        doer = self._doers.get(type(work.action))
        if doer is None:
            return attempt.errored(f"this server cannot carry out {type(work.action).__name__}")
        try:
            if not recorded and type(work.action) in RECORDED:
                kept = work if type(work.action) in GO_ON else None
                await self._records.keep(Record(run=work.run, key=work.key, at=attempt.begun_at, work=kept))
            return await doer(attempt, work.action)
        except NotFound as missing:
            # Whoever wrote the step named what is not there, mostly a secret.
            return attempt.failed(str(missing), TaskCode.NOT_FOUND)
        except FerrymanError as refusal:
            return attempt.errored(str(refusal))
        except OSError as fault:
            return attempt.errored(f"the server could not do it: {fault.strerror or fault}")
        except Exception as fault:
            # A fault of ours: the attempt ends with it, for nothing may be left running with nobody at work.
            return attempt.errored(f"the server failed with {type(fault).__name__}")

    def _remember(self, name: Name) -> None:
        self._ended[name] = None
        while len(self._ended) > REMEMBERED:
            self._ended.popitem(last=False)

    def _tell(self, report: WorkResult | Found) -> None:
        if not self._closing:
            self._report(report)


def _nobody(report: WorkResult | Found) -> None:
    """Nobody listens before `open`."""
