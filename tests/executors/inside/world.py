"""A small world around the inside executor: a clock moved by hand, a log, credentials, runs, and a real HTTP server."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from ferryman.domain.errors import Conflict, NotFound
from ferryman.domain.status import Outcome
from ferryman.domain.work import Action, Work, WorkResult
from ferryman.executors.inside import InsideExecutor, RunEnd, Webhook, everything
from ferryman.ports.artifacts import ArtifactRow
from ferryman.ports.executor import Found
from ferryman.ports.store import RunRow
from ferryman.stores.contents import ContentFolder

TOKEN = "s3cret-token"
KEY = "stage/job/step#1.1"


class HandClock:
    """Time that moves when a test says so; `flies` lets every sleep be over at once."""

    def __init__(self, *, flies: bool = False) -> None:
        self._now = 1_000_000
        self._flies = flies
        self._moved = asyncio.Event()
        self.slept: list[int] = []

    def now(self) -> int:
        return self._now

    def advance(self, milliseconds: int) -> None:
        self._now += milliseconds
        self._moved.set()
        self._moved = asyncio.Event()

    async def sleep_until(self, at: int) -> None:
        self.slept.append(at - self._now)
        if self._flies:
            self._now = max(self._now, at)
        while self._now < at:
            await self._moved.wait()


class Book:
    """A log that remembers what was said and what is closed."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.closed: list[tuple[str, str]] = []
        self.masked: list[str] = []

    async def open_attempt(self, run: str, key: str, *, secrets: Sequence[str] = ()) -> int:
        self.masked += secrets
        return 0

    def note(self, run: str, key: str, text: str, *, at: int) -> None:
        self.lines.append(text)

    async def close_attempt(self, run: str, key: str, *, missing: str = "", at: int = 0) -> int:
        self.closed.append((run, key))
        return len(self.lines)


class OneSafe:
    """Knows one secret, and who used it."""

    def __init__(self) -> None:
        self.uses: list[tuple[str, str, str, str, str]] = []

    async def resolve(self, project: str, name: str, field: str, *, run: str, key: str) -> str:
        if (name, field) != ("hooks", "token"):
            raise NotFound(f"there is no {field} of secret {name}")
        self.uses.append((project, name, field, run, key))
        return TOKEN

    async def values(self, project: str) -> Sequence[str]:
        return [TOKEN]


class CalledRuns:
    """Runs that are begun by name and end when a test says so."""

    def __init__(self) -> None:
        self.started: list[tuple[str, str, str, dict[str, str], tuple[str, str]]] = []
        self.canceled: list[tuple[str, bool]] = []
        self.ends: dict[str, asyncio.Future[RunEnd]] = {}
        self.refusal: Exception | None = None

    async def start_run(
        self,
        project: str,
        pipeline: str,
        values: Mapping[str, str],
        *,
        run: str,
        child_of: tuple[str, str],
    ) -> str:
        if self.refusal is not None:
            raise self.refusal
        self.started.append((project, pipeline, run, dict(values), child_of))
        self.ends.setdefault(run, asyncio.get_running_loop().create_future())
        return run

    async def await_end(self, run: str, *, child_of: tuple[str, str]) -> RunEnd:
        return await asyncio.shield(self.ends[run])

    async def cancel_run(self, run: str, *, by: str, force: bool) -> None:
        self.canceled.append((run, force))
        if not self.ends[run].done():
            self.ends[run].set_result(RunEnd(outcome=Outcome.CANCELED, why=f"canceled by {by}"))


class RunTable:
    """Every run is known: number and pipeline are read off its id (`shop-12`)."""

    async def run(self, run: str) -> RunRow:
        pipeline, _, number = run.partition("-")
        return RunRow(
            id=run, project="p", pipeline=pipeline, version=1, number=int(number or 1), phase="running"
        )


class ArtifactTable:
    """Manifests in a list; a version never changes."""

    def __init__(self) -> None:
        self.rows: list[ArtifactRow] = []

    async def keep(self, row: ArtifactRow) -> None:
        for known in self.rows:
            if (known.project, known.run, known.name, known.version) == (
                row.project,
                row.run,
                row.name,
                row.version,
            ):
                if known.manifest != row.manifest:
                    raise Conflict("another manifest")
                return
        self.rows.append(row)

    async def read(self, project: str, run: str, name: str, version: str) -> ArtifactRow:
        raise NotFound("not asked here")

    async def of_run(self, project: str, run: str) -> Sequence[ArtifactRow]:
        return [row for row in self.rows if (row.project, row.run) == (project, run)]

    async def versions(self, project: str, name: str, *, limit: int = 50) -> Sequence[ArtifactRow]:
        found = [row for row in self.rows if (row.project, row.name) == (project, name)]
        return found[::-1][:limit]


class World:
    """Everything the executor is given, and what it reported."""

    def __init__(self, folder: Path, *, flies: bool = True) -> None:
        self.folder = folder
        self.clock = HandClock(flies=flies)
        self.book = Book()
        self.runs = CalledRuns()
        self.safe = OneSafe()
        self.artifacts = ArtifactTable()
        self.contents = ContentFolder(folder / "artifacts")
        self.contents.open()
        self.reports: list[WorkResult | Found] = []
        self._reported = asyncio.Event()

    @property
    def records(self) -> Path:
        return self.folder / "inside" / "begun.jsonl"

    def job_folder(self, run: str, folder: str) -> Path:
        return self.folder / "jobs" / run / folder.replace("/", "~")

    def executor(
        self, *, allow: Sequence[str] = ("127.0.0.0/8",), senders: Mapping[str, Webhook] | None = None
    ) -> InsideExecutor:
        return everything(
            records=self.records,
            clock=self.clock,
            logs=self.book,  # type: ignore[arg-type]
            safe=self.safe,
            runs=self.runs,
            run_rows=RunTable(),
            contents=self.contents,
            artifacts=self.artifacts,
            folder_of=self.job_folder,
            allow=allow,
            senders=senders,
        )

    def hear(self, report: WorkResult | Found) -> None:
        self.reports.append(report)
        self._reported.set()

    async def heard(self, count: int = 1) -> WorkResult | Found:
        """The newest report, once there are so many."""
        async with asyncio.timeout(60):
            while len(self.reports) < count:
                self._reported.clear()
                await self._reported.wait()
        return self.reports[count - 1]

    async def result(self, work: Work, **given: Any) -> WorkResult:
        """What one attempt comes to, from open to close."""
        executor = self.executor(**given)
        await executor.open(self.hear)
        await executor.start(work)
        report = await self.heard(len(self.reports) + 1)
        await executor.close()
        assert isinstance(report, WorkResult)
        return report


def work(action: Action, *, run: str = "shop-12", key: str = KEY, **given: Any) -> Work:
    """One attempt at an action."""
    return Work(run=run, key=key, project="p", action=action, folder="stage/job", **given)


def lived(story: Coroutine[Any, Any, None]) -> None:
    """Live through a story on a loop of its own."""
    asyncio.run(story)


@asynccontextmanager
async def served(
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> AsyncIterator[str]:
    """A server on this host; gives its address."""
    runner = web.ServerRunner(web.Server(answer))  # type: ignore[arg-type]
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()
