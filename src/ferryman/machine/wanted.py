"""Reads the want-list off a run: what it needs from the world now.

`of_run` reads the whole tree, which is what recovery does; `difference` compares two lists, and `advance` calls it only
for the nodes that an event disturbed.
"""

from collections.abc import Iterable, Iterator

from ferryman.domain.gates import Gate, GateKind, GatePhase
from ferryman.domain.ids import attempt_key
from ferryman.domain.pipeline import Stage
from ferryman.domain.run import GateState, JobState, Run, StageState
from ferryman.domain.status import Phase, Why
from ferryman.domain.wants import (
    EnvironmentWanted,
    GateWanted,
    LockWanted,
    MessageWanted,
    PersonWanted,
    ReviewersWanted,
    StepWanted,
    StopWanted,
    TimerWanted,
    Want,
)
from ferryman.machine.rules import reviews

AGENTLESS = "agentless"


def of_run(run: Run) -> tuple[Want, ...]:
    """Everything the run wants now, each want once; names are unique within the run."""
    wants = list(of_top(run))
    for stage, define in zip(run.stages, run.pipeline.stages, strict=True):
        wants += of_stage(stage, define)
        for job in stage.jobs:
            wants += of_job(job)
    return tuple(wants)


def of_top(run: Run) -> Iterator[Want]:
    """What the run itself wants: its turn, and messages to be told."""
    if _holds_place(run):
        policy = run.pipeline.concurrency
        yield LockWanted(
            name="lock:",
            path="",
            group=run.group,
            policy=policy,
            minutes=policy.waiting_minutes,
            at_once=run.again,
        )
    for message in run.messages:
        yield MessageWanted(name=message.name, kind=message.kind, facts=message.facts)


def _holds_place(run: Run) -> bool:
    """A run that waits at a review or a manual start holds no place among the runs (semantics 13)."""
    if run.phase is Phase.FINISHED:
        return False
    return run.reason.kind not in (Why.REVIEW, Why.MANUAL)


def of_stage(stage: StageState, define: Stage) -> Iterator[Want]:
    """What the open gate of a stage wants."""
    for where, states, policies in (
        ("before", stage.before, define.before),
        ("after", stage.after, define.after),
    ):
        for at, state in enumerate(states):
            if state.phase is GatePhase.OPEN:
                name = f"{stage.id}#{stage.execution}:{where}.{at}"
                yield from of_gate(name, stage.id, policies[at], state)
                if state.deadline:
                    yield TimerWanted(name=f"{name}:limit", at=state.deadline)


def of_gate(name: str, path: str, policy: Gate, state: GateState) -> Iterator[Want]:
    """What an open gate wants of people."""
    if not state.named:
        yield ReviewersWanted(
            name=f"{name}:reviewers", path=path, roles=tuple(group.roles for group in policy.groups)
        )
        return
    if policy.kind is GateKind.REVIEW:
        at = reviews.open_group(policy, state)
        group, people = policy.groups[at].name, state.groups[at].reviewers
        yield GateWanted(
            name=f"{name}:{at}", path=path, kind=policy.kind.value, group=group, reviewers=people
        )
    else:
        yield GateWanted(name=name, path=path, kind=policy.kind.value)


def of_job(job: JobState) -> tuple[Want, ...]:
    """What a job wants: at most one of its steps works, so only the one that holds up the walk is looked at."""
    if job.phase is Phase.FINISHED:
        return ()
    if job.is_group:
        return tuple(want for child in job.children for want in of_job(child))
    wants: list[Want] = []
    scope = f"{job.path}#{job.execution}"
    policy = job.define.mutex
    if job.lock and policy is not None:
        wants.append(
            LockWanted(
                name=f"lock:{job.path}#{job.execution}",
                path=job.path,
                group=job.group,
                policy=policy,
                minutes=job.lock_minutes,
            )
        )
    if job.facts is None or job.lock == "asked":
        return tuple(wants)
    if job.deadline:
        wants.append(TimerWanted(name=f"{scope}:limit", at=job.deadline))
    if job.scan.at >= len(job.steps):
        return tuple(wants)
    step, define = job.steps[job.scan.at], job.define.steps[job.scan.at]
    path = f"{job.path}/{step.id}"
    key = attempt_key(path, step.execution, step.attempt)
    kind = step.reason.kind
    works = step.phase is Phase.RUNNING or kind is Why.BACKOFF
    if works and job.define.runs_on.kind != AGENTLESS:
        wants.append(EnvironmentWanted(name=scope, path=job.path, runs_on=job.define.runs_on))
    if step.phase is Phase.RUNNING:
        if step.stopping:
            wants.append(StopWanted(name=f"{key}!", key=key, force=step.forced))
            wants.append(TimerWanted(name=f"{key}:patience", at=step.stop_deadline))
        else:
            wants.append(StepWanted(name=key))
    elif step.phase is Phase.WAITING:
        if step.gate is not None and step.gate.phase is GatePhase.OPEN and define.review is not None:
            wants += of_gate(f"{key}:gate", path, define.review, step.gate)
        elif kind is Why.PAUSED:
            wants.append(
                PersonWanted(
                    name=f"{path}#{step.execution}:pause", path=path, kind="pause", tell=define.tell_on_pause
                )
            )
        elif kind is Why.LOST:
            wants.append(PersonWanted(name=f"{key}:lost", path=path, kind="lost"))
        elif step.resume_at:
            wants.append(TimerWanted(name=f"{key}:backoff", at=step.resume_at))
    if step.deadline:
        wants.append(TimerWanted(name=f"{key}:limit", at=step.deadline))
    return tuple(wants)


def difference(before: Iterable[Want], after: Iterable[Want]) -> tuple[tuple[Want, ...], tuple[Want, ...]]:
    """Wants that are new, and wants that are gone."""
    was, now = tuple(before), tuple(after)
    return tuple(want for want in now if want not in was), tuple(want for want in was if want not in now)
