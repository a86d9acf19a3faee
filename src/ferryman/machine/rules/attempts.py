"""Attempts: what the world reports of them, and what follows when one has ended badly.

An attempt's outcome is not the step's: when an attempt ends badly, the step stays unfinished until it is decided here
whether another one is tried (after a pause, which is a number) or the failure stands (semantics 7.3). A lost attempt is
repeated only if its step is declared repeatable; else a person is asked (DESIGN, promise 3).
"""

from ferryman.domain.errors import Refused
from ferryman.domain.events import LostSettled, StepFinished, StepLost, StepNoted
from ferryman.domain.ids import split_key
from ferryman.domain.policies import OnFailure
from ferryman.domain.run import StepState
from ferryman.domain.status import NO_REASON, Outcome, Phase, Reason, Why
from ferryman.machine.job_draft import JobDraft
from ferryman.machine.rules import outcomes, steps

LATE = "it speaks of an attempt that is over"
UNKNOWN = "it speaks of a step that is not there"


class Echo(Exception):
    """An event that changes nothing; its text says why, and the journal keeps it."""


def addressed(job: JobDraft, key: str) -> tuple[int, StepState]:
    """The step whose present attempt a key names; an echo for any other key."""
    path, execution, attempt = split_key(key)
    at = job.find_step(path.rpartition("/")[2])
    if at < 0:
        raise Echo(UNKNOWN)
    step: StepState = job.steps[at]
    if (step.execution, step.attempt) != (execution, attempt):
        raise Echo(LATE)
    return at, step


def is_lost(step: StepState) -> bool:
    """Whether contact with the present attempt is lost."""
    return step.phase is Phase.WAITING and step.reason.kind is Why.LOST


def finished(job: JobDraft, event: StepFinished) -> None:
    """An attempt has ended: by itself, or because it was told to. One that was lost is found again."""
    at, step = addressed(job, event.key)
    if step.phase is not Phase.RUNNING and not is_lost(step):
        raise Echo(LATE)
    refused = steps.write(job, at, event.variables)
    if event.remark:
        job.remark = event.remark
    job.put_step(
        at,
        outputs={**step.outputs, **event.outputs} if event.outputs else step.outputs,
        spawned_at=event.spawned_at,
        error_code=event.error_code,
        error_message=event.reason.facts.get("message", ""),
    )
    if step.stopping:
        stopped(job, at)
    elif refused:
        failed(job, at, Outcome.FAILED, refused)
    elif event.outcome == "succeeded":
        steps.end(job, at, Outcome.SUCCEEDED, event.reason)
    else:
        failed(job, at, Outcome(event.outcome), event.reason)


def failed(job: JobDraft, at: int, outcome: Outcome, reason: Reason) -> None:
    """An attempt ended badly: the next one, if any is left and nobody stops the job, else the failure stands."""
    step, policy = job.steps[at], job.define.steps[at].retry
    ended_from_above = reason.kind in outcomes.TERMINATED
    if step.tries >= policy.automatic or job.stop is not None or ended_from_above:
        steps.end(job, at, outcome, reason)
        return
    waited = step.waited + (job.now - step.since if step.since else 0)
    if policy.backoff_ms:
        facts = {"after": outcome.value, "cause": reason.kind.value}
        job.put_step(
            at,
            phase=Phase.WAITING,
            reason=Reason(Why.BACKOFF, facts),
            tries=step.tries + 1,
            resume_at=job.now + policy.backoff_ms,
            deadline=0,
            waited=waited,
            since=0,
            stopping=NO_REASON,
            stop_deadline=0,
        )
    else:
        job.put_step(at, tries=step.tries + 1, waited=waited, stopping=NO_REASON, stop_deadline=0)
        steps.attempt(job, at)


def stopped(job: JobDraft, at: int) -> None:
    """An attempt that was told to end has ended, or its patience has: what it was stopped for decides."""
    why: Reason = job.steps[at].stopping
    if why.kind is Why.TIMED_OUT:
        failed(job, at, Outcome.FAILED, why)
    elif why.kind in outcomes.TERMINATED:
        steps.end(job, at, Outcome.ERRORED, why)
    else:
        steps.end(job, at, Outcome.CANCELED, why)


def noted(job: JobDraft, event: StepNoted) -> None:
    """A running attempt tells what it waits for."""
    at, step = addressed(job, event.key)
    if step.phase is not Phase.RUNNING:
        raise Echo(LATE)
    job.put_step(at, reason=event.reason)


def lost(job: JobDraft, event: StepLost) -> None:
    """Contact with an attempt is lost: repeat it if that is harmless, else wait for a person's word."""
    at, step = addressed(job, event.key)
    if step.phase is not Phase.RUNNING:
        raise Echo(LATE)
    if step.stopping:
        stopped(job, at)
    elif job.define.steps[at].repeatable:
        steps.attempt(job, at)
    else:
        reason = Reason(Why.LOST, {"known": event.known} if event.known else {})
        job.put_step(at, phase=Phase.WAITING, reason=reason, since=job.now, deadline=0)


def settled(job: JobDraft, event: LostSettled) -> None:
    """A person says what became of a lost attempt, or lets it be repeated."""
    at, step = addressed(job, event.key)
    if not is_lost(step):
        raise Refused(
            f"cannot settle {event.key}: it is not lost; only an attempt whose end is unknown can be settled",
            reason="not-lost",
            path=event.key,
        )
    by = Reason(Why.LOST, {"by": event.by, "verdict": event.verdict})
    if event.verdict == "repeat":
        waited = step.waited + job.now - step.since
        job.put_step(at, waited=waited, since=0)
        steps.attempt(job, at)
    elif event.verdict == "succeeded":
        steps.end(job, at, Outcome.SUCCEEDED, by)
    else:
        steps.end(job, at, Outcome.FAILED, by)


def offers(step: StepState, on_failure: OnFailure, *, by_hand: bool) -> tuple[bool, bool]:
    """Whether a person may retry and skip a failed or canceled step by its options (semantics 7.4)."""
    if step.outcome not in (Outcome.FAILED, Outcome.ERRORED, Outcome.CANCELED):
        return False, False
    if on_failure is OnFailure.CONTINUE:
        return False, False
    return by_hand, on_failure is OnFailure.ASK
