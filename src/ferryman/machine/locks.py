"""Locks and queues across runs: one pure fold for the turns of runs and the mutexes of jobs.

`advance(lock, event)` gives the lock as it is then and who is to be told what; `terms` turns a policy into
the data that the fold reads. There is one life for all:

    request ──▶ holds ──release──▶ gone        granted: it is its turn and a slot is free
       │          ▲  ╲
       │          │   ╲──release aside──▶ aside ──request──▶ holds (at once, above the capacity)
       ▼          │
     waits ───────┘                            its turn has come
       ╲──▶ refused (no room, too long) or pushed out (by a newcomer)

Slots are given only to the head of the queue, and whenever one is free: nobody overtakes, nobody waits before
an open door. Refusals leave no trace in the lock. Who asks again while it waits changes nothing; who asks
again while it holds hears the grant again, so that an answer lost in a crash is had by asking.

Left to others: keeping the row and its version, calling at the times in `timers`, and ending the runs that
were pushed out. Source: semantics 6.1 for mutexes, 13 for runs, 18 for limits.
"""

from msgspec.structs import replace

from ferryman.domain.locks import (
    Answer,
    Due,
    Event,
    Holder,
    Lock,
    Overflow,
    Release,
    Request,
    Terms,
    Wait,
    Waiter,
)
from ferryman.domain.policies import LONGEST_MINUTES, Concurrency, Exclusion, Mutex
from ferryman.domain.status import Reason, Why

LEAST_TOTAL = 200
"""Runs side by side are never refused below this many queued and running (semantics 13)."""

LONGEST_QUEUE = 50
"""No more jobs may wait for a mutex, whatever its length says (semantics 6.1)."""


def terms(
    policy: Concurrency | Mutex, *, minutes: int | None = None, pipeline: str = "", number: int = 0
) -> Terms:
    """The terms on which a run (its pipeline and number) or a job asks; `minutes`, when given, is the limit.

    Limits are held between 0 and a week (semantics 18). Texts in the policy were substituted by the caller.
    """
    match policy:
        case Mutex(queue=queue, length=length, limit=limit):
            return Terms(
                length=min(length, LONGEST_QUEUE) if queue else 0,
                minutes=_within(limit.minutes if minutes is None else minutes),
                full=Why.LOCK_QUEUE_FULL if queue else Why.LOCK_TAKEN,
            )
        case Concurrency(queue_length=length, waiting_minutes=limit, most_running=most):
            queued = Terms(
                length=length,
                minutes=_within(limit if minutes is None else minutes),
                overflow=Overflow.PUSHES_OUT,
                counted_with=pipeline,
                expired=Why.QUEUE_EXPIRED,
            )
            total = max(LEAST_TOTAL, most)
            by_exclusion = {
                Exclusion.FREE: replace(queued, capacity=most, length=total, total=total),
                Exclusion.SINGLE: replace(queued, rank=number),
                Exclusion.GROUP: replace(queued, takes_over=policy.cancel_in_progress),
                Exclusion.CLOSED: replace(queued, capacity=0, length=0, full=Why.DISABLED),
            }
            return by_exclusion[policy.exclusion]


def run_lock(policy: Concurrency, pipeline: str) -> str:
    """The name of the lock of a pipeline's runs: its group if it has one, else its own id (semantics 13)."""
    return policy.group if policy.exclusion is Exclusion.GROUP and policy.group else pipeline


def advance(lock: Lock, event: Event) -> Answer:
    """Fold one event. One that means nothing here (a stranger's release, a late timer) changes nothing."""
    match event:
        case Request():
            answer = _requested(lock, event)
        case Release():
            answer = _released(lock, event)
        case Due():
            answer = _due(lock, event)
    answer = _served(answer, event.at)
    if answer.lock == lock:
        return answer
    return replace(answer, lock=replace(answer.lock, version=lock.version + 1))


def timers(lock: Lock) -> tuple[tuple[str, int], ...]:
    """When each waiter wants to be called with `Due` (milliseconds since 1970), in the order of the queue."""
    return tuple((waiter.name, waiter.deadline) for waiter in lock.waiters)


def place(lock: Lock, holder: str) -> int:
    """The holder's place in the queue, from 1; 0 when it does not wait."""
    names = [waiter.name for waiter in lock.waiters]
    return names.index(holder) + 1 if holder in names else 0


def because(lock: Lock, holder: str) -> Wait | None:
    """Why the holder waits; None when it does not."""
    position = place(lock, holder)
    if not position:
        return None
    waiter = lock.waiters[position - 1]
    held_by = lock.holders + tuple(each for each in lock.aside if each.pushed_out_by)
    return Wait(lock.name, position, waiter.since, waiter.deadline, held_by)


def _within(minutes: int) -> int:
    return min(max(minutes, 0), LONGEST_MINUTES)


def _requested(lock: Lock, request: Request) -> Answer:
    if _among(lock.holders, request.holder):
        return Answer(lock, granted=(request.holder,))
    if request.at_once or _among(lock.aside, request.holder):
        return _let_in(lock, request)
    if place(lock, request.holder):
        return Answer(lock)
    newcomer = Waiter(request.holder, request.at, request.terms)
    cleared = _taken_over(lock, newcomer) if newcomer.terms.takes_over else Answer(lock)
    lock = cleared.lock
    if newcomer.terms.takes_over or not _must_wait(lock, newcomer):
        return replace(cleared, lock=_joined(lock, newcomer))
    return _queued(lock, newcomer)


def _let_in(lock: Lock, request: Request) -> Answer:
    """Give a slot without a wait, above the capacity if need be. Who was pushed out meanwhile stays so."""
    before = next((each for each in lock.aside if each.name == request.holder), Holder(request.holder, 0))
    entered = replace(before, since=request.at)
    lock = _without(lock, request.holder)
    return Answer(replace(lock, holders=(*lock.holders, entered)), granted=(request.holder,))


def _taken_over(lock: Lock, newcomer: Waiter) -> Answer:
    """Push everyone out: who waits is gone, who runs or is in a review is marked until it has ended."""
    unfinished = [each for each in lock.holders + lock.aside if not each.pushed_out_by]
    told = [each.name for each in unfinished] + [each.name for each in lock.waiters]
    marked = {each.name: replace(each, pushed_out_by=newcomer.name) for each in unfinished}
    lock = replace(
        lock,
        holders=tuple(marked.get(each.name, each) for each in lock.holders),
        aside=tuple(marked.get(each.name, each) for each in lock.aside),
        waiters=(),
    )
    return Answer(lock, pushed_out=tuple((name, newcomer.name) for name in told))


def _queued(lock: Lock, newcomer: Waiter) -> Answer:
    """Put a newcomer that has to wait into the queue, if there is room or room can be made."""
    asked = newcomer.terms
    beside = [each for each in lock.waiters if each.terms.counted_with == asked.counted_with]
    excess = len(beside) + 1 - asked.length
    crowded = bool(asked.total) and lock.occupied + len(lock.waiters) >= asked.total
    if crowded or asked.length < 1 or (excess > 0 and asked.overflow is Overflow.REFUSED):
        return Answer(lock, refused=((newcomer.name, Reason(asked.full, {"group": lock.name})),))
    oldest = sorted(beside, key=lambda each: each.since)[: max(excess, 0)]
    left = tuple(each for each in lock.waiters if each not in oldest)
    lock = _joined(replace(lock, waiters=left), newcomer)
    return Answer(lock, pushed_out=tuple((each.name, newcomer.name) for each in oldest))


def _released(lock: Lock, release: Release) -> Answer:
    """Take the name out of the lock; a holder that is unfinished is set aside."""
    if release.aside and _among(lock.aside, release.holder):
        return Answer(lock)
    left = _without(lock, release.holder)
    if not release.aside:
        return Answer(left)
    stepped = tuple(replace(each, since=release.at) for each in lock.holders if each.name == release.holder)
    return Answer(replace(left, aside=left.aside + stepped))


def _due(lock: Lock, due: Due) -> Answer:
    """Refuse a waiter whose limit has come. An early or late call means nothing."""
    for waiter in lock.waiters:
        if waiter.name == due.holder and waiter.deadline <= due.at:
            reason = Reason(waiter.terms.expired, {"group": lock.name, "minutes": str(waiter.terms.minutes)})
            return Answer(_without(lock, waiter.name), refused=((waiter.name, reason),))
    return Answer(lock)


def _served(answer: Answer, at: int) -> Answer:
    """Give slots to the head of the queue for as long as its own terms allow one more."""
    lock = answer.lock
    served = 0
    while served < len(lock.waiters) and lock.occupied + served < lock.waiters[served].terms.capacity:
        served += 1
    granted = tuple(waiter.name for waiter in lock.waiters[:served])
    holders = lock.holders + tuple(Holder(name, at) for name in granted)
    return replace(
        answer,
        lock=replace(lock, holders=holders, waiters=lock.waiters[served:]),
        granted=answer.granted + granted,
    )


def _must_wait(lock: Lock, newcomer: Waiter) -> bool:
    """Whether it has to wait: no slot is free on its terms, or somebody stands in front."""
    return lock.occupied >= newcomer.terms.capacity or _joined(lock, newcomer).waiters[0] is not newcomer


def _joined(lock: Lock, newcomer: Waiter) -> Lock:
    """The queue with the newcomer in its place: by rank, then by age, behind its equals."""
    waiters = sorted((*lock.waiters, newcomer), key=lambda each: (each.terms.rank, each.since))
    return replace(lock, waiters=tuple(waiters))


def _among(holders: tuple[Holder, ...], name: str) -> bool:
    return any(each.name == name for each in holders)


def _without(lock: Lock, name: str) -> Lock:
    return replace(
        lock,
        holders=tuple(each for each in lock.holders if each.name != name),
        aside=tuple(each for each in lock.aside if each.name != name),
        waiters=tuple(each for each in lock.waiters if each.name != name),
    )
