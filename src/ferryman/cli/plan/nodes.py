"""The plan as plain data: what would happen to each node, and because of what. This is what `--output json` shows.

The names of its fields are a promise (docs/cli.md). Sensitive values are taken out of every text here, so that no face
has to think of it.
"""

from collections.abc import Iterable, Iterator

import msgspec
from msgspec.structs import replace

from ferryman.cli.plan import waits
from ferryman.cli.plan.fold import Asked, DryRun, whole
from ferryman.cli.plan.waits import Wait
from ferryman.domain import words
from ferryman.domain.hiding import hiding
from ferryman.domain.ids import join
from ferryman.domain.pipeline import Step
from ferryman.domain.run import JobState, StageState, StepState
from ferryman.domain.sentences import sentence
from ferryman.domain.status import Outcome, Reason
from ferryman.domain.values import Parameter
from ferryman.domain.wants import LockWanted


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    pass


class Value(_Told, frozen=True):
    """A variable as it stands at the start."""

    name: str
    value: str
    source: str
    """given, default or constant."""


class Fate(_Told, frozen=True):
    """What becomes of a node."""

    outcome: str
    """succeeded, failed, errored, canceled, skipped, unreached; empty where the plan was cut short before it."""
    reason: str = ""
    facts: dict[str, str] = {}
    because: str = ""
    """The reason as a sentence."""


class StepPlan(_Told, frozen=True):
    """What becomes of a step."""

    path: str
    id: str
    name: str
    kind: str
    fate: Fate
    attempts: int = 0
    continued: bool = False
    """It fails, and its job goes on as if it had not."""
    waits: tuple[Wait, ...] = ()


class JobPlan(_Told, frozen=True):
    """What becomes of a job; of a matrix, also of the jobs it is split into."""

    path: str
    id: str
    name: str
    fate: Fate
    needs: tuple[str, ...] = ()
    matrix: dict[str, str] = {}
    waits: tuple[Wait, ...] = ()
    steps: tuple[StepPlan, ...] = ()
    split: tuple["JobPlan", ...] = ()


class StagePlan(_Told, frozen=True):
    """What becomes of a stage."""

    path: str
    id: str
    name: str
    fate: Fate
    final: bool = False
    waits: tuple[Wait, ...] = ()
    jobs: tuple[JobPlan, ...] = ()


class Plan(_Told, frozen=True):
    """What a run of a pipeline would do."""

    file: str
    pipeline: str
    fate: Fate
    values: tuple[Value, ...]
    waits: tuple[Wait, ...]
    stages: tuple[StagePlan, ...]
    notes: tuple[str, ...] = ()


def plan(dry: DryRun, *, file: str, given: dict[str, str], notes: tuple[str, ...] = ()) -> Plan:
    """The plan that a dry run amounts to."""
    return _Teller(dry, given).plan(file, notes)


class _Teller:
    """Reads a dry run. Lives as long as one plan is made."""

    def __init__(self, dry: DryRun, given: dict[str, str]) -> None:
        self.dry = dry
        self.run = dry.run
        self.given = given
        self.hide = hiding(
            self.run.values.get(parameter.name, "")
            for parameter in self.run.pipeline.parameters
            if parameter.sensitive
        )
        self.asked: dict[str, list[Asked]] = {}
        for asked in dry.asked:
            self.asked.setdefault(asked.path, []).append(asked)
        self.locks: dict[str, list[LockWanted]] = {}
        for lock in dry.locks:
            self.locks.setdefault(lock.path, []).append(lock)

    def plan(self, file: str, notes: tuple[str, ...]) -> Plan:
        """The whole."""
        pipeline = self.run.pipeline
        return Plan(
            file=file,
            pipeline=pipeline.name,
            fate=self.fate(self.run.outcome, self.run.reason),
            values=tuple(self.values()),
            waits=self.hidden(waits.before_the_run(pipeline.concurrency, self.run.group)),
            stages=tuple(self.stage(at, stage) for at, stage in enumerate(self.run.stages)),
            notes=tuple(self.hide(note) for note in notes),
        )

    def values(self) -> Iterator[Value]:
        """Every variable at the start; what is sensitive is hidden whole."""
        declared = {parameter.name: parameter for parameter in self.run.pipeline.parameters}
        for name, value in self.run.values.items():
            parameter = declared.get(name)
            hidden = parameter is not None and parameter.sensitive and bool(value)
            shown = words.HIDDEN if hidden else self.hide(value)
            yield Value(name=name, value=shown, source=self.source(name, parameter))

    def source(self, name: str, parameter: Parameter | None) -> str:
        """Where a value came from."""
        if parameter is not None and (parameter.constant or not parameter.settable):
            return "constant" if parameter.constant else "default"
        return "given" if name in self.given else "default"

    def fate(self, outcome: Outcome | None, reason: Reason) -> Fate:
        """The end of a node with its sentence."""
        return Fate(
            outcome=outcome.value if outcome is not None else "",
            reason=reason.kind.value if reason else "",
            facts={name: self.hide(text) for name, text in reason.facts.items()},
            because=self.hide(sentence(reason)),
        )

    def stage(self, at: int, state: StageState) -> StagePlan:
        """One stage with its jobs."""
        define = self.run.pipeline.stages[at]
        gates = (*define.before, *define.after)
        return StagePlan(
            path=state.id,
            id=state.id,
            name=define.name,
            fate=self.fate(state.outcome, state.reason),
            final=define.final,
            waits=self.hidden(waits.for_people(asked, gates) for asked in self.asked.get(state.id, ())),
            jobs=tuple(self.job(job) for job in state.jobs),
        )

    def job(self, state: JobState) -> JobPlan:
        """One job with its steps, or with the jobs it is split into."""
        define = state.define
        steps = zip(state.steps, define.steps, strict=False)
        return JobPlan(
            path=state.path,
            id=state.path.rpartition("/")[2],
            name=define.name,
            fate=self.fate(state.outcome, state.reason),
            needs=define.needs,
            matrix={name: self.hide(value) for name, value in (state.matrix or {}).items()},
            waits=self.hidden(waits.for_lock(lock) for lock in self.locks.get(state.path, ())),
            steps=tuple(self.step(state.path, step, step_define) for step, step_define in steps),
            split=tuple(self.job(child) for child in state.children),
        )

    def step(self, job: str, state: StepState, define: Step) -> StepPlan:
        """One step."""
        path = join(job, state.id)
        gates = (define.review,) if define.review is not None else ()
        return StepPlan(
            path=path,
            id=state.id,
            name=define.name,
            kind=define.kind,
            fate=self.fate(state.outcome, state.reason),
            attempts=self.dry.attempts.get(path, 0),
            continued=define.on_failure == "continue" and state.outcome is not None and state.outcome.is_bad,
            waits=self.hidden(waits.for_people(asked, gates) for asked in self.asked.get(path, ())),
        )

    def hidden(self, waits: Iterable[Wait]) -> tuple[Wait, ...]:
        """The same, with nothing sensitive in what they say."""
        return tuple(
            replace(
                wait,
                text=self.hide(wait.text),
                group=self.hide(wait.group),
                people=tuple(map(self.hide, wait.people)),
                assumed=self.hide(wait.assumed),
            )
            for wait in waits
        )


def never_met(told: Plan, fails: frozenset[str], rejects: frozenset[str]) -> Iterator[str]:
    """A note for each step that was to fail but does not run, and each gate to be refused that nobody reaches."""
    begun = {step.path for step in all_steps(told) if step.attempts or step.waits}
    asked = begun | {stage.path for stage in told.stages if stage.waits}
    for path in sorted(fails):
        if path not in begun and path not in map(whole, begun):
            yield f"{path} was to fail, but does not run"
    for path in sorted(rejects):
        if path not in asked and path not in map(whole, asked):
            yield f"{path} was to be refused, but asks nobody"


def all_steps(told: Plan) -> Iterator[StepPlan]:
    """Every step, also of split jobs."""
    for stage in told.stages:
        for job in stage.jobs:
            for one in (job, *job.split):
                yield from one.steps
