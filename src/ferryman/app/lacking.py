"""What a pipeline asks for and this machine has not, told before a run: places to run in, and plugins (RULINGS 27)."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from ferryman.definition import Place
from ferryman.domain.errors import Invalid, Problem
from ferryman.domain.ids import join
from ferryman.domain.pipeline import Job, Pipeline, Step
from ferryman.domain.work import RunScript
from ferryman.executors.local.lacks import lacks
from ferryman.settings import Settings
from ferryman.steps import find_kind
from ferryman.steps.checking import read_settings
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


def warnings(
    pipeline: Pipeline, settings: Settings, *, places: Mapping[str, Place] = MappingProxyType({})
) -> Iterator[Problem]:
    """One warning for each thing that jobs or steps lack here, and one for each plugin that nobody has bound to a
    command. `places` tells where jobs and steps stand in their file, by their paths in a run."""
    jobs: dict[str, list[str]] = {}
    steps: dict[str, list[str]] = {}
    unbound: dict[str, list[str]] = {}
    for stage in pipeline.stages:
        for job in stage.jobs:
            path = join(stage.id, job.id)
            if lack := _missing(job):
                jobs.setdefault(lack, []).append(path)
                continue
            for step in job.steps:
                if lack := _missing_to(step):
                    steps.setdefault(lack, []).append(join(path, step.id))
    for one in find_unbound(pipeline, bound_by(settings)):
        unbound.setdefault(f"{one.code}@{one.version}", []).append(one.path)
    for what, lacks_of in (("job", jobs), ("step", steps)):
        for lack, paths in lacks_of.items():
            message = f"cannot run on this machine{_others(paths, 'nor can', what)}: {lack}"
            yield _warning(paths[0], places, message, "it ends with this reason when it is reached", LACKS)
    for plugin, paths in unbound.items():
        message = f"nobody here knows plugin {plugin}{_others(paths, 'which is asked for by', 'step')}"
        yield _warning(
            paths[0], places, message, "bind it to a command under [[plugins]] in the settings", UNBOUND
        )


def _warning(path: str, places: Mapping[str, Place], message: str, hint: str, code: int) -> Problem:
    at = places.get(path) or Place(path, 0, 0)
    return Problem(
        path=at.path,
        line=at.line,
        column=at.column,
        message=message,
        hint=hint,
        code=code,
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


def _missing_to(step: Step) -> str:
    """What is wrong with settings is somebody else's to tell; with placeholders they are known when the step begins."""
    kind = find_kind(step.kind)
    if kind is None:
        return ""
    try:
        return kind.lacks(read_settings(kind.name, step.settings))
    except Invalid:
        return ""
