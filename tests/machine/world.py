"""A tiny world: it carries out what a run wants, in one of a few moods, and reports back.

It stands where a driver, its executors and its people stand, and knows nothing of a run but its wants.
"""

from collections.abc import Callable, Iterable, Iterator

from ferryman.domain.errors import Refused
from ferryman.domain.events import (
    Delivered,
    Event,
    GateAnswered,
    Halted,
    LockGranted,
    LockRefused,
    LostSettled,
    Resumed,
    ReviewersNamed,
    StepFinished,
    TimerFired,
    VerdictGiven,
)
from ferryman.domain.run import Run
from ferryman.domain.wants import (
    EnvironmentWanted,
    GateWanted,
    LockWanted,
    MessageWanted,
    PersonWanted,
    ReviewersWanted,
    StepWanted,
    StopWanted,
    TimerWanted,
    Want,
)
from ferryman.machine import wants
from tests.machine.pipelines import PEOPLE

GOOD, BAD, DEAF = "good", "bad", "deaf"
"""All goes well · all goes wrong · steps never answer, so that only timers and people bring the run forward."""

VALUES: tuple[dict[str, str], ...] = ({}, {"must": "m"}, {"target": "t"})
"""What people may fill in; a gate refuses what it does not ask for, and the next is tried."""


def lost_key(want: PersonWanted) -> str:
    """The attempt that a person is asked about."""
    return want.name.removesuffix(":lost")


def replies(want: Want, *, at: int, mood: str = GOOD) -> Iterator[Event]:
    """What may be told of a want, the likeliest first; nothing where there is nothing to tell."""
    good = mood != BAD
    match want:
        case StepWanted(name=key):
            if mood != DEAF:
                yield StepFinished(at=at, key=key, outcome="succeeded" if good else "failed")
        case StopWanted(key=key):
            if mood != DEAF:
                yield StepFinished(at=at, key=key, outcome="failed")
        case LockWanted(path=path):
            # The turn itself is always granted: a run that is refused it tells us nothing more.
            yield LockGranted(at=at, path=path) if good or not path else LockRefused(at=at, path=path)
        case GateWanted(kind="verdict", path=path):
            yield VerdictGiven(at=at, path=path, passed=good, by="bob")
        case GateWanted(path=path, reviewers=reviewers):
            for person in reviewers or PEOPLE:
                for values in VALUES:
                    yield GateAnswered(at=at, path=path, by=person, yes=good, values=values)
        case ReviewersWanted(path=path, roles=roles):
            yield ReviewersNamed(at=at, path=path, members=tuple(PEOPLE if each else () for each in roles))
        case PersonWanted(kind="pause", path=path):
            yield Resumed(at=at, path=path, by="bob") if good else Halted(at=at, path=path, by="bob")
        case PersonWanted():
            yield LostSettled(at=at, key=lost_key(want), verdict="succeeded" if good else "failed", by="bob")
        case MessageWanted(name=name):
            yield Delivered(at=at, name=name)
        case TimerWanted(name=name, at=due):
            yield TimerFired(at=max(at, due), name=name)
        case EnvironmentWanted():
            return


class World:
    """What has been carried out already: locks that are held, votes that were cast."""

    def __init__(self, mood: str = GOOD) -> None:
        """A world in one of the moods; nothing has happened in it."""
        self.mood = mood
        self.locks: set[str] = set()
        self.votes: set[tuple[str, str, str]] = set()

    def next_events(self, run: Run) -> Iterator[Event]:
        """What may happen next, timers last and the earliest first; the caller tells the first one that is taken."""
        wanted = wants(run)
        self.locks &= {want.name for want in wanted}
        timers = sorted(
            (want for want in wanted if isinstance(want, TimerWanted)), key=lambda want: (want.at, want.name)
        )
        others = (want for want in wanted if not isinstance(want, TimerWanted))
        for want in (*others, *timers):
            if want.name not in self.locks:
                yield from self._new(want, replies(want, at=run.at, mood=self.mood))

    def _new(self, want: Want, events: Iterable[Event]) -> Iterator[Event]:
        for event in events:
            if not (isinstance(event, GateAnswered) and (want.name, event.path, event.by) in self.votes):
                yield event

    def took(self, run: Run, event: Event) -> None:
        """Remember what was accepted by the run as it stood."""
        if isinstance(event, LockGranted):
            self.locks |= {
                want.name for want in wants(run) if isinstance(want, LockWanted) and want.path == event.path
            }
        if isinstance(event, GateAnswered):
            names = [
                want.name for want in wants(run) if isinstance(want, GateWanted) and want.path == event.path
            ]
            self.votes |= {(name, event.path, event.by) for name in names}


class Stuck(AssertionError):
    """Nothing that is wanted brings the run forward."""


Teller = Callable[[Event], Run]
"""Tells a run one event and gives it as it is then; raises `Refused`."""


def next_step(world: World, run: Run, tell: Teller) -> Run:
    """Carry out one want, whichever counts first; raises `Stuck` where none is."""
    for event in world.next_events(run):
        try:
            after = tell(event)
        except Refused:
            continue
        world.took(run, event)
        if not after.ignored:
            return after
    raise Stuck(f"nothing brings the run forward: {wants(run)}")
