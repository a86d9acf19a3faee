"""Matrices: a job that is split into several, each with its own values (semantics 6.2).

The parent belongs to the run, its split jobs are jobs like any other: they begin as places become free, and the
parent ends when all of them have.
"""

from ferryman.domain import words
from ferryman.domain.run import StopOrder, Tells
from ferryman.domain.status import Outcome, Phase, Reason, Why
from ferryman.machine import layout, outlook, scope
from ferryman.machine.draft import AnyJob, RunDraft
from ferryman.machine.job_draft import JobDraft
from ferryman.machine.orders import Begin, Dismiss, Hold, Stop
from ferryman.machine.rules import combinations, outcomes

MOST_PARALLEL = 50


def _split(draft: RunDraft, job: JobDraft) -> None:
    """Make the split jobs; texts that give none, too many, or cannot be read fail the parent."""
    policy = job.define.matrix
    if policy is None:
        raise AssertionError(f"{job.path} is no matrix")
    sees = scope.of_job(job, outlook.facts_for(draft, draft.cursor))
    try:
        found = combinations.of_matrix(policy, sees, dialect=draft.pipeline.dialect, zone=draft.zone)
    except combinations.Unreadable as unreadable:
        reason = Reason(Why.MATRIX, {"message": str(unreadable)})
        draft.order(job.path, Dismiss(at=draft.now, outcome=Outcome.FAILED, reason=reason))
        return
    if not job.children:
        parent = job.freeze()
        job.children = tuple(
            layout.split_job(parent, number, values, draft.disabled) for number, values in enumerate(found)
        )
    before = job.phase
    job.move(Phase.RUNNING)
    job.started_at = draft.now
    draft.note(job, before)
    places = parallel(job)
    fresh = [child.path for child in children_of(draft, job) if child.phase is Phase.PENDING]
    for path in fresh[places:]:
        draft.order(path, Hold(at=draft.now, reason=Reason(Why.PARALLEL, {"limit": str(places)})))


def parallel(job: JobDraft) -> int:
    """How many split jobs run at once: default 5, at most 50."""
    policy = job.define.matrix
    wanted = policy.parallel if policy is not None else 0
    return min(wanted, MOST_PARALLEL) if wanted > 0 else 5


def settle(draft: RunDraft, ended: list[str]) -> None:
    """Fill free places with split jobs, end the others when one failed and the matrix says so, end the parent."""
    parents = {path.rpartition(".")[0] for path in ended if draft.is_split(path)}
    for path in sorted(draft.due | parents):
        job = draft.job(path)
        if job is not None and job.phase in (Phase.PENDING, Phase.WAITING):
            _split(draft, job)
        if job is not None and job.phase is Phase.RUNNING:
            _settle_one(draft, job, ended)


def _settle_one(draft: RunDraft, job: JobDraft, ended: list[str]) -> None:
    children = children_of(draft, job)
    policy = job.define.matrix
    # Only one that fails now: beside one that runs again by request, a failure that is kept kills nothing.
    killer = next((child for child in children if child.path in ended and _kills(child)), None)
    if policy is not None and policy.fast_kill and killer is not None:
        reason = Reason(Why.FAST_KILL, {"job": killer.path})
        for child in children:
            if child.phase is not Phase.FINISHED:
                draft.order(child.path, Stop(at=draft.now, order=StopOrder(Outcome.CANCELED, reason)))
        children = children_of(draft, job)
    stage = draft.stage(draft.index[job.path][0])
    if not stage.killed_by:
        _fill(draft, job, children)
        children = children_of(draft, job)
    if all(child.phase is Phase.FINISHED for child in children):
        before = job.phase
        job.move(Phase.FINISHED, *outcomes.of_split_jobs(children))
        job.ended_at = draft.now
        job.tells = Tells(context=_context(job, children), failed_steps=_failed(children))
        draft.note(job, before)


def _kills(child: AnyJob) -> bool:
    return child.outcome is not None and child.outcome.is_bad and not child.define.continue_on_failure


def children_of(draft: RunDraft, job: JobDraft) -> list[AnyJob]:
    """The split jobs as they are now."""
    return [draft.jobs_touched.get(child.path, child) for child in job.children]


def _fill(draft: RunDraft, job: JobDraft, children: list[AnyJob]) -> None:
    places = parallel(job)
    waiting = [(number, child) for number, child in enumerate(children) if not_begun(child)]
    # A place that became free in this very round is filled in the next one.
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


def _context(job: JobDraft, children: list[AnyJob]) -> dict[str, object]:
    """What later jobs see: the parent's own words, each split job by its number, and each output as a list of all."""
    from_first = dict(children[0].tells.context) if children else {}
    outcome = words.context_word(job.phase, job.outcome)
    continued = job.define.continue_on_failure and job.outcome in (Outcome.FAILED, Outcome.ERRORED)
    context: dict[str, object] = {
        **{name: from_first.get(name, "") for name in ("stage_id", "stage_name")},
        "id": job.define.user_id,
        "name": job.define.name,
        "status": words.SUCCEEDED if continued else outcome,
        "outcome": outcome,
    }
    collected: dict[str, dict[str, list[object]]] = {}
    for number, child in enumerate(children):
        context[str(number)] = child.tells.context
        for step_id, step in child.tells.context.get("steps", {}).items():
            for name, value in step["outputs"].items():
                collected.setdefault(step_id, {}).setdefault(name, []).append(value)
    context["steps"] = {step_id: {"outputs": outputs} for step_id, outputs in collected.items()}
    return context


def _failed(children: list[AnyJob]) -> tuple[str, ...]:
    return tuple(name for child in children for name in child.tells.failed_steps)
