"""Asides: what a service has to know of a pipeline that rules never read, and that therefore stands in its origin."""

from typing import NamedTuple

from ferryman.definition.model.domain.places import found
from ferryman.definition.model.wire.shapes import Tree
from ferryman.domain.pipeline import Pipeline

_NUMBER = ("buildNo", "buildNo")
_TYPE = ("buildNo", "buildNoType")
_GROWS = {"EVERY_BUILD_INCREMENT": "each", "SUCCESS_BUILD_INCREMENT": "success"}


class NumberRule(NamedTuple):
    """The number that a pipeline recommends (semantics 14): where it begins, and what lets it grow."""

    base: int
    grows: str
    """each, success, or never."""


def number_rule(pipeline: Pipeline) -> NumberRule | None:
    """What the definition says of its recommended number; None where it recommends none."""
    box = trigger_of(pipeline)
    base = found(box, _NUMBER)
    if not isinstance(base, int):
        return None
    return NumberRule(base, _GROWS.get(found(box, _TYPE, ""), "never"))


def trigger_of(pipeline: Pipeline) -> Tree:
    """The trigger as the vendor's document has it, without its parameters; empty where there is none."""
    boxes = found(pipeline.origin, ("trigger", "containers"), [])
    return dict(boxes[0]) if boxes else {}
