"""What a node waits for: one function for each kind of wait, so that every face says the same (ERR-6, ERR-7)."""

from msgspec.structs import replace

from ferryman.domain.gates import Gate, GateKind, GatePhase
from ferryman.domain.ids import attempt_key, join
from ferryman.domain.pipeline import Stage, Step
from ferryman.domain.policies import Mutex
from ferryman.domain.run import GateState, JobState, Run, StageState, StepState
from ferryman.domain.sentences import sentence
from ferryman.domain.status import Phase, Why
from ferryman.domain.views import Asked, Ballot, Waiting

MINUTE_MS = 60_000

DEPENDENCY = Why.DEPENDENCY.value


def of_run(run: Run) -> Waiting | None:
    """The run's own wait: for its turn. What it waits for at a gate is told at the stage."""
    if run.phase is not Phase.WAITING or run.reason.kind is not Why.QUEUED:
        return None
    minutes = run.pipeline.concurrency.waiting_minutes
    return Waiting(
        path="",
        kind=Why.QUEUED.value,
        sentence=sentence(run.reason),
        since=run.queued_at,
        until=run.queued_at + minutes * MINUTE_MS if minutes else 0,
        group=run.group,
        help="it begins when a run before it ends",
    )


def of_stage(stage: StageState, define: Stage) -> Waiting | None:
    """The wait at an open gate before or after a stage."""
    for states, policies in ((stage.before, define.before), (stage.after, define.after)):
        for state, policy in zip(states, policies, strict=True):
            if state.phase is GatePhase.OPEN:
                return of_gate(stage.id, policy, state)
    return None


def of_job(job: JobState) -> Waiting | None:
    """A job's own wait: for other jobs, for a lock, for a place in its matrix."""
    if job.phase is not Phase.WAITING:
        return None
    match job.reason.kind:
        case Why.DEPENDENCY:
            jobs = job.reason.facts.get("jobs", "")
            return Waiting(
                path=job.path,
                kind=DEPENDENCY,
                sentence=f"waits for {jobs.replace(',', ', ')}" if jobs else "waits for other jobs",
                help="it begins when they have ended",
            )
        case Why.LOCK:
            return Waiting(
                path=job.path,
                kind=Why.LOCK.value,
                sentence=sentence(job.reason),
                since=job.waiting_since,
                until=job.waiting_since + job.lock_minutes * MINUTE_MS if job.lock_minutes else 0,
                group=job.group,
                help=_lock_help(job.define.mutex),
            )
        case Why.PARALLEL:
            return Waiting(
                path=job.path,
                kind=Why.PARALLEL.value,
                sentence=sentence(job.reason),
                help="it begins when another job of its matrix ends",
            )
        case _:
            # What one of its steps waits for is told there.
            return None


def _lock_help(mutex: Mutex | None) -> str:
    return (
        f"it begins when lock {mutex.group} is given back"
        if mutex
        else "it begins when its lock is given back"
    )


def of_step(job: JobState, step: StepState, define: Step) -> Waiting | None:
    """What a step waits for: people, a pause between attempts, another run, or its own end while it is stopped."""
    path = join(job.path, step.id)
    key = attempt_key(path, step.execution, step.attempt)
    kind = step.reason.kind
    if step.phase is Phase.RUNNING and kind is Why.CALLS:
        return Waiting(
            path=path,
            kind=kind.value,
            sentence=sentence(step.reason),
            since=step.started_at,
            until=step.deadline,
            help="it goes on when that run ends",
            key=key,
        )
    if step.phase is not Phase.WAITING:
        return None
    if step.gate is not None and step.gate.phase is GatePhase.OPEN and define.review is not None:
        waits = of_gate(path, define.review, step.gate)
        # The time limits of the step and of its job go on while people decide.
        return replace(waits, until=_first(waits.until, step.deadline, job.deadline))
    match kind:
        case Why.PAUSED:
            return Waiting(
                path=path,
                kind=kind.value,
                sentence=sentence(step.reason),
                since=step.since,
                until=job.deadline,
                person=True,
                help=f"`resume` or `halt` {path}",
            )
        case Why.LOST:
            return Waiting(
                path=path,
                kind=kind.value,
                sentence=sentence(step.reason),
                since=step.since,
                until=job.deadline,
                person=True,
                help=f"find out what became of it, then `settle` {path} as succeeded, failed or repeat",
                key=key,
            )
        case Why.BACKOFF:
            return Waiting(
                path=path,
                kind=kind.value,
                sentence=sentence(step.reason),
                since=step.ended_at,
                until=step.resume_at,
                help="it is tried again then",
                key=key,
            )
        case _:
            return Waiting(path=path, kind=kind.value, sentence=sentence(step.reason), since=step.since)


def _first(*times: int) -> int:
    """The earliest of these times; 0 is none."""
    return min((at for at in times if at), default=0)


def of_gate(path: str, policy: Gate, state: GateState) -> Waiting:
    """What an open gate waits for: its open group, the votes so far, the values asked for."""
    common = {
        "path": path,
        "since": state.opened_at,
        "until": state.deadline,
        "description": policy.description,
    }
    if policy.kind is GateKind.MANUAL:
        return Waiting(
            **common,  # type: ignore[arg-type]
            kind=Why.MANUAL.value,
            sentence="waits for somebody to start it",
            person=True,
            help=f"`approve` or `reject` {path}",
        )
    if policy.kind is GateKind.VERDICT:
        rules = f" ({', '.join(policy.rules)})" if policy.rules else ""
        return Waiting(
            **common,  # type: ignore[arg-type]
            kind=Why.VERDICT.value,
            sentence=f"waits for a verdict on its quality rules{rules}",
            help="whoever judges the rules tells the verdict",
        )
    at = next((at for at, group in enumerate(state.groups) if group.phase is GatePhase.OPEN), 0)
    group, people = policy.groups[at], state.groups[at].reviewers
    needed = max(1, min(group.quorum, len(people)))
    names = ", ".join(people)
    asked = f"{needed} of {names}" if needed > 1 else " or ".join(people)
    return Waiting(
        **common,  # type: ignore[arg-type]
        kind=Why.REVIEW.value,
        sentence=f"waits for {group.name}: {asked}" if group.name else f"waits for {asked}",
        who=people,
        person=True,
        help=f"`approve` or `reject` {path}",
        group=group.name,
        needed=needed,
        comment_needed=policy.comment_needed,
        votes=tuple(
            Ballot(by=vote.by, at=vote.at, yes=vote.yes, comment=vote.comment)
            for each in state.groups
            for vote in each.votes
        ),
        values=tuple(
            Asked(
                name=parameter.name,
                value=state.values.get(parameter.name, ""),
                label=parameter.label,
                needed=parameter.not_empty,
                options=parameter.options,
            )
            for parameter in policy.parameters
        ),
    )
