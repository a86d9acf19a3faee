"""The guide's page says what the language does: its tables and every example on it (expectations CFG-5)."""

import json
import math
import re
from pathlib import Path

import pytest

from ferryman.expressions import FUNCTIONS, ExpressionError, evaluate, substitute, to_number, truthy

PAGE = (Path(__file__).parents[2] / "docs" / "guide" / "expressions.md").read_text(encoding="utf-8")
FENCES = re.findall(r"^```(\S+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
CONTEXT = json.loads(next(body for kind, body in FENCES if kind == "json"))


def examples(wanted: str) -> list[tuple[str, str]]:
    lines = [line for kind, body in FENCES if kind == wanted for line in body.splitlines()]
    return [(left.strip(), right.strip()) for left, _, right in (line.rpartition("→") for line in lines)]


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table behind a heading of two or three cells a row, without its head."""
    table = PAGE.partition(heading)[2].partition("| --- |")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in table.splitlines()[1:]]


def outcome(text: str, dialect: str) -> object:
    try:
        return evaluate(text, CONTEXT, dialect=dialect)
    except ExpressionError as error:
        return f"error {error.kind}"


@pytest.mark.parametrize(("text", "expected"), examples("expressions"))
def test_an_example_gives_what_the_page_says(text: str, expected: str) -> None:
    found = outcome(text, "constrained")
    assert found == (expected if expected.startswith("error") else json.loads(expected))


@pytest.mark.parametrize(("text", "expected"), examples("classic-conditions"))
def test_a_classic_condition_gives_what_the_page_says(text: str, expected: str) -> None:
    found = outcome(text, "classic")
    assert found == (expected if expected.startswith("error") else json.loads(expected))


@pytest.mark.parametrize("dialect", ["constrained", "classic"])
def test_a_placeholder_becomes_what_the_page_says(dialect: str) -> None:
    found = examples(dialect)
    assert found
    assert [(text, substitute(text, CONTEXT, dialect=dialect)) for text, _ in found] == found


@pytest.mark.parametrize(("value", "truth"), [tuple(row) for row in rows("## Truth")])
def test_the_table_of_truth(value: str, truth: str) -> None:
    assert truthy(evaluate(value.strip("`"), CONTEXT)) is (truth == "true")


@pytest.mark.parametrize(("value", "number"), [tuple(row) for row in rows("## Equality and order")])
def test_the_table_of_numbers(value: str, number: str) -> None:
    found = to_number(evaluate(value.strip("`"), CONTEXT))
    assert math.isnan(found) if number == "NaN" else found == float(number)


def test_the_table_of_functions() -> None:
    expected = [
        [
            f"`{each.form}`",
            str(each.least) if each.least == each.most else f"{each.least} to {each.most}",
            each.help,
        ]
        for each in FUNCTIONS.values()
    ]
    assert rows("## Functions") == expected


def test_each_yaml_example_holds_an_expression() -> None:
    condition, script = (body.partition(": ")[2].strip() for kind, body in FENCES if kind == "yaml")
    assert evaluate(condition, CONTEXT) is False
    assert substitute(script, CONTEXT) == "make deploy TARGET=staging"
