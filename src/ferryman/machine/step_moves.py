"""Moves of steps and of the job around them, by name: what several rules of a job do to its draft.

Rules do not call one another; they meet here. Each move keeps the fields of a node in step with its phase.
"""

from ferryman import expressions
from ferryman.domain.gates import GatePhase
from ferryman.domain.pipeline import Step
from ferryman.domain.policies import LONGEST_MINUTES, Limit
from ferryman.domain.run import Facts
from ferryman.domain.status import NO_REASON, Outcome, Phase, Reason, Why
from ferryman.domain.values import LONGEST_VALUE
from ferryman.machine import scope
from ferryman.machine.job_draft import JobDraft
from ferryman.machine.rules import gates, outcomes

MINUTE_MS = 60_000


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
    """A time limit in minutes; odd values count as a week (semantics 18)."""
    number = _told(limit, job, facts, define)
    return number if 0 < number <= LONGEST_MINUTES else LONGEST_MINUTES


def waiting_minutes(limit: Limit, job: JobDraft, facts: Facts) -> int:
    """How long a job waits for its lock; only here nothing is a limit as well (semantics 6.1, 18)."""
    return min(max(_told(limit, job, facts), 0), LONGEST_MINUTES)


def _told(limit: Limit, job: JobDraft, facts: Facts, define: Step | None = None) -> int:
    """What a limit says: its text, where that gives a number, else its number."""
    text = limit.text
    if text:
        if "$" in text:
            sees = scope.of_job(job, facts, define)
            text = expressions.substitute(text, sees, dialect=facts.dialect, zone=facts.zone)
        try:
            return int(text.strip())
        except ValueError:
            return limit.minutes
    return limit.minutes


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
    # A pause comes before the start: what has not begun has not waited either (semantics 19).
    waited = step.waited + (job.now - step.since if step.since and step.started_at else 0)
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


def failed(job: JobDraft, at: int, outcome: Outcome, reason: Reason) -> None:
    """An attempt ended badly: the next one, if any is left and nobody stops the job, else the failure stands."""
    step, policy = job.steps[at], job.define.steps[at].retry
    ended_from_above = reason.kind in outcomes.TERMINATED
    if step.tries >= policy.automatic or job.stop is not None or ended_from_above:
        end(job, at, outcome, reason)
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
        attempt(job, at)


def stopped(job: JobDraft, at: int) -> None:
    """An attempt that was told to end has ended, or its patience has: what it was stopped for decides."""
    why: Reason = job.steps[at].stopping
    if why.kind is Why.TIMED_OUT:
        failed(job, at, Outcome.FAILED, why)
    elif why.kind in outcomes.TERMINATED:
        end(job, at, Outcome.ERRORED, why)
    else:
        end(job, at, Outcome.CANCELED, why)


def dismiss(job: JobDraft, outcome: Outcome, reason: Reason, *, inner: Outcome) -> None:
    """End a job that has not begun; its steps that have not ended become `inner`."""
    if job.phase is Phase.FINISHED:
        return
    for at, step in enumerate(job.steps):
        if step.phase is not Phase.FINISHED:
            job.put_step(at, phase=Phase.FINISHED, outcome=inner, reason=reason)
    leave(job, outcome, reason)
