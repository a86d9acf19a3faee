"""Policies: numbers and choices that rules obey. Defaults and odd values are those of semantics 18."""

from enum import StrEnum

import msgspec

LONGEST_MINUTES = 10080
"""One week: the longest time limit; 0, negative and greater values count as this."""


class Limit(msgspec.Struct, frozen=True, omit_defaults=True):
    """A time limit in minutes. `text`, where it names a variable, is substituted and wins."""

    minutes: int = 900
    text: str = ""


class OnFailure(StrEnum):
    """What a failed step means for its job."""

    STOP = "stop"
    CONTINUE = "continue"
    ASK = "ask"
    """The job fails, and a person may retry or skip the step."""


class Retry(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a failed step is tried again. `automatic` counts additional attempts, 0 to 5."""

    automatic: int = 0
    by_hand: bool = True
    backoff_ms: int = 0


class Mutex(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A lock that a job takes, named in the whole project (semantics 6.1)."""

    group: str
    queue: bool = False
    """Wait when it is taken; otherwise fail at once."""
    length: int = 0
    """How many may wait, at most 50."""
    limit: Limit = Limit(0)
    """Minutes to wait; 0 means not at all."""


class Matrix(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a job is split. Texts are substituted leaf by leaf when the job begins (semantics 6.2, RULINGS 1)."""

    axes: dict[str, list[str] | str] | str
    """Name to values (or to an expression that gives a list), or one expression that gives the whole map."""
    include: list[dict[str, str]] | str = ""
    exclude: list[dict[str, str]] | str = ""
    fast_kill: bool = False
    parallel: int = 5


class Exclusion(StrEnum):
    """How runs of a pipeline stand to one another (semantics 13)."""

    FREE = "free"
    SINGLE = "single"
    GROUP = "group"
    CLOSED = "closed"
    """Every start is refused."""


class Concurrency(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Queue and lock of a pipeline's runs."""

    exclusion: Exclusion = Exclusion.FREE
    group: str = ""
    """Shared name; placeholders are substituted at the start. Empty: the pipeline's own id."""
    cancel_in_progress: bool = False
    queue_length: int = 10
    waiting_minutes: int = 480
    most_running: int = 200


class RunsOn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a job's steps run. Kinds: any, agentless, container, pool, node, same-node, other."""

    kind: str = "any"
    name: str = ""
    image: str = ""
    systems: tuple[str, ...] = ()
    workspace: str = ""
    prepare_minutes: int = 10
