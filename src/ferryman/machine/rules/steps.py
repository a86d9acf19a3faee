"""Steps: the walk over a job's steps (semantics 7.1), and the life of one attempt.

The walk stands at the first step that is not done with, and remembers what the steps before it amount to; a step that
ends lets it go on from there, so an event costs the same however long the job is. One step of a job works at a time.
"""

from ferryman.domain.pipeline import Step
from ferryman.domain.policies import OnFailure
from ferryman.domain.run import Facts, Scan, StepState
from ferryman.domain.status import Outcome, Phase, Reason, Why
from ferryman.machine import scope, step_moves
from ferryman.machine.job_draft import JobDraft
from ferryman.machine.rules import conditions, outcomes, posts

WAITS_FOR_A_PERSON = frozenset({Why.PAUSED, Why.REVIEW, Why.LOST})
"""A job whose step waits like this gives up its worker (RULINGS 3)."""


def settle(job: JobDraft) -> None:
    """Walk on as far as it goes: over what is done with, into the next step that may run, or to the job's end."""
    facts = job.facts
    if not job.begun or facts is None:
        return
    while job.scan.at < len(job.steps):
        at = job.scan.at
        step, define = job.steps[at], job.define.steps[at]
        if step.phase is Phase.FINISHED:
            job.scan = passed(job.scan, step, define, job)
            continue
        if step.phase is not Phase.PENDING:
            _show_waiting(job, step)
            return
        runs, reason, outcome = _may_start(job, step, define, facts)
        if runs:
            _start(job, at, define, facts)
        else:
            job.put_step(at, phase=Phase.FINISHED, outcome=outcome, reason=reason)
    _finish(job, facts)


def passed(scan: Scan, step: StepState, define: Step, job: JobDraft) -> Scan:
    """What the steps up to and with this one amount to; the last failure that is not continued decides."""
    verdict, reason, had = scan.verdict, scan.reason, scan.had
    spoiled, canceled = scan.posts_spoiled, scan.posts_canceled
    in_posts = scan.in_posts or bool(define.post_of)
    outcome = step.outcome
    if outcome in (Outcome.FAILED, Outcome.ERRORED, Outcome.CANCELED):
        continued = define.on_failure is OnFailure.CONTINUE or bool(define.post_of)
        ended_from_above = outcome is Outcome.CANCELED or step.reason.kind in outcomes.TERMINATED
        had = had or continued
        if not continued or ended_from_above or (job.stop is not None and not job.stop.soft):
            verdict, reason = outcome, Reason(Why.STEP_FAILED, {"step": step.id})
        if not in_posts:
            spoiled = spoiled or not continued or outcome is Outcome.CANCELED
            canceled = canceled or outcome is Outcome.CANCELED
    return Scan(scan.at + 1, verdict, reason, had, spoiled, canceled, in_posts)


def _may_start(job: JobDraft, step: StepState, define: Step, facts: Facts) -> tuple[bool, Reason, Outcome]:
    """Whether a step that is reached runs; if not, why not, and whether that is a skip or was never reached."""
    if job.stop is not None and not job.stop.soft:
        return False, Reason(Why.AFTER_END, {"by": job.stop.reason.kind.value}), Outcome.UNREACHED
    stands = conditions.standing(job.scan.verdict, had=job.scan.had, stopped=job.stop is not None)
    if define.post_of:
        runs, reason, skipped = posts.may_run(job, define)
        return runs, reason, Outcome.SKIPPED if skipped else Outcome.UNREACHED
    met, reason = conditions.of_step(
        define.condition, stands, scope.of_job(job, facts, define), facts.dialect, facts.zone
    )
    fine = stands in (conditions.FINE, conditions.FINE_HAD)
    return met, reason, Outcome.SKIPPED if fine else Outcome.UNREACHED


def _start(job: JobDraft, at: int, define: Step, facts: Facts) -> None:
    step = job.steps[at]
    if define.pause_before and not step.resumed:
        job.put_step(at, phase=Phase.WAITING, reason=Reason(Why.PAUSED), since=job.now)
    elif define.review is not None:
        step_moves.ask(job, at, define, facts)
    else:
        step_moves.attempt(job, at)


def _show_waiting(job: JobDraft, step: StepState) -> None:
    """A job whose step waits for a person waits too; else it runs."""
    if step.phase is Phase.WAITING and step.reason.kind in WAITS_FOR_A_PERSON:
        if job.phase is not Phase.WAITING or job.reason != step.reason:
            job.move(Phase.WAITING, None, step.reason)
    elif job.phase is not Phase.RUNNING or job.reason:
        job.move(Phase.RUNNING)


def _finish(job: JobDraft, facts: Facts) -> None:
    """All steps are done with: the scan's verdict is the job's, unless the job was ended from above."""
    outcome, reason = job.scan.verdict or Outcome.SUCCEEDED, job.scan.reason
    if job.stop is not None:
        if not job.stop.soft:
            outcome, reason = job.stop.job_outcome or job.stop.outcome, job.stop.job_reason or job.stop.reason
        elif outcome in (Outcome.SUCCEEDED, Outcome.CANCELED):
            outcome, reason = Outcome.CANCELED, job.stop.reason
    elif outcome is Outcome.CANCELED:
        canceled = next(step for step in job.steps if step.outcome is Outcome.CANCELED)
        reason = canceled.reason
    step_moves.leave(job, outcome, reason, facts)
