"""Locks and queues over all runs: the pure fold of `machine/locks.py`, kept in memory and written beside the entries
that it causes.

A holder's name is the run's id, for a job with its path behind a colon. One process drives the store, so what stands
here is the truth; rows are there for the next process, which asks again for all that its runs want and is heard in the
same order.
"""

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from ferryman.domain.locks import Answer, Due, Lock, Release, Request
from ferryman.domain.policies import Concurrency
from ferryman.domain.status import Reason
from ferryman.domain.wants import LockWanted
from ferryman.machine import locks
from ferryman.ports.store import LockRow


class LockKey(NamedTuple):
    """Which lock: run groups and mutexes are two sets of names in each project."""

    project: str
    kind: Literal["runs", "mutex"]
    name: str


class Verdict(NamedTuple):
    """What a lock says to one holder."""

    run: str
    path: str
    reason: Reason | None
    """None: granted. Else why not."""
    pushed_out_by: str = ""


class LockTable:
    """All locks that anybody holds or waits for."""

    def __init__(self) -> None:
        """Empty until `load`."""
        self._locks: dict[LockKey, Lock] = {}
        self._kept: dict[LockKey, int] = {}

    def load(self, rows: Iterable[LockRow]) -> None:
        """Take over what the last process left."""
        for row in rows:
            key = LockKey(row.project, row.kind, row.name)
            self._locks[key] = row.lock
            self._kept[key] = row.lock.version

    def knows(self, key: LockKey) -> bool:
        """Whether this lock was read, or asked for, in this process."""
        return key in self._kept

    def learn(self, key: LockKey, lock: Lock | None) -> None:
        """Take over one lock as it is kept, None where nobody ever asked for it; one that is known stays as it is."""
        if key not in self._kept:
            self._kept[key] = lock.version if lock is not None else 0
            if lock is not None:
                self._locks[key] = lock

    def lock(self, key: LockKey) -> Lock | None:
        """One lock as it stands; None where it was neither read nor asked for."""
        return self._locks.get(key)

    def key(self, project: str, pipeline: str, want: LockWanted) -> LockKey:
        """The lock that a run or job wants."""
        if isinstance(want.policy, Concurrency):
            return LockKey(project, "runs", want.group or locks.run_lock(want.policy, pipeline))
        return LockKey(project, "mutex", want.group)

    def ask(
        self, key: LockKey, holder: str, want: LockWanted, *, at: int, pipeline: str, number: int
    ) -> list[Verdict]:
        """Ask for a lock; verdicts may be for others, who were pushed out."""
        terms = locks.terms(want.policy, minutes=want.minutes, pipeline=pipeline, number=number)
        return self._fold(key, Request(at=at, holder=holder, terms=terms, at_once=want.at_once))

    def give_back(self, key: LockKey, holder: str, *, at: int, aside: bool) -> list[Verdict]:
        """Want a lock no more; verdicts are for those who waited."""
        return self._fold(key, Release(at=at, holder=holder, aside=aside))

    def forget(self, is_gone: Callable[[str], bool], *, at: int) -> tuple[list[Verdict], list[LockKey]]:
        """Runs that are not there hold nothing and wait for nothing; the locks that had known them come with it."""
        verdicts: list[Verdict] = []
        touched: list[LockKey] = []
        for key, lock in list(self._locks.items()):
            names = [each.name for each in (*lock.holders, *lock.aside)]
            names += [each.name for each in lock.waiters]
            gone = [name for name in names if is_gone(parted(name)[0])]
            touched += [key] if gone else []
            for name in gone:
                verdicts += self.give_back(key, name, at=at, aside=False)
        return [each for each in verdicts if not is_gone(each.run)], touched

    def due(self, key: LockKey, holder: str, *, at: int) -> list[Verdict]:
        """A wait has come to its limit."""
        return self._fold(key, Due(at=at, holder=holder))

    def _fold(self, key: LockKey, event: Request | Release | Due) -> list[Verdict]:
        answer: Answer = locks.advance(self._locks.get(key) or Lock(key.name), event)
        self._locks[key] = answer.lock
        verdicts = [Verdict(*parted(name), None) for name in answer.granted]
        verdicts += [Verdict(*parted(name), reason) for name, reason in answer.refused]
        verdicts += [Verdict(*parted(name), None, by) for name, by in answer.pushed_out]
        return verdicts

    def timers(self, key: LockKey) -> dict[str, int]:
        """When each waiter's limit comes."""
        lock = self._locks.get(key)
        return dict(locks.timers(lock)) if lock is not None else {}

    def rows(self, keys: Iterable[LockKey]) -> tuple[LockRow, ...]:
        """The rows of these locks that have changed since they were last handed out."""
        rows = []
        for key in keys:
            lock = self._locks[key]
            before = self._kept.get(key, 0)
            if lock.version != before:
                rows.append(
                    LockRow(project=key.project, kind=key.kind, name=key.name, lock=lock, before=before)
                )
                self._kept[key] = lock.version
        return tuple(rows)

    def row(self, row: LockRow, kept: int) -> LockRow | None:
        """The row of a lock as it stands now, over the version that is kept; None when that is as new."""
        key = LockKey(row.project, row.kind, row.name)
        lock = self._locks[key]
        if lock.version <= kept:
            return None
        self._kept[key] = lock.version
        return LockRow(project=key.project, kind=key.kind, name=key.name, lock=lock, before=kept)


def holder_of(run: str, path: str) -> str:
    """The name under which a run (empty path) or a job holds a lock."""
    return f"{run}:{path}" if path else run


def parted(holder: str) -> tuple[str, str]:
    """Run and path of a holder."""
    run, _, path = holder.partition(":")
    return run, path
