"""Broken models load or are refused as `Invalid`, and the first problem stands where the break is.

`make test` breaks 2,000 models, `make soak` 10,000; draws are seeded, so a failure repeats. The rate is
printed at the end of the run.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.definition import Invalid, from_model, load, to_model, to_yaml
from ferryman.definition.model.checks.findings import path_of
from tests.definition.model.files_and_models import FILES
from tests.definition.model.models import model
from tests.definition.model.mutate_models import Mutant, mutants
from tests.definition.model.test_model_round_trip import DOCUMENT

PARTS = 4
COUNT = {"quick": 500, "soak": 10_000}.get(os.environ.get("FERRYMAN_PROFILE", ""), 2_000) // PARTS
LEAST_RATE = 0.95


def models() -> list[dict[str, Any]]:
    """The models that are broken: one with everything, and those of the example files."""
    return [DOCUMENT, *(to_model(load(path.read_bytes(), name=path.name)) for path in FILES)]


def first_error(document: Any) -> str | None:
    """The path of the first error; None when the model loads, and then it can be written too."""
    try:
        definition = from_model(document)
    except Invalid as refusal:
        return next(problem.path for problem in refusal.problems if problem.severity == "error")
    again = from_model(to_model(definition))
    assert again.pipeline == definition.pipeline
    to_yaml(definition)
    return None


def is_near(mutant: Mutant, path: str) -> bool:
    """Whether a problem stands at the broken spot, in it, or at what holds it."""
    spot, holder = path_of(mutant.spot), path_of(mutant.spot[:-1])
    return path == holder or path.startswith(spot) or (mutant.kind == "swap" and path.startswith(holder))


@pytest.mark.parametrize("seed", range(PARTS))
def test_broken_models_load_or_are_refused_where_they_are_broken(
    seed: int, record_property: Callable[[str, object], None]
) -> None:
    documents = models()
    refused, strays = 0, []
    for at, document in enumerate(documents):
        for mutant in mutants(document, 1000 * seed + at, COUNT // len(documents) + 1):
            path = first_error(mutant.document)
            if path is not None:
                refused += 1
                if not is_near(mutant, path):
                    strays.append((mutant.kind, path_of(mutant.spot), path))
    rate = 1 - len(strays) / refused
    record_property(
        "proof", f"{COUNT} broken models, seed {seed}: {refused} refused, {rate:.1%} placed where they broke"
    )
    assert rate >= LEAST_RATE, strays[:20]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_any_json_is_a_definition_or_invalid(value: Any) -> None:
    first_error(value)


@given(JSON, JSON, JSON)
def test_any_json_in_the_place_of_a_part_is_a_definition_or_invalid(
    stages: Any, params: Any, setting: Any
) -> None:
    first_error({"model": {"name": "x", "stages": stages}, "setting": setting})
    first_error(model({"containers": stages}, params=params, setting=setting))
