"""Judges of reviews: what the votes of a gate amount to. Pure, and pinned by `tests/machine/reviews/*.txt`."""

from enum import StrEnum

from ferryman.domain.gates import Gate, GateKind, ReviewGroup
from ferryman.domain.run import GateState, GroupState, Vote


class Verdict(StrEnum):
    """What votes amount to."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"


def cast(state: GroupState, vote: Vote) -> GroupState:
    """One vote more; a person who has voted already changes their vote."""
    others = tuple(other for other in state.votes if other.by != vote.by)
    return GroupState(reviewers=state.reviewers, votes=(*others, vote), phase=state.phase)


def of_group(policy: ReviewGroup, state: GroupState, *, veto: bool) -> Verdict:
    """One group: enough of its present reviewers said yes, or one no (with a veto), or enough can no longer be had.

    Votes of people who are reviewers no more do not count; a quorum above the number of reviewers means all of them.
    """
    counted = [vote for vote in state.votes if vote.by in state.reviewers]
    yes = sum(vote.yes for vote in counted)
    no = len(counted) - yes
    needed = max(1, min(policy.quorum, len(state.reviewers)))
    if veto and no:
        return Verdict.REFUSED
    if yes >= needed:
        return Verdict.APPROVED
    if len(state.reviewers) - no < needed:
        return Verdict.REFUSED
    return Verdict.OPEN


def open_group(gate: Gate, state: GateState) -> int:
    """The first group that has not approved: only it may act. -1 when none is left."""
    for at, (policy, group) in enumerate(zip(gate.groups, state.groups, strict=True)):
        if of_group(policy, group, veto=gate.veto) is not Verdict.APPROVED:
            return at
    return -1


def of_gate(gate: Gate, state: GateState) -> Verdict:
    """The whole gate: its groups decide in list order, and any refusal ends it (semantics 4.1)."""
    if gate.kind is not GateKind.REVIEW:
        return Verdict.OPEN
    at = open_group(gate, state)
    if at < 0:
        return Verdict.APPROVED
    return (
        Verdict.REFUSED
        if of_group(gate.groups[at], state.groups[at], veto=gate.veto) is Verdict.REFUSED
        else Verdict.OPEN
    )
