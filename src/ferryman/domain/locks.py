"""Nouns of locks across runs: the lock, who holds it, who waits, on what terms, and what it can be told.

A lock is one row of the store. Its rules are `machine/locks.py`. A holder is a name that its owner can find
again: a run's id for the turn of a run, run and path of the job for a mutex. Times are milliseconds since
1970, limits are minutes.
"""

from enum import StrEnum

import msgspec

from ferryman.domain.status import Reason, Why


class Overflow(StrEnum):
    """What a newcomer does to a full queue."""

    REFUSED = "refused"
    """It is refused."""
    PUSHES_OUT = "pushes-out"
    """It takes the place of the one that has waited longest."""


class Terms(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """On what terms one holder asks. All that tells one kind of lock from another stands here, as data."""

    capacity: int = 1
    """How many may hold the lock at once. 0: it is closed."""
    length: int = 0
    """How many may wait. 0: refused unless it can be had at once."""
    total: int = 0
    """How many may hold and wait together, at which a newcomer is refused. 0: no such bound."""
    minutes: int = 0
    """How long to wait at most. 0: until the next look, which is due at once."""
    overflow: Overflow = Overflow.REFUSED
    takes_over: bool = False
    """Everyone else is pushed out; the lock comes when they have ended."""
    rank: int = 0
    """The smallest comes first, then the oldest. A run's number where numbers decide, else 0 for all."""
    counted_with: str = ""
    """Only those who wait under the same word count for `length`: the pipeline, inside a group."""
    full: Why = Why.LOCK_QUEUE_FULL
    """The kind of reason when there is no room to wait."""
    expired: Why = Why.LOCK_EXPIRED
    """The kind of reason when the wait was too long."""


class Holder(msgspec.Struct, frozen=True, omit_defaults=True):
    """One who has the lock, or has stepped aside from it, since when, and who wants it gone."""

    name: str
    since: int
    pushed_out_by: str = ""


class Waiter(msgspec.Struct, frozen=True, omit_defaults=True):
    """One who waits, since when, on its own terms: a later change of policy does not move it."""

    name: str
    since: int
    terms: Terms

    @property
    def deadline(self) -> int:
        """When the wait is over, in milliseconds since 1970."""
        return self.since + self.terms.minutes * 60_000


class Lock(msgspec.Struct, frozen=True, omit_defaults=True):
    """A lock and its queue. The version grows by one with every change, and with nothing else."""

    name: str
    """Groups of runs and mutexes of jobs are two sets of names; the store keeps them apart."""
    holders: tuple[Holder, ...] = ()
    aside: tuple[Holder, ...] = ()
    """Unfinished runs that hold no slot, because they wait in a review."""
    waiters: tuple[Waiter, ...] = ()
    """In the order in which they will be served."""
    version: int = 0

    @property
    def occupied(self) -> int:
        """Slots taken. Who was pushed out while aside takes one until its end: the successor waits."""
        return len(self.holders) + sum(1 for each in self.aside if each.pushed_out_by)


class _Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event"):
    at: int
    holder: str


class Request(_Told, frozen=True, tag="request"):
    """The holder wants the lock."""

    terms: Terms = Terms()
    at_once: bool = False
    """Without waiting and above the capacity: a run let through by its review (semantics 13)."""


class Release(_Told, frozen=True, tag="release"):
    """The holder wants the lock no more, whether it had it or waited for it."""

    aside: bool = False
    """It is unfinished and will come back: a run in a review gives back its slot but stays in its group."""


class Due(_Told, frozen=True, tag="due"):
    """The holder's wait has come to its limit."""


Event = Request | Release | Due
"""Everything a lock can be told."""


class Answer(msgspec.Struct, frozen=True):
    """What an event did. Names stand in the order in which they are to be told."""

    lock: Lock
    granted: tuple[str, ...] = ()
    refused: tuple[tuple[str, Reason], ...] = ()
    """With the reason. Whoever waited and was refused waits no more."""
    pushed_out: tuple[tuple[str, str], ...] = ()
    """With the one it made room for. A waiter is gone; a holder keeps the lock until it releases it."""


class Wait(msgspec.Struct, frozen=True):
    """Why one waits: for this lock, in this place (from 1), held by these since then, and until when."""

    lock: str
    place: int
    since: int
    until: int
    held_by: tuple[Holder, ...]
