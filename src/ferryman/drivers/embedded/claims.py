"""Claims: the runs that this process moves, each in memory with the events that wait for it (RULINGS 5)."""

import asyncio
from collections import deque
from collections.abc import Iterable

from ferryman.domain.audit import AuditEntry
from ferryman.domain.errors import Refused
from ferryman.domain.events import Event
from ferryman.domain.ids import split_key
from ferryman.domain.journal import JournalEntry
from ferryman.domain.run import Run
from ferryman.domain.wants import LockWanted, Want
from ferryman.machine import advance
from ferryman.ports.store import RunRow

Answer = asyncio.Future[Run]


class Letter:
    """An event on its way into a run, and who waits for what comes of it."""

    __slots__ = ("answer", "audit", "event")

    def __init__(
        self, event: Event, answer: Answer | None = None, audit: tuple[AuditEntry, ...] = ()
    ) -> None:
        """Without an answer nobody waits. The audit is kept with the event, if the event counts."""
        self.event = event
        self.answer = answer
        self.audit = audit

    def refuse(self, fault: BaseException) -> None:
        """Tell who waits that nothing came of it."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(fault)


class Claim:
    """One run in memory. `run` is what is kept; what is being written is not yet here."""

    def __init__(self, run: Run, row: RunRow) -> None:
        """Claim a run as it is kept."""
        self.run = run
        self.row = row
        self.inbox: deque[Letter] = deque()
        self.busy = False
        self.since_snapshot = 0
        self.alive: set[str] = set()
        """Keys of attempts that were begun and have not been reported as ended."""
        self.handed: set[str] = set()
        """Keys of attempts that were given to the executor and are not known to have begun."""
        self.placed: set[str] = set()
        """Paths of jobs that have a place: an attempt has begun there."""
        self.vacant: set[str] = set()
        """Paths of jobs that have given up their place before their end, as a pause does."""
        self._changed: asyncio.Event | None = None

    @property
    def preparing(self) -> frozenset[str]:
        """Paths of jobs whose place is not there yet: their first attempt has not begun."""
        return frozenset(job_path(key) for key in self.handed) - self.placed

    def begun(self, key: str) -> None:
        """An attempt has begun, or come to its end: its job has a place."""
        self.handed.discard(key)
        self.placed.add(job_path(key))

    def show(self, run: Run) -> None:
        """The run is kept like this now: let everybody see it who waits for a change."""
        self.run = run
        if self._changed is not None:
            self._changed.set()
            self._changed = None

    async def change(self) -> None:
        """Return when the run is shown the next time."""
        if self._changed is None:
            self._changed = asyncio.Event()
        await self._changed.wait()


def job_path(key: str) -> str:
    """The path of the job that an attempt belongs to."""
    return split_key(key)[0].rpartition("/")[0]


class Difference:
    """What is wanted now and was not, and what was wanted and is not: what came and went in between never happened."""

    __slots__ = ("unwanted", "wanted")

    def __init__(self) -> None:
        """Nothing has changed. Both are by name."""
        self.wanted: dict[str, Want] = {}
        self.unwanted: dict[str, Want] = {}

    def add(self, wanted: Iterable[Want], unwanted: Iterable[Want]) -> None:
        """What changed after that."""
        for want in unwanted:
            _cancel_out(want, self.wanted, self.unwanted)
        for want in wanted:
            _cancel_out(want, self.unwanted, self.wanted)


def _cancel_out(want: Want, others: dict[str, Want], these: dict[str, Want]) -> None:
    if others.get(want.name) == want:
        del others[want.name]
    else:
        these[want.name] = want


class Folded:
    """Events folded one by one, to be kept as one unit."""

    def __init__(self, run: Run) -> None:
        """Begin with the run as it is kept."""
        self.run = run
        self.entries: list[JournalEntry] = []
        self.definition = b""
        """What a new run keeps, where that is not its version as it stands."""
        self.audit: list[AuditEntry] = []
        self.answers: list[Answer] = []
        self.difference = Difference()
        """Between the first wants and the last."""
        self._locks = Difference()

    def take(self, letter: Letter, at: int, *, echo: bool = True) -> None:
        """Fold one event; a refusal is told to its sender and leaves no trace. Nor does one that changes nothing, where
        no `echo` is wanted."""
        event = _timed(letter.event, max(at, self.run.at))
        try:
            after, wanted, unwanted = advance(self.run, event)
        except Refused as refusal:
            letter.refuse(refusal)
            return
        if after.ignored and not echo:
            return
        self.run = after
        self.entries.append(JournalEntry(seq=after.seq, event=event, ignored=after.ignored))
        self.audit += letter.audit
        if letter.answer is not None:
            self.answers.append(letter.answer)
        self.differ(wanted, unwanted)

    def differ(self, wanted: Iterable[Want], unwanted: Iterable[Want]) -> None:
        """Keep the difference between the first wants and the last."""
        self.difference.add(wanted, unwanted)
        self._locks.add(_locks_of(wanted), _locks_of(unwanted))

    def take_locks(self) -> tuple[list[LockWanted], list[LockWanted]]:
        """The locks wanted and unwanted since the last call."""
        changed, self._locks = self._locks, Difference()
        return _locks_of(changed.wanted.values()), _locks_of(changed.unwanted.values())


def _locks_of(wants: Iterable[Want]) -> list[LockWanted]:
    return [want for want in wants if isinstance(want, LockWanted)]


def _timed(event: Event, at: int) -> Event:
    if event.at >= at:
        return event
    changed = {name: getattr(event, name) for name in event.__struct_fields__}
    return type(event)(**{**changed, "at": at})
