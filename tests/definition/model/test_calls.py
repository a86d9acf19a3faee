"""What pipelines call, looked up when they are saved (bkci-v3 7, row 38)."""

import asyncio

import pytest

from ferryman.definition import first_bad_call
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step


def calling(name: str, *called: str, by: str = "subPipelineName") -> Pipeline:
    """A pipeline of this name that calls those."""
    steps = tuple(
        Step(id=f"t{at}", kind="subPipelineCall", settings={by: each}) for at, each in enumerate(called)
    )
    return Pipeline(name=name, stages=(Stage(id="s1", jobs=(Job(id="j1", steps=steps),)),))


KNOWN = {"p-b": calling("b", "p-c"), "p-c": calling("c", "a"), "p-d": calling("d", "d"), "p-e": calling("e")}


async def find(text: str) -> tuple[str, Pipeline] | None:
    """By id or name."""
    return next(((key, each) for key, each in KNOWN.items() if text in (key, each.name)), None)


@pytest.mark.parametrize(
    ("called", "code", "message"),
    [
        ("e", 0, ""),
        ("p-e", 0, ""),
        # A circle among others is theirs; what a run will say is nobody's yet.
        ("d", 0, ""),
        ("${target}", 0, ""),
        ("", 2101001, "the step names no pipeline to call"),
        ("nobody", 2101002, "there is no pipeline nobody"),
        ("a", 2101100, "a calls a, so neither would end"),
        ("p-a", 2101100, "a calls p-a, so neither would end"),
        ("c", 2101100, "a calls c calls a, so neither would end"),
        ("p-b", 2101100, "a calls b calls c calls a, so neither would end"),
    ],
)
def test_the_first_call_that_is_amiss_is_told(called: str, code: int, message: str) -> None:
    define = calling("a", "e", called)
    bad = asyncio.run(first_bad_call(define, find, own={"a", "p-a"}))
    assert (bad.code, bad.message, bad.path) == (code, message, "s1/j1/t1") if bad else code == 0
