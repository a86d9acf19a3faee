"""Crew: threads that take jobs off one queue, each with its own connection, and answer on the event loop.

A job is a function of a connection. Everything that waits when a thread comes by is taken at once, up to `most`, and
answered with one call into the loop: waking it is what costs.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Generic, TypeVar

import apsw

from ferryman.domain.errors import Unavailable

Answer = TypeVar("Answer")


class Job(Generic[Answer]):
    """What one caller waits for: the work, then its result or its error."""

    __slots__ = ("error", "future", "result", "work")

    def __init__(self, work: Callable[[apsw.Connection], Answer], future: "asyncio.Future[Answer]") -> None:
        """A job that is yet to be done."""
        self.work = work
        self.future = future
        self.result: Answer | None = None
        self.error: Exception | None = None


AnyJob = Job[Any]
Serve = Callable[[apsw.Connection, Sequence[AnyJob]], None]
"""Does jobs, and leaves in each its result or its error. Raises nothing."""


class Crew:
    """Threads over connections. Made, used and closed on one event loop."""

    def __init__(self, name: str, connections: Sequence[apsw.Connection], serve: Serve, *, most: int) -> None:
        """Start one thread for each connection, which it closes at its end."""
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[AnyJob | None] = SimpleQueue()
        self._serve = serve
        self._most = most
        self._closed = False
        self._threads = [
            Thread(target=self._work, args=(connection,), name=f"{name}-{number}", daemon=True)
            for number, connection in enumerate(connections, 1)
        ]
        for thread in self._threads:
            thread.start()

    async def do(self, work: Callable[[apsw.Connection], Answer]) -> Answer:
        """Have this done by the next thread that is free. Raises what the work raises, and `Unavailable` once the
        crew is closed. Who stops waiting does not stop the work."""
        if self._closed:
            raise Unavailable("the store is closed; open it again")
        future: asyncio.Future[Answer] = self._loop.create_future()
        self._queue.put(Job(work, future))
        return await future

    async def close(self) -> None:
        """Finish what was accepted, and end the threads."""
        if not self._closed:
            self._closed = True
            for _ in self._threads:
                self._queue.put(None)
        await asyncio.to_thread(self._join)

    def _join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _work(self, connection: apsw.Connection) -> None:
        while jobs := self._take():
            self._serve(connection, jobs)
            # A loop that was closed has nobody left who waits.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(_answer, jobs)
            # Nothing of a job may live until the next one comes.
            del jobs
        connection.close()

    def _take(self) -> list[AnyJob]:
        first = self._queue.get()
        if first is None:
            return []
        jobs = [first]
        with contextlib.suppress(Empty):
            while len(jobs) < self._most:
                job = self._queue.get_nowait()
                if job is None:
                    self._queue.put(None)
                    break
                jobs.append(job)
        return jobs


def _answer(jobs: Sequence[AnyJob]) -> None:
    for job in jobs:
        if job.future.done():
            continue
        if job.error is None:
            job.future.set_result(job.result)
        else:
            job.future.set_exception(job.error)
