"""Bounds of length, depth, steps and size; no input meets the recursion limit (pipeline-yaml 10.2)."""

import json

import pytest

from ferryman.expressions import (
    ErrorKind,
    ExpressionError,
    Judgement,
    evaluate,
    judge,
    parse,
    substitute,
    substitute_tree,
)
from ferryman.expressions.evaluation import MAX_TEXT
from ferryman.expressions.functions import MAX_JSON_DEPTH
from ferryman.expressions.language import MAX_TREE_DEPTH
from ferryman.expressions.parser import MAX_LENGTH
from ferryman.expressions.tree import Literal

CONTEXT = {"a": "x", "many": list(range(1000)), "long": "y" * 4000}


def kind_of_refusal(text: str) -> ErrorKind | None:
    try:
        evaluate(text, CONTEXT)
    except ExpressionError as error:
        return error.kind
    return None


def test_21000_characters_are_allowed_and_one_more_is_not() -> None:
    assert kind_of_refusal("a" + " " * (MAX_LENGTH - 1)) is None
    with pytest.raises(ExpressionError) as refusal:
        evaluate("a" + " " * MAX_LENGTH, CONTEXT)
    assert refusal.value.kind is ErrorKind.TOO_LONG
    assert refusal.value.problems[0].code == 2100150


DEEPEST = {
    "not": "!" * 49 + "a",
    "steps": "a" + ".b" * 49,
    "indexes": "a" + "['b']" * 49,
    "stars": "a" + ".*" * 49,
    "nested indexes": "a[" * 49 + "a" + "]" * 49,
    "calls": "toJSON(" * 49 + "a" + ")" * 49,
    "equality": "a" + " == a" * 49,
    "order": "a" + " < a" * 49,
    "mixed rows": "(a && (a || " * 24 + "!a" + "))" * 24,
}


@pytest.mark.parametrize("text", DEEPEST.values(), ids=DEEPEST)
def test_50_levels_of_the_tree_are_allowed(text: str) -> None:
    assert kind_of_refusal(text) is not ErrorKind.TOO_DEEP


@pytest.mark.parametrize("text", DEEPEST.values(), ids=DEEPEST)
def test_51_levels_are_too_deep(text: str) -> None:
    deeper = "!!" + f"({text})" if text.startswith("(") else f"!({text})"
    assert kind_of_refusal(deeper) is ErrorKind.TOO_DEEP


def test_parentheses_alone_add_no_level() -> None:
    assert parse("(" * 10_000 + "1" + ")" * 10_000) == Literal(1.0)


def test_a_row_of_one_logical_operator_is_one_level() -> None:
    assert evaluate(" || ".join(["''"] * 1000 + ["a"]), CONTEXT) == "x"
    assert evaluate(" && ".join(["a"] * 1000), CONTEXT) == "x"


FLOODS = [
    "(" * MAX_LENGTH,
    "!" * MAX_LENGTH,
    "!" * (MAX_LENGTH - 1) + "a",
    "[" * MAX_LENGTH,
    "a[" * 10_000,
    "a" + ".b" * 10_000,
    "a" + ".*" * 10_000,
    "'" * MAX_LENGTH,
    "'" * (MAX_LENGTH - 1),
    "join(" * 4000,
    "join(" * 3000 + "a" + ")" * 3000,
    "a==" * 6000 + "a",
    "a&&a||" * 3000 + "a",
    "." * MAX_LENGTH,
    "a" + " " * 20_000 + "b",
    "a" * MAX_LENGTH,
    "9" * MAX_LENGTH,
    "9" * 20_000 + "x",
    "0o" + "7" * 20_000,
    "1e" + "9" * 20_000,
    ")" * MAX_LENGTH,
    "," * MAX_LENGTH,
    "${{" * 7000,
    "${{ " * 5000 + "}}" * 500,
]


@pytest.mark.parametrize("text", FLOODS, ids=range(len(FLOODS)))
def test_a_flood_is_evaluated_or_refused(text: str) -> None:
    assert isinstance(judge(text, CONTEXT), Judgement)
    assert isinstance(substitute("${{" + text + "}}", CONTEXT), str)
    assert isinstance(substitute(text, CONTEXT, dialect="classic"), str)


def nested(call: str, inner: str, levels: int = 40) -> str:
    for _ in range(levels):
        inner = call.replace("@", inner)
    return inner


BOMBS = {
    "format in format": nested("format('{0}{0}{0}{0}', @)", "long"),
    "JSON of JSON": nested("toJSON(@)", "'\"'"),
    "a long separator": "join(many, " + nested("format('{0}{0}', @)", "long", 6) + ")",
    "wide formats": "format('{0}" + "{1}" * 2000 + "', a, long)",
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_before_it_grows(text: str) -> None:
    assert kind_of_refusal(text) in (ErrorKind.TOO_LARGE, ErrorKind.TOO_MANY_STEPS)
    assert judge(text, CONTEXT).value is False


def test_many_large_texts_one_after_the_other_run_out_of_steps() -> None:
    large = nested("format('{0}{0}', @)", "long", 7)
    text = " || ".join([f"{large} == ''"] * 60)
    assert kind_of_refusal(text) is ErrorKind.TOO_MANY_STEPS
    assert kind_of_refusal(" || ".join(["contains(many.*, a)"] * 800 + ["a"])) is None


def test_a_text_may_have_1_mib_of_characters() -> None:
    assert len(str(evaluate("format('{0}', x)", {"x": "y" * MAX_TEXT}))) == MAX_TEXT
    with pytest.raises(ExpressionError) as refusal:
        evaluate("format('{0}!', x)", {"x": "y" * MAX_TEXT})
    assert refusal.value.kind is ErrorKind.TOO_LARGE


def test_deep_json_is_refused_not_overflowed() -> None:
    for opening, closing in (("[", "]"), ('{"a":', "}")):
        allowed = opening * MAX_JSON_DEPTH + "1" + closing * MAX_JSON_DEPTH
        assert json.loads(str(evaluate("toJSON(fromJSON(x))", {"x": allowed}))) == json.loads(allowed)
        with pytest.raises(ExpressionError) as refusal:
            evaluate("fromJSON(x)", {"x": opening + allowed + closing})
        assert refusal.value.kind is ErrorKind.TOO_DEEP
        assert judge("fromJSON(x)", {"x": opening * 100_000}).value is False


def test_brackets_in_json_texts_are_not_levels() -> None:
    text = json.dumps(["[" * 500, '"' + "{" * 500])
    assert evaluate("fromJSON(x)[0]", {"x": text}) == "[" * 500


@pytest.mark.parametrize(
    "text", ['"' * 100_001, '\\"' * 100_000, '"' + '\\"' * 100_000, "{" * 10, '["' + "[" * 999]
)
def test_broken_json_is_refused_in_linear_time(text: str) -> None:
    assert judge("fromJSON(x)", {"x": text}).value is False


def test_a_value_that_holds_itself_is_refused_as_json() -> None:
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(ExpressionError) as refusal:
        evaluate("toJSON(x)", {"x": loop})
    assert refusal.value.kind is ErrorKind.TOO_DEEP


@pytest.mark.parametrize("dialect", ["constrained", "classic"])
def test_a_substituted_text_is_bounded(dialect: str) -> None:
    text = "${{ x }}" * 300
    assert len(substitute(text, {"x": "y" * 3000}, dialect=dialect)) == 900_000
    with pytest.raises(ExpressionError) as refusal:
        substitute(text, {"x": "y" * 4000}, dialect=dialect)
    assert refusal.value.kind is ErrorKind.TOO_LARGE


def test_costly_placeholders_share_one_budget() -> None:
    with pytest.raises(ExpressionError) as refusal:
        substitute("${{ startsWith(x, 'a') }}" * 5000, {"x": "y" * 4000})
    assert refusal.value.kind is ErrorKind.TOO_MANY_STEPS


def test_a_deep_tree_of_texts_is_refused() -> None:
    tree: object = "${{ a }}"
    for _ in range(MAX_TREE_DEPTH):
        tree = [tree]
    substitute_tree(tree, CONTEXT)
    with pytest.raises(ExpressionError) as refusal:
        substitute_tree({"x": tree}, CONTEXT)
    assert refusal.value.kind is ErrorKind.TOO_DEEP
