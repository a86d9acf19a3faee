"""Jobs of the open stage: when each begins, waits or is passed by (semantics 5.1 to 5.3), and fast kill (11.1)."""

from ferryman.domain.run import StopOrder
from ferryman.domain.status import Outcome, Phase, Reason, Why
from ferryman.machine import matrix_moves, outlook
from ferryman.machine.draft import RunDraft, StageDraft
from ferryman.machine.job_draft import JobDraft
from ferryman.machine.orders import Begin, Dismiss, Hold, Stop
from ferryman.machine.rules import conditions


def settle(draft: RunDraft, ended: list[str]) -> None:
    """Begin what may begin: all jobs of a stage that has just opened, then those that waited for a job that ended."""
    if draft.phase is not Phase.RUNNING or draft.cursor >= len(draft.stages):
        return
    stage = draft.stage(draft.cursor)
    if stage.phase is not Phase.RUNNING or stage.killed_by:
        return
    if stage.fresh:
        stage.fresh = False
        for path in [job.path for job in draft.jobs_of(stage) if job.phase is Phase.PENDING]:
            consider(draft, stage, path)
    elif stage.waiting and ended:
        for path in stage.waiting:
            consider(draft, stage, path)
    if stage.waiting and len(stage.waiting) == stage.open_jobs and not draft.ended:
        _break_circle(draft, stage)


def consider(draft: RunDraft, stage: StageDraft, path: str) -> None:
    """Look at one job that has not begun: wait, pass it by, or begin it."""
    job = draft.job(path)
    if job is None or job.phase is Phase.FINISHED or job.facts is not None:
        return
    if not job.resumes:
        verdict = _needs(draft, stage, job)
        if verdict is not None:
            outcome, reason = verdict
            if outcome is None:
                draft.order(path, Hold(at=draft.now, reason=reason))
                if path not in stage.waiting:
                    stage.waiting = (*stage.waiting, path)
                return
            _forget(stage, path)
            draft.order(path, Dismiss(at=draft.now, outcome=outcome, reason=reason))
            return
        met, reason = _condition(draft, stage, job)
        if not met:
            _forget(stage, path)
            draft.order(path, Dismiss(at=draft.now, outcome=Outcome.SKIPPED, reason=reason))
            return
    _forget(stage, path)
    if job.is_group:
        matrix_moves.begin(draft, job)
    else:
        draft.order(path, Begin(at=draft.now, facts=outlook.facts_for(draft, draft.cursor)))


def _forget(stage: StageDraft, path: str) -> None:
    if path in stage.waiting:
        stage.waiting = tuple(other for other in stage.waiting if other != path)


def _condition(draft: RunDraft, stage: StageDraft, job: JobDraft) -> conditions.Judged:
    looks_back = conditions.of_final_job(job.define.condition, draft.previous) if stage.define.final else None
    if looks_back is not None:
        return looks_back
    sees = outlook.of_run(draft, final=stage.define.final)
    return conditions.judge(job.define.condition, sees, draft.pipeline.dialect, draft.zone)


def _needs(draft: RunDraft, stage: StageDraft, job: JobDraft) -> tuple[Outcome | None, Reason] | None:
    """What the jobs that this one depends on decide: nothing (None), a wait, or that it is skipped."""
    if not job.define.needs:
        return None
    wanted = outlook.needed(draft, job.define.needs)
    waits: list[str] = []
    for other in draft.jobs_of(stage):
        if other.define.user_id not in wanted or other.path == job.path:
            continue
        # What ended in this very round is seen in the next one, with all that it told.
        if other.phase is not Phase.FINISHED or other.path in draft.ended:
            waits.append(other.define.user_id)
        elif other.outcome is not Outcome.SUCCEEDED:
            return Outcome.SKIPPED, Reason(Why.DEPENDENCY, {"jobs": other.define.user_id})
    return (None, Reason(Why.DEPENDENCY, {"jobs": ",".join(waits)})) if waits else None


def _break_circle(draft: RunDraft, stage: StageDraft) -> None:
    """Every job that is left waits for another one that waits: none of them can ever begin."""
    paths = stage.waiting
    stage.waiting = ()
    reason = Reason(Why.CIRCLE, {"jobs": ",".join(paths)})
    for path in paths:
        draft.order(path, Dismiss(at=draft.now, outcome=Outcome.FAILED, reason=reason))


def fast_kill(draft: RunDraft, ended: list[str]) -> None:
    """One job of the stage failed for good and the stage says so: end the others (semantics 11.1)."""
    if draft.phase is not Phase.RUNNING or draft.cursor >= len(draft.stages):
        return
    stage = draft.stage(draft.cursor)
    if not stage.killed_by or stage.killed_by not in ended:
        return
    reason = Reason(Why.FAST_KILL, {"job": stage.killed_by})
    stage.waiting = ()
    for path in draft.open_paths(stage):
        draft.order(path, Stop(at=draft.now, order=StopOrder(Outcome.CANCELED, reason)))
    draft.matrices.update(job.path for job in draft.jobs_of(stage) if job.is_group)
