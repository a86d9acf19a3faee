"""Conditions: when a stage, job or step runs at all. Data only; they are judged in `machine/rules/conditions.py`.

Vendors' condition words become these few forms; what differs between levels (blank text, empty list, pasted values)
is data on the form, so that no rule asks which level it judges (semantics 3.2, 5.2, 7.2).
"""

from enum import StrEnum

import msgspec


class After(StrEnum):
    """What must have happened earlier in the job for a step to run; the table is semantics 7.2."""

    SUCCESS = "success"
    UNLESS_CANCELED = "unless-canceled"
    ALWAYS = "always"
    FAILURE = "failure"
    FAILURE_NOT_CONTINUED = "failure-not-continued"
    OTHER_RUNNING = "other-running"
    PARENT_STOPPED = "parent-stopped"
    PARENT_ENDED = "parent-ended"


class Previous(StrEnum):
    """How the last finished stage must have ended for a finally job to run (semantics 5.2)."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class Always(msgspec.Struct, frozen=True, tag="always"):
    """Runs once reached. For a step that means: as long as the job is fine."""


class Upstream(msgspec.Struct, frozen=True, tag="upstream"):
    """A step's look at what happened before it in its job."""

    after: After


class AfterStage(msgspec.Struct, frozen=True, tag="after-stage"):
    """A finally job's look at the stage before."""

    previous: Previous


class Matches(msgspec.Struct, frozen=True, tag="matches"):
    """All named variables equal the wanted texts (or, with `wanted` false, not all of them)."""

    pairs: tuple[tuple[str, str], ...]
    wanted: bool = True
    substituted: bool = True
    """Whether placeholders in the wanted texts are replaced first: jobs and steps yes, stages no."""
    when_empty: bool = True
    """What an empty list of pairs decides."""


class Holds(msgspec.Struct, frozen=True, tag="holds"):
    """An expression is true. One that cannot be evaluated is false, with the error as its reason."""

    text: str
    when_blank: bool = False
    """What a blank text decides: steps run, stages and jobs are skipped."""


Condition = Always | Upstream | AfterStage | Matches | Holds
"""Every form a condition may have."""
