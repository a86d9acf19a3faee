"""The dry fold: a run of the machine in which nothing is done and everything is said to have been done.

Every step succeeds, save those that are to fail at each attempt; every question is answered with yes by the first who
may, save those that are to be refused; locks come at once; parallel steps take equally long; no time limit runs out.
"""

import msgspec

from ferryman import machine
from ferryman.domain.events import (
    Delivered,
    Event,
    GateAnswered,
    LockGranted,
    Resumed,
    ReviewersNamed,
    Started,
    StepFinished,
    TimerFired,
    VerdictGiven,
)
from ferryman.domain.gates import Gate, GateKind, GatePhase
from ferryman.domain.ids import split_key
from ferryman.domain.pipeline import Pipeline
from ferryman.domain.run import GateState, JobState, Run
from ferryman.domain.status import NO_REASON, Phase, Reason, Why
from ferryman.domain.values import Json
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

MOST_EVENTS = 50_000
"""A plan that needs more events is cut short, and says so."""
HOUR_MS = 3_600_000
FAILURE = Reason(Why.EXIT, {"code": "1"})


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question that the run would put to people or to the world, and the answer that was assumed."""

    path: str
    kind: str
    group: str = ""
    people: tuple[str, ...] = ()
    yes: bool = True
    by: tuple[str, ...] = ()
    hours: int = 0
    """How long it may wait; 0: as long as it takes."""
    filled: dict[str, str] = {}
    """Values that had to be made up, because an approval needs them."""


class DryRun(msgspec.Struct, frozen=True, kw_only=True):
    """How the dry run ended, and what it met on its way."""

    run: Run
    attempts: dict[str, int]
    """How often each step was begun, by path."""
    asked: tuple[Asked, ...]
    locks: tuple[LockWanted, ...]
    complete: bool


def whole(path: str) -> str:
    """A path with the number of a split job taken off: `test/suite.0/run` is `test/suite/run`."""
    stage, *rest = path.split("/")
    if not rest:
        return path
    return "/".join((stage, rest[0].partition(".")[0], *rest[1:]))


def fold(
    pipeline: Pipeline,
    *,
    values: dict[str, str],
    facts: dict[str, Json],
    fails: frozenset[str] = frozenset(),
    rejects: frozenset[str] = frozenset(),
    most: int = MOST_EVENTS,
) -> DryRun:
    """Run a pipeline dry. `fails` are paths of steps, `rejects` of stages and steps that ask people.

    Raises `Refused` where the start itself is refused, such as for a value that is missing.
    """
    world = _World(pipeline, values, facts, fails=fails, rejects=rejects)
    complete = world.go_on(most)
    return DryRun(
        run=world.run,
        attempts=world.attempts,
        asked=tuple(world.asked),
        locks=tuple(world.locks),
        complete=complete,
    )


class _World:
    """Carries out wants by saying that they are done. Lives as long as one fold."""

    def __init__(
        self,
        pipeline: Pipeline,
        values: dict[str, str],
        facts: dict[str, Json],
        *,
        fails: frozenset[str],
        rejects: frozenset[str],
    ) -> None:
        self.fails = fails
        self.rejects = rejects
        self.at = 1
        self.events = 0
        self.attempts: dict[str, int] = {}
        self.asked: list[Asked] = []
        self.locks: list[LockWanted] = []
        self.todo: dict[str, Want] = {}
        self.timers: dict[str, TimerWanted] = {}
        begun = machine.begin(pipeline, Started(at=self.at, run="dry", turn=True, values=values, facts=facts))
        self.run = begun.run
        self.take(begun)

    def take(self, step: machine.Advance) -> None:
        """Note what is wanted now, and forget what is wanted no more."""
        self.run = step.run
        for want in step.unwanted:
            self.todo.pop(want.name, None)
            self.timers.pop(want.name, None)
        for want in step.wanted:
            if isinstance(want, TimerWanted):
                self.timers[want.name] = want
            else:
                self.todo[want.name] = want

    def tell(self, event: Event) -> machine.Advance:
        """Fold one event."""
        self.events += 1
        step = machine.advance(self.run, event)
        self.take(step)
        return step

    def go_on(self, most: int) -> bool:
        """Carry out wants, oldest first, until the run has ended; whether it has."""
        while self.run.phase is not Phase.FINISHED and self.events < most:
            if self.todo:
                self.carry_out(self.todo.pop(next(iter(self.todo))))
            elif self.timers:
                # Only when nothing else is left: the pause before another attempt is over.
                timer = self.timers.pop(min(self.timers, key=lambda name: self.timers[name].at))
                self.at = max(self.at, timer.at)
                self.tell(TimerFired(at=self.at, name=timer.name))
            else:
                return False
        return self.run.phase is Phase.FINISHED

    def carry_out(self, want: Want) -> None:
        """Say that a want has been carried out."""
        match want:
            case StepWanted(name=key):
                path = split_key(key)[0]
                self.attempts[path] = self.attempts.get(path, 0) + 1
                fails = self.is_among(self.fails, path)
                self.tell(
                    StepFinished(
                        at=self.at,
                        key=key,
                        outcome="failed" if fails else "succeeded",
                        reason=FAILURE if fails else NO_REASON,
                    )
                )
            case StopWanted(key=key):
                self.tell(StepFinished(at=self.at, key=key, outcome="failed"))
            case LockWanted(path=path) if path:
                self.locks.append(want)
                self.tell(LockGranted(at=self.at, path=path))
            case ReviewersWanted(path=path, roles=roles):
                named = tuple(tuple(f"role {role}" for role in group) for group in roles)
                self.tell(ReviewersNamed(at=self.at, path=path, members=named))
            case GateWanted():
                self.answer(want)
            case PersonWanted(path=path, kind=kind, tell=people):
                self.asked.append(Asked(path=path, kind=kind, people=people))
                self.tell(Resumed(at=self.at, path=path))
            case MessageWanted(name=name):
                self.tell(Delivered(at=self.at, name=name))
            case LockWanted() | EnvironmentWanted() | TimerWanted():
                # The run has its turn, places are always there, and timers are kept apart.
                return

    def answer(self, want: GateWanted) -> None:
        """Let as many people answer as the gate needs, all of them with the same word."""
        path = want.path
        yes = not self.is_among(self.rejects | self.fails, path)
        if want.kind == GateKind.VERDICT:
            self.asked.append(Asked(path=path, kind=want.kind, yes=yes))
            self.tell(VerdictGiven(at=self.at, path=path, passed=yes))
            return
        policy, state = open_gate(self.run, path)
        filled = {
            parameter.name: f"<{parameter.name}>"
            for parameter in policy.parameters
            if yes and parameter.not_empty and not state.values.get(parameter.name, "").strip()
        }
        by = []
        for person in want.reviewers or ("",):
            by.append(person)
            told = self.tell(
                GateAnswered(at=self.at, path=path, by=person, yes=yes, group=want.group, values=filled)
            )
            if any(gone.name == want.name for gone in told.unwanted):
                break
        self.asked.append(
            Asked(
                path=path,
                kind=want.kind,
                group=want.group,
                people=want.reviewers,
                yes=yes,
                by=tuple(name for name in by if name),
                hours=(state.deadline - state.opened_at) // HOUR_MS if state.deadline else 0,
                filled=filled,
            )
        )

    @staticmethod
    def is_among(paths: frozenset[str], path: str) -> bool:
        """Whether a path, or that of the job it was split from, is one of these."""
        return path in paths or whole(path) in paths


def open_gate(run: Run, path: str) -> tuple[Gate, GateState]:
    """The gate that is open at a stage or a step. Raises LookupError where there is none."""
    parts = path.split("/")
    place = run.index[parts[0]]
    stage, define = run.stages[place[0]], run.pipeline.stages[place[0]]
    if len(parts) == 1:
        gates = (*zip(define.before, stage.before, strict=True), *zip(define.after, stage.after, strict=True))
        for policy, state in gates:
            if state.phase is GatePhase.OPEN:
                return policy, state
    else:
        job = job_at(run, "/".join(parts[:2]))
        for step, step_state in zip(job.define.steps, job.steps, strict=True):
            if step.id == parts[2] and step.review is not None and step_state.gate is not None:
                return step.review, step_state.gate
    raise LookupError(path)


def job_at(run: Run, path: str) -> JobState:
    """The job of a path, split jobs too. Raises LookupError where there is none."""
    stage, beside = run.index[whole(path)]
    job = run.stages[stage].jobs[beside]
    number = path.partition("/")[2].partition(".")[2]
    return job.children[int(number)] if number else job
