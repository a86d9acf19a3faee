"""Locks and queues across runs, held to their tables and laws. Source: semantics 6.1, 13, 18."""

import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from ferryman.domain.locks import Due, Event, Holder, Lock, Overflow, Release, Request, Terms, Wait
from ferryman.domain.policies import Concurrency, Exclusion, Limit, Mutex
from ferryman.domain.status import Reason, Why
from ferryman.machine.locks import advance, because, place, run_lock, terms, timers
from tests.machine import lock_tables

TABLES = [
    pytest.param(file, case, id=f"{file.stem}: {case.sentence}")
    for file in sorted(lock_tables.FOLDER.glob("*.txt"))
    for case in lock_tables.cases(file.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("file", "case"), TABLES)
def test_table(file: Path, case: lock_tables.Case) -> None:
    """Each row of each table is what the fold says."""
    if os.environ.get("FERRYMAN_REWRITE") == "1":
        file.write_text(lock_tables.rewritten(file.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        assert lock_tables.played(case) == case.text


def folded(lock: Lock, *events: Event) -> Lock:
    """The lock after these events."""
    for event in events:
        lock = advance(lock, event).lock
    return lock


def ask(name: str, asked: Terms, at: int = 0) -> Request:
    """A plain request."""
    return Request(at=at, holder=name, terms=asked)


# what policies mean


@pytest.mark.parametrize(("most_running", "bound"), [(200, 200), (1, 200), (150, 200), (250, 250)])
def test_a_free_pipeline_refuses_when_queued_and_running_reach_the_bound(
    most_running: int, bound: int
) -> None:
    """Semantics 13: the larger of 200 and the pipeline's own number."""
    asked = terms(Concurrency(most_running=most_running), pipeline="web")
    lock = folded(Lock("web"), *(ask(f"run{number}", asked) for number in range(bound)))
    assert len(lock.holders) == most_running
    assert len(lock.holders) + len(lock.waiters) == bound
    answer = advance(lock, ask("late", asked))
    assert answer.refused == (("late", Reason(Why.LOCK_QUEUE_FULL, {"group": "web"})),)
    assert answer.lock == lock


def test_runs_above_the_capacity_count_for_the_bound_of_a_free_pipeline() -> None:
    """Semantics 13: queued plus running, and a run let through by its review is running."""
    asked = terms(Concurrency(most_running=1), pipeline="web")
    through = Request(at=0, holder="reviewed", terms=asked, at_once=True)
    lock = folded(Lock("web"), *(ask(f"run{number}", asked) for number in range(199)), through)
    assert advance(lock, ask("late", asked)).refused


@pytest.mark.parametrize(("length", "waiting"), [(3, 3), (50, 50), (51, 50), (1000, 50), (-1, 0)])
def test_a_mutex_lets_at_most_fifty_wait(length: int, waiting: int) -> None:
    """Semantics 6.1."""
    asked = terms(Mutex(group="deploy", queue=True, length=length, limit=Limit(5)))
    lock = folded(Lock("deploy"), *(ask(f"job{number}", asked) for number in range(60)))
    assert len(lock.waiters) == waiting


def test_who_could_have_a_slot_but_stands_behind_another_needs_room_to_wait() -> None:
    """Semantics 6.1: free, and nobody waits in front. Terms differ when a policy was changed meanwhile."""
    lock = folded(Lock("web"), *(ask(name, Terms(length=5)) for name in "ab"))
    wide = Terms(capacity=2)
    assert advance(lock, ask("c", wide)).refused == (("c", Reason(Why.LOCK_QUEUE_FULL, {"group": "web"})),)
    assert advance(lock, ask("c", replace(wide, length=5))).granted == ()


@pytest.mark.parametrize("length", [0, -1])
def test_a_queue_without_length_takes_nobody(length: int) -> None:
    """Semantics 6.1, 13: whoever would be pushed out for it."""
    lock = folded(Lock("web"), *(ask(name, Terms(length=5)) for name in "ab"))
    answer = advance(lock, ask("c", Terms(length=length, overflow=Overflow.PUSHES_OUT)))
    assert [name for name, _ in answer.refused] == ["c"]
    assert answer.pushed_out == ()


def test_the_limit_that_was_worked_out_wins_over_the_one_written_down() -> None:
    """Semantics 18: a text that names a variable is substituted and wins over the number."""
    assert terms(Mutex(group="deploy", queue=True, limit=Limit(5)), minutes=7).minutes == 7
    assert terms(Mutex(group="deploy", queue=True, limit=Limit(5)), minutes=0).minutes == 0
    assert terms(Concurrency(waiting_minutes=5), minutes=20_000).minutes == 10_080


@pytest.mark.parametrize(
    ("policy", "name"),
    [
        (Concurrency(exclusion=Exclusion.GROUP, group="prod"), "prod"),
        (Concurrency(exclusion=Exclusion.GROUP), "p-1"),
        (Concurrency(exclusion=Exclusion.SINGLE, group="prod"), "p-1"),
        (Concurrency(exclusion=Exclusion.FREE, group="prod"), "p-1"),
        (Concurrency(exclusion=Exclusion.CLOSED), "p-1"),
    ],
)
def test_a_group_is_shared_by_its_name_and_defaults_to_the_pipeline(policy: Concurrency, name: str) -> None:
    """Semantics 13: the group defaults to the pipeline's id; without grouping each pipeline stands alone."""
    assert run_lock(policy, "p-1") == name


# what a lock can tell of itself


def test_a_waiter_can_say_what_it_waits_for_who_holds_it_since_when_and_until_when() -> None:
    """The queue as data, for the page of locks and for `currentQueuePosition`."""
    asked = terms(Mutex(group="deploy", queue=True, length=5, limit=Limit(2)))
    lock = folded(Lock("deploy"), ask("a", asked, 10), ask("b", asked, 20), ask("c", asked, 30))
    assert [place(lock, name) for name in "abcx"] == [0, 1, 2, 0]
    assert because(lock, "c") == Wait("deploy", 2, 30, 120_030, (Holder("a", 10),))
    assert because(lock, "a") is None
    assert because(lock, "x") is None
    assert timers(lock) == (("b", 120_020), ("c", 120_030))


def test_a_successor_says_that_it_waits_for_a_run_pushed_out_in_its_review() -> None:
    """Semantics 13: it runs when that one has ended, though nobody holds a slot."""
    asked = terms(Concurrency(exclusion=Exclusion.GROUP, cancel_in_progress=True), pipeline="web")
    lock = folded(
        Lock("prod"), ask("old", asked, 1), Release(at=2, holder="old", aside=True), ask("new", asked, 3)
    )
    wait = because(lock, "new")
    assert wait
    assert wait.held_by == (Holder("old", 2, pushed_out_by="new"),)
    assert lock.holders == ()
    lock = folded(lock, Release(at=4, holder="old"), Release(at=5, holder="new", aside=True))
    lock = folded(lock, ask("next", replace(asked, takes_over=False), 6), ask("last", Terms(length=5), 7))
    wait = because(lock, "last")
    assert wait
    assert wait.held_by == (Holder("next", 6),), "a run in its review holds nobody up"


def test_times_are_told_as_they_happened() -> None:
    """Who was served holds since its service, not since it asked; an approved one since it came back."""
    asked = terms(Concurrency(exclusion=Exclusion.SINGLE), pipeline="web")
    lock = folded(Lock("web"), ask("a", asked, 1), ask("b", asked, 2), Release(at=3, holder="a", aside=True))
    assert lock.holders == (Holder("b", 3),)
    lock = folded(lock, Request(at=9, holder="a", terms=asked, at_once=True))
    assert lock.holders == (Holder("b", 3), Holder("a", 9))


# laws

NAMES = [f"run{number}" for number in range(8)]
MINUTE = 60_000


def drawn_policies() -> st.SearchStrategy[Concurrency | Mutex]:
    """Policies of every kind, with small queues, so that they fill."""
    runs = st.builds(
        Concurrency,
        exclusion=st.sampled_from(Exclusion),
        cancel_in_progress=st.booleans(),
        queue_length=st.integers(0, 3),
        waiting_minutes=st.integers(0, 9),
        most_running=st.integers(1, 3),
    )
    limits = st.builds(Limit, st.integers(-1, 9))
    jobs = st.builds(
        Mutex, group=st.just("deploy"), queue=st.booleans(), length=st.integers(0, 3), limit=limits
    )
    return runs | jobs


class Laws(RuleBasedStateMachine):
    """Any events in any order, the laws checked after each. Policies differ from one request to the next."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = Lock("deploy")
        self.at = 1_000 * MINUTE
        self.events: list[Event] = []
        self.asked: dict[str, Terms] = {}

    def told(self, event: Event) -> None:
        """Fold one event, and hold its answer against the lock before and after."""
        before, answer = self.lock, advance(self.lock, event)
        after = answer.lock
        self.events.append(event)
        if isinstance(event, Request) and not place(before, event.holder):
            self.asked[event.holder] = event.terms
        self.check_version(before, after)
        self.check_grants(event, before, answer.granted, after)
        gone = [name for name, _ in answer.refused] + [name for name, _ in answer.pushed_out]
        assert len(set(gone)) == len(gone), "nobody is refused or pushed out twice"
        for name, reason in answer.refused:
            assert reason
            assert name not in everyone(after), "who was refused is in no list"
        running = {each.name: each for each in before.holders + before.aside}
        for name, by in answer.pushed_out:
            if name in running:
                assert not running[name].pushed_out_by, "nobody is pushed out twice"
                marks = [each.pushed_out_by for each in after.holders + after.aside if each.name == name]
                assert marks == [by], "who has begun stays, marked, until it has ended"
            else:
                assert name not in everyone(after), "who waited and was pushed out is in no list"
        self.lock = after

    @staticmethod
    def check_version(before: Lock, after: Lock) -> None:
        """The version tells a change from none."""
        if replace(after, version=before.version) == before:
            assert after == before
        else:
            assert after.version == before.version + 1

    def check_grants(self, event: Event, before: Lock, granted: tuple[str, ...], after: Lock) -> None:
        """Never more than allowed, save at once; nobody overtakes."""
        held = {each.name for each in (*before.holders, *before.aside)}
        freely = {event.holder} if isinstance(event, Request) and event.at_once else set()
        served = [name for name in granted if name not in held | freely]
        for still_to_come, name in enumerate(reversed(served)):
            assert after.occupied - still_to_come <= self.asked[name].capacity
        queue = [each.name for each in before.waiters if each.name not in freely]
        waited = [name for name in served if name in queue]
        left = [name for name in queue if name in waited or place(after, name)]
        assert left[: len(waited)] == waited, "those in front are served first"

    def pass_time(self, minutes: int) -> int:
        """Clocks of several runs do not agree: a time may lie before the last one."""
        self.at += minutes * MINUTE
        return self.at

    @rule(name=st.sampled_from(NAMES), policy=drawn_policies(), minutes=st.integers(-1, 5))
    def ask(self, name: str, policy: Concurrency | Mutex, minutes: int) -> None:
        """Somebody asks, or asks again."""
        asked = terms(policy, pipeline=f"pipeline{int(name[3:]) % 2}", number=int(name[3:]))
        again = bool(place(self.lock, name)) or name in {each.name for each in self.lock.holders}
        before = self.lock
        self.told(ask(name, asked, self.pass_time(minutes)))
        assert not again or self.lock == before, "who asks again changes nothing"

    @rule(name=st.sampled_from(NAMES), minutes=st.integers(0, 5))
    def come_back(self, name: str, minutes: int) -> None:
        """A review has let a run through."""
        self.told(Request(at=self.pass_time(minutes), holder=name, at_once=True))
        assert name in {each.name for each in self.lock.holders}, "it never waits"

    @precondition(lambda self: everyone(self.lock))
    @rule(data=st.data(), minutes=st.integers(-1, 5), aside=st.booleans())
    def release(self, data: st.DataObject, minutes: int, aside: bool) -> None:
        """Somebody has ended, was stopped, or waits for people now."""
        name = data.draw(st.sampled_from(sorted(everyone(self.lock))))
        began = place(self.lock, name) == 0
        self.told(Release(at=self.pass_time(minutes), holder=name, aside=aside))
        assert place(self.lock, name) == 0
        assert (name in {each.name for each in self.lock.aside}) == (aside and began)

    @precondition(lambda self: self.lock.waiters)
    @rule(data=st.data())
    def call(self, data: st.DataObject) -> None:
        """A timer is due, in time."""
        name, at = data.draw(st.sampled_from(timers(self.lock)))
        self.at = max(self.at, at)
        self.told(Due(at=at, holder=name))
        assert name not in everyone(self.lock)

    @rule(name=st.sampled_from(NAMES), at=st.integers(0, 999 * MINUTE))
    def call_too_early(self, name: str, at: int) -> None:
        """A timer's echo, from before anybody waited."""
        before = self.lock
        self.told(Due(at=at, holder=name))
        assert self.lock == before

    @rule(aside=st.booleans())
    def stranger(self, aside: bool) -> None:
        """Somebody unknown gives back what it never had."""
        before = self.lock
        self.told(Release(at=self.at, holder="stranger", aside=aside))
        self.told(Due(at=self.at, holder="stranger"))
        assert self.lock == before

    @invariant()
    def everyone_stands_in_one_list(self) -> None:
        """Nobody holds and waits at the same time."""
        names = [each.name for each in (*self.lock.holders, *self.lock.aside)]
        names += [each.name for each in self.lock.waiters]
        assert len(names) == len(set(names))

    @invariant()
    def nobody_waits_before_an_open_door(self) -> None:
        """Who is first would have the lock if its terms allowed it; a closed lock has no waiters."""
        if self.lock.waiters:
            assert self.lock.occupied >= self.lock.waiters[0].terms.capacity > 0

    @invariant()
    def the_queue_is_in_order(self) -> None:
        """By rank, then by age; places count from 1."""
        keys = [(each.terms.rank, each.since) for each in self.lock.waiters]
        assert keys == sorted(keys)
        assert [place(self.lock, each.name) for each in self.lock.waiters] == [*range(1, len(keys) + 1)]

    @invariant()
    def queues_keep_their_length(self) -> None:
        """Behind the newest of a pipeline's waiters there are never more than it allowed when it came."""
        for waiter in self.lock.waiters:
            if waiter.terms.overflow is Overflow.PUSHES_OUT and not waiter.terms.takes_over:
                older = [
                    each
                    for each in self.lock.waiters
                    if each.terms.counted_with == waiter.terms.counted_with
                    and self.position(each.name) <= self.position(waiter.name)
                ]
                assert len(older) <= waiter.terms.length

    def position(self, name: str) -> int:
        """When the name's present wait began, as a position among the events."""
        positions = [at for at, event in enumerate(self.events) if event.holder == name]
        since = [each.since for each in self.lock.waiters if each.name == name]
        return next(
            at for at in positions if isinstance(self.events[at], Request) and self.events[at].at == since[0]
        )

    @invariant()
    def every_waiter_has_one_timer(self) -> None:
        """And nobody else has one."""
        assert [name for name, _ in timers(self.lock)] == [each.name for each in self.lock.waiters]
        for each, (_, at) in zip(self.lock.waiters, timers(self.lock), strict=True):
            assert at == each.since + each.terms.minutes * MINUTE
            assert because(self.lock, each.name)

    def teardown(self) -> None:
        """Told again, also from its written form, it is the same lock; when all have ended, it is empty."""
        written = msgspec.json.encode(self.events)
        events: list[Event] = msgspec.json.decode(written, type=list[Event])
        assert folded(Lock("deploy"), *events) == self.lock
        assert msgspec.json.decode(msgspec.json.encode(self.lock), type=Lock) == self.lock
        for _ in range(len(NAMES)):
            for each in self.lock.holders + self.lock.aside:
                self.told(Release(at=self.at, holder=each.name))
        assert not everyone(self.lock), "everybody has had its turn"


def everyone(lock: Lock) -> set[str]:
    """Every name in the lock."""
    return {each.name for each in (*lock.holders, *lock.aside)} | {each.name for each in lock.waiters}


TestLaws = Laws.TestCase
