"""The pipelines that steps of a pipeline call (bkci-v3 5.10 and 7, row 38)."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping

import msgspec

from ferryman.definition.model.wire.shapes import Json
from ferryman.domain.errors import Problem
from ferryman.domain.ids import join
from ferryman.domain.pipeline import Pipeline

KIND = "subPipelineCall"
NAMED_BY = ("subPipelineId", "subPipelineName")
_TYPE = "subPipelineType"
_NAMED_BY_TYPE = {"NAME": tuple(reversed(NAMED_BY))}
UNNAMED, UNKNOWN, CIRCLE = 2101001, 2101002, 2101100

Find = Callable[[str], Awaitable[tuple[str, Pipeline] | None]]
"""A pipeline by its id or name: its id and what it says; None where there is none."""


def named_once(given: Mapping[str, Json]) -> dict[str, Json]:
    """The fields of a call with one name of the pipeline: that which its type tells, else the other one. Models carry
    both, and an empty identifier is what they are completed with."""
    order = _NAMED_BY_TYPE.get(str(given.get(_TYPE)), NAMED_BY)
    meant = next((name for name in order if str(given.get(name) or "").strip()), None)
    return {
        name: value for name, value in given.items() if meant is None or name == meant or name not in NAMED_BY
    }


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


async def first_bad_call(define: Pipeline, find: Find, *, own: Collection[str]) -> Problem | None:
    """What is amiss with what a pipeline calls: nothing named, nobody known by that name, or that it comes back to the
    pipeline itself, which is known as any of `own`."""
    for call in calls_of(define):
        if not call.pipeline:
            return Problem(path=call.path, message="the step names no pipeline to call", code=UNNAMED)
        if call.is_open:
            continue
        circle = await _way_back(call.pipeline, own, find)
        if circle:
            way = " calls ".join((define.name, *circle))
            return Problem(path=call.path, message=f"{way}, so neither would end", code=CIRCLE)
        if await find(call.pipeline) is None:
            return Problem(path=call.path, message=f"there is no pipeline {call.pipeline}", code=UNKNOWN)
    return None


async def _way_back(start: str, own: Collection[str], find: Find) -> tuple[str, ...]:
    """The names of pipelines by which a call comes back to one of `own`, the shortest way; empty where it does not."""
    seen: set[str] = set()
    ways: list[tuple[str, ...]] = [(start,)]
    for way in ways:
        if way[-1] in own:
            return way
        found = await find(way[-1])
        if found is None or found[0] in seen:
            continue
        identifier, define = found
        if identifier in own:
            return (*way[:-1], define.name or identifier)
        seen.add(identifier)
        named = (*way[:-1], define.name or identifier)
        ways += [(*named, each.pipeline) for each in calls_of(define) if each.pipeline and not each.is_open]
    return ()
