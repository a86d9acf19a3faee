"""What no table of shapes can say: rules between keys, names, values that must fit (pipeline-yaml 4 to 15).

Each module owns one concern and reads the plain tree; what stands in it already has the right shape, and
None where a value was refused before.
"""

from collections.abc import Callable

from ferryman.definition.file.meaning import (
    conditions,
    dependencies,
    environment,
    machines,
    matrices,
    pasting,
    placeholders,
    reviews,
    steps,
    structure,
    triggers,
    variables,
)
from ferryman.definition.file.meaning.subject import Subject

CHECKS: tuple[Callable[[Subject], None], ...] = (
    structure.check,
    triggers.check,
    variables.check,
    reviews.check,
    dependencies.check,
    machines.check,
    matrices.check,
    steps.check,
    environment.check,
    conditions.check,
    placeholders.check,
    pasting.check,
)
"""Every check of meaning. Their order carries no meaning: problems are sorted by their place."""


def check(subject: Subject) -> None:
    """Tell every problem of meaning of one file."""
    for one in CHECKS:
        one(subject)
