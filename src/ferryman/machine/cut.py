"""The cut at the job: a run folded in one place, its jobs in others (RULINGS 3).

A run is taken apart into a shell, which knows of its jobs only what they told, and the jobs themselves. The shell is
folded by the same rules; what it would do to a job it writes down as letters, for the job to be folded elsewhere by
`advance_job`, and what the job tells is folded into the shell by `hear`. Put together again they are the run that
`advance` would have made; `tests/machine/test_cut.py` holds that law.
"""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from ferryman.domain.events import Event
from ferryman.domain.run import JobState, Run, Tells
from ferryman.domain.status import Phase
from ferryman.machine.advance import RULES, fold, settle
from ferryman.machine.draft import RunDraft
from ferryman.machine.job import obey
from ferryman.machine.job_draft import JobDraft
from ferryman.machine.orders import Begin, Hold, Order, Rerun, Told


class Parts(NamedTuple):
    """A run taken apart."""

    shell: Run
    jobs: dict[str, JobState]


class Letters(NamedTuple):
    """A shell after an event, and the orders that it has for its jobs, in order."""

    shell: Run
    orders: tuple[tuple[str, Order], ...]


class _Post:
    """Jobs are far away: orders are written down, and the shell goes on with what surely follows from them."""

    def __init__(self) -> None:
        self.orders: list[tuple[str, Order]] = []

    def obey(self, draft: RunDraft, job: JobDraft, order: Order) -> None:
        if job.is_group:
            # A matrix belongs to the run; only its split jobs are elsewhere.
            obey(job, order)
            return
        self.orders.append((job.path, order))
        match order:
            case Begin():
                job.move(Phase.RUNNING)
            case Hold() if job.phase is Phase.PENDING:
                job.move(Phase.WAITING, None, order.reason)
            case Rerun():
                job.move(Phase.PENDING)
                job.execution = order.execution
                job.tells = Tells()
                job.resumes = bool(order.step) or order.skip
            case _:
                pass


def apart(run: Run) -> Parts:
    """Take a run apart. Jobs that are shells already stay; only those with something inside are handed out."""
    jobs: dict[str, JobState] = {}
    stages = []
    for stage in run.stages:
        stages.append(replace(stage, jobs=tuple(_emptied(job, jobs) for job in stage.jobs)))
    return Parts(replace(run, stages=tuple(stages)), jobs)


def _emptied(job: JobState, jobs: dict[str, JobState]) -> JobState:
    if job.is_group:
        return replace(job, children=tuple(_emptied(child, jobs) for child in job.children))
    if job.steps:
        jobs[job.path] = job
    return JobState(
        path=job.path,
        define=job.define,
        phase=job.phase,
        outcome=job.outcome,
        reason=job.reason,
        execution=job.execution,
        started_at=job.started_at,
        ended_at=job.ended_at,
        tells=job.tells,
        resumes=job.resumes,
        matrix=job.matrix,
    )


def together(shell: Run, jobs: dict[str, JobState]) -> Run:
    """The run that a shell and its jobs make up."""

    def filled(job: JobState) -> JobState:
        if job.is_group:
            return replace(job, children=tuple(filled(child) for child in job.children))
        return jobs.get(job.path, job)

    stages = tuple(replace(stage, jobs=tuple(filled(job) for job in stage.jobs)) for stage in shell.stages)
    return replace(shell, stages=stages)


def advance_shell(shell: Run, event: Event) -> Letters:
    """Fold an event that is not addressed to a job. Raises `Refused` as `advance` does."""
    post = _Post()
    after = fold(shell, event, rules=RULES, room=post).run
    return Letters(after, tuple(post.orders))


def hear(shell: Run, news: Iterable[Told], *, at: int) -> Letters:
    """Fold what jobs tell, all that one round of letters brought back at once."""
    post = _Post()
    draft = RunDraft(shell, at, post)
    for told in news:
        job = draft.job(told.path)
        if job is None:
            continue
        before = job.phase
        job.phase, job.outcome, job.reason = told.phase, told.outcome, told.reason
        job.execution, job.started_at, job.ended_at = told.execution, told.started_at, told.ended_at
        job.tells, job.resumes = told.tells, told.resumes
        draft.note(job, before)
    settle(draft)
    return Letters(draft.freeze(), tuple(post.orders))
