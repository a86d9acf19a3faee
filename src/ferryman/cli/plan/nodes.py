"""The plan as plain data: what would happen to each node, and because of what. This is what `--output json` shows.

The names of its fields are a promise (docs/cli.md). Sensitive values are taken out of every text here, so that no face
has to think of it.
"""

import re
from collections.abc import Callable, Iterator

import msgspec

from ferryman.cli.plan.fold import Asked, DryRun, whole
from ferryman.cli.plan.reasons import sentence
from ferryman.domain import words
from ferryman.domain.gates import Gate, ReviewGroup
from ferryman.domain.ids import join
from ferryman.domain.pipeline import Step
from ferryman.domain.policies import Concurrency, Exclusion, Mutex
from ferryman.domain.run import JobState, StageState, StepState
from ferryman.domain.status import Outcome, Reason
from ferryman.domain.values import Parameter

SHORT = 4
"""Sensitive values of fewer characters are hidden only where they stand alone."""


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    pass


class Value(_Told, frozen=True):
    """A variable as it stands at the start."""

    name: str
    value: str
    source: str
    """given, default or constant."""


class Wait(_Told, frozen=True):
    """Something that a real run would wait for, and what the plan assumes of it."""

    kind: str
    """review, manual, verdict, pause, mutex or turn."""
    text: str
    group: str = ""
    people: tuple[str, ...] = ()
    needed: int = 0
    assumed: str = ""


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
        self.hide = _hiding(
            self.run.values.get(parameter.name, "")
            for parameter in self.run.pipeline.parameters
            if parameter.sensitive
        )
        self.asked: dict[str, list[Asked]] = {}
        for asked in dry.asked:
            self.asked.setdefault(asked.path, []).append(asked)

    def plan(self, file: str, notes: tuple[str, ...]) -> Plan:
        """The whole."""
        pipeline = self.run.pipeline
        return Plan(
            file=file,
            pipeline=pipeline.name,
            fate=self.fate(self.run.outcome, self.run.reason),
            values=tuple(self.values()),
            waits=tuple(_turn(pipeline.concurrency, self.run.group)),
            stages=tuple(self.stage(at, stage) for at, stage in enumerate(self.run.stages)),
            notes=tuple(self.hide(note) for note in notes),
        )

    def values(self) -> Iterator[Value]:
        """Every variable at the start; what is sensitive is hidden whole."""
        declared = {parameter.name: parameter for parameter in self.run.pipeline.parameters}
        for name, value in self.run.values.items():
            parameter = declared.get(name)
            hidden = parameter is not None and parameter.sensitive and bool(value)
            yield Value(
                name=name, value=words.HIDDEN if hidden else value, source=self.source(name, parameter)
            )

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
        waits = [
            self.question(asked, (*define.before, *define.after)) for asked in self.asked.get(state.id, ())
        ]
        return StagePlan(
            path=state.id,
            id=state.id,
            name=define.name,
            fate=self.fate(state.outcome, state.reason),
            final=define.final,
            waits=tuple(waits),
            jobs=tuple(self.job(job) for job in state.jobs),
        )

    def job(self, state: JobState) -> JobPlan:
        """One job with its steps, or with the jobs it is split into."""
        define = state.define
        waits = [
            _mutex(lock.group, define.mutex, lock.minutes)
            for lock in self.dry.locks
            if lock.path == state.path
        ]
        steps = zip(state.steps, define.steps, strict=False)
        return JobPlan(
            path=state.path,
            id=state.path.rpartition("/")[2],
            name=define.name,
            fate=self.fate(state.outcome, state.reason),
            needs=define.needs,
            matrix={name: self.hide(value) for name, value in (state.matrix or {}).items()},
            waits=tuple(wait for wait in waits if wait is not None),
            steps=tuple(self.step(state.path, step, step_define) for step, step_define in steps),
            split=tuple(self.job(child) for child in state.children),
        )

    def step(self, job: str, state: StepState, define: Step) -> StepPlan:
        """One step."""
        path = join(job, state.id)
        policies = (define.review,) if define.review is not None else ()
        return StepPlan(
            path=path,
            id=state.id,
            name=define.name,
            kind=define.kind,
            fate=self.fate(state.outcome, state.reason),
            attempts=self.dry.attempts.get(path, 0),
            continued=define.on_failure == "continue" and state.outcome is not None and state.outcome.is_bad,
            waits=tuple(self.question(asked, policies) for asked in self.asked.get(path, ())),
        )

    def question(self, asked: Asked, policies: tuple[Gate, ...]) -> Wait:
        """One question to people, with what was assumed of the answer."""
        group, gate = _group(asked, policies)
        people = tuple(self.hide(person) for person in asked.people)
        needed = max(1, min(group.quorum, len(people))) if group is not None else 0
        return Wait(
            kind=asked.kind,
            text=_waits_for(asked, people, needed, gate),
            group=asked.group,
            people=people,
            needed=needed,
            assumed=self.hide(_assumed(asked)),
        )


def _hiding(secrets: Iterator[str]) -> Callable[[str], str]:
    """A function that takes these values out of a text."""
    patterns = [
        re.escape(secret) if len(secret) >= SHORT else rf"(?<!\w){re.escape(secret)}(?!\w)"
        for secret in sorted(set(secrets), key=len, reverse=True)
        if secret.strip()
    ]
    if not patterns:
        return lambda text: text
    found = re.compile("|".join(patterns))
    return lambda text: found.sub(words.HIDDEN, text)


def _group(asked: Asked, policies: tuple[Gate, ...]) -> tuple[ReviewGroup | None, Gate | None]:
    """The policies behind a question; nothing where the question has none."""
    for gate in policies:
        for group in gate.groups:
            if gate.kind == asked.kind and group.name == asked.group:
                return group, gate
    return None, next((gate for gate in policies if gate.kind == asked.kind), None)


def _waits_for(asked: Asked, people: tuple[str, ...], needed: int, gate: Gate | None) -> str:
    """Whom or what a question waits for."""
    match asked.kind:
        case "review":
            names = " or ".join(people) if needed <= 1 else f"{needed} of {', '.join(people)}"
            limit = f", at most {asked.hours} hours" if asked.hours else ""
            return f"waits for {f'{asked.group} ({names})' if asked.group else names}{limit}"
        case "verdict":
            rules = ", ".join(gate.rules) if gate is not None else ""
            return f"waits for a verdict on its quality rules{f' ({rules})' if rules else ''}"
        case "manual":
            return "waits for somebody to start it"
        case _:
            tell = f" ({', '.join(people)} would be told)" if people else ""
            return f"waits for a person before it begins{tell}"


def _assumed(asked: Asked) -> str:
    """What the plan takes for granted of the answer."""
    if asked.kind == "pause":
        return "assumed to go on"
    word = "approved" if asked.yes else "refused"
    by = f" by {' and '.join(asked.by)}" if asked.by else ""
    filled = f", with a value for {', '.join(asked.filled)}" if asked.filled else ""
    return f"assumed {word}{by}{filled}"


def _mutex(group: str, policy: Mutex | None, minutes: int) -> Wait | None:
    if policy is None:
        return None
    limits = [f"at most {minutes} minutes"] if minutes else []
    limits += [f"behind {_others(policy.length)}"] if policy.length else []
    terms = f", {', '.join(limits)}" if limits else ""
    text = f"waits for lock {group}{terms}" if policy.queue else f"takes lock {group}; fails when it is taken"
    return Wait(kind="mutex", text=text, group=group, assumed="assumed free")


def _others(number: int) -> str:
    return f"at most {number} other{'s' if number != 1 else ''}"


def _turn(policy: Concurrency, group: str) -> Iterator[Wait]:
    """What the run itself would wait for before it begins (semantics 13)."""
    among = f"runs of group {group}" if group else "runs of this pipeline"
    match policy.exclusion:
        case Exclusion.CLOSED:
            yield Wait(kind="turn", text="starts are refused: the pipeline is closed", assumed="assumed open")
        case Exclusion.SINGLE | Exclusion.GROUP if policy.cancel_in_progress:
            yield Wait(kind="turn", text=f"cancels other {among}", group=group, assumed="assumed alone")
        case Exclusion.SINGLE | Exclusion.GROUP:
            limits = f"at most {policy.waiting_minutes} minutes, behind {_others(policy.queue_length)}"
            text = f"waits for other {among}, {limits}"
            yield Wait(kind="turn", text=text, group=group, assumed="assumed alone")
        case _:
            return


def never_met(told: Plan, fails: frozenset[str], rejects: frozenset[str]) -> Iterator[str]:
    """A note for each step that was to fail but does not run, and each gate to be refused that nobody reaches."""
    begun = {step.path for step in all_steps(told) if step.attempts or step.waits}
    asked = begun | {stage.path for stage in told.stages if stage.waits}
    for path in sorted(fails):
        if not {path} & (begun | {whole(other) for other in begun}):
            yield f"{path} was to fail, but does not run"
    for path in sorted(rejects):
        if not {path} & (asked | {whole(other) for other in asked}):
            yield f"{path} was to be refused, but asks nobody"


def all_steps(told: Plan) -> Iterator[StepPlan]:
    """Every step, also of split jobs."""
    for stage in told.stages:
        for job in stage.jobs:
            for one in (job, *job.split):
                yield from one.steps
