"""Which scenarios can be said over BK-CI's API: as a model that is saved, and as calls. What cannot has a reason."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from ferryman.definition import Definition, Invalid, from_model, to_model
from ferryman.domain.pipeline import Job, Pipeline, Step
from ferryman.domain.policies import Exclusion, Limit
from tests.machine.scenario import Scenario

NO_CALL: Mapping[str, str] = MappingProxyType(
    {
        r"cancel\b.* force\b|cancel force\b": "no call ends a build by force at once",
        r"cancel\b.* finish\b": "no call lets running tasks end by themselves",
        r"environment\b": "places of jobs are the executor's, and none is refused or lost without its attempts",
        r"noted\b": "only the step that calls another pipeline tells of it while it runs",
        r"settle\b": "no call says what became of a lost task",
        r"start\b.* (ci|zone=|patience=|repeat=|rules=)": "facts and patience of a start are the server's own",
        r"refused lock-queue-full": "a start that its lock refuses leaves no build",
    }
)
"""Commands, as patterns, for which there is no call → why not."""

NAMED = re.compile(r"named \S+ \S")
NO_MEMBERS = "nobody stands behind roles here"

NO_WORD: Mapping[str, str] = MappingProxyType(
    {
        "backoff_ms": "the model has no pause between attempts",
        "quorum": "the model has no quorum and no veto",
        "veto": "the model has no quorum and no veto",
        "self_approval": "the model lets people answer for their own builds",
        "repeatable": "the model does not say what may be repeated",
        "retry_allowed": "the model cannot forbid retries",
        "before": "the model has no such gate before a stage",
        "condition": "the model has no such condition on that level",
    }
)
"""Fields of the domain that the model has no word for."""

SAYS_THE_SAME = frozenset({"id", "name", "version", "origin", "needs", "minutes", "hours", "announced"})
"""Fields that a save writes otherwise and that mean the same: names that are filled in, odd limits that are brought
into bounds, lists that are split."""

LOCK = re.compile(r"(?:waiting lock group|^want lock) (\S+)")
HOUR = Limit(60)


class Said(NamedTuple):
    """How far a scenario can be said, and why not to its end."""

    scenario: Scenario
    """Its blocks as far as they can be said."""
    reason: str = ""
    line: int = 0
    """Where what cannot be said begins; 0 is its pipeline or its start."""


def said(scenario: Scenario) -> Said:
    """A scenario as far as it can be replayed."""
    if reason := _unsayable(scenario):
        return Said(scenario._replace(blocks=()), reason)
    for at, block in enumerate(scenario.blocks):
        for pattern, reason in NO_CALL.items():
            if any(re.match(pattern, command) for command in block.commands):
                return Said(scenario._replace(blocks=scenario.blocks[:at]), reason, block.line if at else 0)
    return Said(scenario)


def _unsayable(scenario: Scenario) -> str:
    """Why nothing of a scenario can be said; empty where its pipeline can be saved as it is, and started."""
    pipeline = pipeline_of(scenario)
    try:
        saved = from_model(to_model(Definition(pipeline=pipeline))).pipeline
    except Invalid as refusal:
        (first, *_) = (each for each in refusal.problems if each.severity == "error")
        return f"refused when it is saved: {first.message}"
    for field in differences(pipeline, saved):
        if field in NO_WORD:
            return NO_WORD[field]
        raise AssertionError(f"{scenario.name}: nobody says what becomes of {field}")
    fixed = [each.name for each in pipeline.parameters if not each.settable]
    commands = [command for block in scenario.blocks for command in block.commands]
    if any(re.match(rf"start .*\b{name}=", command) for name in fixed for command in commands):
        return "over the API a start also sets what it does not ask for"
    if any(map(NAMED.match, commands)):
        return NO_MEMBERS
    return ""


def differences(one: Any, other: Any, field: str = "") -> Iterator[str]:
    """The innermost fields with words of their own in which two values differ, save those that mean the same."""
    if isinstance(one, msgspec.Struct) and type(one) is type(other):
        for name in one.__struct_fields__:
            if name not in SAYS_THE_SAME:
                yield from differences(getattr(one, name), getattr(other, name), name)
    elif isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        for each, its in zip(one, other, strict=True):
            yield from differences(each, its, field)
    elif one != other:
        yield field


def pipeline_of(scenario: Scenario) -> Pipeline:
    """The pipeline of a scenario, so that what its transcript makes wait really waits.

    A run that stands in the queue needs a lock of runs; a job that waits for its mutex needs room and time to, where
    the transcript does not refuse it.
    """
    pipeline = scenario.pipeline()
    commands = [command for block in scenario.blocks for command in block.commands]
    if pipeline.concurrency.exclusion is Exclusion.FREE and any(
        "queued" in each.split() for each in commands
    ):
        pipeline = replace(pipeline, concurrency=replace(pipeline.concurrency, exclusion=Exclusion.SINGLE))
    refused = {each.split()[1] for each in commands if re.match("refused .* lock-(taken|queue-full)", each)}
    shown = [line for block in scenario.blocks for line in block.expected]
    hasty = {each.split()[4].rstrip(",") for each in shown if re.match("want lock .*, waits 0 m", each)}

    def fitted(path: str, job: Job) -> Job:
        return _job(job, refused=path in refused, hasty=path in hasty)

    return replace(
        pipeline,
        stages=tuple(
            replace(stage, jobs=tuple(fitted(f"{stage.id}/{job.id}", job) for job in stage.jobs))
            for stage in pipeline.stages
        ),
    )


def _job(job: Job, *, refused: bool, hasty: bool) -> Job:
    mutex = job.mutex
    if mutex is not None and not refused:
        limit = HOUR if hasty or mutex.limit == Limit(0) else mutex.limit
        mutex = replace(mutex, queue=True, length=max(mutex.length, 5), limit=limit)
    return replace(job, mutex=mutex, steps=tuple(map(_step, job.steps)))


def _step(step: Step) -> Step:
    """A question is asked by an element of its own type."""
    return step if step.review is None else replace(step, kind="manualReviewUserTask", repeatable=True)


def mutexes_of(scenario: Scenario) -> set[str]:
    """The mutexes that jobs ask for: as the transcript names them, or as they are written where that is plain."""
    plain = {
        job.mutex.group
        for stage in scenario.pipeline().stages
        for job in stage.jobs
        if job.mutex is not None and "$" not in job.mutex.group
    }
    lines = (line for block in scenario.blocks for line in block.expected)
    return plain | {found[1] for line in lines if (found := LOCK.search(line))}
