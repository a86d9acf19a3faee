"""Old logs go: at the start of a server, and once an hour (OPS-6, LOG-9)."""

from ferryman.app.faults import Fault
from ferryman.app.house import House
from ferryman.domain.errors import Unavailable
from ferryman.logs.retention import Retention

EVERY_MS = 60 * 60 * 1000
"""How long after one look the next one comes."""


async def keep_tidying(house: House, fault: Fault) -> None:
    """Look again and again, until canceled. What cannot be removed now is so at a later look; `fault` hears why."""
    while True:
        try:
            await tidy(house)
        except Unavailable as why:
            fault("", why)
        await house.clock.sleep_until(house.clock.now() + EVERY_MS)


async def tidy(house: House) -> list[tuple[str, str]]:
    """Remove the logs that have been kept long enough, or that are too many, of runs that have ended; which they
    were, by run and attempt."""
    kept = house.settings.file.logs
    running = {row.id for row in await house.store.unfinished()}
    policy = Retention(days=kept.days, bytes=kept.bytes)
    return await house.logs.tidy(policy, running=running, now=house.clock.now())
