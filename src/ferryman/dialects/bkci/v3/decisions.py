"""What people decided in a build, as variables tell it (bkci-v3 9; semantics 4.1.11, 8.1)."""

from collections.abc import Iterator

from ferryman.dialects.bkci.v3.places import steps_of
from ferryman.domain import words
from ferryman.domain.run import Run
from ferryman.domain.values import Json


def decisions_of(run: Run) -> dict[str, str]:
    """Who answered at the reviews of stages, and how; who let paused elements go on, by the ids of these."""
    reviews = dict(_flat("stages", run.reviews))
    resumed = {
        words.RESUMED_BY + place.element_id: place.state.resumed_by
        for place in steps_of(run)
        if place.state.resumed_by
    }
    return reviews | resumed


def _flat(name: str, value: Json) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}", inner)
    else:
        yield name, str(value)
