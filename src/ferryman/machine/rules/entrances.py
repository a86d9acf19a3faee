"""Entrances: how a stage is entered, and the gates before and behind it.

Owns the order of semantics 3.1: run condition, gates before (verdict on quality rules, then review), jobs; gates
behind only after success. The condition is looked at before anybody is asked, and again when a review has let the
stage through. The life of a gate itself is in `gates`.
"""

from ferryman.domain import words
from ferryman.domain.errors import Refused
from ferryman.domain.events import GateAnswered, ReviewersNamed, TimerFired, VerdictGiven
from ferryman.domain.gates import Gate, GateKind, GatePhase
from ferryman.domain.run import GateState
from ferryman.domain.status import Outcome, Phase, Reason, Why
from ferryman.machine import outlook, stage_moves
from ferryman.machine.draft import RunDraft, StageDraft, stopped_reason
from ferryman.machine.echo import LATE, Echo
from ferryman.machine.rules import conditions, gates

BEFORE, AFTER = "before", "after"


def settle(draft: RunDraft, ended: list[str]) -> None:
    """Enter the stage that the run has come to, or meet the next gate behind one that succeeded."""
    if draft.stopping is not None and draft.phase is Phase.WAITING:
        _refuse_for_stop(draft)
        return
    if draft.phase is not Phase.RUNNING or draft.cursor >= len(draft.stages):
        return
    stage = draft.stage(draft.cursor)
    if stage.phase is Phase.PENDING:
        _enter(draft, stage)
    elif stage.phase is Phase.FINISHED and stage.outcome is Outcome.SUCCEEDED and not stage.define.final:
        at = _next_closed(stage.after)
        if at >= 0:
            _open(draft, stage, AFTER, at)


def _refuse_for_stop(draft: RunDraft) -> None:
    """A stop while a gate is open counts as its refusal by the system (semantics 4.1.8)."""
    stage = draft.present()
    found = stage.open_gate() if stage is not None else None
    if stage is None or found is None:
        return
    where, at, policy, gate = found
    gate = gates.ended(gate, GatePhase.REJECTED, draft.now, comment=words.STOPPED_COMMENT)
    stage.put_gate(where, at, gate)
    _judge(draft, stage, where, at, policy, gate)


def _next_closed(states: tuple[GateState, ...]) -> int:
    return next((at for at, gate in enumerate(states) if gate.phase is GatePhase.CLOSED), -1)


def _enter(draft: RunDraft, stage: StageDraft) -> None:
    if stage.open_jobs == 0:
        stage_moves.skip(draft, stage, Reason(Why.NOTHING_ENABLED))
        return
    if not stage.define.final:
        met, reason = _condition(draft, stage)
        if not met:
            stage_moves.skip(draft, stage, reason)
            return
        at = _next_closed(stage.before)
        if at >= 0:
            _open(draft, stage, BEFORE, at)
            return
    _start(draft, stage)


def _condition(draft: RunDraft, stage: StageDraft) -> conditions.Judged:
    return conditions.judge(stage.define.condition, outlook.of_run(draft), draft.pipeline.dialect, draft.zone)


def _start(draft: RunDraft, stage: StageDraft) -> None:
    stage.move(Phase.RUNNING)
    stage.fresh = True
    stage.started_at = draft.now
    draft.stirred = True


def _open(draft: RunDraft, stage: StageDraft, where: str, at: int) -> None:
    policy = (stage.define.before if where == BEFORE else stage.define.after)[at]
    sees = outlook.of_run(draft)
    gate = gates.opened(policy, sees, draft.now, dialect=draft.pipeline.dialect, zone=draft.zone)
    stage.put_gate(where, at, gate)
    reason = gates.reason_of(policy, gate) if _has_people(policy, gate) else Reason(Why.REVIEW)
    if where == BEFORE:
        stage.move(Phase.WAITING, None, reason)
    draft.move(Phase.WAITING, None, Reason(reason.kind, {**reason.facts, "stage": stage.id}))
    _judge(draft, stage, where, at, policy, gate)


def _has_people(policy: Gate, gate: GateState) -> bool:
    return policy.kind is not GateKind.REVIEW or all(group.reviewers for group in gate.groups)


def _judge(draft: RunDraft, stage: StageDraft, where: str, at: int, policy: Gate, gate: GateState) -> None:
    """Let the run through an open gate, or end the stage, as soon as the verdict is clear."""
    gate = gates.judged(policy, gate, draft.now)
    stage.put_gate(where, at, gate)
    if gate.phase is GatePhase.OPEN:
        reason = gates.reason_of(policy, gate)
        if where == BEFORE:
            stage.reason = reason
        draft.reason = Reason(reason.kind, {**reason.facts, "stage": stage.id})
        return
    # It gave its place among the runs up while it asked people, and takes it back without waiting (semantics 13).
    draft.again = draft.again or draft.reason.kind in (Why.REVIEW, Why.MANUAL)
    draft.move(Phase.RUNNING)
    if policy.kind is GateKind.REVIEW and any(group.votes for group in gate.groups):
        _remember(draft, policy, gate)
    if gate.phase is GatePhase.PASSED:
        _let_through(draft, stage, where, gate)
    else:
        _turn_away(draft, stage, where, policy, gate)


def _let_through(draft: RunDraft, stage: StageDraft, where: str, gate: GateState) -> None:
    if where == BEFORE:
        met, reason = _condition(draft, stage)
        if not met:
            stage_moves.skip(draft, stage, reason)
            return
    if gate.values:
        draft.variables = {**draft.variables, **gate.values}
        draft.look()
    if where == AFTER:
        return
    at = _next_closed(stage.before)
    if at >= 0:
        _open(draft, stage, BEFORE, at)
    else:
        _start(draft, stage)


def _turn_away(draft: RunDraft, stage: StageDraft, where: str, policy: Gate, gate: GateState) -> None:
    reason = gates.reason_of(policy, gate)
    if where == BEFORE:
        outcome = Outcome.FAILED
        if draft.stopping is not None and policy.kind is not GateKind.REVIEW:
            # Only a review takes a stop as its refusal; at any other gate the stage is canceled (semantics 4.1.8, 4.2).
            outcome, reason = Outcome.CANCELED, stopped_reason(draft.stopping)
        stage_moves.dismiss_jobs(draft, stage, Outcome.UNREACHED, reason)
        stage_moves.finish(draft, stage, outcome, reason)
        if policy.kind is GateKind.REVIEW or policy.kind is GateKind.MANUAL:
            # The finally stage sees a stage that was turned away by people as one that went well (semantics 4.1.9).
            draft.previous = Outcome.SUCCEEDED if outcome is Outcome.FAILED else outcome
    else:
        draft.previous = Outcome.FAILED
        draft.result = Outcome.FAILED
        draft.result_reason = reason
    stage_moves.jump(draft, Reason(Why.AFTER_END, {"by": stage.id}))


def _remember(draft: RunDraft, policy: Gate, gate: GateState) -> None:
    """Keep who decided as context `stages.<id>` (semantics 4.1.11)."""
    define = draft.pipeline.stages[draft.cursor]
    stage_id = define.user_id or f"stage_{draft.cursor + 1}"
    review = {words.REVIEW_CONTEXT: {words.REVIEW_FLOW: gates.context_of(policy, gate)}}
    draft.reviews = {**draft.reviews, stage_id: review}


# Answers from outside


def _open_gate(draft: RunDraft, path: str) -> tuple[StageDraft, str, int, Gate, GateState]:
    place = draft.index.get(path)
    if place is None or len(place) != 1:
        raise Refused(f"cannot answer {path}: there is no such stage", reason="no-such-stage", path=path)
    stage = draft.stage(place[0])
    gate = stage.open_gate()
    if gate is None:
        raise gates.not_open(path, (*stage.before, *stage.after))
    return stage, *gate


def answered(draft: RunDraft, event: GateAnswered) -> None:
    """One person's answer at the open gate of a stage."""
    stage, where, at, policy, gate = _open_gate(draft, event.path)
    gate = gates.answered(policy, gate, event, started_by=draft.started_by)
    stage.put_gate(where, at, gate)
    _judge(draft, stage, where, at, policy, gate)


def verdict_given(draft: RunDraft, event: VerdictGiven) -> None:
    """The verdict from outside on quality rules."""
    stage, where, at, policy, gate = _open_gate(draft, event.path)
    if policy.kind is not GateKind.VERDICT:
        raise Refused(
            f"cannot give a verdict on {event.path}: its open gate waits for people",
            reason="not-a-verdict",
            path=event.path,
        )
    if event.where and event.where != where:
        raise Refused(
            f"cannot give a verdict {event.where} {event.path}: the gate that is open stands {where} it",
            reason="wrong-place",
            path=event.path,
        )
    phase = GatePhase.PASSED if event.passed else GatePhase.REJECTED
    gate = gates.ended(gate, phase, draft.now, by=event.by)
    stage.put_gate(where, at, gate)
    _judge(draft, stage, where, at, policy, gate)


def reviewers_named(draft: RunDraft, event: ReviewersNamed) -> None:
    """Who stands behind the roles of the open gate's groups."""
    place = draft.index.get(event.path)
    found = draft.stage(place[0]).open_gate() if place is not None and len(place) == 1 else None
    if place is None or found is None or found[3].named:
        raise Echo(LATE)
    where, at, policy, gate = found
    stage = draft.stage(place[0])
    gate = gates.named(gate, event)
    stage.put_gate(where, at, gate)
    _judge(draft, stage, where, at, policy, gate)


def timer_fired(draft: RunDraft, event: TimerFired) -> None:
    """The time limit of an open gate is over: a refusal by the system (semantics 4.1.6)."""
    stage = draft.present()
    found = stage.open_gate() if stage is not None else None
    if stage is None or found is None:
        raise Echo(LATE)
    where, at, policy, gate = found
    if event.name != f"{stage.id}#{stage.execution}:{where}.{at}:limit":
        raise Echo(LATE)
    gate = gates.ended(gate, GatePhase.EXPIRED, draft.now, comment=words.EXPIRED_COMMENT)
    stage.put_gate(where, at, gate)
    _judge(draft, stage, where, at, policy, gate)
