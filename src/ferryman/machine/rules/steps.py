"""Steps: the walk over a job's steps (semantics 7.1), and the life of one attempt.

The walk stands at the first step that is not done with, and remembers what the steps before it amount to; a step that
ends lets it go on from there, so an event costs the same however long the job is. One step of a job works at a time.
"""

from ferryman import expressions
from ferryman.domain.conditions import After, Upstream
from ferryman.domain.gates import GatePhase
from ferryman.domain.pipeline import Step
from ferryman.domain.policies import LONGEST_MINUTES, Limit, OnFailure
from ferryman.domain.run import Facts, Scan, StepState
from ferryman.domain.status import NO_REASON, Outcome, Phase, Reason, Why
from ferryman.domain.values import LONGEST_VALUE
from ferryman.machine import scope
from ferryman.machine.job_draft import JobDraft
from ferryman.machine.rules import conditions, gates, outcomes, posts

MINUTE_MS = 60_000

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
        ask(job, at, define, facts)
    else:
        attempt(job, at)


def ask(job: JobDraft, at: int, define: Step, facts: Facts) -> None:
    """Put a step's question to people; without anybody to ask it has failed (semantics 8.2)."""
    if define.review is None:
        raise AssertionError(f"{define.id} asks nothing")
    sees = scope.of_job(job, facts, define)
    gate = gates.opened(define.review, sees, job.now, dialect=facts.dialect, zone=facts.zone)
    job.put_step(
        at,
        phase=Phase.WAITING,
        attempt=job.steps[at].attempt + 1,
        started_at=job.steps[at].started_at or job.now,
        wanted_at=job.now,
        since=job.now,
        deadline=job.now + minutes(define.limit, job, facts, define) * MINUTE_MS,
    )
    job.put_gate(at, gate)
    judge_question(job, at, define)


def judge_question(job: JobDraft, at: int, define: Step) -> None:
    """End a step that is a question as soon as its gate's verdict is clear."""
    step, policy = job.steps[at], define.review
    if policy is None or step.gate is None:
        return
    gate = gates.judged(policy, step.gate, job.now)
    job.put_gate(at, gate)
    if gate.phase is GatePhase.PASSED:
        prefix = f"{policy.namespace}_" if policy.namespace else ""
        job.written = {**job.written, **{prefix + name: text for name, text in gate.values.items()}}
        end(job, at, Outcome.SUCCEEDED, NO_REASON)
    elif gate.phase is not GatePhase.OPEN:
        end(job, at, Outcome.FAILED, gates.reason_of(policy, gate))
    else:
        job.put_step(at, reason=gates.reason_of(policy, gate))


def attempt(job: JobDraft, at: int) -> None:
    """Want one attempt more; being wanted is its recorded start (RULINGS 4)."""
    step, define, facts = job.steps[at], job.define.steps[at], job.facts or Facts()
    job.put_step(
        at,
        phase=Phase.RUNNING,
        reason=NO_REASON,
        attempt=step.attempt + 1,
        started_at=step.started_at or job.now,
        wanted_at=job.now,
        spawned_at=0,
        deadline=job.now + minutes(define.limit, job, facts, define) * MINUTE_MS,
        since=0,
        resume_at=0,
    )


def minutes(limit: Limit, job: JobDraft, facts: Facts, define: Step | None = None) -> int:
    """A time limit in minutes: its text, where that gives a number, else its number; odd values count as a week."""
    number = limit.minutes
    text = limit.text
    if text:
        if "$" in text:
            sees = scope.of_job(job, facts, define)
            text = expressions.substitute(text, sees, dialect=facts.dialect, zone=facts.zone)
        try:
            number = int(text.strip())
        except ValueError:
            number = limit.minutes
    return number if 0 < number <= LONGEST_MINUTES else LONGEST_MINUTES


def write(job: JobDraft, at: int, variables: dict[str, str]) -> Reason:
    """Keep what an attempt wrote; a read-only or overlong value is told as a reason and nothing is kept.

    An overlong value is dropped, unless the pipeline says that it stops the run (semantics 15.2, RULINGS 13).
    """
    facts = job.facts or Facts()
    kept = {}
    for name, text in variables.items():
        if name in facts.read_only:
            return Reason(Why.READ_ONLY, {"name": name})
        if len(text) <= LONGEST_VALUE:
            kept[name] = text
        elif facts.fail_on_long_value:
            return Reason(Why.VARIABLE_TOO_LONG, {"name": name, "length": str(len(text))})
    if kept:
        job.written = {**job.written, **kept}
    return NO_REASON


def end(job: JobDraft, at: int, outcome: Outcome, reason: Reason) -> None:
    """A step has ended for good."""
    step = job.steps[at]
    waited = step.waited + (job.now - step.since if step.since else 0)
    job.put_step(
        at,
        phase=Phase.FINISHED,
        outcome=outcome,
        reason=reason,
        ended_at=job.now,
        deadline=0,
        since=0,
        waited=waited,
        resume_at=0,
        stopping=NO_REASON,
        stop_deadline=0,
    )


def runs_in_spite_of_a_cancel(define: Step) -> bool:
    """Whether a running step is not interrupted by a cancel (semantics 11.2)."""
    return isinstance(define.condition, Upstream) and define.condition.after is After.ALWAYS


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
    leave(job, outcome, reason, facts)


def leave(job: JobDraft, outcome: Outcome, reason: Reason, facts: Facts | None = None) -> None:
    """The job has ended; what it tells is made once, and what it was told is forgotten."""
    # From a wait for a person it may end without running again.
    job.move(Phase.FINISHED, outcome, reason)
    job.ended_at = job.now
    job.deadline = 0
    job.lock = ""
    if job.waiting_since:
        job.waited += job.now - job.waiting_since
        job.waiting_since = 0
    if facts is not None and job.facts is None:
        job.facts = facts
    failed = tuple(
        define.name or define.id
        for define, step in zip(job.define.steps, job.steps, strict=False)
        if step.outcome in (Outcome.FAILED, Outcome.ERRORED, Outcome.CANCELED)
    )
    job.tells = scope.tells_of(job, failed)
    job.facts = None
    job.resumes = False
