"""Stops inside a job: by a cancel, a fast kill, a time limit, a lost environment (semantics 11).

A soft stop (a cancel) leaves running what says that it runs in spite of one, and lets such steps and post-actions still
begin; every other stop ends all. A running step is told to end and given patience; whatever it does then, its end is
decided when the patience is over. With `force` it is decided at once.
"""

from ferryman.domain.events import EnvironmentFailed
from ferryman.domain.run import StopOrder
from ferryman.domain.status import NO_REASON, Outcome, Phase, Reason, Why
from ferryman.machine import step_moves
from ferryman.machine.echo import LATE, Echo
from ferryman.machine.job_draft import JobDraft
from ferryman.machine.orders import Stop
from ferryman.machine.rules import conditions


def stop(job: JobDraft, order: Stop) -> None:
    """Bring the job to its end as the order says; a job that has not begun is ended at once."""
    if job.phase is Phase.FINISHED:
        return
    if not job.begun:
        outcome = order.order.job_outcome or order.order.outcome
        step_moves.dismiss(
            job, outcome, order.order.job_reason or order.order.reason, inner=Outcome.UNREACHED
        )
        return
    if job.stop is not None and not job.stop.soft:
        # What ends everything cannot be made softer; only the patience can still be taken away.
        if order.force:
            _end_now(job)
        return
    job.stop = order.order
    _interrupt(job, order.order, force=order.force)


def _interrupt(job: JobDraft, order: StopOrder, *, force: bool) -> None:
    current = job.current()
    if current is None:
        return
    at, step, define = current
    if step.phase is Phase.WAITING:
        step_moves.end(job, at, order.outcome, order.reason)
        return
    if step.phase is not Phase.RUNNING:
        return
    if order.soft and (order.finish or conditions.ignores_a_cancel(define.condition)):
        return
    patience = 0 if force else (job.facts.patience_ms if job.facts is not None else 0)
    job.put_step(at, stopping=order.reason, stop_deadline=job.now + patience, forced=force, deadline=0)
    if patience <= 0:
        step_moves.stopped(job, at)


def _end_now(job: JobDraft) -> None:
    current = job.current()
    if current is not None and current[1].phase is Phase.RUNNING:
        at = current[0]
        if not current[1].stopping and job.stop is not None:
            job.put_step(at, stopping=job.stop.reason)
        step_moves.stopped(job, at)


def environment_failed(job: JobDraft, event: EnvironmentFailed) -> None:
    """The place where the job runs could not be had or is gone: all that is left is unreached, the job failed."""
    current = job.current()
    if job.phase is not Phase.RUNNING or current is None:
        raise Echo(LATE)
    kind = Why.ENVIRONMENT_LOST if event.lost else Why.ENVIRONMENT_FAILED
    reason = Reason(kind, {"message": event.message} if event.message else {})
    job.stop = StopOrder(Outcome.ERRORED, reason, job_outcome=Outcome.FAILED, job_reason=reason)
    at, step, _ = current
    if not event.lost and step.phase is Phase.RUNNING and not step.spawned_at and step.attempt <= 1:
        # The step was wanted but had no place to begin in: it was never reached. Its key is used up all the same.
        job.put_step(
            at,
            phase=Phase.FINISHED,
            outcome=Outcome.UNREACHED,
            reason=reason,
            started_at=0,
            deadline=0,
            stopping=NO_REASON,
            stop_deadline=0,
        )
    else:
        step_moves.end(job, at, Outcome.ERRORED, reason)


def timer_fired(job: JobDraft, name: str) -> None:
    """A time limit of the job or of its present attempt is over, a patience is, or a pause between attempts."""
    mark, _, what = name.rpartition(":")
    if mark == f"{job.path}#{job.execution}" and what == "limit" and job.deadline:
        reason = Reason(
            Why.JOB_TIMEOUT, {"minutes": str((job.deadline - job.started_at) // step_moves.MINUTE_MS)}
        )
        job.deadline = 0
        stop(job, Stop(at=job.now, order=StopOrder(Outcome.ERRORED, reason)))
        return
    current = job.current()
    if current is None or job.key(current[1]) != mark:
        raise Echo(LATE)
    at, step, define = current
    match what:
        case "limit" if step.deadline and step.phase is Phase.RUNNING and not step.stopping:
            patience = job.facts.patience_ms if job.facts is not None else 0
            job.put_step(at, stopping=_timed_out(job, at), stop_deadline=job.now + patience, deadline=0)
        case "limit" if step.deadline and define.review is not None:
            step_moves.end(job, at, Outcome.FAILED, _timed_out(job, at))
        case "patience" if step.stop_deadline:
            step_moves.stopped(job, at)
        case "backoff" if step.resume_at:
            step_moves.attempt(job, at)
        case _:
            raise Echo(LATE)


def _timed_out(job: JobDraft, at: int) -> Reason:
    step = job.steps[at]
    return Reason(Why.TIMED_OUT, {"minutes": str((step.deadline - step.wanted_at) // step_moves.MINUTE_MS)})
