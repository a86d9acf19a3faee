"""A stand for tests of services: the real driver and store in memory, steps that do what a table says."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from ferryman.app.bindings import Driving, Preparing
from ferryman.drivers.embedded import EmbeddedDriver
from ferryman.drivers.embedded.clock import SystemClock
from ferryman.executors.scripted import ScriptedExecutor, Succeed
from ferryman.logs import Logs
from ferryman.secrets import KeyFile
from ferryman.services import Caller, Desk, Pipelines, Requests, RunLogs, Runs, SealingKey, SecretNames
from ferryman.services.access import Access
from ferryman.stores.memory import MemoryStore
from ferryman.testing.logs import MemoryPieces

ANN = Caller(name="ann")


class NoSecrets:
    """A safe with nothing in it."""

    async def write(
        self, project: str, name: str, fields: Any, *, by: str, audit: Any = ()
    ) -> tuple[str, ...]:
        return (f"{name} is short",)

    async def remove(self, project: str, name: str, *, audit: Any = ()) -> None:
        return

    async def names(self, project: str) -> list[Any]:
        return []

    async def rotate(self, projects: Any, *, also: Any = ()) -> int:
        return 0


class Stand:
    """Services over a world in memory."""

    def __init__(self, store: MemoryStore, logs: Logs, desk: Desk, runs: Runs) -> None:
        self.store = store
        self.logs = logs
        self.desk = desk
        self.runs = runs

    async def ask(self, verb: str, caller: Caller = ANN, **arguments: Any) -> Any:
        """A verb by its name."""
        return await self.desk.ask(caller, verb, arguments)

    async def start(self, text: str, **more: Any) -> Any:
        """Save a file and start a run of it."""
        saved = await self.ask("pipelines.save", text=text)
        return await self.ask("runs.start", pipeline=saved.pipeline, **more)

    async def until(self, run: str, is_so: Any = lambda view: view.phase == "finished") -> Any:
        """The run as soon as this is so of its view."""
        async for view in self.desk.stream(ANN, "runs.watch", {"run": run}):
            if is_so(view):
                return view
        raise AssertionError("it ended before that was so")


@asynccontextmanager
async def stand(table: Any = None, *, store: MemoryStore | None = None) -> AsyncIterator[Stand]:
    """Open everything, and close it again."""
    store = store or MemoryStore()
    clock = SystemClock()
    logs = Logs(MemoryPieces())
    await store.open()
    await logs.open()
    executor = ScriptedExecutor({**(table or {}), "*": (Succeed(),)}, logs=logs, clock=clock)
    embedded = EmbeddedDriver(store=store, executor=executor, preparer=Preparing(), clock=clock)
    driver = Driving(embedded)
    pipelines = Pipelines(store=store, clock=clock)
    runs = Runs(store=store, clock=clock, driver=driver)
    requests = Requests(store=store, driver=driver, clock=clock, runs=runs, pipelines=pipelines)
    access = Access(rows=store.access, audit=store.audit, keys=KeyFile(Path("no-key")), clock=clock)
    await access.open()
    desk = Desk(
        runs=runs,
        pipelines=pipelines,
        logs=RunLogs(book=logs, runs=runs),
        secrets=SecretNames(NoSecrets(), clock),
        access=access,
        requests=requests,
        sealing=SealingKey(NoSecrets(), access, store.audit, clock),
    )
    await embedded.open()
    try:
        yield Stand(store, logs, desk, runs)
    finally:
        await embedded.close()
        await logs.close()
        await store.close()


def plain(view: Any) -> Any:
    """A view as the plain values that go over a wire."""
    return msgspec.to_builtins(view)
