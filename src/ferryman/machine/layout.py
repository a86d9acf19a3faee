"""Lays out the state of a definition before anything has run: one node for each, switched-off ones ended at once."""

from collections.abc import Collection

from ferryman.domain.ids import join
from ferryman.domain.pipeline import Job, Pipeline, Stage
from ferryman.domain.run import GateState, JobState, StageState, StepState
from ferryman.domain.status import Outcome, Phase, Reason, Why

OFF = Reason(Why.DISABLED)


def index_of(pipeline: Pipeline) -> dict[str, tuple[int, ...]]:
    """Positions by path: (stage,) and (stage, job)."""
    places: dict[str, tuple[int, ...]] = {}
    for at, stage in enumerate(pipeline.stages):
        places[stage.id] = (at,)
        for beside, job in enumerate(stage.jobs):
            places[join(stage.id, job.id)] = (at, beside)
    return places


def steps_of(
    job: Job, path: str, *, execution: int, off: Collection[str], enabled: bool
) -> tuple[StepState, ...]:
    """Fresh steps; a step is off by its own option, for this run, or with its job (semantics 2.3)."""
    fresh = []
    switched_off = {step.id for step in job.steps if join(path, step.id) in off}
    for step in job.steps:
        # A step switched off for one run takes its post-action with it.
        on = enabled and step.enabled and not ({step.id, step.post_of} & switched_off)
        if on:
            fresh.append(StepState(id=step.id, execution=execution))
        else:
            fresh.append(StepState(step.id, Phase.FINISHED, Outcome.SKIPPED, OFF, execution=execution))
    return tuple(fresh)


def job_of(
    job: Job, path: str, *, execution: int, off: Collection[str] = (), enabled: bool = True
) -> JobState:
    """A fresh job. Without one enabled step it is switched off whole."""
    steps = steps_of(job, path, execution=execution, off=off, enabled=enabled and job.enabled)
    if all(step.outcome is Outcome.SKIPPED for step in steps):
        reason = OFF if not (enabled and job.enabled) else Reason(Why.NOTHING_ENABLED)
        return JobState(path, job, Phase.FINISHED, Outcome.SKIPPED, reason, execution=execution, steps=steps)
    if job.matrix is not None:
        return JobState(path, job, execution=execution, is_group=True)
    return JobState(path, job, execution=execution, steps=steps)


def split_job(parent: JobState, number: int, values: dict[str, str], off: Collection[str] = ()) -> JobState:
    """One job of a matrix; its path is the parent's with a dot and its number from 0."""
    path = f"{parent.path}.{number}"
    steps = steps_of(parent.define, parent.path, execution=parent.execution, off=off, enabled=True)
    return JobState(path, parent.define, execution=parent.execution, steps=steps, matrix=values)


def stage_of(stage: Stage, *, execution: int, off: Collection[str] = ()) -> StageState:
    """A fresh stage."""
    jobs = tuple(
        job_of(job, join(stage.id, job.id), execution=execution, off=off, enabled=stage.enabled)
        for job in stage.jobs
    )
    waiting = sum(job.phase is not Phase.FINISHED for job in jobs)
    before = tuple(GateState() for _ in stage.before)
    after = tuple(GateState() for _ in stage.after)
    if not stage.enabled:
        return StageState(
            stage.id, jobs, Phase.FINISHED, Outcome.SKIPPED, OFF, execution, before=before, after=after
        )
    return StageState(stage.id, jobs, execution=execution, before=before, after=after, open_jobs=waiting)
