"""Everything a run can be told. Each event carries `at` (milliseconds since 1970), so that time is data.

Three families: what people and clients ask (`…Requested`, answers), what the world reports (steps, environments,
timers, locks, deliveries), and `Started`, the first entry of every journal. Keys are attempt keys
(`path#execution.try`), paths are node paths (`domain/ids.py`).
"""

from typing import Literal

import msgspec

from ferryman.domain.status import NO_REASON, Reason
from ferryman.domain.values import Json


class _Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event"):
    at: int


# the beginning


class Started(_Told, frozen=True, tag="started"):
    """A start was accepted. Values and facts are fixed here for the whole run."""

    run: str
    number: int = 1
    by: str = ""
    values: dict[str, str] = {}
    """Start values; they replace defaults of parameters that may be set (semantics 15.1)."""
    unasked: bool = False
    """Whether values count too that a start does not ask for (bkci-v3 3.3); constants never do."""
    facts: dict[str, Json] = {}
    """The context `ci`, as far as the service knows it."""
    zone: str = "UTC"
    """The zone that `strToTime` reads times in."""
    disabled: tuple[str, ...] = ()
    """Paths of steps switched off for this run only."""
    turn: bool = False
    """Whether the run has its turn at once, its lock having been taken in the same unit."""
    earliest_repeat_ms: int = 60_000
    """A second stop sooner than this after the first is refused (semantics 11.2)."""
    patience_ms: int = 10_000
    """How long a step may take to stop before its end is decided without it."""
    rules: int = 1


# asked by people and clients


class CancelRequested(_Told, frozen=True, tag="cancel-requested"):
    """Stop the run. The second one, or `force`, ends everything, the finally stage too."""

    by: str = ""
    why: str = ""
    force: bool = False
    running: Literal["stop", "finish"] = "stop"
    """What running steps do: be stopped, or end by themselves."""
    pushed_out: bool = False
    """By a newer run of the same lock."""


class RetryRequested(_Told, frozen=True, tag="retry-requested"):
    """Run again: all (no path), a stage, a job, or a step and what follows it (semantics 12.1)."""

    by: str = ""
    why: str = ""
    path: str = ""
    failed_only: bool = False
    """Of a stage: only failed and canceled jobs, and jobs skipped because of a dependency."""
    turn: bool = False


class SkipRequested(_Told, frozen=True, tag="skip-requested"):
    """Skip a failed step, or every failed step of a stage, and go on behind it."""

    path: str
    by: str = ""
    why: str = ""
    turn: bool = False


class GateAnswered(_Told, frozen=True, tag="gate-answered"):
    """One person's answer at the open gate of a stage, or of a step that is a question."""

    path: str
    by: str
    yes: bool
    group: str = ""
    """Name or id of the review group; empty means the first open one."""
    comment: str = ""
    values: dict[str, str] = {}


class VerdictGiven(_Told, frozen=True, tag="verdict-given"):
    """The verdict from outside on the quality rules of a stage's open gate."""

    path: str
    passed: bool
    by: str = ""
    where: Literal["before", "after", ""] = ""


class Resumed(_Told, frozen=True, tag="resumed"):
    """A paused step may begin. Only settings that it already has are taken over."""

    path: str
    by: str = ""
    why: str = ""
    settings: dict[str, Json] = {}


class Halted(_Told, frozen=True, tag="halted"):
    """A paused step shall not begin: it and its job are canceled."""

    path: str
    by: str = ""
    why: str = ""


class LostSettled(_Told, frozen=True, tag="lost-settled"):
    """A person says what became of a lost attempt, or lets it be repeated."""

    key: str
    verdict: Literal["repeat", "succeeded", "failed"]
    by: str = ""
    why: str = ""


# reported by the world


class StepFinished(_Told, frozen=True, tag="step-finished"):
    """An attempt has ended. What it wrote counts whether it succeeded or not (semantics 15.2)."""

    key: str
    outcome: Literal["succeeded", "failed", "errored"]
    reason: Reason = NO_REASON
    outputs: dict[str, Json] = {}
    variables: dict[str, str] = {}
    remark: str = ""
    spawned_at: int = 0
    error_code: int = 0
    ended_at: int = 0
    """When its program ended, where that is known: `at` is when a driver heard of it, which may be a crash later."""


class StepNoted(_Told, frozen=True, tag="step-noted"):
    """A running attempt tells what it waits for, such as another run."""

    key: str
    reason: Reason


class StepLost(_Told, frozen=True, tag="step-lost"):
    """Contact with an attempt is lost: it may or may not have done its work."""

    key: str
    known: str = ""


class EnvironmentFailed(_Told, frozen=True, tag="environment-failed"):
    """The place where a job runs could not be had, or (`lost`) is gone."""

    path: str
    lost: bool = False
    message: str = ""


class ReviewersNamed(_Told, frozen=True, tag="reviewers-named"):
    """Who stands behind the roles of an open gate's groups, group by group."""

    path: str
    members: tuple[tuple[str, ...], ...]


class LockGranted(_Told, frozen=True, tag="lock-granted"):
    """The run (empty path) has its turn, or a job has its mutex."""

    path: str = ""


class LockRefused(_Told, frozen=True, tag="lock-refused"):
    """The lock will not come."""

    path: str = ""
    reason: Reason = NO_REASON


class TimerFired(_Told, frozen=True, tag="timer-fired"):
    """A wanted timer is due."""

    name: str


class Delivered(_Told, frozen=True, tag="delivered"):
    """A wanted message has reached the world."""

    name: str


StepEvent = StepFinished | StepNoted | StepLost | LostSettled
"""Events addressed by attempt key."""

JobEvent = StepEvent | Resumed | Halted | EnvironmentFailed
"""Events that only ever concern one job."""

Event = (
    Started
    | CancelRequested
    | RetryRequested
    | SkipRequested
    | GateAnswered
    | VerdictGiven
    | Resumed
    | Halted
    | LostSettled
    | StepFinished
    | StepNoted
    | StepLost
    | EnvironmentFailed
    | ReviewersNamed
    | LockGranted
    | LockRefused
    | TimerFired
    | Delivered
)
"""Everything a run can be told."""

EVENTS: tuple[type[_Told], ...] = (
    Started,
    CancelRequested,
    RetryRequested,
    SkipRequested,
    GateAnswered,
    VerdictGiven,
    Resumed,
    Halted,
    LostSettled,
    StepFinished,
    StepNoted,
    StepLost,
    EnvironmentFailed,
    ReviewersNamed,
    LockGranted,
    LockRefused,
    TimerFired,
    Delivered,
)
"""The same, to walk over."""
