"""Matrices: what follows when a split job has ended (semantics 6.2).

The next ones begin as places become free, the first that fails may end the others, and the parent ends when all of
them have. How a matrix begins is in `machine/matrix_moves.py`.
"""

from ferryman.domain import words
from ferryman.domain.run import StopOrder, Tells
from ferryman.domain.status import Outcome, Phase, Reason, Why
from ferryman.machine import matrix_moves
from ferryman.machine.draft import AnyJob, RunDraft
from ferryman.machine.job_draft import JobDraft
from ferryman.machine.orders import Stop
from ferryman.machine.rules import outcomes


def settle(draft: RunDraft, ended: list[str]) -> None:
    """Fill free places with split jobs, end the others when one failed and the matrix says so, end the parent."""
    parents = {path.rpartition(".")[0] for path in ended if draft.is_split(path)}
    for path in sorted(draft.due | parents):
        job = draft.job(path)
        if job is not None and job.phase is Phase.RUNNING:
            _settle_one(draft, job, ended)


def _settle_one(draft: RunDraft, job: JobDraft, ended: list[str]) -> None:
    children = matrix_moves.children_of(draft, job)
    policy = job.define.matrix
    # Only one that fails now: beside one that runs again by request, a failure that is kept kills nothing.
    killer = next((child for child in children if child.path in ended and _kills(child)), None)
    if policy is not None and policy.fast_kill and killer is not None:
        reason = Reason(Why.FAST_KILL, {"job": killer.path})
        for child in children:
            if child.phase is not Phase.FINISHED:
                draft.order(child.path, Stop(at=draft.now, order=StopOrder(Outcome.CANCELED, reason)))
        children = matrix_moves.children_of(draft, job)
    stage = draft.stage(draft.index[job.path][0])
    if not stage.killed_by:
        matrix_moves.fill(draft, job, children)
        children = matrix_moves.children_of(draft, job)
    if all(child.phase is Phase.FINISHED for child in children):
        before = job.phase
        job.move(Phase.FINISHED, *outcomes.of_split_jobs(children))
        job.ended_at = draft.now
        job.tells = Tells(context=_context(job, children), failed_steps=_failed(children))
        draft.note(job, before)


def _kills(child: AnyJob) -> bool:
    return child.outcome is not None and child.outcome.is_bad and not child.define.continue_on_failure


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
