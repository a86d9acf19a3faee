"""Gates: places where a run waits for yes. One life for all of them; what differs is how an answer is judged."""

from enum import StrEnum

import msgspec

from ferryman.domain.values import Parameter


class GateKind(StrEnum):
    """Who opens a gate."""

    REVIEW = "review"
    """Named people, group after group."""
    MANUAL = "manual"
    """Anyone who may: a manual start."""
    VERDICT = "verdict"
    """A verdict from outside on quality rules."""


class GatePhase(StrEnum):
    """The life of a gate: closed → open → one of three ends."""

    CLOSED = "closed"
    OPEN = "open"
    PASSED = "passed"
    REJECTED = "rejected"
    EXPIRED = "expired"


class ReviewGroup(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One group of a review. `quorum` yes-votes let it through; reviewers may hold placeholders and comma lists."""

    name: str
    id: str = ""
    reviewers: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    quorum: int = 1


class Gate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A place where a run waits for yes, before or after a stage, or as a step."""

    kind: GateKind
    groups: tuple[ReviewGroup, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    """Values that reviewers may fill in; they become variables when the last group approves."""
    description: str = ""
    hours: int = 24
    """Time limit of a stage review; outside 1 to 720 counts as 24 (semantics 4.1.6). 0: none."""
    rules: tuple[str, ...] = ()
    veto: bool = True
    """One no ends the review. Without it a group ends when its quorum can no longer be reached."""
    self_approval: bool = True
    """Whether the person who started the run may answer."""
    comment_needed: bool = False
    """Whether forms ask for a comment with every answer."""
    namespace: str = ""
    """Put in front of the names of the values, with an underscore."""
