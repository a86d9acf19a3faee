"""A process that sends requests through the inside executor until it is killed; started by `test_crash`."""

import asyncio
import sys
from pathlib import Path

from ferryman.domain.work import CallHttp
from ferryman.ports.executor import Found, WorkResult
from tests.executors.inside.world import World, work

SIDE_BY_SIDE = 8


async def main(folder: Path, url: str) -> None:
    """Send one request after the other, several at once; say each attempt before it is begun."""
    world = World(folder)
    executor = world.executor()
    free = asyncio.Semaphore(SIDE_BY_SIDE)

    def hear(report: WorkResult | Found) -> None:
        free.release()

    await executor.open(hear)
    number = 0
    while True:
        await free.acquire()
        number += 1
        key = f"s/j/t{number}#1.1"
        sys.stdout.write(f"{key}\n")
        sys.stdout.flush()
        await executor.start(work(CallHttp(url=f"{url}/{number}"), key=key))


asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
