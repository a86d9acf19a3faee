"""The data folder read from beside: the store is opened for reading only, changes go to the process that holds it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import NamedTuple

from ferryman.app import whereabouts
from ferryman.app.bindings import transport_of, user
from ferryman.app.faults import Fault, no_fault
from ferryman.app.furnished import chosen
from ferryman.app.house import KEYS, LOGS, hold, refuse_gone
from ferryman.app.uses import NotedUses
from ferryman.client import Beside, Client, OverSocket
from ferryman.client.transport import PAUSE, TRIES, answers
from ferryman.domain.errors import NotFound, Unavailable
from ferryman.drivers.embedded.clock import SystemClock
from ferryman.logs import Logs
from ferryman.logs.nothing import NoPieces
from ferryman.secrets import KeyFile, SecretStore
from ferryman.services import Caller, Desk, Pipelines, RunLogs, Runs, SecretNames
from ferryman.services.access import Access
from ferryman.settings import Settings
from ferryman.stores.logs_sqlite import SqliteLogs
from ferryman.stores.sqlite import SqliteStore
from ferryman.stores.sqlite.folder import Holder


def found(settings: Settings) -> None:
    """Make sure that the data folder is there, for what is about things that are kept already: with a wrong name it
    must not make an empty folder and say that all is done. Raises `NotFound`, and `Refused` where it was lost."""
    refuse_gone(settings)
    if not SqliteStore(settings.private).folder.database.exists():
        raise NotFound(
            f"there is no data folder {settings.data}; `ferryman run FILE` makes it, "
            "--data and FERRYMAN_DATA name another"
        )


@asynccontextmanager
async def visit(settings: Settings) -> AsyncIterator[Client]:
    """Read the folder, and have changes made by whoever holds it. Raises `NotFound` where there is no data folder."""
    found(settings)
    store = SqliteStore(settings.private)
    clock = SystemClock()
    async with AsyncExitStack() as opened:
        await store.open(read_only=True)
        opened.push_async_callback(store.close)
        # Without logs, runs can be read all the same: a backup may leave them out.
        kept = settings.private / LOGS
        pieces = SqliteLogs(kept, read_only=True) if kept.exists() else NoPieces()
        logs = Logs(pieces, read_only=True)
        await logs.open()
        opened.push_async_callback(logs.close)
        runs = Runs(store=store, clock=clock)
        # Names can be listed without the keys; what is sealed is never asked for here.
        keys = KeyFile(settings.private / KEYS)
        access = Access(rows=store.access, audit=store.audit, keys=keys, clock=clock)
        await access.open()
        desk = Desk(
            runs=runs,
            pipelines=Pipelines(store=store, clock=clock),
            logs=RunLogs(book=logs, runs=runs),
            secrets=SecretNames(
                SecretStore(store.secrets, NotedUses(logs, store.audit, clock), keys, clock), clock
            ),
            access=access,
        )
        reading = transport_of(desk, Caller(name=user(), project=chosen(access, settings.project)))
        changing = OverSocket(settings.private, project=settings.project, held=partial(is_held, settings))
        yield Client(Beside(reading=reading, changing=changing))


class Reached(NamedTuple):
    """A way to make changes. `holds` says whether this process holds the folder, and so moves its runs; `recovered` how
    many unfinished runs it took up then; `exposed` why steps could read the private part of the folder, or empty, and
    `lost` what is sealed and cannot be opened any more, or empty."""

    client: Client
    holds: bool
    recovered: int = 0
    exposed: str = ""
    lost: str = ""


def holder_of(settings: Settings) -> Holder | None:
    """The living process that holds the folder; None where nobody does."""
    holder = SqliteStore(settings.private).folder.holder()
    return holder if holder is not None and holder.lives else None


def is_held(settings: Settings) -> bool:
    """Whether a living process holds the folder."""
    return holder_of(settings) is not None


def is_served(settings: Settings) -> bool:
    """Whether the process that holds the folder, or held it last, is a server that answers."""
    holder, noted = SqliteStore(settings.private).folder.holder(), whereabouts.read(settings)
    return holder is not None and noted is not None and noted.pid == holder.pid


@asynccontextmanager
async def reach(
    settings: Settings, *, driving: bool = True, fault: Fault = no_fault
) -> AsyncIterator[Reached]:
    """A way to make changes: by the process that holds the folder, else by holding it ourselves. One that is about to
    open its socket is waited for, and the folder of one that is about to end is taken after it."""
    async with AsyncExitStack() as opened:
        was_held = True
        for last in [False] * TRIES + [True]:
            try:
                house = await opened.enter_async_context(hold(settings, driving=driving, fault=fault))
            except Unavailable:
                held = is_held(settings)
                if held and (last or await answers(settings.private)):
                    yield Reached(await opened.enter_async_context(visit(settings)), holds=False)
                    return
                # It may have ended between the two looks, not twice.
                if not held and (last or not was_held):
                    raise
                was_held = held
            else:
                yield Reached(
                    house.client(),
                    holds=True,
                    recovered=house.recovered,
                    exposed=house.exposed,
                    lost=house.lost,
                )
                return
            await asyncio.sleep(PAUSE)


@asynccontextmanager
async def stand_by(settings: Settings) -> AsyncIterator[Reached]:
    """A way to make changes by the process that holds the folder, and by no other: it is left free for a server."""
    async with visit(settings) as client:
        yield Reached(client, holds=False)
