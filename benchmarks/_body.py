"""The whole body over one data folder, as the product puts it together, with a store that counts what it keeps.

Nothing is left out or replaced: the SQLite store with `synchronous=FULL`, the logs in their own file, the executor
inside the server, the local one with its supervisor, the preparer over the step kinds, the embedded driver.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from time import perf_counter

import msgspec

from ferryman.app.bindings import CalledRuns, Preparing
from ferryman.app.collecting import rarely_collecting
from ferryman.domain.events import Started
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.run import Run
from ferryman.domain.status import Outcome
from ferryman.drivers.embedded import EmbeddedDriver, Start
from ferryman.drivers.embedded.clock import SystemClock
from ferryman.executors import inside
from ferryman.executors.local import CARRIES, LocalExecutor
from ferryman.executors.routing import RoutedExecutor
from ferryman.logs import Logs
from ferryman.ports.store import Unit
from ferryman.secrets import KeyFile, SecretStore
from ferryman.stores.contents import ContentFolder
from ferryman.stores.logs_sqlite import SqliteLogs
from ferryman.stores.sqlite import SqliteStore
from ferryman.supervisor.client import SupervisedProcesses

PROJECT = "local"


class CountingStore(SqliteStore):
    """The store, and how often it was asked to keep something; tells when a run's end is durable."""

    entries = units = commits = 0

    def __init__(self, folder: Path) -> None:
        """A store that is yet to be opened."""
        super().__init__(folder)
        self.ends: dict[str, asyncio.Future[Unit]] = {}
        self.moved: dict[str, float] = {}
        """When each run was first moved, on the clock that all processes share."""

    async def open(self, *, read_only: bool = False) -> None:
        """Open, and count transactions from now on."""
        await super().open(read_only=read_only)
        await self.write(lambda connection: connection.set_commit_hook(self._committed))

    def _committed(self) -> bool:
        self.commits += 1
        return False

    async def append(self, unit: Unit) -> None:
        """Keep a unit and count it."""
        await super().append(unit)
        self.units += 1
        self.entries += len(unit.entries)
        if unit.run.id not in self.moved:
            self.moved[unit.run.id] = perf_counter()
        if unit.finished and unit.run.id in self.ends:
            self.ends.pop(unit.run.id).set_result(unit)

    def end_of(self, run: str) -> "asyncio.Future[Unit]":
        """Done once the end of a run is on the disk."""
        return self.ends.setdefault(run, asyncio.get_running_loop().create_future())


class Body:
    """Store, executors and driver of one data folder."""

    def __init__(self, store: CountingStore, driver: EmbeddedDriver) -> None:
        """Opened already."""
        self.store, self.driver = store, driver
        self._number = 0
        self._defines: dict[str, Pipeline] = {}

    async def save(self, name: str, define: Pipeline) -> None:
        """Keep a definition, as version 1 of a pipeline of this name."""
        self._defines[name] = define
        await self.store.save_pipeline(PROJECT, name, msgspec.json.encode(define), "", at=1, by="bench")

    async def start(self, name: str, run: str = "") -> Run:
        """Begin a run; returns when that is durable."""
        self._number += 1
        event = Started(at=SystemClock().now(), run=run or f"{name}-{self._number}", number=self._number)
        return await self.driver.start(
            Start(project=PROJECT, pipeline=name, version=1, define=self._defines[name], event=event)
        )

    async def one(self, name: str) -> float:
        """Seconds from the start of a run until its end is durable."""
        since = perf_counter()
        run = f"{name}-{self._number + 1}"
        end = self.store.end_of(run)
        await self.start(name)
        judge(await end)
        return perf_counter() - since

    async def many(self, name: str, count: int) -> float:
        """Seconds until this many runs, begun at once, have come to their durable end."""
        since = perf_counter()
        await asyncio.gather(*(self.one(name) for _ in range(count)))
        return perf_counter() - since


def judge(unit: Unit) -> None:
    """A figure counts only when every step did its work."""
    if unit.run.outcome != Outcome.SUCCEEDED.value:
        raise AssertionError(f"run {unit.run.id} {unit.run.outcome}: {unit.run.reason}")


@asynccontextmanager
async def body(folder: Path) -> AsyncIterator[Body]:
    """Put a body together in this folder, and take it apart at the end."""
    clock, private = SystemClock(), folder / "private"
    async with AsyncExitStack() as opened:
        opened.enter_context(rarely_collecting())
        store = CountingStore(private)
        await store.open()
        opened.push_async_callback(store.close)
        logs = Logs(SqliteLogs(private / "logs.db"))
        await logs.open()
        opened.push_async_callback(logs.close)
        keys, contents = KeyFile(private / "secrets.key"), ContentFolder(private / "contents")
        keys.open()
        contents.open()
        secrets = SecretStore(store.secrets, _Unnoted(), keys, clock)
        local = LocalExecutor(
            SupervisedProcesses(private), folder / "work", logs=logs, clock=clock, secrets=secrets
        )
        within = inside.everything(
            records=private / "inside.records",
            clock=clock,
            logs=logs,
            safe=secrets,
            runs=CalledRuns(),
            run_rows=store,
            contents=contents,
            artifacts=store.artifacts,
            folder_of=local.folder,
        )
        driver = EmbeddedDriver(
            store=store,
            executor=RoutedExecutor(((inside.ACTIONS, within), (CARRIES, local))),
            preparer=Preparing(),
            clock=clock,
            fault=_fault,
        )
        opened.push_async_callback(driver.close)
        await driver.open()
        yield Body(store, driver)


class _Unnoted:
    async def record(self, use: object) -> None:
        """No step of a benchmark uses a secret."""


def _fault(run: str, fault: BaseException) -> None:
    print(f"fault in {run}: {fault!r}")


def grid(stages: int, jobs: int, steps: int, step: Step | None = None) -> Pipeline:
    """Stages of parallel jobs of sequential steps; the steps do nothing unless another one is given."""
    step = step or Step(id="t", kind="ferrymanNothing")
    line = tuple(msgspec.structs.replace(step, id=f"t{number}") for number in range(steps))
    row = tuple(Job(id=f"j{number}", steps=line) for number in range(jobs))
    return Pipeline(stages=tuple(Stage(id=f"s{number}", jobs=row) for number in range(stages)))


def shell(script: str, interpreter: str = "sh") -> Step:
    """A step that runs a script."""
    return Step(id="t", kind="run", settings={"script": script, "shell": interpreter})


WORKLOAD = (3, 2, 2)
"""Workload W: stages, jobs in each, steps in each of these."""
WORKLOAD_STEPS = 12


def tell(words: Sequence[object]) -> None:
    """Say something to the process that started this one, as one line."""
    print(json.dumps(words), flush=True)
