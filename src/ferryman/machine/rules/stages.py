"""Stages: closing the one that is open, moving on to the next, jumping to the finally stage, ending the run.

Leaves entering a stage to `entrances`, starting its jobs to `jobs`. Source: semantics 1.4, 2.2, 3.3, 10.
"""

from ferryman.domain.gates import GatePhase
from ferryman.domain.run import GateState, Message
from ferryman.domain.status import NO_REASON, Outcome, Phase, Reason, Why
from ferryman.machine.draft import RunDraft, StageDraft
from ferryman.machine.orders import Dismiss
from ferryman.machine.rules import outcomes


def settle(draft: RunDraft, ended: list[str]) -> None:
    """Close the open stage when its last job has ended, and go on from one that is done with."""
    if draft.phase is not Phase.RUNNING:
        return
    if draft.cursor >= len(draft.stages):
        end_run(draft)
        return
    stage = draft.stage(draft.cursor)
    if stage.phase is Phase.RUNNING and stage.open_jobs == 0:
        finish(draft, stage, *outcomes.of_jobs(draft.jobs_of(stage)))
    elif stage.phase is Phase.FINISHED and all(
        gate.phase is not GatePhase.CLOSED for gate in _asked_after(stage)
    ):
        _go_on(draft, stage)


def _asked_after(stage: StageDraft) -> tuple[GateState, ...]:
    """The gates behind a stage: only one that succeeded meets them (semantics 3.1)."""
    return stage.after if stage.outcome is Outcome.SUCCEEDED and not stage.define.final else ()


def finish(draft: RunDraft, stage: StageDraft, outcome: Outcome, reason: Reason) -> None:
    """The stage has ended; the run takes its outcome as what it amounts to so far."""
    stage.move(Phase.FINISHED, outcome, reason)
    stage.ended_at = draft.now
    stage.waiting = ()
    draft.stirred = True
    if stage.define.final:
        return
    if outcome is Outcome.UNREACHED:
        return
    draft.result = outcome
    draft.previous = outcome
    if outcome in (Outcome.SUCCEEDED, Outcome.SKIPPED):
        draft.result_reason = NO_REASON
    elif reason.kind is Why.JOB_FAILED:
        draft.result_reason = Reason(Why.STAGE_FAILED, {"stage": stage.id, **reason.facts})
    else:
        draft.result_reason = reason


def skip(draft: RunDraft, stage: StageDraft, reason: Reason) -> None:
    """The stage does not run: it, its jobs and its steps are skipped (semantics 3.2)."""
    dismiss_jobs(draft, stage, Outcome.SKIPPED, reason)
    finish(draft, stage, Outcome.SKIPPED, reason)


def dismiss_jobs(draft: RunDraft, stage: StageDraft, outcome: Outcome, reason: Reason) -> None:
    """End all jobs of a stage that have not begun."""
    for job in draft.jobs_of(stage):
        if job.phase is not Phase.FINISHED:
            draft.order(job.path, Dismiss(at=draft.now, outcome=outcome, reason=reason))


def _go_on(draft: RunDraft, stage: StageDraft) -> None:
    if stage.define.final:
        draft.cursor = len(draft.stages)
        draft.stirred = True
        return
    good = draft.result is None or draft.result.is_good
    if good and not draft.stopping:
        draft.cursor += 1
        draft.stirred = True
        return
    jump(draft, Reason(Why.AFTER_END, {"by": stage.id}))


def jump(draft: RunDraft, reason: Reason) -> None:
    """Pass by every stage that is left, save the finally stage where it may still run (semantics 3.3)."""
    forced = draft.stopping is not None and draft.stopping.force
    end = len(draft.stages)
    target = end
    for at in range(draft.cursor + 1, end):
        define, state = draft.pipeline.stages[at], draft.stages[at]
        if define.final and not forced and state.phase is Phase.PENDING:
            target = at
        elif state.phase is Phase.PENDING:
            pass_by(draft, at, reason)
    draft.cursor = target
    draft.stirred = True


def pass_by(draft: RunDraft, at: int, reason: Reason) -> None:
    """A stage that is never reached."""
    stage = draft.stage(at)
    dismiss_jobs(draft, stage, Outcome.UNREACHED, reason)
    stage.move(Phase.FINISHED, Outcome.UNREACHED, reason)


def end_run(draft: RunDraft) -> None:
    """The run has ended: what its stages and its finally stage amount to."""
    before = (draft.result or Outcome.SUCCEEDED, draft.result_reason)
    last = draft.stages_touched.get(len(draft.stages) - 1) or (draft.stages[-1] if draft.stages else None)
    finally_ = None
    if last is not None and draft.pipeline.stages[-1].final and last.outcome not in (None, Outcome.UNREACHED):
        outcome, reason = last.outcome, last.reason
        if reason.kind is Why.JOB_FAILED:
            reason = Reason(Why.STAGE_FAILED, {"stage": last.id, **reason.facts})
        finally_ = (outcome, reason)
    if draft.stopping is not None and draft.stopping.force:
        before, finally_ = (Outcome.ERRORED, Reason(Why.FORCED_STOP, {"by": draft.stopping.by})), None
    leave(draft, *outcomes.of_run(finally_, before))


def leave(draft: RunDraft, outcome: Outcome, reason: Reason) -> None:
    """Close the books of a run, and ask for its end to be told where somebody wants to know."""
    draft.move(Phase.FINISHED, outcome, reason)
    draft.ended_at = draft.now
    draft.cursor = len(draft.stages)
    draft.turn = False
    moment = "run-succeeded" if outcome is Outcome.SUCCEEDED else "run-failed"
    if moment in draft.pipeline.announced:
        name = f"message:{draft.execution}:run-ended"
        draft.messages = (*draft.messages, Message(name, "run-ended", {"outcome": outcome.value}))
