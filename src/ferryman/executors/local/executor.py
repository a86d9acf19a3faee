"""LocalExecutor: orders in, results out; the processes themselves are the supervisor's.

A step that is found alive after a restart is read on from where its log stands; one that ended meanwhile is read to its
end, then reported.
"""

import asyncio
import contextlib
from collections.abc import Collection, Coroutine, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from ferryman.domain.errors import FerrymanError, Unavailable
from ferryman.domain.task_codes import TaskCode
from ferryman.domain.work import Checkout, Impossible, Nothing, RunPlugin, RunScript, Work, WorkResult
from ferryman.executors.local import results
from ferryman.executors.local.credentials import opened
from ferryman.executors.local.endings import Endings, Fault, is_settled
from ferryman.executors.local.hiding import Mask, mask_plainly
from ferryman.executors.local.lacks import lacks
from ferryman.executors.local.orders import CannotRun, NoPlace, order
from ferryman.executors.local.output import About, Output
from ferryman.executors.local.places import Place, Places
from ferryman.executors.local.surroundings import PATH, Surroundings, folder_of
from ferryman.ports.clock import Clock
from ferryman.ports.executor import Found, Report
from ferryman.ports.logs import LogBook
from ferryman.ports.processes import Launch, Processes, Sighting
from ferryman.ports.secrets import Secrets

CARRIES = (RunScript, Checkout, RunPlugin, Nothing, Impossible)
"""The actions that this executor carries out."""

LOOK_EVERY = 0.1
"""Seconds between looks at growing outputs: a line shows within a second (LOG-1)."""

MOST_OUTPUT = 8 * 1024**3
"""Bytes that a step may print, unless set otherwise."""

_PIECES_AT_ONCE = 32
_LAST_WORDS = 5.0
"""Seconds in which what was killed is read to its end when we close, and folders of ended jobs go; the next process
does what is left."""


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
        mask: Mask = mask_plainly,
        path: str = PATH,
        most_output: int = MOST_OUTPUT,
        fault: Fault = lambda run, fault: None,
    ) -> None:
        """Run steps in folders below `root`, which steps can see; programs are found along `path`. `mask` takes secrets
        out of what steps hand over. A step that prints more than `most_output` bytes is ended. `fault` hears of what
        must not happen."""
        self._most_output = most_output
        self._processes, self._logs, self._clock, self._secrets = processes, logs, clock, secrets
        self._surroundings = Surroundings(root, path)
        self._mask = mask
        self._report: Report = lambda result: None
        self._running: dict[str, Output] = {}
        self._preparing: set[str] = set()
        self._unwanted: set[str] = set()
        """Attempts that were to stop while they were being prepared."""
        self._killed: dict[str, asyncio.Future[None]] = {}
        """Attempts that were ended at once, each done when it was read to its end: nobody else waits for that."""
        self._places = Places()
        self._endings = Endings(processes, self._surroundings, secrets=secrets, mask=mask, fault=fault)
        self._tasks: dict[asyncio.Task[None], Place | None] = {}
        """What is under way, with the job's folder that it is about."""
        self._going: set[Place] = set()
        """Folders that are being taken away."""

    async def open(self, report: Report) -> None:
        """Get in touch with the supervisor, and report to this function from now on. Raises Unavailable."""
        self._report = report
        await self._processes.open(self._exited)
        self._spawn_task(self._look_around())

    async def keep_only(
        self, attempts: Collection[tuple[str, str]], folders: Collection[tuple[str, str]]
    ) -> None:
        """End all attempts but these, and take away all folders but these as soon as nobody works there."""
        known = await self._processes.known()
        abouts = {name: _about_of(sighting) for name, sighting in known.items()}
        wanted, places = set(attempts), {_place(about) for about in abouts.values()}
        kept = {*folders, *(_place(each) for each in abouts.values() if (each.run, each.key) in wanted)}
        left = [
            name
            for name, each in abouts.items()
            if (each.run, each.key) not in wanted and not is_settled(known[name])
        ]
        for name, sighting in (await self._processes.follow(left) if left else {}).items():
            output = self._taken_up(name, sighting)
            if sighting.state == "alive":
                await self._processes.stop(name, patience_ms=0, force=True)
            else:
                self._places.enter(_place(output.about), name)
                self._spawn_task(self._finish(output, sighting), _place(output.about))
        for place in places - kept:
            self._places.give_up(place)
            self._spawn_task(self._clear(place), place)
        await asyncio.to_thread(self._surroundings.keep_only, kept | places)

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
                # A script for Windows in a job that asks for another machine: that the machine is not here comes first.
                number = code or TaskCode.CANNOT_RUN
                missing = lacks(work.runs_on) if number == TaskCode.CANNOT_RUN else ""
                self._refuse(work, missing or message, number)
                return
        about = _about(work)
        self._preparing.add(name)
        self._places.enter(_place(about), name)
        try:
            launch = await self._prepared(name, work)
            if name in self._unwanted:
                raise CannotRun("it was stopped before it began")
            self._running[name] = output = self._output(about)
            output.found(await self._processes.launch(launch))
        except NoPlace as error:
            self._turn_away(work, str(error))
        except CannotRun as error:
            self._refuse(work, str(error), error.number)
        except Unavailable as error:
            self._running.pop(name, None)
            self._refuse(work, str(error), 0, outcome="errored")
        except FerrymanError as error:
            self._refuse(work, str(error), TaskCode.NOT_FOUND)
        except OSError as error:
            self._refuse(work, f"its folders cannot be made: {error.strerror}", 0, outcome="errored")
        else:
            return
        finally:
            self._preparing.discard(name)
            self._unwanted.discard(name)
        await self._gone(about, name)

    async def stop(self, run: str, key: str, *, force: bool) -> None:
        """Ask an attempt to end, or end it at once; its end is reported."""
        name = attempt_name(run, key)
        if output := self._running.get(name):
            if force and name not in self._killed:
                self._killed[name] = asyncio.get_running_loop().create_future()
            output.tell(_stopping(output.about, force=force))
            # Nobody who wants a step to end waits for the log.
            self._spawn_task(self._glance(output))
            await self._processes.stop(name, patience_ms=output.about.patience_ms, force=force)
        elif name in self._preparing:
            self._unwanted.add(name)

    async def find(self, attempts: Sequence[tuple[str, str]]) -> Sequence[Found]:
        """What became of these attempts; the living are watched, the ended are read to their end."""
        by_name = {attempt_name(run, key): (run, key) for run, key in attempts}
        seen = await self._processes.follow(list(by_name))
        # Watch all that live before anything is waited for, so that no end is missed.
        outputs = {name: self._taken_up(name, sighting) for name, sighting in seen.items()}

        async def became(name: str, run: str, key: str) -> Found:
            known = seen.get(name)
            if known is None or known.state == "alive":
                return Found(run=run, key=key, state="unknown" if known is None else "alive")
            found = await self._endings.conclude(outputs[name], known)
            await self._endings.hand_back(outputs[name], known, found)
            return found

        # What is read to its end together waits for the log's flush together.
        return await asyncio.gather(*(became(name, run, key) for name, (run, key) in by_name.items()))

    async def release(self, run: str, folder: str) -> None:
        """A job has ended and its results are recorded: its folder and records go as soon as nobody works there."""
        place = run, folder
        # Mostly others begin now: their orders go out before this takes its time.
        await asyncio.sleep(0)
        if self._places.knows(place) or self._surroundings.has(run, folder):
            self._places.give_up(place)
            await self._clear(place)

    def folder(self, run: str, folder: str) -> Path:
        """The working folder of a job, for whoever keeps or fetches its files."""
        return Path(self._surroundings.job(run, folder)) / "space"

    async def close(self) -> None:
        """Stop watching. Attempts that run go on and can be found again; logs of those that were killed are whole, and
        jobs that have ended leave no folder: their steps may have kept secrets there."""
        leaving = [task for task, place in self._tasks.items() if place is not None and self._leaves(place)]
        if self._killed or leaving:
            await asyncio.wait([*self._killed.values(), *leaving], timeout=_LAST_WORDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._processes.close()
        for output in self._running.values():
            output.close()
        self._running.clear()

    async def _prepared(self, name: str, work: Work) -> Launch:
        """The launch of an attempt, with its folders made and its secrets opened."""
        if missing := lacks(work.runs_on):
            raise NoPlace(missing)
        if missing := lacks(work.runs_on, work.action):
            raise CannotRun(missing)
        known = await opened(work, self._secrets)
        await self._can_mask(work.project)
        env = self._surroundings.make(work)
        try:
            launch = order(name, work, env, known)
        except CannotRun as error:
            # The first line of a script may name a secret like any other.
            raise CannotRun(self._mask(str(error), tuple(known.values())), error.number) from None
        tag = msgspec.json.encode(_about(work)).decode()
        return replace(launch, tag=tag, group=f"{work.run} {folder_of(work)}")

    async def _can_mask(self, project: str) -> None:
        """What cannot be masked cannot be logged (LOG-6), and without its log no attempt ends. Raises Unavailable."""
        if self._secrets is not None:
            try:
                await self._secrets.values(project)
            except Unavailable as error:
                raise Unavailable(f"what it would say cannot be masked: {error}") from error

    def _taken_up(self, name: str, sighting: Sighting) -> Output:
        """The output of an attempt that an earlier process began; one that lives is watched."""
        if name in self._running:
            return self._running[name]
        output = self._output(_about_of(sighting))
        output.found(sighting)
        if sighting.state == "alive":
            self._places.enter(_place(output.about), name)
            self._running[name] = output
        return output

    async def _gone(self, about: About, name: str) -> None:
        """An attempt works no more."""
        self._places.leave(_place(about), name)
        await self._clear(_place(about))
        self._over(name)

    def _over(self, name: str) -> None:
        """Nothing is left to be done for an attempt."""
        if killed := self._killed.pop(name, None):
            killed.set_result(None)

    async def _clear(self, place: Place) -> None:
        """Take away what is kept for a job, if it was given up and nobody works there."""
        if self._places.goes(place):
            self._going.add(place)
            try:
                await self._processes.forget(" ".join(place))
                if not self._surroundings.spare(*place):
                    await asyncio.to_thread(self._surroundings.remove, *place)
            finally:
                self._going.discard(place)

    def _leaves(self, place: Place) -> bool:
        """Whether its job has ended, and it is still there."""
        return place in self._going or self._places.awaits_end(place)

    def _output(self, about: About) -> Output:
        return Output(about, logs=self._logs, secrets=self._secrets, clock=self._clock)

    def _say(self, told: WorkResult | Found) -> None:
        asyncio.get_running_loop().call_soon(self._report, told)

    def _turn_away(self, work: Work, message: str) -> None:
        """The place of the whole job is not here."""
        self._say(results.placeless(work.run, work.key, message, self._clock.now()))

    def _refuse(self, work: Work, message: str, code: int, *, outcome: str = "failed") -> None:
        self._say(results.refused(work.run, work.key, message, code, self._clock.now(), outcome=outcome))

    def _exited(self, sighting: Sighting) -> None:
        """The supervisor tells an end."""
        output = self._running.pop(sighting.attempt, None)
        if output is None:
            return
        output.found(sighting)
        result = self._endings.silent(output, sighting)
        if result is None:
            self._spawn_task(self._finish(output, sighting), _place(output.about))
            return
        self._report(result)
        self._places.leave(_place(output.about), sighting.attempt)
        if self._places.awaits_end(_place(output.about)):
            self._spawn_task(self._gone(output.about, sighting.attempt), _place(output.about))
        else:
            self._over(sighting.attempt)

    async def _finish(self, output: Output, sighting: Sighting) -> None:
        found = await self._endings.conclude(output, sighting)
        self._report(found if found.result is None else found.result)
        await self._endings.hand_back(output, sighting, found)
        await self._gone(output.about, sighting.attempt)

    async def _look_around(self) -> None:
        """Read on wherever something was printed."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            for output in list(self._running.values()):
                # The log takes nothing just now, or no more files may be opened: at the next look, maybe.
                with contextlib.suppress(Unavailable, OSError):
                    if not output.ended and output.has_more():
                        await self._look_at(output)

    async def _glance(self, output: Output) -> None:
        with contextlib.suppress(Unavailable, OSError):
            await output.pull(pieces=_PIECES_AT_ONCE)

    async def _look_at(self, output: Output) -> None:
        if output.size > self._most_output and not output.sayings.error:
            # Before all is read: reading may be slower than printing, and the disk full first (LOG-9).
            output.sayings.error = f"it printed more than {self._most_output:,} bytes"
            await output.note(f"{output.sayings.error}, which is the most it may, and was ended")
            about = output.about
            await self._processes.stop(attempt_name(about.run, about.key), patience_ms=0, force=True)
        await output.pull(pieces=_PIECES_AT_ONCE)

    def _spawn_task(self, work: Coroutine[Any, Any, None], place: Place | None = None) -> None:
        task = asyncio.create_task(work)
        self._tasks[task] = place
        task.add_done_callback(self._tasks.pop)


def _about(work: Work) -> About:
    return About(
        run=work.run,
        key=work.key,
        project=work.project,
        folder=folder_of(work),
        patience_ms=work.patience_ms,
        masked=work.masked,
        script=not isinstance(work.action, RunPlugin),
    )


def _stopping(about: About, *, force: bool) -> str:
    """What the log of an attempt says when it is to end."""
    if force:
        return "the step is ended at once"
    return (
        f"the step was asked to stop; what is left of it after {results.lasted(about.patience_ms)} is ended"
    )


def _about_of(sighting: Sighting) -> About:
    return msgspec.json.decode(sighting.tag, type=About)


def _place(about: About) -> Place:
    return about.run, about.folder


def attempt_name(run: str, key: str) -> str:
    """The name of an attempt in the supervisor's book."""
    return f"{run} {key}"
