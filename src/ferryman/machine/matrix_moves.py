"""Moves of a matrix, by name: how it is split and begins, and how its split jobs take their places (semantics 6.2).

The parent belongs to the run, its split jobs are jobs like any other. It is split in the very round in which it may
begin, like every job beside it, so that no job that ends at once is seen by one neighbor and not by another.
"""

from ferryman.domain.status import Outcome, Phase, Reason, Why
from ferryman.machine import layout, outlook, scope
from ferryman.machine.draft import AnyJob, RunDraft
from ferryman.machine.job_draft import JobDraft
from ferryman.machine.orders import Begin, Dismiss, Hold
from ferryman.machine.rules import combinations

MOST_PARALLEL = 50


def begin(draft: RunDraft, job: JobDraft) -> None:
    """Make the split jobs, unless they are kept, and begin as many as have a place.

    Texts that give none, too many, or cannot be read fail the parent.
    """
    if not job.children and not _split(draft, job):
        return
    before = job.phase
    job.move(Phase.RUNNING)
    job.started_at = draft.now
    draft.note(job, before)
    fill(draft, job, children_of(draft, job))
    places = parallel(job)
    for child in children_of(draft, job):
        if child.phase is Phase.PENDING:
            draft.order(child.path, Hold(at=draft.now, reason=Reason(Why.PARALLEL, {"limit": str(places)})))
    draft.matrices.add(job.path)


def _split(draft: RunDraft, job: JobDraft) -> bool:
    policy = job.define.matrix
    if policy is None:
        raise AssertionError(f"{job.path} is no matrix")
    sees = scope.of_job(job, outlook.facts_for(draft, draft.cursor))
    try:
        found = combinations.of_matrix(policy, sees, dialect=draft.pipeline.dialect, zone=draft.zone)
    except combinations.Unreadable as unreadable:
        reason = Reason(Why.MATRIX, {"message": str(unreadable)})
        draft.order(job.path, Dismiss(at=draft.now, outcome=Outcome.FAILED, reason=reason))
        return False
    parent = job.freeze()
    job.children = tuple(
        layout.split_job(parent, number, values, draft.disabled) for number, values in enumerate(found)
    )
    return True


def parallel(job: JobDraft) -> int:
    """How many split jobs run at once: default 5, at most 50."""
    policy = job.define.matrix
    wanted = policy.parallel if policy is not None else 0
    return min(wanted, MOST_PARALLEL) if wanted > 0 else 5


def children_of(draft: RunDraft, job: JobDraft) -> list[AnyJob]:
    """The split jobs as they are now."""
    return [draft.jobs_touched.get(child.path, child) for child in job.children]


def fill(draft: RunDraft, job: JobDraft, children: list[AnyJob]) -> None:
    """Begin split jobs while there are places. One that became free in this very round is filled in the next."""
    places = parallel(job)
    waiting = [(number, child) for number, child in enumerate(children) if not_begun(child)]
    busy = sum(child.phase is not Phase.FINISHED or child.path in draft.ended for child in children) - len(
        waiting
    )
    for number, child in waiting:
        if busy >= places:
            return
        facts = outlook.facts_for(draft, draft.index[job.path][0], matrix=child.matrix, number=number)
        draft.order(child.path, Begin(at=draft.now, facts=facts))
        busy += 1


def not_begun(child: AnyJob) -> bool:
    """Whether a split job still waits for its place."""
    return child.phase is Phase.PENDING or (
        child.phase is Phase.WAITING and child.reason.kind is Why.PARALLEL
    )
