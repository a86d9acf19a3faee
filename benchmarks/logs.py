"""Logs: from raw output to stored pieces, and opening a log of a million lines; `python benchmarks/logs.py`."""

import asyncio
import resource
import secrets
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter, thread_time

from _table import show
from ferryman.logs import Logs
from ferryman.logs.masking import Masker, Masks
from ferryman.stores.logs_sqlite import SqliteLogs

RUN, KEY = "run-1", "build#1.1"
LINES = b"".join(
    b"2026-07-01 12:00:%02d INFO building module %d of the project: src/main/App%d.c ok\n"
    % (at % 60, at, at * 7919)
    for at in range(3_000)
)


def main() -> None:
    """Print the tables."""
    show(
        "masker alone (CPU time of its thread)",
        ("secrets", "MB/s", "to make the masks"),
        map(masking, (0, 1, 10, 50, 300)),
    )
    show(
        "masker, lines, pieces, database (time on the clock)",
        ("secrets", "lines/s", "MB/s", "peak memory"),
        (
            asyncio.run(storing(count, megabytes))
            for count, megabytes in ((0, 100), (1, 100), (10, 100), (300, 50))
        ),
    )
    show(
        "reading 1,000 lines of a log (median of 21)",
        ("lines in it", "at the end", "in the middle"),
        map(opening, (1_000, 1_000_000)),
    )


def masking(count: int) -> tuple[str, ...]:
    """How quickly output passes with so many secrets of 32 characters."""
    begin = thread_time()
    masks = Masks(secrets.token_urlsafe(24) for _ in range(count))
    made = thread_time() - begin
    stream = LINES * 10
    rounds = []
    for _ in range(5):
        masker = Masker(masks)
        begin = thread_time()
        masker.feed(stream)
        masker.flush()
        rounds.append(thread_time() - begin)
    return str(count), f"{len(stream) / median(rounds) / 1e6:,.0f}" if count else "-", f"{made * 1000:.0f} ms"


async def storing(count: int, megabytes: int) -> tuple[str, ...]:
    """How quickly one step's output is kept."""
    with tempfile.TemporaryDirectory() as folder:
        book = Logs(SqliteLogs(Path(folder) / "logs.db"))
        await book.open()
        await book.open_attempt(RUN, KEY, secrets=[secrets.token_urlsafe(24) for _ in range(count)])
        begin, taken = perf_counter(), 0
        while taken < megabytes * 1_000_000:
            await book.ready()
            book.append(RUN, KEY, LINES, at=1)
            taken += len(LINES)
            await asyncio.sleep(0)
        lines = await book.close_attempt(RUN, KEY)
        spent = perf_counter() - begin
        await book.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return str(count), f"{lines / spent:,.0f}", f"{taken / spent / 1e6:,.0f}", f"{peak} MB"


def opening(lines: int) -> tuple[str, ...]:
    """How long a page of a log takes, in milliseconds."""
    return asyncio.run(_opening(lines))


async def _opening(lines: int) -> tuple[str, ...]:
    with tempfile.TemporaryDirectory() as folder:
        book = Logs(SqliteLogs(Path(folder) / "logs.db"))
        await book.open()
        await book.open_attempt(RUN, KEY)
        left = lines
        while left > 0:
            await book.ready()
            book.append(RUN, KEY, b"".join(LINES.splitlines(keepends=True)[: min(left, 3_000)]), at=1)
            left -= 3_000
        await book.close_attempt(RUN, KEY)
        ends, middles = [], []
        for _ in range(21):
            begin = perf_counter()
            await book.tail(RUN, KEY, 1000)
            middle = perf_counter()
            await book.read(RUN, KEY, after=lines // 2)
            ends.append(middle - begin)
            middles.append(perf_counter() - middle)
        await book.close()
    return f"{lines:,}", f"{median(ends) * 1000:.1f} ms", f"{median(middles) * 1000:.1f} ms"


if __name__ == "__main__":
    main()
