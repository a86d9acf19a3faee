"""The law of the cut (RULINGS 3): folding each job apart and putting them together gives the same run.

Random runs are folded in both ways, side by side. Apart, the shell knows of its jobs only what they told, and each job
knows of its run only the letters it got: `Cut` carries letters and tellings to and fro as two processes would, through
bytes. What the whole run refuses or ignores is not told to the parts.
"""

import msgspec
import pytest
from msgspec.structs import replace

from ferryman.domain.conditions import Holds
from ferryman.domain.errors import Refused
from ferryman.domain.events import (
    CancelRequested,
    Event,
    LockGranted,
    RetryRequested,
    SkipRequested,
    Started,
    TimerFired,
)
from ferryman.domain.ids import split_key
from ferryman.domain.pipeline import Pipeline, Stage
from ferryman.domain.run import JobState, Run
from ferryman.domain.status import Phase
from ferryman.machine import advance_job, begin, wants
from ferryman.machine.cut import advance_shell, apart, hear, together
from ferryman.machine.orders import Order, Told
from ferryman.machine.wanted import of_job
from tests.machine.laws import Ledger, told
from tests.machine.random_play import RandomPlay, share
from tests.machine.test_found import SKIPPED, THREE, job, stage


class Cut:
    """A shell here, jobs there, and a post between them."""

    def __init__(self, run: Run) -> None:
        """Take a run apart."""
        self.shell, self.jobs = apart(run)

    def tell(self, event: Event) -> None:
        """Fold one event where it belongs, then carry letters and tellings until all is quiet."""
        path = job_of(event)
        if path in self.jobs:
            letters = hear(self.shell, [self.fold(path, event)], at=event.at)
        else:
            letters = advance_shell(self.shell, event)
        self.shell = letters.shell
        while letters.orders:
            self.jobs |= letters.leaving
            news = {path: self.fold(path, order) for path, order in letters.orders if path in self.jobs}
            letters = hear(self.shell, news.values(), at=event.at)
            self.shell = letters.shell

    def fold(self, path: str, event: Event | Order) -> Told | JobState:
        """Fold one event or letter into a job that knows nothing else, as a far process would."""
        job = msgspec.json.decode(msgspec.json.encode(self.jobs.pop(path)), type=JobState)
        event = msgspec.json.decode(msgspec.json.encode(event), type=type(event))
        after, _, _, said = advance_job(job, event)
        if after.phase is Phase.FINISHED:
            return after
        self.jobs[path] = after
        return said

    def run(self) -> Run:
        """The whole run."""
        return together(self.shell, self.jobs)


def job_of(event: Event) -> str:
    """The path of the job that an event is addressed to; for what the run itself hears, the path of no job."""
    match event:
        case RetryRequested() | SkipRequested():
            return ""
        case TimerFired(name=name):
            path = name.partition("#")[0]
        case _:
            path = split_key(event.key)[0] if hasattr(event, "key") else getattr(event, "path", "")
    return "/".join(path.split("/")[:2])


class Parted(RandomPlay):
    """Both folds side by side."""

    cut: Cut

    def begun(self, pipeline: Pipeline, started: Started) -> None:
        """Take the fresh run apart."""
        self.cut = Cut(begin(pipeline, started).run)

    def tell(self, event: Event) -> None:
        """Fold one event in both ways."""
        try:
            self.ledger.tell_plainly(event)
        except Refused:
            return
        whole = self.ledger.run
        if whole.ignored:
            return
        try:
            self.cut.tell(replace(event, at=whole.at))
            parts = self.cut.run()
            same = replace(parts, seq=whole.seq, at=whole.at, ignored="")
            assert same == whole, told("apart and together give the same run", whole, same)
            wanted = [want for job in self.cut.jobs.values() for want in of_job(job)]
            assert {want.name for want in wanted} <= {want.name for want in wants(whole)}
            assert set(map(repr, wants(parts))) == set(map(repr, wants(whole)))
        except AssertionError as broken:
            broken.add_note(self.ledger.story())
            raise


TestCut = Parted.TestCase
TestCut.settings = share()


@pytest.mark.parametrize(
    "stages",
    [
        pytest.param(
            (stage("s1", job("j1", SKIPPED), job("j2", matrix=THREE)),),
            id="a matrix does not see a neighbor that ended as soon as it began",
        ),
        pytest.param(
            (stage("s1", job("j1"), condition=Holds("")), stage("s2", job("j2"))),
            id="a job sees that a stage before it was skipped",
        ),
        pytest.param(
            (stage("s1", job("j1", SKIPPED), fast_kill=True), stage("s2", job("j2"), final=True)),
            id="stages follow one another without an event",
        ),
    ],
)
def test_jobs_are_told_the_same_world_apart(stages: tuple[Stage, ...]) -> None:
    """What the search found: a letter on its way is no reason to hand a job older facts."""
    started = Started(at=1_000, run="r1", by="ann")
    cut = Cut(begin(Pipeline(stages=stages), started).run)
    ledger = Ledger(Pipeline(stages=stages), started)
    ledger.tell(LockGranted(at=2_000))
    cut.tell(LockGranted(at=2_000))
    assert replace(cut.run(), seq=2) == ledger.run


def test_a_forced_stop_is_no_fast_kill() -> None:
    """What the search found: jobs that all end in one stop kill one another in no order."""
    stages = (stage("s1", job("j1"), job("j2"), job("j3", needs=("j1",)), fast_kill=True),)
    started = Started(at=1_000, run="r1", by="ann", turn=True)
    cut = Cut(begin(Pipeline(stages=stages), started).run)
    ledger = Ledger(Pipeline(stages=stages), started)
    stop = CancelRequested(at=2_000, by="bob", force=True)
    ledger.tell(stop)
    cut.tell(stop)
    assert replace(cut.run(), seq=2) == ledger.run
    assert ledger.run.stages[0].killed_by == ""
