"""Acting: carrying out the difference of wants, and hearing what executors report.

Doing a want twice is harmless: each has a stable name.
"""

from collections.abc import Callable, Mapping

from ferryman.domain.events import Delivered, EnvironmentFailed, Event, ReviewersNamed, StepFinished, StepLost
from ferryman.domain.run import Run
from ferryman.domain.status import Phase, Reason, Why
from ferryman.domain.wants import (
    EnvironmentWanted,
    MessageWanted,
    ReviewersWanted,
    StepWanted,
    StopWanted,
    TimerWanted,
    Want,
)
from ferryman.domain.work import WorkResult
from ferryman.drivers.embedded.claims import Claim, Difference
from ferryman.drivers.embedded.locking import Post
from ferryman.drivers.embedded.tasks import Fault, Tasks
from ferryman.drivers.embedded.timers import Timers
from ferryman.machine.advance import job_path
from ferryman.machine.context import job_of
from ferryman.ports.clock import Clock
from ferryman.ports.executor import Executor, Found
from ferryman.ports.preparer import Preparer

Members = Callable[[str, tuple[str, ...]], tuple[str, ...]]
"""Who stands behind roles of a project."""
Tell = Callable[[Run, MessageWanted], None]
"""Passes a message on to the world."""
NEVER_STARTED = "it never started"
"""What is known of an attempt that is to stop and was never begun."""


class Acting:
    """Does what runs want."""

    def __init__(
        self,
        claims: Mapping[str, Claim],
        *,
        executor: Executor,
        preparer: Preparer,
        clock: Clock,
        timers: Timers,
        tasks: Tasks,
        members: Members,
        tell: Tell,
        fault: Fault,
        post: Post,
    ) -> None:
        """For the runs in `claims`; what comes of it is posted."""
        self._claims = claims
        self._executor, self._preparer, self._clock = executor, preparer, clock
        self._timers, self._tasks = timers, tasks
        self._members, self._tell, self._fault, self._post = members, tell, fault, post

    def carry_out(self, claim: Claim, difference: Difference) -> None:
        """Do what is wanted now, and undo what is wanted no more."""
        run = claim.run
        stops = {want.key for want in difference.wanted.values() if isinstance(want, StopWanted)}
        for want in difference.unwanted.values():
            match want:
                case TimerWanted(name=name):
                    self._timers.clear((run.id, name))
                case StepWanted(name=key) | StopWanted(key=key) if key in claim.alive and key not in stops:
                    # Nobody waits for its end any more: it was decided without it.
                    self._tasks.spawn(run.id, self._executor.stop(run.id, key, force=True))
                case EnvironmentWanted(path=path):
                    claim.vacant.add(path)
                    claim.placed.discard(path)
                case _:
                    pass
        before = {_attempt(want) for want in difference.unwanted.values()}
        for want in difference.wanted.values():
            if isinstance(want, StopWanted) and want.key not in before:
                # It was wanted and stopped in one unit, so nobody has begun it, and nobody would tell its end.
                self._post(run.id, StepLost(at=self._clock.now(), key=want.key, known=NEVER_STARTED))
            else:
                self.want(claim, want)
        for path in [path for path in claim.vacant if _job_over(run, path)]:
            claim.vacant.discard(path)
            self._tasks.spawn(run.id, self._executor.release(run.id, path))

    def want(self, claim: Claim, want: Want) -> None:
        """Do one thing that a run wants."""
        run, project = claim.run, claim.row.project
        match want:
            case StepWanted(name=key):
                claim.alive.add(key)
                claim.handed.add(key)
                self._tasks.spawn(run.id, self._begin(claim, key, project))
            case StopWanted(key=key, force=force):
                self._tasks.spawn(run.id, self._executor.stop(run.id, key, force=force))
            case EnvironmentWanted(path=path):
                claim.vacant.discard(path)
            case TimerWanted(name=name, at=at):
                self._timers.set((run.id, name), at)
            case ReviewersWanted(path=path, roles=roles):
                members = tuple(self._members(project, group) for group in roles)
                self._post(run.id, ReviewersNamed(at=self._clock.now(), path=path, members=members))
            case MessageWanted(name=name):
                self._tell(run, want)
                self._post(run.id, Delivered(at=self._clock.now(), name=name))
            case _:
                # Gates, pauses and lost steps wait for people; locks have been asked for already.
                pass

    def reported(self, report: WorkResult | Found) -> None:
        """An executor tells what became of an attempt."""
        now = self._clock.now()
        claim = self._claims.get(report.run)
        if claim is not None:
            claim.alive.discard(report.key)
            claim.begun(report.key)
        if isinstance(report, WorkResult):
            self._post(report.run, _finished(report, now))
        elif report.state == "ended" and report.result is not None:
            self._post(report.run, _finished(report.result, now))
        elif report.state == "lost":
            self._post(report.run, StepLost(at=now, key=report.key, known=report.known))

    async def _begin(self, claim: Claim, key: str, project: str) -> None:
        run = claim.run
        try:
            await self._executor.start(self._preparer.prepare(run, key, project=project))
        except Exception as fault:
            self._fault(run.id, fault)
            reason = Reason(Why.EXIT, {"message": str(fault)})
            self._post(run.id, StepFinished(at=self._clock.now(), key=key, outcome="errored", reason=reason))
        claim.begun(key)


def _finished(result: WorkResult, at: int) -> Event:
    if result.placeless:
        said = str(result.reason.facts.get("message", ""))
        return EnvironmentFailed(at=at, path=job_path(result.key), message=said)
    return StepFinished(
        at=at,
        key=result.key,
        outcome=result.outcome,  # type: ignore[arg-type]
        reason=result.reason,
        outputs=result.outputs,
        variables=result.variables,
        remark=result.remark,
        spawned_at=result.spawned_at,
        error_code=result.error_code,
        ended_at=result.ended_at,
    )


def _attempt(want: Want) -> str:
    """The key of the attempt that is to work, or to stop; empty for all other wants."""
    match want:
        case StepWanted(name=key) | StopWanted(key=key):
            return key
        case _:
            return ""


def _job_over(run: Run, path: str) -> bool:
    job = job_of(run, path)
    return job is None or job.phase is Phase.FINISHED
