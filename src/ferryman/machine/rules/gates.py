"""Gates: places where a run waits for yes. One life for all: closed, open, then passed, rejected or expired.

Owns that life wherever the gate stands: before or after a stage, or as a step that is a question. Leaves judging the
votes to `reviews`, what follows for the stage to `stages`, for the step to `steps`, and asking people to whoever
serves the want. Source: semantics 4.1, 8.2.
"""

import json
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from ferryman import expressions
from ferryman.domain import words
from ferryman.domain.errors import Refused
from ferryman.domain.events import GateAnswered, ReviewersNamed
from ferryman.domain.gates import Gate, GateKind, GatePhase
from ferryman.domain.run import GateState, GroupState, Vote
from ferryman.domain.status import Reason, Why
from ferryman.domain.values import LONGEST_VALUE
from ferryman.machine.rules import reviews

HOUR_MS = 3_600_000
NOBODY = "nobody is left to decide"

DECIDED = {
    GatePhase.PASSED: "{by} has approved it already",
    GatePhase.REJECTED: "{by} has refused it already",
    GatePhase.EXPIRED: "its time limit has run out",
}
"""What became of a gate that asks nobody any more."""

REASON_OF_WAITING = {
    GateKind.REVIEW: Why.REVIEW,
    GateKind.MANUAL: Why.MANUAL,
    GateKind.VERDICT: Why.VERDICT,
}


def opened(gate: Gate, scope: Mapping[str, object], at: int, *, dialect: str, zone: str) -> GateState:
    """An open gate: reviewers substituted and split at commas, values taken from variables, a time limit set."""
    if gate.kind is not GateKind.REVIEW:
        return GateState(phase=GatePhase.OPEN, opened_at=at)
    groups = tuple(
        GroupState(reviewers=_people(group.reviewers, scope, dialect, zone), phase=GatePhase.OPEN)
        for group in gate.groups
    )
    variables = scope["variables"]
    known = variables if isinstance(variables, Mapping) else {}
    values = {}
    for parameter in gate.parameters:
        present = known.get(parameter.name)
        use = present if isinstance(present, str) and present.strip() else parameter.default
        values[parameter.name] = _text(use)
    return GateState(
        phase=GatePhase.OPEN,
        groups=groups,
        values=values,
        opened_at=at,
        deadline=at + hours(gate) * HOUR_MS if gate.hours else 0,
        named=not any(group.roles for group in gate.groups),
    )


def _text(value: object) -> str:
    """A value as the text that variables are; lists and objects as the JSON they came as (bkci-v3 12, row 5)."""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return expressions.to_text(value)


def hours(gate: Gate) -> int:
    """The time limit in hours; what is outside 1 to 720 counts as 24 (semantics 4.1.6)."""
    return gate.hours if 1 <= gate.hours <= 720 else 24


def _people(texts: tuple[str, ...], scope: Mapping[str, object], dialect: str, zone: str) -> tuple[str, ...]:
    people: dict[str, None] = {}
    for text in texts:
        for name in expressions.substitute(text, scope, dialect=dialect, zone=zone).split(","):
            if name.strip():
                people[name.strip()] = None
    return tuple(people)


def named(state: GateState, event: ReviewersNamed) -> GateState:
    """The gate with the people behind its groups' roles added; a later answer of the directory replaces nobody."""
    groups = list(state.groups)
    for at, members in enumerate(event.members[: len(groups)]):
        everyone = dict.fromkeys((*groups[at].reviewers, *members))
        groups[at] = replace(groups[at], reviewers=tuple(everyone))
    return replace(state, groups=tuple(groups), named=True)


def answered(gate: Gate, state: GateState, event: GateAnswered, *, started_by: str) -> GateState:
    """One person's answer. Refused, in this order: another group than the open one, somebody who may not, values that
    are too long, unknown, none of the choices, or missing (bkci-v3 3.3, operation 30)."""
    if gate.kind is GateKind.VERDICT:
        raise Refused(
            f"cannot answer the gate of {event.path}: it waits for a verdict on its quality rules, not for a review",
            reason="not-a-review",
            path=event.path,
        )
    if event.by == started_by and not gate.self_approval:
        raise Refused(
            f"{event.by} cannot answer the gate of {event.path}: they started this run; somebody else must",
            reason="own-run",
            path=event.path,
        )
    if gate.kind is GateKind.MANUAL:
        phase = GatePhase.PASSED if event.yes else GatePhase.REJECTED
        return replace(state, phase=phase, by=event.by, comment=event.comment, decided_at=event.at)
    if not state.named:
        raise Refused(
            f"cannot answer the gate of {event.path} yet: who may decide is still being looked up; try again",
            reason="reviewers-unknown",
            path=event.path,
        )
    at = reviews.open_group(gate, state)
    policy, group = gate.groups[at], state.groups[at]
    if event.group and event.group not in (policy.id, policy.name):
        raise Refused(
            f"group {event.group} cannot decide {event.path} now: it is the turn of {policy.name}",
            reason="not-this-group",
            path=event.path,
        )
    if event.by not in group.reviewers:
        raise Refused(
            f"{event.by} cannot decide {event.path}: the reviewers of {policy.name} are {', '.join(group.reviewers)}",
            reason="not-a-reviewer",
            path=event.path,
        )
    long = [name for name, text in event.values.items() if len(text) >= LONGEST_VALUE]
    if long:
        raise Refused(
            f"cannot answer the gate of {event.path}: {long[0][:50]} has {LONGEST_VALUE} characters or more",
            reason="review-value-too-long",
            path=event.path,
        )
    unknown = sorted(set(event.values) - set(state.values))
    if unknown:
        raise Refused(
            f"cannot answer the gate of {event.path}: it does not ask for {', '.join(unknown)}",
            reason="unknown-values",
            path=event.path,
        )
    if event.yes:
        _refuse_odd(gate, event)
    changed = (
        {name: text for name, text in event.values.items() if state.values[name] != text} if event.yes else {}
    )
    if event.yes:
        blank = [
            p.name for p in gate.parameters if p.not_empty and not {**state.values, **changed}[p.name].strip()
        ]
        if blank:
            raise Refused(
                f"cannot approve {event.path}: {', '.join(blank)} must have a value",
                reason="value-missing",
                path=event.path,
            )
    vote = Vote(by=event.by, at=event.at, yes=event.yes, comment=event.comment, values=changed)
    groups = list(state.groups)
    groups[at] = reviews.cast(group, vote)
    return judged(gate, replace(state, groups=tuple(groups), values={**state.values, **changed}), event.at)


def _refuse_odd(gate: Gate, event: GateAnswered) -> None:
    """What is given must be among the choices that the gate offers (bkci-v3 3.3, operation 31)."""
    for parameter in gate.parameters:
        text = event.values.get(parameter.name, "")
        known = [value for value, _ in parameter.options]
        given = {"choice": [text], "choices": _listed(text)}.get(parameter.kind, [])
        odd = [one for one in given if one and known and one not in known]
        if odd:
            choices = f"the choices of {parameter.name}: {', '.join(known)}"
            raise Refused(
                f"cannot approve {event.path}: {odd[0][:50]} is none of {choices}",
                reason="unknown-choice",
                path=event.path,
            )


def _listed(text: str) -> list[str]:
    """The choices that a text names: with commas between them, or as a list in JSON, in which they may have come."""
    if not text.startswith("["):
        return text.split(",")
    try:
        return [_text(one) for one in json.loads(text)]
    except (ValueError, RecursionError):
        return text.split(",")


def judged(gate: Gate, state: GateState, at: int) -> GateState:
    """The gate after its votes were counted; a group without anybody refuses by the system (semantics 4.1.7)."""
    if gate.kind is not GateKind.REVIEW or state.phase is not GatePhase.OPEN or not state.named:
        return state
    if any(not group.reviewers for group in state.groups):
        return ended(state, GatePhase.REJECTED, at, comment=NOBODY)
    groups = tuple(
        replace(group, phase=_group_phase(reviews.of_group(policy, group, veto=gate.veto)))
        for policy, group in zip(gate.groups, state.groups, strict=True)
    )
    state = replace(state, groups=groups)
    verdict = reviews.of_gate(gate, state)
    if verdict is reviews.Verdict.OPEN:
        return state
    # Of votes of one moment the last one decided: groups and their votes stand in the order they came.
    last = sorted((vote for group in state.groups for vote in group.votes), key=lambda vote: vote.at)[-1]
    phase = GatePhase.PASSED if verdict is reviews.Verdict.APPROVED else GatePhase.REJECTED
    return replace(state, phase=phase, by=last.by, comment=last.comment, decided_at=at)


def _group_phase(verdict: reviews.Verdict) -> GatePhase:
    return {
        reviews.Verdict.OPEN: GatePhase.OPEN,
        reviews.Verdict.APPROVED: GatePhase.PASSED,
        reviews.Verdict.REFUSED: GatePhase.REJECTED,
    }[verdict]


def ended(
    state: GateState, phase: GatePhase, at: int, *, by: str = words.SYSTEM, comment: str = ""
) -> GateState:
    """The gate ended by something else than votes."""
    return replace(state, phase=phase, by=by, comment=comment, decided_at=at)


def not_open(path: str, kept: Iterable[GateState]) -> Refused:
    """The refusal of an answer that nobody asks for now; who decided before is said to whoever came second (PAGE-9)."""
    decided = [gate for gate in kept if gate.phase in DECIDED]
    if not decided:
        why = "it asks nobody now; look at what the run waits for"
    else:
        last = max(decided, key=lambda gate: gate.decided_at)
        why = DECIDED[last.phase].format(by=last.by)
    return Refused(f"cannot answer {path}: {why}", reason="gate-not-open", path=path)


def reason_of(gate: Gate, state: GateState) -> Reason:
    """Why an open gate waits, or why it did not let the run through."""
    if state.phase is GatePhase.EXPIRED:
        return Reason(
            Why.REVIEW_EXPIRED, {"hours": str(hours(gate)), "by": state.by, "comment": state.comment}
        )
    if state.phase is GatePhase.REJECTED:
        if state.comment == NOBODY:
            return Reason(Why.NO_REVIEWERS, {"by": state.by})
        kind = Why.VERDICT_REFUSED if gate.kind is GateKind.VERDICT else Why.REVIEW_REJECTED
        return Reason(kind, {"by": state.by, "comment": state.comment} if state.comment else {"by": state.by})
    facts: dict[str, str] = {}
    if gate.kind is GateKind.REVIEW and state.named:
        at = reviews.open_group(gate, state)
        facts = {"group": gate.groups[at].name, "reviewers": ",".join(state.groups[at].reviewers)}
    elif gate.kind is GateKind.VERDICT:
        facts = {"rules": ",".join(gate.rules)}
    return Reason(REASON_OF_WAITING[gate.kind], facts)


def context_of(gate: Gate, state: GateState) -> dict[str, dict[str, str]]:
    """The context `stages.<id>.check-in.flow`: who decided, and how, by position of the group (semantics 4.1.11)."""
    flow = {}
    for at, group in enumerate(state.groups):
        if group.votes:
            last = group.votes[-1]
            flow[str(at)] = {"operator": last.by, "result": words.REVIEW_RESULTS[last.yes]}
    return flow
