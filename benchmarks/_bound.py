"""The bound: what the language and the disk allow. A featureless loop with one SQLite writer, FULL and group commit.

It keeps one line of JSON per step and nothing else: no rules, no conditions, no orders, no rows to compare and set.
"""

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from time import perf_counter

import apsw
import msgspec

Line = tuple[str, int, bytes]
Call = tuple[Line, "asyncio.Future[None]"]
Does = Callable[[], Awaitable[None]]


class Bound:
    """A loop, a writer, a table."""

    def __init__(self, path: Path) -> None:
        """Open a file of its own."""
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[Call | None] = SimpleQueue()
        self._encode = msgspec.json.Encoder().encode
        self._number = 0
        self._thread = threading.Thread(target=self._write, args=(path,))
        self._thread.start()

    def _write(self, path: Path) -> None:
        connection = apsw.Connection(str(path))
        connection.pragma("journal_mode", "WAL")
        connection.pragma("synchronous", "FULL")
        connection.execute("CREATE TABLE journal (run TEXT, seq INTEGER, entry BLOB)")
        while (first := self._queue.get()) is not None:
            calls = [first]
            try:
                while len(calls) < 1_000 and (call := self._queue.get_nowait()) is not None:
                    calls.append(call)
            except Empty:
                pass
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO journal VALUES (?, ?, ?)", [line for line, _ in calls])
            connection.execute("COMMIT")
            self._loop.call_soon_threadsafe(_answer, calls)
        connection.close()

    async def keep(self, run: str, seq: int) -> None:
        """Keep one line, durably."""
        future: asyncio.Future[None] = self._loop.create_future()
        self._queue.put(((run, seq, self._encode({"seq": seq, "step": f"s/j/t{seq}#1.1"})), future))
        await future

    async def one(self, stages: int, jobs: int, steps: int, does: Does | None = None) -> float:
        """Seconds of a run of this layout, in which each step does this, or nothing."""
        since = perf_counter()
        self._number += 1
        run = f"r{self._number}"

        async def job() -> None:
            for step in range(steps):
                if does is not None:
                    await does()
                await self.keep(run, step)

        await self.keep(run, 0)
        for _ in range(stages):
            await asyncio.gather(*(job() for _ in range(jobs)))
        return perf_counter() - since

    async def many(self, layout: tuple[int, int, int], count: int, does: Does | None = None) -> float:
        """Seconds of this many at once."""
        since = perf_counter()
        await asyncio.gather(*(self.one(*layout, does) for _ in range(count)))
        return perf_counter() - since

    async def close(self) -> None:
        """End the writer."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)


async def shell() -> None:
    """One shell that does nothing, from its start to its end."""
    loop = asyncio.get_running_loop()
    pid = os.posix_spawn("/bin/sh", ["sh", "-c", "true"], {"PATH": "/bin"})
    ended = loop.create_future()
    handle = os.pidfd_open(pid)
    loop.add_reader(handle, ended.set_result, None)
    await ended
    loop.remove_reader(handle)
    os.close(handle)
    os.waitpid(pid, 0)


def _answer(calls: list[Call]) -> None:
    for _, future in calls:
        future.set_result(None)
