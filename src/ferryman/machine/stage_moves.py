"""Moves of stages and of the run around them, by name: what several rules of a run do to its draft.

Rules do not call one another; they meet here. Each move keeps the fields of a node in step with its phase.
"""

from ferryman.domain.run import Message
from ferryman.domain.status import NO_REASON, Outcome, Phase, Reason, Why
from ferryman.machine.draft import RunDraft, StageDraft, stopped_reason
from ferryman.machine.orders import Dismiss


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
    if outcome.is_good and draft.stopping is not None:
        # Its failures may all have been let pass, yet the run was stopped, and what comes next is passed by.
        draft.result = draft.previous = Outcome.CANCELED
        draft.result_reason = stopped_reason(draft.stopping)
    elif outcome.is_good:
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
    """End all jobs of a stage that have not begun, the split jobs of a matrix that was to run again with it."""
    for job in draft.jobs_of(stage):
        if job.phase is not Phase.FINISHED:
            for path in (*draft.open_children(job), job.path):
                draft.order(path, Dismiss(at=draft.now, outcome=outcome, reason=reason))


def jump(draft: RunDraft, reason: Reason) -> None:
    """Pass by every stage that is left, save the finally stage where it may still run (semantics 3.3)."""
    forced = draft.stopping is not None and draft.stopping.force
    end = len(draft.stages)
    target = end
    for at in range(draft.cursor + 1, end):
        define, state = draft.pipeline.stages[at], draft.stage(at)
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


def end_in_queue(draft: RunDraft, outcome: Outcome, reason: Reason) -> None:
    """A run that has not had its turn ends; nothing of it runs, not even the finally stage."""
    for at in range(draft.cursor, len(draft.stages)):
        if draft.stage(at).phase is not Phase.FINISHED:
            pass_by(draft, at, reason)
    leave(draft, outcome, reason)
