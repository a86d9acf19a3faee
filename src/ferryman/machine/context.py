"""What a wanted attempt sees of its run: the raw material of the order that is given for it.

Read off a frozen run, so that an order can be made again after a restart and comes out the same.
"""

from collections.abc import Mapping
from typing import NamedTuple

from ferryman.domain.errors import NotFound
from ferryman.domain.ids import split_key
from ferryman.domain.pipeline import Step
from ferryman.domain.run import Facts, JobState, Run, StepState
from ferryman.domain.values import Json
from ferryman.machine import scope
from ferryman.machine.job_draft import JobDraft
from ferryman.machine.scope import Scope


class StepContext(NamedTuple):
    """One attempt with its surroundings. `scope` is what its texts see (semantics 15.3)."""

    run: Run
    key: str
    define: Step
    state: StepState
    job: JobState
    facts: Facts
    scope: Scope

    @property
    def settings(self) -> Mapping[str, Json]:
        """The settings as written, or as changed when a pause ended (semantics 8.1)."""
        return self.define.settings if self.state.settings is None else self.state.settings


def context_of(run: Run, key: str) -> StepContext:
    """The surroundings of an attempt. Raises `NotFound` for a key of no step of a job that has begun."""
    path, execution, attempt = split_key(key)
    job_path, _, step_id = path.rpartition("/")
    job = job_of(run, job_path)
    if job is None or job.facts is None:
        raise NotFound(f"there is no attempt {key} in run {run.id}: its job has not begun, or is over")
    draft = JobDraft(job, run.at)
    at = draft.find_step(step_id)
    if at < 0 or (job.steps[at].execution, job.steps[at].attempt) != (execution, attempt):
        raise NotFound(
            f"there is no attempt {key} in run {run.id}: the step is at another attempt, or unknown"
        )
    define = job.define.steps[at]
    return StepContext(
        run, key, define, job.steps[at], job, job.facts, scope.of_job(draft, job.facts, define)
    )


def job_of(run: Run, path: str) -> JobState | None:
    """The state of a job or of a split job of a matrix, by its path; None where there is none."""
    place = run.index.get(path)
    if place is not None:
        return run.stages[place[0]].jobs[place[1]] if len(place) == 2 else None
    parent, _, number = path.rpartition(".")
    place = run.index.get(parent)
    if place is None or len(place) != 2 or not (number.isascii() and number.isdecimal()):
        return None
    children = run.stages[place[0]].jobs[place[1]].children
    return children[int(number)] if len(number) < 6 and int(number) < len(children) else None
