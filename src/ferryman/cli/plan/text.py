"""The plan for people: a tree of plain lines. Color repeats what the words say, and is never needed."""

from collections.abc import Iterator

import click

from ferryman.cli.plan.nodes import Fate, JobPlan, Plan, StagePlan, StepPlan
from ferryman.cli.plan.waits import Wait
from ferryman.cli.shown import columns, padded
from ferryman.cli.texts import plain

STEP_WORDS = {
    "succeeded": "runs",
    "failed": "fails",
    "errored": "fails",
    "canceled": "is canceled",
    "skipped": "skipped",
    "unreached": "never reached",
    "": "not looked at",
}
"""What a step does, by outcome."""
WORDS = {**STEP_WORDS, "succeeded": "succeeds"}
"""The same for jobs and stages."""
COLORS = {
    "succeeded": "green",
    "failed": "red",
    "errored": "red",
    "canceled": "red",
    "skipped": "yellow",
    "unreached": "bright_black",
}
WIDEST = 60
"""Where the right column stands at most."""

Row = tuple[int, str, str]
"""Indent, what it is, what becomes of it; without the last it is a line that stands alone."""


def lines(plan: Plan) -> Iterator[str]:
    """The whole plan, line by line."""
    yield click.style(plain(_title(plan)), bold=True)
    for note in plan.notes:
        yield plain(f"note: {note}")
    yield ""
    if plan.values:
        yield "starts with"
        for value in plan.values:
            source = "" if value.source == "default" else f"  ({value.source})"
            yield plain(f"  {value.name} = {value.value}{source}")
    for wait in plan.waits:
        yield f"{_wait(wait)}"
    if plan.values or plan.waits:
        yield ""
    rows = [row for stage in plan.stages for row in _stage(stage)]
    width = min(WIDEST, max((2 * indent + columns(what) for indent, what, fate in rows if fate), default=0))
    for indent, what, fate in rows:
        left = "  " * indent + what
        yield f"{padded(left, width)}  {fate}".rstrip() if fate else left


def _title(plan: Plan) -> str:
    word = {"succeeded": "would succeed", "canceled": "would be canceled", "": "was cut short"}
    because = f": {plan.fate.because}" if plan.fate.because else ""
    return f"{plan.file}: {plan.pipeline} {word.get(plan.fate.outcome, 'would fail')}{because}"


def _stage(stage: StagePlan) -> Iterator[Row]:
    shows_jobs = any(job.fate.outcome != stage.fate.outcome or _began(job) for job in stage.jobs)
    left_out = "" if shows_jobs else f" ({len(stage.jobs)} job{'s' if len(stage.jobs) != 1 else ''})"
    yield 0, _name("finally" if stage.final else "stage", stage.id, stage.name), _fate(stage.fate) + left_out
    for wait in stage.waits:
        yield 1, _wait(wait), ""
    if shows_jobs:
        for job in stage.jobs:
            yield from _job(job, 1)


def _began(job: JobPlan) -> bool:
    return any(step.attempts or step.waits for step in job.steps) or any(map(_began, job.split))


def _job(job: JobPlan, indent: int) -> Iterator[Row]:
    combination = ", ".join(f"{name}={value}" for name, value in job.matrix.items())
    yield indent, _name("job", job.id, combination or job.name), _fate(job.fate)
    for wait in job.waits:
        yield indent + 1, _wait(wait), ""
    if job.split:
        for child in job.split:
            yield from _job(child, indent + 1)
    elif _began(job) or any(step.fate.because != job.fate.because for step in job.steps):
        for step in job.steps:
            yield indent + 1, _name("step", step.id, step.name), _step_fate(step)
            for wait in step.waits:
                yield indent + 2, _wait(wait), ""


def _name(level: str, id_: str, name: str) -> str:
    return plain(f"{level} {id_} ({name})" if name and name != id_ else f"{level} {id_}")


def _fate(fate: Fate, words: dict[str, str] = WORDS) -> str:
    because = f": {plain(fate.because)}" if fate.because else ""
    return click.style(words[fate.outcome], fg=COLORS.get(fate.outcome)) + because


def _step_fate(step: StepPlan) -> str:
    fate = _fate(step.fate, STEP_WORDS)
    if step.attempts > 1:
        fate += f"; tried {step.attempts} times"
    return f"{fate}; this is let pass" if step.continued else fate


def _wait(wait: Wait) -> str:
    text = click.style(plain(wait.text), fg="cyan")
    return f"{text}; {plain(wait.assumed)}" if wait.assumed else text
