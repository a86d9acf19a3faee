"""What people call a node of a run: its path, or its name or the end of its path where only one node has it."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import zip_longest

from ferryman.domain.errors import Invalid, NotFound, Problem, Refused
from ferryman.domain.ids import join, split_key
from ferryman.domain.run import GroupState, JobState, Run
from ferryman.domain.values import Json


def named(run: Run) -> Iterator[tuple[str, str]]:
    """Path and name of every stage, job and step, in the order of the tree."""
    for stage, define in zip(run.stages, run.pipeline.stages, strict=True):
        yield stage.id, define.name
        for job in stage.jobs:
            yield from _below(job)


def _below(job: JobState) -> Iterator[tuple[str, str]]:
    yield job.path, job.define.name
    for step, define in zip_longest(job.steps, job.define.steps[: len(job.steps)]):
        yield join(job.path, step.id), define.name
    for child in job.children:
        yield from _below(child)


def found(run: Run, text: str) -> str:
    """The path that is meant. Raises `NotFound` with what is near, `Invalid` where several are meant."""
    known = tuple(named(run))
    if any(path == text for path, _ in known):
        return text
    meant = [path for path, name in known if name == text or path.endswith(f"/{text}")]
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise Invalid(
            [Problem(path=text, message=f"this could be {', '.join(meant)}; name one of them", code=0)]
        )
    words = [word for pair in known for word in pair if word]
    near = get_close_matches(text, words, n=1)
    hint = (
        f"did you mean {near[0]}?"
        if near
        else f"its stages are {', '.join(stage.id for stage in run.stages)}"
    )
    raise NotFound(f"the run has no {text}; {hint}")


def is_asked(run: Run, text: str, name: str) -> bool:
    """Whether somebody is named as a reviewer before or behind the stage, or at the step, that a text means."""
    try:
        path = found(run, text)
    except (NotFound, Invalid):
        return False
    return any(name in group.reviewers for group in _groups(run, path))


def _groups(run: Run, path: str) -> Iterator[GroupState]:
    for stage in run.stages:
        if stage.id == path:
            yield from (group for gate in (*stage.before, *stage.after) for group in gate.groups)
        for job in (each for one in stage.jobs for each in (one, *one.children)):
            for step in job.steps:
                if step.gate is not None and join(job.path, step.id) == path:
                    yield from step.gate.groups


def has_settings(run: Run, path: str, names: Iterable[str]) -> None:
    """Refuse names that the step with this path has no setting of: they would change nothing. Raises `Refused`."""
    known = next((settings for place, settings in _settings(run) if place == path), None)
    odd = [name for name in names if known is not None and name not in known]
    if known is not None and odd:
        raise Refused(
            f"cannot change {', '.join(odd)} of {path}: it has no such setting; it has {', '.join(known)}",
            reason="unknown-setting",
            path=path,
        )


def _settings(run: Run) -> Iterator[tuple[str, Mapping[str, Json]]]:
    for job in (each for stage in run.stages for one in stage.jobs for each in (one, *one.children)):
        for step, define in zip(job.steps, job.define.steps, strict=False):
            yield join(job.path, step.id), define.settings


def lost(run: Run, text: str) -> str:
    """The key of the newest attempt of a step, which must be lost for anybody to settle it."""
    path, execution, _ = split_key(text)
    if execution:
        return text
    wanted = found(run, path)
    if newest := newest_attempt(run, wanted):
        return newest
    raise Refused(
        f"cannot settle {wanted}: only a step can be lost, and only once it has begun",
        reason="not-lost",
        path=wanted,
    )


def newest_attempt(run: Run, path: str) -> str:
    """The key of the newest attempt of the step with this path; empty where it is no step, or has had none."""
    for job in (each for stage in run.stages for one in stage.jobs for each in (one, *one.children)):
        for step in job.steps:
            if join(job.path, step.id) == path and step.attempt:
                return f"{path}#{step.execution}.{step.attempt}"
    return ""
