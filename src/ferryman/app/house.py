"""A data folder held by this process: store, logs, secrets, executors and the driver over them, services, the socket.

Opened inside out, closed outside in: first nobody asks any more, then nothing moves, then everything that was accepted
is kept and the folder let go. Steps that run go on and are found again.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from ferryman.app import sealed
from ferryman.app.bindings import (
    CalledRuns,
    Driving,
    Preparing,
    StoppedRuns,
    client_of,
    known_by,
    user,
)
from ferryman.app.collecting import rarely_collecting
from ferryman.app.faults import Fault, Sparing, no_fault
from ferryman.app.furnished import chosen, furnished
from ferryman.app.serving import serve_socket
from ferryman.app.unrecorded import count_as_lost
from ferryman.app.uses import NotedUses
from ferryman.client import Client
from ferryman.drivers.embedded import EmbeddedDriver
from ferryman.drivers.embedded.clock import SystemClock
from ferryman.executors import inside
from ferryman.executors.inside import Webhook
from ferryman.executors.local import CARRIES, LocalExecutor
from ferryman.executors.routing import Route, RoutedExecutor
from ferryman.logs import Logs
from ferryman.logs.masking import mask_values
from ferryman.ports.clock import Clock
from ferryman.ports.executor import Executor
from ferryman.secrets import KeyFile, SecretStore
from ferryman.services import (
    Caller,
    Catalog,
    Desk,
    Labels,
    Latest,
    Pipelines,
    Requests,
    RunLogs,
    Runs,
    SealingKey,
    SecretNames,
    Services,
)
from ferryman.services.access import Access, Seed
from ferryman.settings import Settings
from ferryman.stores.contents import ContentFolder
from ferryman.stores.logs_sqlite import SqliteLogs
from ferryman.stores.sqlite import SqliteStore
from ferryman.stores.sqlite.faults import damaged
from ferryman.stores.sqlite.folder import Folder
from ferryman.supervisor.client import SupervisedProcesses

LOGS = "logs.db"
KEYS = "secrets.key"
RECORDS = "inside.records"
CONTENTS = "contents"


class House:
    """A data folder held by this process. Made by `hold`."""

    def __init__(
        self,
        settings: Settings,
        desk: Desk,
        recovered: int,
        *,
        store: SqliteStore,
        logs: Logs,
        access: Access,
        processes: SupervisedProcesses,
        clock: Clock,
        services: Services | None,
        exposed: str = "",
        lost: str = "",
    ) -> None:
        """`recovered` is how many unfinished runs were found and are moved again; `exposed` is why steps could read the
        private part of the folder, empty where they cannot (RULINGS 18); `lost` what is sealed and cannot be opened any
        more, or empty; without driving there are no `services`."""
        self.settings = settings
        self.recovered = recovered
        self.exposed = exposed
        self.lost = lost
        self.store = store
        self.logs = logs
        self.access = access
        self.processes = processes
        self.clock = clock
        self.services = services
        self._desk = desk

    def client(self) -> Client:
        """Speak to it in this process, as the user who runs it."""
        return client_of(self._desk, Caller(name=user(), project=chosen(self.access, self.settings.project)))


def refuse_gone(settings: Settings) -> None:
    """Refuse a folder whose database is gone or was emptied: a new history would begin in it, unseen. The database of a
    folder is made before its logs. Raises `Refused` (damaged)."""
    if not (settings.private / LOGS).exists():
        return
    database = Folder(settings.private).database
    if not database.exists():
        if not database.is_symlink():
            raise damaged(database, f"it is gone, and {LOGS} beside it has been begun")
        # The store says where the link leads.
    elif not database.stat().st_size:
        raise damaged(database, f"it is empty, and {LOGS} beside it has been begun")


@asynccontextmanager
async def hold(
    settings: Settings,
    *,
    driving: bool = True,
    fault: Fault = no_fault,
    clock: Clock | None = None,
    seed: Seed | None = None,
    executor: Executor | None = None,
) -> AsyncIterator[House]:
    """Take the data folder, and take up every unfinished run again. Raises `Unavailable` naming the process that holds
    it. Without `driving` no run is moved: only definitions and secrets can be changed. A `seed` is applied first;
    raises `Invalid` where its names mean nothing. `fault` hears of each fault once a minute, for as long as it
    lasts. An `executor` does all actions in place of those that do them here."""
    clock = clock or SystemClock()
    fault = Sparing(fault, clock)
    async with AsyncExitStack() as opened:
        opened.enter_context(rarely_collecting())
        refuse_gone(settings)
        store = SqliteStore(settings.private, known_as=settings.data)
        await store.open()
        opened.push_async_callback(store.close)
        logs = Logs(
            SqliteLogs(settings.private / LOGS),
            limit=settings.file.logs.attempt_bytes,
            troubled=partial(fault, ""),
        )
        await logs.open()
        opened.push_async_callback(logs.close)
        keys = KeyFile(settings.private / KEYS)
        await asyncio.to_thread(keys.open)
        access = Access(
            rows=store.access,
            audit=store.audit,
            keys=keys,
            clock=clock,
            wrong_a_minute=settings.file.server.wrong_a_minute,
        )
        await access.open()
        opened.push_async_callback(access.close)
        if seed is not None:
            await access.furnishing.apply(seed)
        lost = await sealed.lost(store, access, keys, called=str(keys.path))
        settings = furnished(settings, access)
        secrets = SecretStore(store.secrets, NotedUses(logs, store.audit, clock), keys, clock)
        pipelines = Pipelines(store=store, clock=clock)
        latest = Latest(store=store)
        embedded, calls, processes = None, CalledRuns(), SupervisedProcesses(settings.private)
        if driving:
            if executor is None:
                if not await asyncio.to_thread(processes.has_records):
                    await count_as_lost(store, settings.private / RECORDS)
                executor = RoutedExecutor(
                    await _routes(settings, store, logs, secrets, calls, clock, processes, fault)
                )
            embedded = EmbeddedDriver(
                store=store,
                executor=executor,
                preparer=Preparing(known_by(settings)),
                clock=clock,
                members=access.register.index.in_roles,
                fault=fault,
                on_change=latest.on_change,
            )
        driver = Driving(embedded) if embedded is not None else None
        runs = Runs(store=store, clock=clock, driver=driver, latest=latest)
        requests, recovered = None, 0
        if embedded is not None and driver is not None:
            requests = Requests(
                store=store,
                driver=driver,
                clock=clock,
                runs=runs,
                pipelines=pipelines,
                zone=settings.file.zone,
                most_starts=settings.file.runs.starts_at_once,
            )
            calls.bind(requests, runs, pipelines, driver, clock)
            pipelines.stop_with(StoppedRuns(store, requests))
            opened.push_async_callback(embedded.close)
            recovered = await embedded.open()
        run_logs, secret_names = RunLogs(book=logs, runs=runs), SecretNames(secrets, clock)
        desk = Desk(
            runs=runs,
            pipelines=pipelines,
            logs=run_logs,
            secrets=secret_names,
            access=access,
            requests=requests,
            sealing=SealingKey(secrets, access, store.audit, clock),
        )
        services = None
        if requests is not None:
            services = Services(
                pipelines=pipelines,
                catalog=Catalog(
                    store=store,
                    clock=clock,
                    pipelines=pipelines,
                    standings=latest,
                    changes=store.changes.count,
                ),
                labels=Labels(store=store, clock=clock),
                runs=runs,
                requests=requests,
                logs=run_logs,
                secrets=secret_names,
                people=access.people,
            )
        await opened.enter_async_context(serve_socket(settings.private, desk, partial(chosen, access)))
        yield House(
            settings,
            desk,
            recovered,
            store=store,
            logs=logs,
            access=access,
            processes=processes,
            clock=clock,
            services=services,
            exposed=processes.hiding if driving else "",
            lost=lost,
        )


async def _routes(
    settings: Settings,
    store: SqliteStore,
    logs: Logs,
    secrets: SecretStore,
    calls: CalledRuns,
    clock: Clock,
    processes: SupervisedProcesses,
    fault: Fault,
) -> tuple[Route, ...]:
    """Who does which action."""
    contents = ContentFolder(settings.private / CONTENTS)
    await asyncio.to_thread(contents.open)
    local = LocalExecutor(
        processes,
        settings.work,
        logs=logs,
        clock=clock,
        secrets=secrets,
        mask=mask_values,
        fault=fault,
    )
    within = inside.everything(
        records=settings.private / RECORDS,
        clock=clock,
        logs=logs,
        safe=secrets,
        mask=mask_values,
        runs=calls,
        run_rows=store,
        contents=contents,
        artifacts=store.artifacts,
        folder_of=local.folder,
        allow=settings.file.fetch.allow,
        senders={name: Webhook(url=one.url, key=one.key) for name, one in settings.file.notify.items()},
    )
    return ((inside.ACTIONS, within), (CARRIES, local))
