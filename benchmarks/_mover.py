"""A process that moves runs of shell steps, for W7. With `begin` it starts them; without it takes up what it finds.

Each step writes a line into the witness file when it has done its work. What is told: that all runs have begun; when
this process had taken up the folder; when each unfinished run had moved; at the end, how every run ended.
"""

import asyncio
import sys
from pathlib import Path
from time import perf_counter

from _body import WORKLOAD, Body, body, grid, shell, tell
from ferryman.domain.status import Phase

RUNS = 50
NAME = "witnessed"


async def begin(held: Body, witness: Path) -> None:
    """Start all runs and move them until killed."""
    script = f'sleep 0.1; echo "$FERRYMAN_RUN $FERRYMAN_STEP" >> "{witness}"'
    await held.save(NAME, grid(*WORKLOAD, shell(script)))
    ends = [held.store.end_of(f"{NAME}-{number}") for number in range(1, RUNS + 1)]
    await asyncio.gather(*(held.start(NAME) for _ in range(RUNS)))
    tell(["begun"])
    await asyncio.gather(*ends)
    tell(["ended"])


async def take_up(held: Body, ready: float) -> None:
    """Wait until every run that is not finished has moved, then until all have ended."""
    # What moved between the opening and now is known to the store.
    rows = [await held.store.run(f"{NAME}-{number}") for number in range(1, RUNS + 1)]
    open_runs = [row.id for row in rows if row.phase != Phase.FINISHED.value]
    moving = set(open_runs) | set(held.store.moved)
    ends = [held.store.end_of(run) for run in open_runs if held.driver.run(run) is not None]
    while len(held.store.moved) < len(moving):
        await asyncio.sleep(0.005)
    tell(["moving", ready, max(held.store.moved.values(), default=ready), len(moving)])
    await asyncio.wait(ends, timeout=60) if ends else None
    outcomes = [(await held.store.run(f"{NAME}-{number}")).outcome for number in range(1, RUNS + 1)]
    tell(["ended", outcomes])


async def main(folder: Path, witness: Path, *, fresh: bool) -> None:
    """Do the one or the other."""
    async with body(folder) as held:
        await (begin(held, witness) if fresh else take_up(held, perf_counter()))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), fresh=sys.argv[3:] == ["begin"]))
