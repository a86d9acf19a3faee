"""LocalExecutor: orders in, results out; the processes themselves are the supervisor's.

A step that is found alive after a restart is read on from where its log stands; one that ended meanwhile is read to its
end, then reported. A result is kept in the step's folder before its raw output goes, so that it can be told again when
the server dies before it is recorded.
"""

import asyncio
import contextlib
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

from ferryman.domain.errors import FerrymanError, Unavailable
from ferryman.domain.work import Checkout, Impossible, Nothing, RunPlugin, RunScript, Work, WorkResult
from ferryman.executors.local import results
from ferryman.executors.local.credentials import opened
from ferryman.executors.local.lacks import lacks
from ferryman.executors.local.orders import CannotRun, order
from ferryman.executors.local.output import Output
from ferryman.executors.local.surroundings import PATH, Surroundings
from ferryman.ports.clock import Clock
from ferryman.ports.executor import Found, Report
from ferryman.ports.logs import LogBook
from ferryman.ports.processes import Launch, Processes, Sighting
from ferryman.ports.secrets import Secrets

CARRIES = (RunScript, Checkout, RunPlugin, Nothing, Impossible)
"""The actions that this executor carries out."""

LOOK_EVERY = 0.1
"""Seconds between looks at growing outputs: a line shows within a second (LOG-1)."""

_TRY_LOG_EVERY = 1.0


class LocalExecutor:
    """`ports.executor.Executor` for processes of this machine."""

    def __init__(
        self,
        processes: Processes,
        root: Path,
        *,
        logs: LogBook,
        clock: Clock,
        secrets: Secrets | None = None,
        path: str = PATH,
    ) -> None:
        """Run steps in folders below `root`, which steps can see; programs are found along `path`."""
        self._processes, self._logs, self._clock, self._secrets = processes, logs, clock, secrets
        self._surroundings = Surroundings(root, path)
        self._report: Report = lambda result: None
        self._running: dict[str, tuple[Output, int]] = {}
        self._preparing: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, report: Report) -> None:
        """Get in touch with the supervisor, and report to this function from now on. Raises Unavailable."""
        self._report = report
        await self._processes.open(self._exited)
        self._spawn_task(self._look_around())

    async def start(self, work: Work) -> None:
        """Begin an attempt; what cannot be begun is reported as its end."""
        name = attempt_name(work.run, work.key)
        if name in self._running or name in self._preparing:
            return
        match work.action:
            case Nothing():
                at = self._clock.now()
                self._say(
                    WorkResult(run=work.run, key=work.key, outcome="succeeded", spawned_at=at, ended_at=at)
                )
                return
            case Impossible(message=message, code=code):
                self._refuse(work, message, code or results.CANNOT_RUN)
                return
        self._preparing.add(name)
        try:
            launch = await self._prepared(name, work)
            output = self._output(work.run, work.key, work.project)
            self._running[name] = output, work.patience_ms
            await self._processes.launch(launch)
        except CannotRun as error:
            self._refuse(work, str(error), error.number)
        except Unavailable as error:
            self._running.pop(name, None)
            self._refuse(work, str(error), 0, outcome="errored")
        except FerrymanError as error:
            self._refuse(work, str(error), results.NOT_FOUND)
        except OSError as error:
            self._refuse(work, f"its folders cannot be made: {error.strerror}", 0, outcome="errored")
        finally:
            self._preparing.discard(name)

    async def stop(self, run: str, key: str, *, force: bool) -> None:
        """Ask an attempt to end, or end it at once; its end is reported."""
        name = attempt_name(run, key)
        if known := self._running.get(name):
            await self._processes.stop(name, patience_ms=known[1], force=force)

    async def find(self, attempts: Sequence[tuple[str, str]]) -> Sequence[Found]:
        """What became of these attempts; the living are watched, the ended are read to their end."""
        by_name = {attempt_name(run, key): (run, key) for run, key in attempts}
        seen = await self._processes.follow(list(by_name))
        found = []
        for name, (run, key) in by_name.items():
            if (sighting := seen.get(name)) is None:
                found.append(Found(run=run, key=key, state="unknown"))
                continue
            patience, _, project = sighting.tag.partition(" ")
            if sighting.state == "alive":
                self._running.setdefault(name, (self._output(run, key, project), int(patience)))
                found.append(Found(run=run, key=key, state="alive"))
            else:
                found.append(await self._conclude(self._output(run, key, project), sighting))
        return found

    async def release(self, run: str, folder: str) -> None:
        """A job has ended and its results are recorded: its folder and records go."""
        keys = await asyncio.to_thread(lambda: list(self._surroundings.attempts(run, folder)))
        await self._processes.forget([attempt_name(run, key) for key in keys])
        await asyncio.to_thread(self._surroundings.remove, run, folder)

    def folder(self, run: str, folder: str) -> Path:
        """The working folder of a job, for whoever keeps or fetches its files."""
        return self._surroundings.working(run, folder)

    async def close(self) -> None:
        """Stop watching. Attempts that run go on and can be found again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._processes.close()
        for output, _ in self._running.values():
            output.close()
        self._running.clear()

    async def _prepared(self, name: str, work: Work) -> Launch:
        """The launch of an attempt, with its folders made and its secrets opened."""
        if missing := lacks(work.runs_on, work.action):
            raise CannotRun(missing)
        known = await opened(work, self._secrets)
        env = self._surroundings.make(work)
        # Whoever finds it again needs to know how patient to be, and whose secrets its log must not show.
        return order(name, work, env, known, tag=f"{work.patience_ms} {work.project}")

    def _output(self, run: str, key: str, project: str) -> Output:
        path = self._processes.output(attempt_name(run, key))
        return Output(path, run, key, project, logs=self._logs, secrets=self._secrets, clock=self._clock)

    def _say(self, told: WorkResult | Found) -> None:
        asyncio.get_running_loop().call_soon(self._report, told)

    def _refuse(self, work: Work, message: str, code: int, *, outcome: str = "failed") -> None:
        self._say(results.refused(work.run, work.key, message, code, self._clock.now(), outcome=outcome))

    def _exited(self, sighting: Sighting) -> None:
        """The supervisor tells an end."""
        if known := self._running.pop(sighting.attempt, None):
            self._spawn_task(self._finish(known[0], sighting))

    async def _finish(self, output: Output, sighting: Sighting) -> None:
        found = await self._conclude(output, sighting)
        self._report(found if found.result is None else found.result)

    async def _conclude(self, output: Output, sighting: Sighting) -> Found:
        """Read an ended attempt to its end; what it came to."""
        run, key, exit = output.run, output.key, sighting.exit
        folder = self._surroundings.step(run, key)
        if output.is_gone() and (result := results.kept(folder)):
            return Found(run=run, key=key, state="ended", result=result)
        while output.busy:
            await asyncio.sleep(LOOK_EVERY / 10)
        while True:
            try:
                await output.pull()
                if exit is not None and exit.swept:
                    left = "a process" if exit.swept == 1 else f"{exit.swept} processes"
                    await output.note(f"the step had left {left} running; ended with it")
                await output.keep()
                break
            except Unavailable:
                # The log takes nothing now, and no result may be told before its log is kept (promise 7).
                await asyncio.sleep(_TRY_LOG_EVERY)
        if exit is None or exit.lost:
            output.close()
            known = exit.lost if exit is not None else "its record says nothing of its end"
            return Found(run=run, key=key, state="lost", known=known)
        result = results.ended(run, key, exit, output.sayings, folder)
        if results.keep(folder, result):
            output.remove()
        output.close()
        return Found(run=run, key=key, state="ended", result=result)

    async def _look_around(self) -> None:
        """Read on wherever something was printed."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            for output, _ in list(self._running.values()):
                if output.has_more():
                    with contextlib.suppress(Unavailable):
                        await output.pull()

    def _spawn_task(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def attempt_name(run: str, key: str) -> str:
    """The name of an attempt in the supervisor's book."""
    return f"{run} {key}"
