"""Retry and skip by request: the same run, one execution more (semantics 12).

Owns which stages and jobs start again and which are kept; inside a job, `reruns` decides. A finished run changes only
by this.
"""

from ferryman.domain.errors import Refused
from ferryman.domain.events import RetryRequested, SkipRequested
from ferryman.domain.run import JobState, Tells
from ferryman.domain.status import NO_REASON, Outcome, Phase, Reason, Why
from ferryman.machine import layout
from ferryman.machine.draft import RunDraft, StageDraft
from ferryman.machine.job_draft import JobDraft
from ferryman.machine.orders import Rerun

LONGEST_MS = 28 * 24 * 3_600_000
"""A retry is accepted for 28 days (semantics 7.4)."""

ENDED_BADLY = frozenset({Outcome.FAILED, Outcome.ERRORED, Outcome.CANCELED})


def requested(draft: RunDraft, event: RetryRequested) -> None:
    """Run again: everything, a stage, a job, or a step and what follows it."""
    _run_again(draft, event.path, by=event.by, turn=event.turn, failed_only=event.failed_only, skip=False)


def skip_requested(draft: RunDraft, event: SkipRequested) -> None:
    """Pass over a failed step, or every failed step of a stage, and go on behind it."""
    _run_again(draft, event.path, by=event.by, turn=event.turn, failed_only=False, skip=True)


def _run_again(draft: RunDraft, path: str, *, by: str, turn: bool, failed_only: bool, skip: bool) -> None:
    word = "skip" if skip else "retry"
    if not draft.pipeline.retry_allowed:
        raise Refused(
            f"cannot {word}: runs of this kind cannot be run again; start a new one", reason="not-allowed"
        )
    parts = path.split("/") if path else []
    if draft.phase is not Phase.FINISHED:
        _in_a_running_run(draft, parts, word=word, by=by, skip=skip)
        return
    if draft.now - draft.ended_at > LONGEST_MS:
        raise Refused(
            f"cannot {word}: the run ended more than 28 days ago; start a new one", reason="too-old"
        )
    if draft.reason.kind in (Why.QUEUE_EXPIRED, Why.PUSHED_OUT) and draft.started_at == 0 and parts:
        raise Refused(
            f"cannot {word} {path}: the run never had its turn; run it again as a whole", reason="never-ran"
        )
    draft.execution += 1
    if not parts:
        if skip:
            raise Refused("cannot skip the whole run; name a failed step or stage", reason="no-path")
        _renew_from(draft, 0)
    else:
        _from_stage(draft, parts, by=by, failed_only=failed_only, skip=skip, word=word)
    _reopen(draft, turn=turn)


def _from_stage(
    draft: RunDraft, parts: list[str], *, by: str, failed_only: bool, skip: bool, word: str
) -> None:
    place = draft.index.get(parts[0])
    if place is None:
        raise Refused(
            f"cannot {word} {parts[0]}: there is no such stage", reason="no-such-stage", path=parts[0]
        )
    at = place[0]
    stage = draft.stages[at]
    define = draft.pipeline.stages[at]
    if define.final:
        raise Refused(
            f"cannot {word} {parts[0]}: the finally stage runs again with every retry, but not by itself",
            reason="final-stage",
            path=parts[0],
        )
    if len(parts) == 1 and stage.outcome not in ENDED_BADLY:
        raise Refused(
            f"cannot {word} stage {parts[0]}: it neither failed nor was canceled",
            reason="not-failed",
            path=parts[0],
        )
    if len(parts) == 1 and not failed_only and not skip:
        _renew_from(draft, at)
        return
    _renew_from(draft, at + 1)
    fresh = _reset_stage(draft, at)
    if len(parts) == 1:
        _failed_jobs(draft, fresh, by=by, skip=skip)
    else:
        _one_job(draft, parts, by=by, skip=skip, word=word)
    _make_way(draft, at)


def _renew_from(draft: RunDraft, first: int) -> None:
    """Stages from this one on as they were laid out."""
    for at in range(first, len(draft.pipeline.stages)):
        define = draft.pipeline.stages[at]
        draft.renew_stage(at, layout.stage_of(define, execution=draft.execution, off=draft.disabled))
    _make_way(draft, first)


def _make_way(draft: RunDraft, at: int) -> None:
    draft.cursor = min(draft.cursor, at)


def _reset_stage(draft: RunDraft, at: int) -> StageDraft:
    """A stage that is entered again, gates and all, with its jobs as they ended."""
    define = draft.pipeline.stages[at]
    fresh = layout.stage_of(define, execution=draft.execution, off=draft.disabled)
    kept = draft.stages[at].jobs
    stage = draft.renew_stage(at, fresh)
    stage.jobs = list(kept)
    stage.open_jobs = sum(job.phase is not Phase.FINISHED for job in kept)
    return stage


def _failed_jobs(draft: RunDraft, stage: StageDraft, *, by: str, skip: bool) -> None:
    """Only failed and canceled jobs, and those skipped because of a dependency, begin again."""
    for state in list(stage.jobs):
        depended = state.outcome is Outcome.SKIPPED and state.reason.kind is Why.DEPENDENCY
        unreached = state.outcome is Outcome.UNREACHED
        if depended or unreached:
            renew_job(draft, stage, state)
        elif state.outcome in ENDED_BADLY:
            _rerun_job(draft, state, by=by, skip=skip)


def _rerun_job(draft: RunDraft, state: JobState, *, by: str, skip: bool) -> None:
    order = Rerun(at=draft.now, execution=draft.execution, skip=skip, by=by)
    if not state.is_group:
        draft.order(state.path, order)
        return
    _reopen_parent(draft, state.path)
    for child in state.children:
        if child.outcome in ENDED_BADLY or child.outcome is Outcome.UNREACHED:
            draft.order(child.path, order)


def _reopen_parent(draft: RunDraft, path: str) -> None:
    parent = draft.job(path)
    if parent is None or parent.phase is not Phase.FINISHED:
        return
    parent.move(Phase.PENDING)
    parent.execution = draft.execution
    parent.resumes = bool(parent.children)
    parent.tells = Tells()
    parent.started_at = parent.ended_at = 0
    draft.note(parent, Phase.FINISHED)


def renew_job(draft: RunDraft, stage: StageDraft, state: JobState) -> None:
    """One job as it was laid out."""
    place = draft.index[state.path]
    fresh = layout.job_of(state.define, state.path, execution=draft.execution, off=draft.disabled)
    if fresh.phase is Phase.FINISHED:
        return
    draft.jobs_touched.pop(state.path, None)
    stage.jobs[place[1]] = fresh
    if state.phase is Phase.FINISHED:
        stage.open_jobs += 1
    draft.stirred = True


def _one_job(draft: RunDraft, parts: list[str], *, by: str, skip: bool, word: str) -> None:
    job, path = _job_at(draft, parts, word)
    stage = draft.stage(draft.index[parts[0]][0])
    if len(parts) == 2:
        if skip:
            raise Refused(f"cannot skip job {path}; name a failed step of it", reason="no-path", path=path)
        if job.outcome not in ENDED_BADLY:
            raise Refused(
                f"cannot retry job {path}: it neither failed nor was canceled", reason="not-failed", path=path
            )
        if job.is_group or not draft.is_split(path):
            renew_job(draft, stage, job.freeze())
            return
        _reopen_parent(draft, path.rpartition(".")[0])
        draft.order(path, Rerun(at=draft.now, execution=draft.execution, by=by))
        return
    if draft.is_split(path):
        _reopen_parent(draft, path.rpartition(".")[0])
    draft.order(path, Rerun(at=draft.now, execution=draft.execution, step=parts[2], skip=skip, by=by))


def _job_at(draft: RunDraft, parts: list[str], word: str) -> tuple[JobDraft, str]:
    path = "/".join(parts[:2])
    job = draft.job(path)
    if job is None or len(parts) > 3:
        raise Refused(
            f"cannot {word} {'/'.join(parts)}: there is no such job", reason="no-such-job", path=path
        )
    return job, path


def _in_a_running_run(draft: RunDraft, parts: list[str], *, word: str, by: str, skip: bool) -> None:
    """Of a run that goes on, only a failed step of an ended job of the open stage may run again (semantics 12.2)."""
    path = "/".join(parts)
    if draft.reason.kind in (Why.REVIEW, Why.MANUAL, Why.VERDICT):
        raise Refused(
            f"cannot {word}: the run waits at a gate; answer it or cancel the run first",
            reason="in-review",
            path=path,
        )
    stage = draft.present()
    open_stage = stage is not None and stage.phase is Phase.RUNNING
    if len(parts) != 3 or stage is None or not open_stage or stage.id != parts[0] or stage.define.final:
        raise Refused(
            f"cannot {word} while the run goes on: only a failed step of the stage that is open can be; "
            "wait for the end of the run",
            reason="not-ended",
            path=path,
        )
    if draft.stopping is not None or stage.killed_by:
        raise Refused(f"cannot {word} {path}: its stage is being ended", reason="being-ended", path=path)
    job, job_path = _job_at(draft, parts, word)
    if draft.is_split(job_path):
        parent = draft.job(job_path.rpartition(".")[0])
        if parent is not None and parent.phase is Phase.FINISHED:
            _reopen_parent(draft, parent.path)
            parent.execution = parent.before.execution
        elif parent is not None:
            draft.matrices.add(parent.path)
    draft.order(job_path, Rerun(at=draft.now, execution=job.execution, step=parts[2], skip=skip, by=by))
    stage.fresh = True


def _reopen(draft: RunDraft, *, turn: bool) -> None:
    """The run begins again at the first stage that is reset, when its turn comes."""
    draft.outcome = None
    draft.result = None
    draft.result_reason = NO_REASON
    draft.previous = None
    draft.stopping = None
    draft.again = False
    draft.ended_at = 0
    if draft.pipeline.clear_variables_on_retry:
        draft.variables = dict(draft.values)
    for at in range(draft.cursor):
        outcome = draft.stages[at].outcome
        if outcome is not None and outcome is not Outcome.UNREACHED:
            draft.result = draft.previous = outcome
    draft.queued_at = draft.now
    draft.started_at = draft.now if turn else 0
    draft.turn = turn
    if turn:
        draft.move(Phase.RUNNING)
    else:
        draft.move(Phase.WAITING, None, Reason(Why.QUEUED))
