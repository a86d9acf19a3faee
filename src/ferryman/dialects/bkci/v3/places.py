"""Where the nodes of a run stand in its model: the ids by which BK-CI's clients name stages, jobs and elements.

Stages and containers are numbered by position, the trigger being stage 1 and container 0; elements keep their ids; the
jobs that a matrix was split into have ids of their own (bkci-v3 8).
"""

from collections.abc import Iterator
from typing import NamedTuple

from ferryman.dialects.bkci.v3.logs import split_id
from ferryman.domain.errors import NotFound, Refused
from ferryman.domain.ids import join
from ferryman.domain.pipeline import Job, Stage, Step
from ferryman.domain.run import JobState, Run, StageState, StepState


class JobPlace(NamedTuple):
    """A job, and what clients call it and its stage."""

    stage_id: str
    stage: StageState
    stage_define: Stage
    container_id: str
    container_hash: str
    job_id: str
    state: JobState
    define: Job
    part: str
    """Its number among the jobs that a matrix was split into; empty for any other."""

    @property
    def is_split(self) -> bool:
        """Whether it is one of a matrix."""
        return bool(self.part)

    def steps(self) -> Iterator["StepPlace"]:
        """Its elements."""
        for state, define in zip(self.state.steps, self.define.steps, strict=False):
            whole = _text(define.origin.get("id")) or join(self.state.path, state.id)
            element = split_id(whole, self.part) if self.part else whole
            yield StepPlace(self, element, join(self.state.path, state.id), state, define)


class StepPlace(NamedTuple):
    """An element, and where it stands."""

    job: JobPlace
    element_id: str
    path: str
    state: StepState
    define: Step


TRIGGER = "stage-1"
"""The trigger's stage; no run has a node for it."""


def stage_id(position: int) -> str:
    """The id of a stage by its position in the run, from 0: the trigger stands before it."""
    return f"stage-{position + 2}"


def jobs_of(run: Run) -> Iterator[JobPlace]:
    """Every job, a matrix before the jobs it was split into."""
    number = 0
    for at, (stage, define) in enumerate(zip(run.stages, run.pipeline.stages, strict=True)):
        for state, job in zip(stage.jobs, define.jobs, strict=True):
            number += 1
            hashed = _text(job.origin.get("containerHashId")) or state.path
            place = JobPlace(
                stage_id(at), stage, define, str(number), hashed, job.user_id, state, job, part=""
            )
            yield place
            for child, one in enumerate(state.children):
                yield place._replace(
                    container_id=f"{number}{child:03}",
                    container_hash=split_id(hashed, str(child)),
                    job_id=f"{job.user_id}.{child}",
                    state=one,
                    part=str(child),
                )


def steps_of(run: Run) -> Iterator[StepPlace]:
    """Every element that a run has laid out, in the order of the model."""
    for job in jobs_of(run):
        yield from job.steps()


def stage_named(run: Run, name: str) -> str:
    """The path of the stage that a client names by its id, or by the one that a user gave it. Raises `NotFound`, and
    `Refused` (gate-not-open) for that of the trigger, before which nobody is asked."""
    if name == TRIGGER:
        raise Refused("nobody is asked before the trigger", reason="gate-not-open")
    for at, (stage, define) in enumerate(zip(run.stages, run.pipeline.stages, strict=True)):
        if name and name in (stage_id(at), define.user_id):
            return stage.id
    raise NotFound(f"the build has no stage {name}", reason="stage-unknown")


def step_named(run: Run, element: str, step: str = "") -> StepPlace | None:
    """The element with this id, or with this id of a user's."""
    return next(
        (
            place
            for place in steps_of(run)
            if (element and place.element_id == element) or (step and place.define.user_id == step)
        ),
        None,
    )


def task_named(run: Run, name: str) -> str:
    """The path of what a retry names: an element, a step, a container or a stage (bkci-v3 3.3, operation 23). Raises
    `NotFound`, and `Refused` (stage-not-failed) for the trigger, which never fails."""
    if name == TRIGGER:
        raise Refused("the trigger has not failed", reason="stage-not-failed")
    place = step_named(run, name, name)
    if place is not None:
        return place.path
    for job in jobs_of(run):
        if name in (job.container_id, job.container_hash):
            return job.state.path
    return stage_named(run, name)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
