"""Everything a run can want of the world now. A want has a stable `name`; doing it twice is harmless.

Nobody orders these: they are read off the run (`machine/wanted.py`), and a driver carries out the difference between
the wants before and after an event. A want that is gone is to be undone: a timer cleared, a step stopped, a lock
given back. A step that is wanted no more, without a stop being wanted in its place, is to be killed at once.
"""

import msgspec

from ferryman.domain.policies import Concurrency, Mutex, RunsOn


class _Wanted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="want"):
    name: str


class StepWanted(_Wanted, frozen=True, tag="step"):
    """This attempt is to run; `name` is its key. Being wanted is its recorded start."""


class StopWanted(_Wanted, frozen=True, tag="stop"):
    """This attempt is to be brought to its end; `name` is its key with `!` behind it."""

    key: str
    force: bool = False


class EnvironmentWanted(_Wanted, frozen=True, tag="environment"):
    """A job's place to run in; `name` is `path#execution`. Steps of the job are wanted beside it."""

    path: str
    runs_on: RunsOn


class TimerWanted(_Wanted, frozen=True, tag="timer"):
    """A call at `at` (milliseconds since 1970)."""

    at: int


class LockWanted(_Wanted, frozen=True, tag="lock"):
    """A lock to be asked for, and held until it is wanted no more. Empty path: the run's own turn."""

    path: str
    group: str
    policy: Concurrency | Mutex
    minutes: int = 0
    """How long to wait at most."""
    at_once: bool = False
    """Granted above the capacity: the run was let through by a review (semantics 13)."""


class GateWanted(_Wanted, frozen=True, tag="gate"):
    """An open gate that waits for people or for a verdict."""

    path: str
    kind: str
    group: str = ""
    reviewers: tuple[str, ...] = ()


class ReviewersWanted(_Wanted, frozen=True, tag="reviewers"):
    """Who stands behind the roles of a gate's groups."""

    path: str
    roles: tuple[tuple[str, ...], ...]


class PersonWanted(_Wanted, frozen=True, tag="person"):
    """A person's word on a paused or lost step."""

    path: str
    kind: str
    tell: tuple[str, ...] = ()


class MessageWanted(_Wanted, frozen=True, tag="message"):
    """Something to be told to the world once; it stays wanted until `Delivered`."""

    kind: str
    facts: dict[str, str] = {}


Want = (
    StepWanted
    | StopWanted
    | EnvironmentWanted
    | TimerWanted
    | LockWanted
    | GateWanted
    | ReviewersWanted
    | PersonWanted
    | MessageWanted
)
"""Everything a run can want."""
