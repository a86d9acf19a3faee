"""A data folder that is held and answers over HTTP: what `ferryman up` runs, and what tests run inside themselves."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from ferryman import definition
from ferryman.api.front import Document, FrontPage
from ferryman.app.front import Answering, Front
from ferryman.app.furnished import at_home
from ferryman.app.house import House, hold
from ferryman.app.moving import MovingClock
from ferryman.app.parts import checks, newest_runs
from ferryman.app.server import Listening, Tls, answering, listen
from ferryman.app.tidying import keep_tidying
from ferryman.app.whereabouts import noted, of
from ferryman.asgi import BodyLimits
from ferryman.dialects.bkci.app import BkCi
from ferryman.dialects.bkci.credentials import Trust
from ferryman.dialects.bkci.v3.operations import OPERATIONS
from ferryman.drivers.embedded.clock import VirtualClock
from ferryman.observability.logging import Line, bridged, traced
from ferryman.ports.executor import Executor
from ferryman.services.access import SignIn, read_seed
from ferryman.settings import Settings


class Served(NamedTuple):
    """A house that answers."""

    house: House
    listening: Listening
    sign_in: SignIn | None
    """What the first start made, to be shown once."""
    clock: VirtualClock | None = None
    """Where the time is virtual."""


def silent(level: str, event: str, /, **facts: Any) -> None:
    """A log that nobody reads."""


def unheard(fault: BaseException) -> None:
    """A fault that nobody asks for."""


@asynccontextmanager
async def serve(
    settings: Settings,
    *,
    seed: str | None = None,
    home: Path | None = None,
    log: Line = silent,
    fault: Callable[[BaseException], None] = unheard,
    virtual: bool = False,
    executor: Executor | None = None,
) -> AsyncIterator[Served]:
    """Hold the folder and answer until left; at the end requests under way are finished first, then runs are left as
    they stand, their steps to the supervisor. `seed` is the text of a seed, `home` the folder it came from; `fault`
    hears of what nobody had foreseen. With `virtual` time stands still until it is moved. Raises what `hold` raises,
    `Unavailable` where the address is taken, and `Invalid` for a seed that is none."""

    def of_run(run: str, error: BaseException) -> None:
        log("error", "fault", run=run, traceback=traced(error))
        fault(error)

    clock = VirtualClock(time.time_ns() // 1_000_000) if virtual else None
    sown = None if seed is None else read_seed(seed)
    if sown is not None and home is not None:
        sown = at_home(sown, home)
    server = settings.file.server
    with listen(server.host, server.port) as listener:
        async with hold(settings, fault=of_run, clock=clock, seed=sown, executor=executor) as house:
            sign_in = await house.access.furnishing.first_start() if seed is None else None
            front = Front(_everything(settings, house, clock), log=log, fault=fault)
            beside = [
                asyncio.create_task(house.access.asking.keep_writing_uses()),
                asyncio.create_task(keep_tidying(house, of_run)),
            ]
            try:
                with bridged(log):
                    async with answering(front, listener, tls=_tls(settings)) as listening:
                        with noted(settings, of(listening, settings)):
                            yield Served(house, listening, sign_in, clock)
            finally:
                for task in beside:
                    task.cancel()
                await asyncio.gather(*beside, return_exceptions=True)


def _everything(settings: Settings, house: House, clock: VirtualClock | None) -> list[Answering]:
    """All that answers, the first that knows a path first."""
    assert house.services is not None
    server, bkci = settings.file.server, settings.file.bkci
    front = FrontPage(
        checks=checks(house),
        runs=partial(newest_runs, house),
        documents=(_bkci_document(),),
        schema=definition.schema,
    )
    limits = BodyLimits(most_bytes=server.body_bytes, seconds=server.body_seconds)
    trust = Trust(tokens_required=bkci.tokens_required, networks=bkci.trusted)
    found: list[Answering] = [BkCi(house.services, house.access, trust=trust, limits=limits), front]
    if clock is not None:
        found.append(MovingClock(clock, limits))
    return found


def _bkci_document() -> Document:
    """What is answered of BK-CI's API."""
    return Document(
        name="bkci",
        title="BK-CI v3 and v4",
        prose="Below /ms/openapi/api/apigw, /ms/openapi/api/apigw-user and /ms/openapi/api/apigw-app.",
        operations=tuple((row.name, ", ".join(row.routes)) for row in OPERATIONS),
    )


def _tls(settings: Settings) -> Tls | None:
    server = settings.file.server
    if not server.tls_cert and not server.tls_key:
        return None
    return Tls(Path(server.tls_cert), Path(server.tls_key))
