"""Reruns inside a job: which steps a retry or a skip by request puts back to their beginning (semantics 12.1, 12.2)."""

from ferryman.domain.conditions import After, Upstream
from ferryman.domain.errors import Refused
from ferryman.domain.pipeline import Step
from ferryman.domain.policies import OnFailure
from ferryman.domain.run import Scan, StepState, Tells
from ferryman.domain.status import Outcome, Phase, Reason, Why
from ferryman.machine.job_draft import JobDraft
from ferryman.machine.orders import Rerun

ENDED_BADLY = frozenset({Outcome.FAILED, Outcome.ERRORED, Outcome.CANCELED})

FOLLOWS_FAILURE = frozenset({After.UNLESS_CANCELED, After.ALWAYS, After.FAILURE, After.FAILURE_NOT_CONTINUED})
"""Steps with these conditions are handlers of failures: nothing is offered for them (semantics 7.4)."""


def offers(define: Step, step: StepState) -> tuple[bool, bool]:
    """Whether a person may retry, and skip, this step of an ended job (semantics 7.4)."""
    handles_failure = isinstance(define.condition, Upstream) and define.condition.after in FOLLOWS_FAILURE
    if step.outcome not in ENDED_BADLY or handles_failure or define.on_failure is OnFailure.CONTINUE:
        return False, False
    return define.retry.by_hand, define.on_failure is OnFailure.ASK


def rerun(job: JobDraft, order: Rerun) -> None:
    """Put an ended job back to its beginning, keeping the steps before the one that is named."""
    if job.phase is not Phase.FINISHED:
        raise Refused(
            f"cannot run {job.path} again: it has not ended; cancel it or wait for its end",
            reason="not-ended",
            path=job.path,
        )
    first = _first(job, order)
    for at in range(first, len(job.steps)):
        step = job.steps[at]
        if step.reason.kind is Why.DISABLED:
            continue
        if order.skip and (at == first or not order.step) and step.outcome in ENDED_BADLY:
            job.put_step(
                at,
                phase=Phase.FINISHED,
                outcome=Outcome.SKIPPED,
                reason=Reason(Why.SKIPPED_BY, {"by": order.by}),
                execution=step.execution,
            )
        elif order.skip and not order.step and step.outcome is Outcome.SUCCEEDED:
            continue
        else:
            _renew(job, at, order.execution)
    whole = not order.step and not order.skip
    job.move(Phase.PENDING)
    job.execution = order.execution
    job.scan = Scan()
    job.stop = None
    job.started_at = job.ended_at = job.waited = 0
    job.tells = Tells()
    job.resumes = not whole
    if whole:
        job.written = {}
        job.remark = ""


def _first(job: JobDraft, order: Rerun) -> int:
    if not order.step:
        if not order.skip:
            return 0
        failed = [at for at, step in enumerate(job.steps) if step.outcome in ENDED_BADLY]
        for at in failed:
            _check(job, at, order)
        return failed[0] if failed else 0
    at = job.find_step(order.step)
    if at < 0:
        raise Refused(
            f"cannot run {job.path}/{order.step} again: there is no such step",
            reason="no-such-step",
            path=f"{job.path}/{order.step}",
        )
    _check(job, at, order)
    return at


def _check(job: JobDraft, at: int, order: Rerun) -> None:
    step, define = job.steps[at], job.define.steps[at]
    path = f"{job.path}/{step.id}"
    word = "skip" if order.skip else "retry"
    if step.outcome not in ENDED_BADLY:
        raise Refused(
            f"cannot {word} {path}: it has not failed and was not canceled", reason="not-failed", path=path
        )
    may_retry, may_skip = offers(define, step)
    if not (may_skip if order.skip else may_retry):
        raise Refused(
            f"cannot {word} {path}: its options do not allow it; run the job or the stage again instead",
            reason="not-offered",
            path=path,
        )


def _renew(job: JobDraft, at: int, execution: int) -> None:
    """A step as it was laid out. Within one execution its attempts go on counting, so that no key is used twice."""
    before: StepState = job.steps[at]
    attempt = before.attempt if before.execution == execution else 0
    fresh = StepState(id=before.id, execution=execution, attempt=attempt)
    job.put_step(at, **{name: getattr(fresh, name) for name in StepState.__struct_fields__ if name != "id"})
