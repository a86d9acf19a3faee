"""The pipelines that steps of a pipeline call (bkci-v3 5.10 and 7, row 38)."""

from collections.abc import Awaitable, Callable, Iterator

import msgspec

from ferryman.domain.errors import Problem
from ferryman.domain.ids import join
from ferryman.domain.pipeline import Pipeline

KIND = "subPipelineCall"
NAMED_BY = ("subPipelineId", "subPipelineName")
UNNAMED, UNKNOWN, CIRCLE = 2101001, 2101002, 2101100

Find = Callable[[str], Awaitable[tuple[str, Pipeline] | None]]
"""A pipeline by its id or name: its id and what it says; None where there is none."""


class Call(msgspec.Struct, frozen=True):
    """A step that calls a pipeline, by id or name."""

    path: str
    pipeline: str

    @property
    def is_open(self) -> bool:
        """Whether only a run can tell which pipeline is meant."""
        return "${" in self.pipeline


def calls_of(define: Pipeline) -> Iterator[Call]:
    """Every step that calls, in the order of the pipeline."""
    for stage in define.stages:
        for job in stage.jobs:
            for step in job.steps:
                if step.kind == KIND:
                    named = (str(step.settings.get(name) or "").strip() for name in NAMED_BY)
                    yield Call(join(stage.id, job.id, step.id), next(filter(None, named), ""))


async def first_bad_call(define: Pipeline, find: Find, *, own: str = "") -> Problem | None:
    """What is amiss with what a pipeline calls: nothing named, nobody known by that name, or that it comes back to the
    pipeline itself, whose id is `own` where it has one already."""
    for call in calls_of(define):
        if not call.pipeline:
            return Problem(path=call.path, message="the step names no pipeline to call", code=UNNAMED)
        if call.is_open:
            continue
        found = await find(call.pipeline)
        if found is None:
            return Problem(path=call.path, message=f"there is no pipeline {call.pipeline}", code=UNKNOWN)
        if own and await _reaches(found, own, find):
            message = f"pipeline {call.pipeline} calls this one again, so neither would end"
            return Problem(path=call.path, message=message, code=CIRCLE)
    return None


async def _reaches(start: tuple[str, Pipeline], goal: str, find: Find) -> bool:
    seen: set[str] = set()
    ways = [start]
    for identifier, define in ways:
        if identifier == goal:
            return True
        if identifier in seen:
            continue
        seen.add(identifier)
        for call in calls_of(define):
            found = None if call.is_open or not call.pipeline else await find(call.pipeline)
            if found is not None:
                ways.append(found)
    return False
