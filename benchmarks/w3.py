"""W3: one run of 500 parallel jobs of one no-op step, durable, beside the bound. By hand: `python benchmarks/w3.py`."""

import asyncio
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from _body import body, grid
from _bound import Bound
from _table import load, show

LAYOUT = (1, 500, 1)
TEN_TIMES = (1, 5_000, 1)
ROUNDS = 9


async def measure(folder: Path) -> None:
    """Print the table."""
    bound = Bound(folder / "bound.db")
    rows = []
    async with body(folder) as held:
        for name, layout, rounds, reach in (
            ("500 jobs", LAYOUT, ROUNDS, "≤ 0.25 s"),
            ("5,000 jobs", TEN_TIMES, 1, ""),
        ):
            await held.save(name, grid(*layout))
            store, steps = held.store, rounds * layout[1]
            before = store.entries, store.units, store.commits
            took = median([await held.one(name) for _ in range(rounds)])
            after = store.entries, store.units, store.commits
            least = median([await bound.one(*layout) for _ in range(rounds)])
            parts = (f"{(b - a) / steps:.3f}" for a, b in zip(before, after, strict=True))
            rows.append(
                (
                    name,
                    f"{took:.3f} s",
                    reach,
                    f"{1e6 * took / layout[1]:.0f} µs",
                    f"{least:.3f} s",
                    f"{took / least:.1f}",
                    *parts,
                )
            )
    await bound.close()
    head = ("", "median", "reach", "per step", "bound", "to bound", "entries", "units", "commits per step")
    show(f"W3: parallel no-op jobs in one run, durable ({load()})", head, rows)


if __name__ == "__main__":
    with TemporaryDirectory() as name:
        asyncio.run(measure(Path(name)))
