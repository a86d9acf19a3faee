"""Small real runs, folded by the machine, and the picture that a BK-CI client has of each.

A picture names every node that has a status: `run RUNNING, a PAUSE`; what is not named has none.
"""

from collections.abc import Iterable, Iterator

from ferryman.dialects.bkci.v3 import seen
from ferryman.dialects.bkci.v3.statuses import Beside, Key, Level, row_of
from ferryman.domain.events import Event, GateAnswered, Started, StepFinished, TimerFired
from ferryman.domain.gates import Gate, GateKind, ReviewGroup
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.run import JobState, Run, StageState, StepState
from ferryman.domain.status import NO_REASON, Reason
from ferryman.domain.wants import TimerWanted
from ferryman.machine import advance, begin, wants

Node = tuple[str, Level, StageState | JobState | StepState, Beside | None]
Change = object


def step(name: str, **more: Change) -> Step:
    """A step."""
    return Step(id=name, kind="run", **more)  # type: ignore[arg-type]


def job(name: str, *steps: Step, **more: Change) -> Job:
    """A job; without steps it has one that is called 1."""
    return Job(id=name, user_id=name, steps=steps or (step("1"),), **more)  # type: ignore[arg-type]


def stage(name: str, *jobs: Job, **more: Change) -> Stage:
    """A stage; without jobs it has one that is called j."""
    return Stage(id=name, jobs=jobs or (job("j"),), **more)  # type: ignore[arg-type]


def review(*groups: str, kind: GateKind = GateKind.REVIEW, **more: Change) -> Gate:
    """A gate; each group's one reviewer has its name."""
    named = tuple(ReviewGroup(name=name, reviewers=(name,)) for name in groups)
    return Gate(kind=kind, groups=named, **more)  # type: ignore[arg-type]


class Story:
    """One run and what is told to it, with a clock that goes on by a second at each event."""

    def __init__(self, *stages: Stage, turn: bool = True, **more: Change) -> None:
        """Begin a run of these stages."""
        self.at = 1_000
        self.pipeline = Pipeline(stages=stages, **more)  # type: ignore[arg-type]
        self.run = begin(self.pipeline, Started(at=self.at, run="r", turn=turn)).run

    def tell(self, kind: type, later: int = 1_000, **facts: Change) -> None:
        """One event of this kind, a second (or `later` milliseconds) after the last one; it must count."""
        self.at += later
        event: Event = kind(at=self.at, **facts)
        self.run = advance(self.run, event).run
        assert not self.run.ignored, self.run.ignored

    def end(self, key: str, outcome: str = "succeeded", reason: Reason = NO_REASON, **more: Change) -> None:
        """An attempt has ended."""
        self.tell(StepFinished, key=key, outcome=outcome, reason=reason, **more)

    def answer(self, path: str, by: str, *, yes: bool) -> None:
        """A reviewer has answered."""
        self.tell(GateAnswered, path=path, by=by, yes=yes)

    def fire(self, ending: str) -> None:
        """The wanted timer whose name ends like this is due."""
        (timer,) = [
            want for want in wants(self.run) if isinstance(want, TimerWanted) and want.name.endswith(ending)
        ]
        self.tell(TimerFired, later=timer.at - self.at, name=timer.name)

    def sees(self, picture: str, *, preparing: Iterable[str] = ()) -> None:
        """The client's picture is this one."""
        assert picture_of(self.run, preparing) == dict(part.split(" ") for part in picture.split(", "))


def nodes_of(run: Run, preparing: Iterable[str] = ()) -> Iterator[Node]:
    """Every stage, job, split job and step with its path and what stands beside it."""
    waiting = tuple(preparing)
    for each in run.stages:
        beside = seen.beside_of(run, each)
        yield each.id, Level.STAGE, each, beside
        for parent in each.jobs:
            for one in (parent, *parent.children):
                aside = seen.beside_of(run, each, preparing=one.path in waiting)
                yield one.path, Level.JOB, one, aside
                for state in one.steps:
                    yield f"{one.path}/{state.id}", Level.STEP, state, aside


def picture_of(run: Run, preparing: Iterable[str] = ()) -> dict[str, str]:
    """The words of all that have a status."""
    words = {"run": seen.of_run(run)}
    for path, level, node, beside in nodes_of(run, preparing):
        words[path] = seen.of_node(level, node, beside)
    for each, define in zip(run.stages, run.pipeline.stages, strict=True):
        words[f"{each.id}<"] = seen.of_check(define.before, each.before)
        words[f"{each.id}>"] = seen.of_check(define.after, each.after)
        for gate in (*each.before, *each.after):
            for at, status in enumerate(seen.of_groups(gate)):
                words[f"{each.id}.{at}"] = status
    return {path: status for path, status in words.items() if status}


def rows_of(run: Run, preparing: Iterable[str] = ()) -> set[Key]:
    """The rows of the table that speak of this run, save those of gates."""
    return {row_of(Level.RUN, run.phase, run.outcome, run.reason.kind)} | {
        row_of(level, node.phase, node.outcome, node.reason.kind, beside)
        for _, level, node, beside in nodes_of(run, preparing)
    }
