"""Cancel: what a stop does to a run, wherever it stands (semantics 11.2, 4.1.8, 4.2).

It marks the run and tells every open job of the present stage at once; what may still run after that (the finally
stage, steps and post-actions that say so) is decided by the rules that own it. A second stop, or one with force, ends
that too.
"""

from ferryman.domain.errors import Refused
from ferryman.domain.events import CancelRequested
from ferryman.domain.run import StopOrder, Stopping
from ferryman.domain.status import Outcome, Phase, Reason, Why
from ferryman.machine import stage_moves
from ferryman.machine.draft import RunDraft, StageDraft, stopped_reason
from ferryman.machine.orders import Stop


def requested(draft: RunDraft, event: CancelRequested) -> None:
    """Stop the run; refused for one that has ended, and when repeated too soon."""
    if draft.phase is Phase.FINISHED:
        raise Refused("cannot cancel the run: it has ended already", reason="ended")
    force = event.force
    if draft.stopping is not None and not force:
        since = draft.now - draft.stopping.at
        if since < draft.earliest_repeat_ms:
            wait = (draft.earliest_repeat_ms - since + 999) // 1000
            raise Refused(
                f"cannot cancel the run again yet: it is being canceled since {since // 1000} s; "
                f"after {wait} s more, a second cancel ends it by force",
                reason="too-soon",
            )
        force = True
    first = draft.stopping or Stopping(by=event.by, why=event.why, at=draft.now)
    draft.stopping = Stopping(
        by=event.by or first.by,
        why=event.why or first.why,
        at=first.at,
        force=force,
        finish=event.running == "finish",
        pushed_out=event.pushed_out,
    )
    reason = stopped_reason(draft.stopping)
    if not draft.turn:
        stage_moves.end_in_queue(draft, Outcome.ERRORED if force else Outcome.CANCELED, reason)
        return
    stage = draft.present()
    if stage is None:
        return
    _stop_jobs(draft, stage, reason)


def _stop_jobs(draft: RunDraft, stage: StageDraft, reason: Reason) -> None:
    stopping = draft.stopping
    if stopping is None or stage.phase is not Phase.RUNNING:
        return
    if stopping.force:
        order = StopOrder(Outcome.ERRORED, Reason(Why.FORCED_STOP, {"by": stopping.by}))
    else:
        order = StopOrder(Outcome.CANCELED, reason, soft=True, finish=stopping.finish)
    stage.waiting = ()
    for path in draft.open_paths(stage):
        draft.order(path, Stop(at=draft.now, order=order, force=stopping.force))
    draft.matrices.update(job.path for job in draft.jobs_of(stage) if job.is_group)
