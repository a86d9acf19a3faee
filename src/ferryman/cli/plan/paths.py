"""What people call a step or a stage: its path, or a name where that is the only one of its kind (RULINGS 7)."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import NamedTuple

from ferryman.cli.plan.fold import whole
from ferryman.domain.ids import join
from ferryman.domain.pipeline import Pipeline


class Place(NamedTuple):
    """A node that can be spoken of."""

    path: str
    names: tuple[str, ...]
    """Its id and its name, each also behind those of what it stands in."""
    asks: bool
    """Whether people are asked there."""


def steps(pipeline: Pipeline) -> Iterator[Place]:
    """Every step of the definition; split jobs are known by the job they are split from."""
    for stage in pipeline.stages:
        for job in stage.jobs:
            for step in job.steps:
                names = (step.id, step.name, join(job.name, step.name), join(stage.name, job.name, step.name))
                yield Place(join(stage.id, job.id, step.id), names, step.review is not None)


def gates(pipeline: Pipeline) -> Iterator[Place]:
    """Every stage with a gate, and every step that asks people."""
    for stage in pipeline.stages:
        if stage.before or stage.after:
            yield Place(stage.id, (stage.name,), True)
    yield from (place for place in steps(pipeline) if place.asks)


class Unknown(LookupError):
    """Nothing is called so, or more than one; the text says what would be right."""


def found(wanted: str, places: tuple[Place, ...], what: str) -> str:
    """The path that is meant. Raises `Unknown` with near paths."""
    if any(place.path in (wanted, whole(wanted)) for place in places):
        return wanted
    named = [place.path for place in places if wanted in place.names]
    if len(named) == 1:
        return named[0]
    if named:
        raise Unknown(f"{wanted!r} names more than one {what}: {', '.join(named)}")
    raise Unknown(f"there is no {what} {wanted!r}; {_near(wanted, places, what)}")


def _near(wanted: str, places: tuple[Place, ...], what: str) -> str:
    known = {place.path: place.path for place in places}
    for place in places:
        for name in place.names:
            known.setdefault(name, place.path)
    close = dict.fromkeys(known[name] for name in get_close_matches(wanted, known, n=3, cutoff=0.6))
    if close:
        return f"did you mean {' or '.join(close)}?"
    if not places:
        return f"the pipeline has no {what}"
    paths = [place.path for place in places]
    return f"the paths are {', '.join(paths[:20])}{' …' if len(paths) > 20 else ''}"
