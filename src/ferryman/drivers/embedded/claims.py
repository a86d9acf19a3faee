"""Claims: the runs that this process moves, each in memory with the events that wait for it (RULINGS 5)."""

import asyncio
from collections import deque
from collections.abc import Iterable

from ferryman.domain.errors import Refused
from ferryman.domain.events import Event
from ferryman.domain.journal import JournalEntry
from ferryman.domain.run import Run
from ferryman.domain.wants import Want
from ferryman.machine import advance
from ferryman.ports.store import RunRow

Answer = asyncio.Future[Run]


class Letter:
    """An event on its way into a run, and who waits for what comes of it."""

    __slots__ = ("answer", "event")

    def __init__(self, event: Event, answer: Answer | None = None) -> None:
        """Without an answer nobody waits."""
        self.event = event
        self.answer = answer


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
        self.vacant: set[str] = set()
        """Paths of jobs that have given up their place before their end, as a pause does."""
        self.changed = asyncio.Event()

    def show(self, run: Run) -> None:
        """The run is kept like this now: let everybody see it who waits for a change."""
        self.run = run
        self.changed.set()
        self.changed = asyncio.Event()


class Folded:
    """Events folded one by one, to be kept as one unit."""

    def __init__(self, run: Run) -> None:
        """Begin with the run as it is kept."""
        self.run = run
        self.entries: list[JournalEntry] = []
        self.answers: list[Answer] = []
        self._wanted: dict[str, Want] = {}
        self._unwanted: dict[str, Want] = {}

    def take(self, letter: Letter, at: int) -> None:
        """Fold one event; a refusal is told to its sender and leaves no trace."""
        event = _timed(letter.event, max(at, self.run.at))
        try:
            after, wanted, unwanted = advance(self.run, event)
        except Refused as refusal:
            if letter.answer is not None and not letter.answer.done():
                letter.answer.set_exception(refusal)
            return
        self.run = after
        self.entries.append(JournalEntry(seq=after.seq, event=event, ignored=after.ignored))
        if letter.answer is not None:
            self.answers.append(letter.answer)
        self.differ(wanted, unwanted)

    def differ(self, wanted: Iterable[Want], unwanted: Iterable[Want]) -> None:
        """Keep the difference between the first wants and the last."""
        for want in unwanted:
            if self._wanted.get(want.name) == want:
                del self._wanted[want.name]
            else:
                self._unwanted[want.name] = want
        for want in wanted:
            if self._unwanted.get(want.name) == want:
                del self._unwanted[want.name]
            else:
                self._wanted[want.name] = want

    def take_difference(self) -> tuple[tuple[Want, ...], tuple[Want, ...]]:
        """What is wanted and unwanted since the last call."""
        difference = tuple(self._wanted.values()), tuple(self._unwanted.values())
        self._wanted.clear()
        self._unwanted.clear()
        return difference


def _timed(event: Event, at: int) -> Event:
    if event.at >= at:
        return event
    changed = {name: getattr(event, name) for name in event.__struct_fields__}
    return type(event)(**{**changed, "at": at})
