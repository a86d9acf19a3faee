"""Elapsed figures: where the time of elements, jobs, stages and builds went, in milliseconds (semantics 19).

What still goes on is measured up to `at`. Time spent on people (a pause, a review, a lost contact) and in queues is no
part of what elements took. What was never begun has no figures.
"""

from collections.abc import Iterable, Iterator, Sequence

from ferryman.dialects.bkci.v3.wire.builds import BuildRecordTimeCost
from ferryman.domain.gates import GatePhase
from ferryman.domain.run import GateState, JobState, Run, StageState, StepState

Span = tuple[int, int]
"""From one moment to another."""


def of_step(step: StepState, at: int) -> int:
    """What an element took, without the time it waited for people."""
    if not step.started_at:
        return 0
    return max(0, (step.ended_at or at) - step.started_at - _waited(step, at))


def of_steps(job: JobState, at: int) -> int:
    """What the elements of a job took together."""
    return sum(of_step(step, at) for step in job.steps)


def of_stage(stage: StageState, at: int) -> int:
    """From the start of a stage to its end."""
    return max(0, (stage.ended_at or at) - stage.started_at) if stage.started_at else 0


def of_machine(job: JobState, at: int) -> int:
    """The time of a job that is neither its elements' nor spent waiting."""
    if not job.started_at:
        return 0
    total = (job.ended_at or at) - job.started_at
    return max(0, total - of_steps(job, at) - _people(job, at))


def cost_of_step(step: StepState, at: int) -> BuildRecordTimeCost:
    """Where the time of an element went."""
    execute, wait = of_step(step, at), _waited(step, at)
    return BuildRecordTimeCost(executeCost=execute, waitCost=wait, totalCost=execute + wait)


def cost_of_job(job: JobState, at: int) -> BuildRecordTimeCost:
    """Where the time of a job went; its wait for a mutex came before its start."""
    queue = job.waited + (at - job.waiting_since if job.waiting_since else 0)
    span = (job.ended_at or at) - job.started_at if job.started_at else 0
    return _cost(queue + span, of_steps(job, at), queue + _people(job, at), queue)


def cost_of_stage(stage: StageState, at: int) -> BuildRecordTimeCost:
    """Where the time of a stage went: an element of any job worked, or all jobs waited, or neither."""
    total = of_stage(stage, at)
    jobs = [one for job in stage.jobs for one in (job.children or (job,)) if one.started_at]
    execute = _length(_worked(stage, at))
    wait = min((_people(job, at) for job in jobs), default=0)
    return _cost(total, execute, wait, 0)


def cost_of_run(run: Run, at: int) -> BuildRecordTimeCost:
    """Where the time of a build went, from its queue on."""
    end = run.ended_at or at
    queue = max(0, (run.started_at or end) - run.queued_at)
    execute = _length(span for stage in run.stages for span in _worked(stage, at))
    return _cost(max(0, end - run.queued_at), execute, queue + waited_of(run, at), queue)


def waited_of(run: Run, at: int) -> int:
    """How long a build has waited for people: before and behind stages, and where nothing else could go on."""
    gates = sum(_opened(gate, run, at) for stage in run.stages for gate in (*stage.before, *stage.after))
    return gates + sum(cost_of_stage(stage, at).waitCost for stage in run.stages)


def executed(run: Run) -> int:
    """What an ended build took without waiting for people; 0 until it has ended."""
    if not (run.ended_at and run.started_at):
        return 0
    return max(0, run.ended_at - run.started_at - waited_of(run, run.ended_at))


def _cost(total: int, execute: int, wait: int, queue: int) -> BuildRecordTimeCost:
    """Shares that add up: what is over is the system's."""
    total = max(0, total)
    execute = min(execute, total)
    wait = min(wait, total - execute)
    return BuildRecordTimeCost(
        totalCost=total,
        executeCost=execute,
        waitCost=wait,
        queueCost=min(queue, wait),
        systemCost=total - execute - wait,
    )


def _waited(step: StepState, at: int) -> int:
    """How long an element that has begun waited for people."""
    if not step.started_at:
        return 0
    return step.waited + (max(0, at - step.since) if step.since and not step.ended_at else 0)


def _people(job: JobState, at: int) -> int:
    """How long a job that has begun waited for people, pauses before elements too."""
    return sum(_waited(step, at) for step in job.steps) + sum(_paused(job, at))


def _paused(job: JobState, at: int) -> Iterator[int]:
    """Pauses before elements: from the end of what came before to the start, or to now."""
    before = job.started_at
    for step, define in zip(job.steps, job.define.steps, strict=False):
        if define.pause_before and before and (step.resumed or step.since):
            yield max(0, (step.started_at or step.ended_at or at) - before)
        before = step.ended_at or before


def _worked(stage: StageState, at: int) -> Iterator[Span]:
    """When an element of a stage was at work: from its start on, for as long as it took."""
    for job in stage.jobs:
        for one in (job, *job.children):
            for step in one.steps:
                if step.started_at:
                    yield step.started_at, step.started_at + of_step(step, at)


def _length(spans: Iterable[Span]) -> int:
    """How long at least one of these lasted."""
    total, reached = 0, 0
    ordered: Sequence[Span] = sorted(spans)
    for start, end in ordered:
        if end > reached:
            total += end - max(start, reached)
            reached = end
    return total


def _opened(gate: GateState, run: Run, at: int) -> int:
    """How long a gate was open."""
    if gate.phase is GatePhase.CLOSED or not gate.opened_at:
        return 0
    return max(0, (gate.decided_at or run.ended_at or at) - gate.opened_at)
