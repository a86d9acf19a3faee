"""Stages: closing the one that is open, moving on to the next, jumping to the finally stage, ending the run.

Leaves entering a stage to `entrances`, starting its jobs to `jobs`. Source: semantics 1.4, 2.2, 3.3, 10.
"""

from ferryman.domain.gates import GatePhase
from ferryman.domain.run import GateState
from ferryman.domain.status import Outcome, Phase, Reason, Why
from ferryman.machine import stage_moves
from ferryman.machine.draft import RunDraft, StageDraft
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
        stage_moves.finish(draft, stage, *outcomes.of_jobs(draft.jobs_of(stage)))
    elif stage.phase is Phase.FINISHED and all(
        gate.phase is not GatePhase.CLOSED for gate in _asked_after(stage)
    ):
        _go_on(draft, stage)


def _asked_after(stage: StageDraft) -> tuple[GateState, ...]:
    """The gates behind a stage: only one that succeeded meets them (semantics 3.1)."""
    return stage.after if stage.outcome is Outcome.SUCCEEDED and not stage.define.final else ()


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
    stage_moves.jump(draft, Reason(Why.AFTER_END, {"by": stage.id}))


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
    stage_moves.leave(draft, *outcomes.of_run(finally_, before))
