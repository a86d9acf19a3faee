"""W1: workload W of no-op steps (3 stages × 2 parallel jobs × 2 steps), durable: one run, and 200 at once.

Every step takes the whole road: preparer, routed executor, event, rules, journal. Only the process is missing.
By hand: `python benchmarks/w1.py`; `python benchmarks/w1.py profile` prints where the loop's time goes.
"""

import asyncio
import cProfile
import pstats
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from _body import WORKLOAD, WORKLOAD_STEPS, Body, body, grid
from _bound import Bound
from _table import load, show

ALONE = 60
AT_ONCE = 200
ROUNDS = 5


async def counted(held: Body, rounds: int) -> tuple[float, tuple[float, float, float]]:
    """Median steps a second of many runs at once; entries, units and transactions for each step."""
    store = held.store
    before = store.entries, store.units, store.commits
    rates = [AT_ONCE * WORKLOAD_STEPS / await held.many("w", AT_ONCE) for _ in range(rounds)]
    steps = rounds * AT_ONCE * WORKLOAD_STEPS
    after = store.entries, store.units, store.commits
    entries, units, commits = ((b - a) / steps for a, b in zip(before, after, strict=True))
    return median(rates), (entries, units, commits)


async def measure(folder: Path) -> None:
    """Print the table."""
    bound = Bound(folder / "bound.db")
    async with body(folder) as held:
        await held.save("w", grid(*WORKLOAD))
        await held.many("w", 20)
        alone, bounds = [], []
        store = held.store
        before = store.entries, store.units, store.commits
        for _ in range(ALONE):
            alone.append(await held.one("w"))
            bounds.append(await bound.one(*WORKLOAD))
        steps = ALONE * WORKLOAD_STEPS
        parts = [
            (b - a) / steps for a, b in zip(before, (store.entries, store.units, store.commits), strict=True)
        ]
        rate, many = await counted(held, ROUNDS)
        top = median([AT_ONCE * WORKLOAD_STEPS / await bound.many(WORKLOAD, AT_ONCE) for _ in range(ROUNDS)])
    await bound.close()
    one, least = median(alone), median(bounds)
    rows = [
        (
            "one run",
            f"{1e3 * one:.1f} ms",
            "≤ 12 ms",
            f"{1e3 * least:.1f} ms",
            f"{one / least:.2f}",
            *(f"{each:.2f}" for each in parts),
        ),
        (
            f"{AT_ONCE} at once",
            f"{rate:,.0f}/s",
            "≥ 3,000/s",
            f"{top:,.0f}/s",
            f"{top / rate:.2f}",
            *(f"{each:.2f}" for each in many),
        ),
    ]
    head = ("", "median", "reach", "bound", "to bound", "entries", "units", "commits per step")
    show(f"W1: no-op steps, durable ({load()})", head, rows)


async def profiled(folder: Path) -> None:
    """Print the functions that take most of the loop's time with many runs at once."""
    async with body(folder) as held:
        await held.save("w", grid(*WORKLOAD))
        await held.many("w", 20)
        with cProfile.Profile() as profiler:
            await held.many("w", AT_ONCE)
    for order in ("tottime", "cumtime"):
        pstats.Stats(profiler).sort_stats(order).print_stats(45)


if __name__ == "__main__":
    with TemporaryDirectory() as name:
        asyncio.run((profiled if sys.argv[1:] == ["profile"] else measure)(Path(name)))
