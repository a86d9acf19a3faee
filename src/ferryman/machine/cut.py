"""The cut at the job: a run folded in one place, its jobs in others (RULINGS 3).

A run is taken apart into a shell and the jobs that are under way. A job leaves the shell when it begins and comes home
whole when it has ended; in between the shell knows of it only what it told. The shell is folded by the same rules. What
they would do to a job that is away is written down as a letter, for the job to be folded elsewhere by `advance_job`;
what comes back is folded into the shell by `hear`. Put together again they are the run that `advance` would have made:
`tests/machine/test_cut.py` holds that law.
"""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from ferryman.domain.events import Event
from ferryman.domain.run import JobState, Run
from ferryman.domain.status import Phase
from ferryman.machine.advance import RULES, fold, settle
from ferryman.machine.draft import RunDraft
from ferryman.machine.job import obey
from ferryman.machine.job_draft import JobDraft
from ferryman.machine.orders import Begin, Order, Told


class Parts(NamedTuple):
    """A run taken apart."""

    shell: Run
    jobs: dict[str, JobState]


class Letters(NamedTuple):
    """A shell after an event, the orders for jobs that are away, in order, and the jobs that leave with the first.

    A stop for a job that has ended meanwhile is void.
    """

    shell: Run
    orders: tuple[tuple[str, Order], ...]
    leaving: dict[str, JobState]


class _Post:
    """Jobs that have not begun or have ended are at home and obey at once; the others get letters: begin, and stop."""

    def __init__(self) -> None:
        self.orders: list[tuple[str, Order]] = []
        self.leaving: dict[str, JobState] = {}

    def obey(self, draft: RunDraft, job: JobDraft, order: Order) -> None:
        if isinstance(order, Begin):
            self.leaving[job.path] = job.freeze()
            _take(job, _emptied(job.freeze()))
            job.move(Phase.RUNNING)
        elif job.is_group or job.steps:
            obey(job, order)
            return
        self.orders.append((job.path, order))


def apart(run: Run) -> Parts:
    """Take a run apart: the jobs that are under way, and the shell that is left."""
    jobs: dict[str, JobState] = {}

    def left(job: JobState) -> JobState:
        if job.is_group:
            return replace(job, children=tuple(left(child) for child in job.children))
        if job.facts is None:
            return job
        jobs[job.path] = job
        return _emptied(job)

    stages = tuple(replace(stage, jobs=tuple(left(job) for job in stage.jobs)) for stage in run.stages)
    return Parts(replace(run, stages=stages), jobs)


def _emptied(job: JobState) -> JobState:
    """What a run knows of a job that is away: what it told."""
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


def _take(draft: JobDraft, state: JobState) -> None:
    for name in JobState.__struct_fields__:
        setattr(draft, name, getattr(state, name))


def together(shell: Run, jobs: dict[str, JobState]) -> Run:
    """The run that a shell and the jobs that are away make up."""

    def filled(job: JobState) -> JobState:
        if job.is_group:
            return replace(job, children=tuple(filled(child) for child in job.children))
        return jobs.get(job.path, job)

    stages = tuple(replace(stage, jobs=tuple(filled(job) for job in stage.jobs)) for stage in shell.stages)
    return replace(shell, stages=stages)


def advance_shell(shell: Run, event: Event) -> Letters:
    """Fold an event that is not addressed to a job under way. Raises `Refused` as `advance` does."""
    post = _Post()
    after = fold(shell, event, rules=RULES, room=post).run
    return Letters(after, tuple(post.orders), post.leaving)


def hear(shell: Run, news: Iterable[Told | JobState], *, at: int) -> Letters:
    """Fold what jobs tell and the jobs that come home, all that one round of letters brought back at once."""
    post = _Post()
    draft = RunDraft(shell, at, post)
    for each in news:
        job = draft.job(each.path)
        if job is None:
            continue
        before = job.phase
        if isinstance(each, JobState):
            _take(job, each)
        else:
            job.phase, job.outcome, job.reason = each.phase, each.outcome, each.reason
            job.execution, job.started_at, job.ended_at = each.execution, each.started_at, each.ended_at
            job.tells, job.resumes = each.tells, each.resumes
        draft.note(job, before)
    settle(draft)
    return Letters(draft.freeze(), tuple(post.orders), post.leaving)
