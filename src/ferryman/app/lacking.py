"""What a pipeline asks for and this machine has not, told before a run: places to run in, and plugins (RULINGS 27)."""

from collections.abc import Iterator

from ferryman.domain.errors import Problem
from ferryman.domain.pipeline import Job, Pipeline
from ferryman.domain.work import RunScript
from ferryman.executors.local.lacks import lacks
from ferryman.settings import Settings
from ferryman.steps import find_kind
from ferryman.steps.plugins import Binding
from ferryman.steps.plugins import unbound as find_unbound

LACKS = 2110001
UNBOUND = 2110002
"""Codes of these warnings: Ferryman's own, outside those of the file's reference."""


def bound_by(settings: Settings) -> tuple[Binding, ...]:
    """The commands that the settings bind to codes."""
    return tuple(
        Binding(code=one.code, command=one.command, version=one.version) for one in settings.file.plugins
    )


def warnings(pipeline: Pipeline, settings: Settings) -> Iterator[Problem]:
    """One warning for each thing that jobs lack here, and one for each plugin that nobody has bound to a command."""
    missing: dict[str, list[str]] = {}
    unbound: dict[str, list[str]] = {}
    for at, stage in enumerate(pipeline.stages):
        for job in stage.jobs:
            path = f"stages[{at}].jobs.{job.user_id or job.id}"
            if lack := _missing(job):
                missing.setdefault(lack, []).append(path)
    for one in find_unbound(pipeline, bound_by(settings)):
        unbound.setdefault(f"{one.code}@{one.version}", []).append(one.path)
    for lack, paths in missing.items():
        yield Problem(
            path=paths[0],
            message=f"cannot run on this machine{_others(paths, 'nor can', 'job')}: {lack}",
            hint="it ends with this reason when it is reached",
            code=LACKS,
            severity="warning",
        )
    for plugin, paths in unbound.items():
        yield Problem(
            path=paths[0],
            message=f"nobody here knows plugin {plugin}{_others(paths, 'which is asked for by', 'step')}",
            hint="bind it to a command under [[plugins]] in the settings",
            code=UNBOUND,
            severity="warning",
        )


def _others(paths: list[str], word: str, what: str) -> str:
    others = len(paths) - 1
    return f", {word} {others} other {what}{'s' if others > 1 else ''}" if others else ""


def _missing(job: Job) -> str:
    """Texts with placeholders are only known when the job begins."""
    asked = job.runs_on
    if "$" in asked.name + asked.image:
        return ""
    kinds = [find_kind(step.kind) for step in job.steps]
    on_machine = any(kind is not None and kind.needs_machine for kind in kinds)
    return lacks(asked, RunScript(text="") if on_machine else None)
