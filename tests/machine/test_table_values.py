"""Tables of values: what steps may write, and the sizes of matrices. Source: semantics 6.2, 15.2; RULINGS 13."""

import json

import pytest

from tests.machine.scenario import talk

ONE = "stage one : job a : step t : step u"


@pytest.mark.parametrize(("length", "kept"), [(4000, True), (4001, False)])
def test_long_values(length: int, kept: bool) -> None:
    """Semantics 15.2.2: values above 4000 characters are dropped, and the others of the step are kept."""
    conversation = talk(
        f"pipeline\n{ONE}",
        "start",
        f"finished one/a/t ok set long={'x' * length} short=1",
        "finished one/a/u ok",
    )
    assert conversation.run is not None
    assert ("long" in conversation.run.variables) == kept
    assert conversation.run.variables["short"] == "1"


def test_long_values_that_stop_the_run() -> None:
    """Semantics 15.2.2: where the pipeline says so, such a value fails the step instead."""
    conversation = talk(
        f"pipeline fail-on-long-value\n{ONE}", "start", f"finished one/a/t ok set long={'x' * 4001}"
    )
    assert conversation.how("one/a/t") == "failed"


SIZES = {
    "two lists, two includes that only extend": (
        {"os": ["linux", "mac"], "py": ["1", "2", "3"]},
        [{"os": "linux", "cc": "gcc"}, {"py": "1", "old": "yes"}],
        [],
        6,
    ),
    "three lists, an include that agrees with nothing, one exact exclude": (
        {"a": ["1", "2"], "b": ["1", "2", "3"], "c": ["1", "2", "3"]},
        [{"a": "9", "b": "1", "c": "1"}],
        [{"a": "1", "b": "1", "c": "1"}],
        18,
    ),
    "a partial exclude removes nothing": ({"a": ["1", "2"], "b": ["1", "2"]}, [], [{"a": "1"}], 4),
    "only includes": ({}, [{"a": "1"}, {"b": "2"}, {"a": "1"}], [], 2),
    "doubles": ({"a": ["1", "1", "2"]}, [], [], 2),
    "as many as may be": ({"a": [str(n) for n in range(256)]}, [], [], 256),
}


@pytest.mark.parametrize("case", SIZES)
def test_sizes_of_matrices(case: str) -> None:
    """Semantics 6.2.1, 6.2.2, 6.2.3, 6.2.4, 6.2.6: product, then include, then exclude, then doubles."""
    axes, include, exclude, size = SIZES[case]
    words = f"matrix='{json.dumps(axes)}' include='{json.dumps(include)}' exclude='{json.dumps(exclude)}'"
    conversation = talk(f"pipeline\nstage one\njob a parallel=50 {words}\nstep t", "start")
    assert conversation.run is not None
    assert len(conversation.run.stages[0].jobs[0].children) == size


def test_one_combination_more_than_may_be() -> None:
    """Semantics 6.2.6: above 256 the parent fails."""
    values = json.dumps({"n": [str(number) for number in range(257)]})
    conversation = talk(f"pipeline\nstage one : job a matrix='{values}' : step t", "start")
    assert conversation.how("one/a") == "failed"


@pytest.mark.parametrize(
    ("parallel", "at_once"), [("", 5), ("parallel=0", 5), ("parallel=2", 2), ("parallel=99", 50)]
)
def test_places_of_a_matrix(parallel: str, at_once: int) -> None:
    """Semantics 6.2.8: 5 by default, at most 50."""
    values = json.dumps({"n": [str(number) for number in range(60)]})
    conversation = talk(f"pipeline\nstage one : job a {parallel} matrix='{values}' : step t", "start")
    assert conversation.run is not None
    children = conversation.run.stages[0].jobs[0].children
    assert sum(child.phase == "running" for child in children) == at_once
