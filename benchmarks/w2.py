"""W2: workload W of shell steps through the supervisor, durable: one run, and 50 at once.

Each step is a process of its own, recorded before it is spawned, its output read into a log, its job's folder made and
taken away. The bound is a featureless loop that spawns the same shell itself and keeps a line when it has ended; bare
spawns keep nothing. By hand: `python benchmarks/w2.py`; `python benchmarks/w2.py profile` prints where the loop's time
goes.
"""

import asyncio
import cProfile
import os
import pstats
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from _body import WORKLOAD, WORKLOAD_STEPS, body, grid, shell
from _bound import Bound
from _bound import shell as spawned
from _table import load, show

ALONE = 5
TURNS = 5
"""Runs one after another, and how often it is our turn: what others did before is gone from the processor's caches at
the first run of a turn, as it is where runs come now and then."""
AT_ONCE = 50
ROUNDS = 5
BARE = 600


def bare_run() -> float:
    """Seconds of workload W as spawns alone: two at a time, six times after one another."""
    since = perf_counter()
    for _ in range(WORKLOAD[0] * WORKLOAD[2]):
        for _ in range(WORKLOAD[1]):
            os.posix_spawn("/bin/sh", ["sh", "-c", "true"], {"PATH": "/bin"})
        for _ in range(WORKLOAD[1]):
            os.wait()
    return perf_counter() - since


def bare_rate() -> float:
    """Spawns a second, fifty at a time."""
    since = perf_counter()
    living = done = started = 0
    while done < BARE:
        while living < AT_ONCE and started < BARE:
            os.posix_spawn("/bin/sh", ["sh", "-c", "true"], {"PATH": "/bin"})
            living, started = living + 1, started + 1
        os.wait()
        living, done = living - 1, done + 1
    return BARE / (perf_counter() - since)


async def measure(folder: Path) -> None:
    """Print the table. Ours and the bound take turns, as the machine's speed changes while this runs."""
    rows: list[tuple[str, ...]] = []
    bare_one: list[float] = []
    bare_many: list[float] = []
    bound_one: list[float] = []
    bound_many: list[float] = []
    bound = Bound(folder / "bound.db")
    async with body(folder) as held:
        for name, script in (("sh", "true"), ("bash", "true"), ("sh", "echo hello")):
            define = f"{name}-{script.split()[0]}"
            await held.save(define, grid(*WORKLOAD, shell(script, name)))
            await held.many(define, 5)
            store = held.store
            alone, rates, ones, manys = [], [], [], []
            for _ in range(TURNS):
                alone += [await held.one(define) for _ in range(ALONE)]
                ones += [await bound.one(*WORKLOAD, spawned) for _ in range(ALONE)]
                bare_one += [bare_run() for _ in range(ALONE)]
            before = store.entries, store.units, store.commits
            for _ in range(ROUNDS):
                rates.append(AT_ONCE * WORKLOAD_STEPS / await held.many(define, AT_ONCE))
                manys.append(AT_ONCE * WORKLOAD_STEPS / await bound.many(WORKLOAD, AT_ONCE, spawned))
                bare_many.append(bare_rate())
            steps = ROUNDS * AT_ONCE * WORKLOAD_STEPS
            after = store.entries, store.units, store.commits
            is_first = define == "sh-true"
            rows.append(
                (
                    f"{name}: {script}",
                    f"{1e3 * median(alone):.1f} ms",
                    "≤ 25 ms" if is_first else "",
                    f"{median(alone) / median(ones):.2f}",
                    f"{median(rates):,.0f}/s",
                    "≥ 800/s" if is_first else "",
                    f"{median(manys) / median(rates):.2f}",
                    *(f"{(b - a) / steps:.2f}" for a, b in zip(before, after, strict=True)),
                )
            )
            bound_one, bound_many = [*bound_one, *ones], [*bound_many, *manys]
    await bound.close()
    for name, ones, manys in (("the bound", bound_one, bound_many), ("bare spawns", bare_one, bare_many)):
        one, many = median(ones), median(manys)
        rows.append(
            (
                name,
                f"{1e3 * one:.1f} ms",
                "",
                f"{one / median(bound_one):.2f}",
                f"{many:,.0f}/s",
                "",
                f"{median(bound_many) / many:.2f}",
                *("",) * 3,
            )
        )
    head = ("", "one run", "reach", "to bound", f"{AT_ONCE} at once", "reach", "to bound")
    show(f"W2: shell steps, durable ({load()})", (*head, "entries", "units", "commits per step"), rows)


async def profiled(folder: Path) -> None:
    """Print the functions that take most of the loop's time with many runs at once."""
    async with body(folder) as held:
        await held.save("sh", grid(*WORKLOAD, shell("true")))
        await held.many("sh", 5)
        with cProfile.Profile() as profiler:
            await held.many("sh", AT_ONCE)
    for order in ("tottime", "cumtime"):
        pstats.Stats(profiler).sort_stats(order).print_stats(45)


if __name__ == "__main__":
    with TemporaryDirectory() as name:
        asyncio.run((profiled if sys.argv[1:] == ["profile"] else measure)(Path(name)))
