"""A data folder that is held and answers over HTTP: what `ferryman up` runs, and what tests run inside themselves."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from ferryman.app.front import Front
from ferryman.app.house import House, hold
from ferryman.app.server import Listening, Tls, answering, listen
from ferryman.asgi import BodyLimits
from ferryman.dialects.bkci.app import BkCi
from ferryman.dialects.bkci.credentials import Door, Trust
from ferryman.observability.logging import Line, bridged, traced
from ferryman.ports.clock import Clock
from ferryman.settings import Settings


class Served(NamedTuple):
    """A house, and where it answers."""

    house: House
    listening: Listening


def silent(level: str, event: str, /, **facts: Any) -> None:
    """A log that nobody reads."""


def unheard(fault: BaseException) -> None:
    """A fault that nobody asks for."""


@asynccontextmanager
async def serve(
    settings: Settings,
    door: Door,
    *,
    log: Line = silent,
    fault: Callable[[BaseException], None] = unheard,
    clock: Clock | None = None,
) -> AsyncIterator[Served]:
    """Hold the folder and answer until left. `fault` hears of what nobody had foreseen. Raises what `hold` raises, and
    `Unavailable` where the address is taken."""

    def of_run(run: str, error: BaseException) -> None:
        log("error", "fault", run=run, traceback=traced(error))
        fault(error)

    server = settings.file.server
    listener = listen(server.host, server.port)
    try:
        async with hold(settings, fault=of_run, clock=clock) as house:
            assert house.services is not None
            limits = BodyLimits(most_bytes=server.body_bytes, seconds=server.body_seconds)
            trust = Trust(
                tokens_required=settings.file.bkci.tokens_required, networks=settings.file.bkci.trusted
            )
            bkci = BkCi(house.services, door, trust=trust, limits=limits)
            front = Front([bkci], log=log, fault=fault)
            with bridged(log):
                async with answering(front, listener, tls=_tls(settings)) as listening:
                    yield Served(house, listening)
    finally:
        listener.close()


def _tls(settings: Settings) -> Tls | None:
    server = settings.file.server
    if not server.tls_cert and not server.tls_key:
        return None
    return Tls(Path(server.tls_cert), Path(server.tls_key))
