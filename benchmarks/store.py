"""What a durable unit costs: one caller alone, many at once, and many while the event loop has other work.

A unit is what one step of a run writes: one entry and the run's row, compared and set. Every figure is of a real file
with `synchronous=FULL`: an answered unit is on the disk. Run by hand: `python benchmarks/store.py [FOLDER]`.
"""

import asyncio
import os
import sys
from itertools import chain
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from _table import centile, show
from ferryman.domain.events import StepFinished
from ferryman.domain.journal import JournalEntry
from ferryman.ports.store import RunRow, Unit
from ferryman.stores.sqlite import SqliteStore

CALLERS = 200
UNITS = 50
"""Of each caller."""
LONE = 2_000
BUSY_US = 300
"""Microseconds of other work on the event loop before each unit: what folding an event costs."""


def unit(run: str, before: int) -> Unit:
    """The unit of one finished step."""
    row = RunRow(id=run, project="local", pipeline="shop", version=1, number=1, phase="running", queued_at=1)
    event = StepFinished(at=before, key=f"build/compile/make#1.{before}", outcome="succeeded")
    return Unit(run=row, before=before, entries=(JournalEntry(seq=before + 1, event=event),))


def work(microseconds: int) -> None:
    """Keep the processor busy for so long."""
    until = perf_counter() + microseconds / 1e6
    while perf_counter() < until:
        pass


async def caller(store: SqliteStore, run: str, units: int, busy: int = 0) -> list[float]:
    """Append units one after another; the seconds each took."""
    times = []
    for before in range(units):
        work(busy)
        since = perf_counter()
        await store.append(unit(run, before))
        times.append(perf_counter() - since)
    return times


async def crowd(store: SqliteStore, name: str, busy: int = 0) -> tuple[str, ...]:
    """Many callers at once."""
    since = perf_counter()
    lists = await asyncio.gather(
        *(caller(store, f"{name}-{number}", UNITS, busy) for number in range(CALLERS))
    )
    took = perf_counter() - since
    return line(sorted(chain.from_iterable(lists)), took)


def line(times: list[float], took: float) -> tuple[str, ...]:
    """Units a second, then median, 99th part and worst in milliseconds."""
    figures = (median(times), centile(times, 0.99), times[-1])
    return (f"{len(times) / took:,.0f}", *(f"{1e3 * each:.2f}" for each in figures))


def flushes(folder: Path) -> tuple[str, ...]:
    """What the disk alone takes to flush a page, one after another: no lone unit can be faster."""
    times = []
    with (folder / "page").open("wb") as file:
        since = perf_counter()
        for _ in range(LONE // 4):
            begun = perf_counter()
            os.write(file.fileno(), bytes(4096))
            os.fdatasync(file.fileno())
            times.append(perf_counter() - begun)
    return line(sorted(times), perf_counter() - since)


async def measure(folder: Path) -> None:
    """Print the table."""
    store = SqliteStore(folder)
    await store.open()
    await store.save_pipeline("local", "shop", b"{}", "", at=1, by="bench")
    await caller(store, "warm", 200)
    since = perf_counter()
    alone = sorted(await caller(store, "alone", LONE))
    rows = [("one caller", *line(alone, perf_counter() - since), "≤ 0.6 ms")]
    rows.append(("bare flush of a page", *flushes(folder), ""))
    rows.append((f"{CALLERS} callers", *await crowd(store, "crowd"), "≥ 3,000/s"))
    rows.append((f"… with {BUSY_US} µs of other work each", *await crowd(store, "busy", BUSY_US), ""))
    since = perf_counter()
    times = []
    for number in range(LONE):
        begun = perf_counter()
        await store.load(f"crowd-{number % CALLERS}")
        times.append(perf_counter() - begun)
    rows.append((f"load a run of {UNITS} entries", *line(sorted(times), perf_counter() - since), ""))
    await store.close()
    show("Durable units", ("", "per second", "median ms", "p99 ms", "worst ms", "target"), rows)


def main() -> None:
    """Measure in a folder given, or in a temporary one."""
    with TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        asyncio.run(measure(Path(folder)))


if __name__ == "__main__":
    main()
