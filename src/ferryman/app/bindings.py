"""Small pieces between rooms that do not know one another."""

import os
import pwd
from collections.abc import Mapping
from functools import partial

import msgspec

from ferryman.app.lacking import bound_by
from ferryman.client import Client, InProcess
from ferryman.domain import words
from ferryman.domain.access import EVERYTHING
from ferryman.domain.audit import AuditEntry
from ferryman.domain.errors import NotFound, Refused
from ferryman.domain.events import Event, Started, StepNoted
from ferryman.domain.locks import Lock
from ferryman.domain.pipeline import Pipeline
from ferryman.domain.run import Run
from ferryman.domain.status import Outcome, Phase, Reason, Why
from ferryman.domain.work import Work
from ferryman.drivers.embedded import EmbeddedDriver, Start
from ferryman.executors.inside import RunEnd
from ferryman.machine.context import context_of
from ferryman.ports.clock import Clock
from ferryman.ports.store import RunStore
from ferryman.services import Caller, Desk, Pipelines, Requests, Runs
from ferryman.settings import Settings
from ferryman.steps.preparing import NOTHING_KNOWN, Known, prepare


def user() -> str:
    """The name of the operating system's user (RULINGS 26)."""
    return name_of(os.geteuid())


def name_of(uid: int) -> str:
    """The name of a user of this system, or their number where they have none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def client_of(desk: Desk, caller: Caller) -> Client:
    """Speak to a desk in this process."""
    return Client(transport_of(desk, caller))


def transport_of(desk: Desk, caller: Caller) -> InProcess:
    """Carry verbs to a desk in this process."""
    return InProcess(partial(desk.ask, caller), partial(desk.stream, caller))


class Driving:
    """The embedded driver as services know drivers."""

    def __init__(self, driver: EmbeddedDriver) -> None:
        """Over this one."""
        self._driver = driver

    async def begin(
        self,
        *,
        project: str,
        pipeline: str,
        version: int,
        define: Pipeline,
        event: Started,
        definition: bytes = b"",
        audit: tuple[AuditEntry, ...] = (),
    ) -> Run:
        """Begin a run."""
        return await self._driver.start(
            Start(
                project=project,
                pipeline=pipeline,
                version=version,
                define=define,
                event=event,
                definition=definition,
                audit=audit,
            )
        )

    async def tell(self, run: str, event: Event, audit: tuple[AuditEntry, ...] = ()) -> Run:
        """Tell a run something."""
        return await self._driver.tell(run, event, audit)

    def run(self, run: str) -> Run | None:
        """A run that is being moved."""
        return self._driver.run(run)

    def preparing(self, run: str) -> frozenset[str]:
        """Jobs whose place is not there yet."""
        return self._driver.preparing(run)

    def turns(self, project: str, name: str) -> Lock | None:
        """The lock by which runs take turns."""
        return self._driver.turns(project, name)

    async def changed(self, run: str, after: int) -> Run:
        """The run as soon as it has changed."""
        return await self._driver.changed(run, after)


def known_by(settings: Settings) -> Known:
    """What the settings say of plugins and repositories."""
    return Known(bindings=bound_by(settings), repositories=settings.file.repositories)


class Preparing:
    """Makes orders: what an attempt sees of its run goes to its step kind (RULINGS 27)."""

    def __init__(self, known: Known = NOTHING_KNOWN) -> None:
        """`known` is what the settings say of plugins and repositories."""
        self._known = known

    def prepare(self, run: Run, key: str, *, project: str) -> Work:
        """The whole order for this attempt."""
        return prepare(context_of(run, key), project=project, known=self._known)


class StoppedRuns:
    """The runs of a deleted pipeline are asked to end. Who may delete it needs no other right for that."""

    def __init__(self, store: RunStore, requests: Requests) -> None:
        """Among the runs of this store."""
        self._store = store
        self._requests = requests

    async def __call__(self, caller: Caller, pipeline: str) -> None:
        """Ask every run of it that has not finished."""
        rightful = msgspec.structs.replace(caller, rights=EVERYTHING)
        for row in await self._store.unfinished():
            if (row.project, row.pipeline) == (caller.project, pipeline):
                try:
                    await self._requests.cancel(rightful, run=row.id, reason="the pipeline was deleted")
                except Refused:
                    # It has ended meanwhile, or is ending already.
                    continue


class CalledRuns:
    """Runs that steps call. Bound late: services need the driver, the driver its executors, and those need this."""

    def bind(
        self, requests: Requests, runs: Runs, pipelines: Pipelines, driving: Driving, clock: Clock
    ) -> None:
        """Call runs by these services from now on, and tell those that call by this driver."""
        self._driving = driving
        self._clock = clock
        self._requests = requests
        self._runs = runs
        self._pipelines = pipelines

    async def start_run(
        self,
        project: str,
        pipeline: str,
        values: Mapping[str, str],
        *,
        run: str,
        child_of: tuple[str, str],
    ) -> str:
        """Begin a run of a pipeline under this id, called by that attempt, in the name of who started its run."""
        caller = Caller(name=f"run {child_of[0]}", project=project)
        parent = await self._runs.find(caller, child_of[0])
        view = await self._requests.start(
            caller,
            pipeline=await self._pipelines.meant(project, pipeline),
            values=dict(values),
            run=run,
            how=words.BY_PIPELINE,
            unasked=True,
            behind=parent.started_by,
        )
        return view.id

    async def await_end(self, run: str, *, child_of: tuple[str, str]) -> RunEnd:
        """Return when the run has finished; the attempt that called it waits for it, and its run is told so."""
        caller_run, key = child_of
        waits = StepNoted(at=self._clock.now(), key=key, reason=Reason(Why.CALLS, {"run": run}))
        await self._driving.tell(caller_run, waits)
        caller = Caller(name="", project=await self._runs.project_of(run))
        async for view in self._runs.watch(caller, run=run):
            if view.phase == Phase.FINISHED:
                return RunEnd(outcome=Outcome(view.outcome), why=view.reason.sentence)
        raise NotFound(f"there is no run {run}", reason="run")

    async def cancel_run(self, run: str, *, by: str, force: bool) -> None:
        """Ask a run to end; one that has finished stays as it is."""
        try:
            caller = Caller(name=by, project=await self._runs.project_of(run))
            await self._requests.cancel(caller, run=run, force=force)
        except Refused:
            # It has ended meanwhile, or is ending already.
            return
