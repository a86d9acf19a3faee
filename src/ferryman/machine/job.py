"""A job is a small run of its own: `advance_job(job, event) → (job, wanted, unwanted, told)` (RULINGS 3).

What happens inside depends only on the job's own nodes and on what is handed in: orders of its run and events addressed
to it. So it can be folded in the server or far away on a worker, and the two are equal.
"""

from collections.abc import Callable
from typing import NamedTuple

from ferryman import expressions
from ferryman.domain.events import (
    EnvironmentFailed,
    GateAnswered,
    Halted,
    JobEvent,
    LockGranted,
    LockRefused,
    LostSettled,
    Resumed,
    ReviewersNamed,
    StepFinished,
    StepLost,
    StepNoted,
    TimerFired,
)
from ferryman.domain.gates import GatePhase
from ferryman.domain.run import Facts, JobState
from ferryman.domain.status import Outcome, Phase, Reason, Why
from ferryman.domain.wants import Want
from ferryman.machine import scope, step_moves, wanted
from ferryman.machine.echo import LATE, UNKNOWN, Echo
from ferryman.machine.job_draft import JobDraft
from ferryman.machine.orders import Begin, Dismiss, Hold, Order, Rerun, Stop, Told, told_by
from ferryman.machine.rules import attempts, gates, pauses, reruns, steps, stops

Heard = JobEvent | TimerFired | LockGranted | LockRefused | GateAnswered | ReviewersNamed
"""Events that may be addressed to a job or one of its steps."""


class JobAdvance(NamedTuple):
    """A job after an event, what it wants of the world now and did not before, and what it tells its run."""

    job: JobState
    wanted: tuple[Want, ...]
    unwanted: tuple[Want, ...]
    told: Told


def advance_job(job: JobState, event: Heard | Order) -> JobAdvance:
    """Fold one event or order into a job. Raises `Refused` and changes nothing where the event is not legal now.

    A late echo changes nothing either; the job comes back as it was.
    """
    draft = JobDraft(job, event.at)
    try:
        if isinstance(event, Begin | Hold | Dismiss | Stop | Rerun):
            obey(draft, event)
        else:
            hear(draft, event)
    except Echo:
        return JobAdvance(job, (), (), told_by(job))
    after = draft.freeze()
    return JobAdvance(after, *wanted.difference(wanted.of_job(job), wanted.of_job(after)), told_by(after))


def obey(job: JobDraft, order: Order) -> None:
    """Let a job have an order of its run, and let it go as far as it goes by itself."""
    match order:
        case Begin():
            _begin(job, order.facts)
        case Hold():
            if job.phase is Phase.PENDING or (job.phase is Phase.WAITING and job.reason != order.reason):
                job.move(Phase.WAITING, None, order.reason)
                job.waiting_since = job.waiting_since or job.now
        case Dismiss():
            inner = Outcome.SKIPPED if order.outcome is Outcome.SKIPPED else Outcome.UNREACHED
            step_moves.dismiss(job, order.outcome, order.reason, inner=inner)
        case Stop():
            stops.stop(job, order)
        case Rerun():
            reruns.rerun(job, order)
    steps.settle(job)


def hear(job: JobDraft, event: Heard) -> None:
    """Fold an event addressed to a job or one of its steps. Raises `Refused` or `Echo`."""
    handler = _HANDLERS[type(event)]
    handler(job, event)
    steps.settle(job)


def _begin(job: JobDraft, facts: Facts) -> None:
    """Take the lock first, if there is one, then walk the steps."""
    job.facts = facts
    job.stop = None
    policy = job.define.mutex
    if policy is not None:
        sees = scope.of_job(job, facts)
        job.group = expressions.substitute(policy.group, sees, dialect=facts.dialect, zone=facts.zone).strip()
        if job.group:
            job.lock = "asked"
            job.lock_minutes = step_moves.waiting_minutes(policy.limit, job, facts)
            job.move(Phase.WAITING, None, Reason(Why.LOCK, {"group": job.group}))
            job.waiting_since = job.waiting_since or job.now
            return
    _enter(job, facts)


def _enter(job: JobDraft, facts: Facts) -> None:
    """The job begins: its time limit counts from here, waiting for others does not (semantics 5.4)."""
    if job.waiting_since:
        job.waited += job.now - job.waiting_since
        job.waiting_since = 0
    job.move(Phase.RUNNING)
    job.started_at = job.now
    job.deadline = job.now + step_moves.minutes(job.define.limit, job, facts) * step_moves.MINUTE_MS


def _lock_granted(job: JobDraft, event: LockGranted) -> None:
    if job.lock != "asked" or job.facts is None:
        raise Echo(LATE)
    job.lock = "held"
    _enter(job, job.facts)


def _lock_refused(job: JobDraft, event: LockRefused) -> None:
    if job.lock != "asked":
        raise Echo(LATE)
    step_moves.dismiss(
        job,
        Outcome.FAILED,
        event.reason or Reason(Why.LOCK_TAKEN, {"group": job.group}),
        inner=Outcome.UNREACHED,
    )


def question(job: JobDraft, path: str) -> int:
    """The step whose question is open; refused for any other."""
    at = job.find_step(path.rpartition("/")[2])
    step = job.steps[at] if at >= 0 else None
    if (
        step is None
        or step.phase is not Phase.WAITING
        or step.gate is None
        or step.gate.phase is not GatePhase.OPEN
    ):
        raise gates.not_open(path, () if step is None or step.gate is None else (step.gate,))
    return at


def _answered(job: JobDraft, event: GateAnswered) -> None:
    at = question(job, event.path)
    step, policy = job.steps[at], job.define.steps[at].review
    if policy is None or step.gate is None:
        raise AssertionError(f"{event.path} asks nothing")
    started_by = job.facts.started_by if job.facts is not None else ""
    job.put_gate(at, gates.answered(policy, step.gate, event, started_by=started_by))
    step_moves.judge_question(job, at, job.define.steps[at])


def _named(job: JobDraft, event: ReviewersNamed) -> None:
    at = job.find_step(event.path.rpartition("/")[2])
    if at < 0:
        raise Echo(UNKNOWN)
    step = job.steps[at]
    if step.gate is None or step.gate.phase is not GatePhase.OPEN or step.phase is not Phase.WAITING:
        raise Echo(LATE)
    job.put_gate(at, gates.named(step.gate, event))
    step_moves.judge_question(job, at, job.define.steps[at])


def _timer_fired(job: JobDraft, event: TimerFired) -> None:
    stops.timer_fired(job, event.name)


_HANDLERS: dict[type, Callable[..., None]] = {
    StepFinished: attempts.finished,
    StepNoted: attempts.noted,
    StepLost: attempts.lost,
    LostSettled: attempts.settled,
    Resumed: pauses.resumed,
    Halted: pauses.halted,
    EnvironmentFailed: stops.environment_failed,
    GateAnswered: _answered,
    ReviewersNamed: _named,
    LockGranted: _lock_granted,
    LockRefused: _lock_refused,
    TimerFired: _timer_fired,
}
