"""W4: sequential no-op steps in one job, durable: 100 to 5,000 of them, beside the bound.

Every step waits for its own commit: what is measured is the way there and back, and that it does not grow with the
run. The bound is asked in turns with the runs, so that both meet the same disk. By hand: `python benchmarks/w4.py`;
`python benchmarks/w4.py profile` prints where the loop's time goes.
"""

import asyncio
import cProfile
import pstats
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

from _body import body, grid
from _bound import Bound
from _table import load, show

LENGTHS = ((100, 9), (500, 5), (1_000, 5), (2_000, 3), (5_000, 3))
"""How many steps, and how often such a run is measured."""


async def measure(folder: Path) -> None:
    """Print the table."""
    bound = Bound(folder / "bound.db")
    rows = []
    first = 0.0
    async with body(folder) as held:
        for length, rounds in LENGTHS:
            name = f"{length:,} steps"
            await held.save(name, grid(1, 1, length))
            store, steps = held.store, rounds * length
            before = store.entries, store.units, store.commits
            took, least, busy = [], [], []
            for _ in range(rounds):
                since = process_time()
                took.append(await held.one(name))
                busy.append(process_time() - since)
                least.append(await bound.one(1, 1, length))
            after = store.entries, store.units, store.commits
            each = median(busy) / length
            first = first or each
            rows.append(
                (
                    name,
                    f"{median(took):.2f} s",
                    "≤ 1.2 s" if length == 1_000 else "",
                    f"{1e6 * median(took) / length:.0f} µs",
                    f"{1e6 * each:.0f} µs",
                    f"{each / first:.2f}",
                    f"{median(least):.2f} s",
                    f"{median(took) / median(least):.2f}",
                    *(f"{(b - a) / steps:.2f}" for a, b in zip(before, after, strict=True)),
                )
            )
    await bound.close()
    head = ("", "median", "reach", "per step", "processor", "to 100", "bound", "to bound")
    title = f"W4: sequential no-op steps, durable ({load()})"
    show(title, (*head, "entries", "units", "commits per step"), rows)


async def profiled(folder: Path) -> None:
    """Print the functions that take most of the loop's time in a run of 1,000 steps."""
    async with body(folder) as held:
        await held.save("long", grid(1, 1, 1_000))
        await held.one("long")
        with cProfile.Profile() as profiler:
            await held.one("long")
    for order in ("tottime", "cumtime"):
        pstats.Stats(profiler).sort_stats(order).print_stats(45)


if __name__ == "__main__":
    with TemporaryDirectory() as name:
        asyncio.run((profiled if sys.argv[1:] == ["profile"] else measure)(Path(name)))
