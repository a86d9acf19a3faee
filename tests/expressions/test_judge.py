"""Conditions: the verdict, and because of what (pipeline-yaml 6, semantics 16.1, rulings 1.2)."""

import pytest

from ferryman.expressions import Because, ErrorKind, ExpressionError, Judgement, Operand, evaluate, judge

CONTEXT = {
    "variables": {
        "branch": "dev",
        "flag": "false",
        "count": "3",
        "empty": "",
        "on": "yes",
        "long": "y" * 500,
    },
    "branch": "dev",
    "n": "1",
    "ci": {"list": ["a"]},
}

SENTENCES = [
    ("variables.branch == 'main'", False, "variables.branch is dev, wanted main"),
    ("variables.branch == 'dev'", True, "variables.branch is dev, wanted dev"),
    ("'main' == variables.branch", False, "variables.branch is dev, wanted main"),
    ("variables.branch != 'dev'", False, "variables.branch is dev, wanted != dev"),
    ("!(variables.branch == 'dev')", False, "variables.branch is dev, wanted != dev"),
    ("!!(variables.branch == 'main')", False, "variables.branch is dev, wanted main"),
    ("variables.count > 5", False, "variables.count is 3, wanted > 5"),
    ("5 < variables.count", False, "variables.count is 3, wanted > 5"),
    ("!(variables.count >= 3)", False, "variables.count is 3, wanted < 3"),
    ("variables.branch == ''", False, "variables.branch is dev, wanted ''"),
    ("variables.nope == 'x'", False, "variables.nope is empty, wanted x"),
    ("variables['branch'] == variables.on", False, "variables.branch is dev, wanted yes"),
    ("variables.flag", False, "variables.flag is false"),
    ("!variables.on", False, "variables.on is yes"),
    ("'a' == 'b'", False, "found a, wanted b"),
    ("true", True, "the condition is true"),
    # Of && the first false one decided, or all of them; of || the first true one, or all of them.
    ("variables.on && variables.flag && variables.branch == 'x'", False, "variables.flag is false"),
    ("variables.on && variables.branch", True, "variables.on is yes; variables.branch is dev"),
    ("variables.flag || variables.on || variables.branch", True, "variables.on is yes"),
    (
        "variables.flag || variables.branch == 'main'",
        False,
        "variables.flag is false; variables.branch is dev, wanted main",
    ),
    ("!(variables.on && variables.flag)", True, "variables.flag is false"),
    (
        "contains(variables.branch, 'x')",
        False,
        "contains(variables.branch, 'x') is false; variables.branch is dev",
    ),
    ("ci.list.* == 1", False, "ci.list.* is Array, wanted 1"),
    ("ci.list[variables.empty]", True, "ci.list[variables.empty] is a"),
    ("(n == 1) == true", True, "n == 1 is true, wanted true"),
    # Errors are false, with the error as the reason.
    ("", False, "could not be decided: the expression is empty"),
    (" \n ", False, "could not be decided: the expression is empty"),
    ("${{ }}", False, "could not be decided: the expression is empty"),
    ("nope || true", False, "could not be decided: unknown name nope at position 1"),
    ("a b", False, "could not be decided: unexpected symbol b at position 3"),
    ("fromJSON('{') || true", False, None),
]


@pytest.mark.parametrize(("text", "value", "sentence"), SENTENCES)
def test_a_verdict_says_because_of_what(text: str, value: bool, sentence: str | None) -> None:
    judgement = judge(text, CONTEXT)
    assert judgement.value is value
    assert bool(judgement) is value
    assert judgement.because.text == text
    if sentence is not None:
        assert judgement.because.sentence() == sentence


def test_the_reason_is_data() -> None:
    assert judge("variables.branch == 'main'", CONTEXT) == Judgement(
        False, Because("variables.branch == 'main'", (Operand("variables.branch", "dev", "main"),))
    )


def test_an_error_is_data_too() -> None:
    judgement = judge("variables.x &", CONTEXT)
    assert judgement.because.operands == ()
    assert (
        judgement.error
        == judgement.because.error
        == "unexpected symbol & at position 13 (the operator is &&)"
    )
    assert judge("true", CONTEXT).error == ""


def test_an_explanation_is_short() -> None:
    judgement = judge(" && ".join(["variables.long"] * 50), CONTEXT)
    assert len(judgement.because.operands) == 10
    assert all(len(operand.value) == 121 for operand in judgement.because.operands)


def test_an_explanation_that_costs_too_much_is_cut_and_the_verdict_stands() -> None:
    costly = "contains(format('" + "{0}" * 250 + "', x), 'z')"
    judgement = judge(" || ".join([costly, "x"]), {"x": "y" * 4000})
    assert judgement.value is True
    assert judgement.error == ""


CONDITIONS = [
    # Constrained: the outermost `${{ }}` are removed, the whole is one expression.
    ("${{ variables.branch == 'dev' }}", "constrained", True),
    ("${{ variables.branch }} == 'dev'", "constrained", True),
    ("${{ variables.branch }} == 'dev' && ${{ n }} == 1", "constrained", True),
    ("variables.branch == 'dev'", "constrained", True),
    ("${{ format('{{{0}}}', n) == '{1}' }}", "constrained", True),
    ("'${{ variables.branch }}' == 'dev'", "constrained", False),
    # One that is left inside goes first and is put in as a quoted text (pipeline-yaml 10.7).
    ("${{ ${{ variables.branch }} == 'dev' }}", "constrained", True),
    ("${{ contains(${{ variables.branch }}, 'x') || ${{ n }} == 1 }}", "constrained", True),
    ("${{ ${{ n == 2 }} }}", "constrained", False),
    ("${{ ${{ format('{0}''{1}', n, n) }} == '1''1' }}", "constrained", True),
    ("${{ ${{ ${{ n }} }} == '1' }}", "constrained", None),
    ("${{ ${{ nope }} == '1' }}", "constrained", None),
    ("${{ ${{ }} == '' }}", "constrained", None),
    ("${n} == 1", "constrained", None),
    ("${{ n", "constrained", None),
    # Classic: pasted first, then evaluated (semantics 16.1).
    ("${{n}} == 1", "classic", True),
    ("${n} == 1", "classic", True),
    ("${{branch}} == 'dev'", "classic", None),
    ("'${{branch}}' == 'dev'", "classic", True),
    ("'${variables.branch}' == 'dev'", "classic", True),
    ("variables.branch == 'dev'", "classic", True),
    ("branch == 'dev'", "classic", True),
    ("${{ variables.branch == 'dev' }}", "classic", None),
    ("variables.nope == ''", "classic", True),
    ("'${nope}' == ''", "classic", False),
    ("n || nope", "classic", None),
    ("", "classic", None),
]


@pytest.mark.parametrize(("text", "dialect", "value"), CONDITIONS)
def test_each_dialect_reads_a_condition_its_way(text: str, dialect: str, value: bool | None) -> None:
    judgement = judge(text, CONTEXT, dialect=dialect)
    assert judgement.value is bool(value)
    assert bool(judgement.error) is (value is None)


def test_positions_count_in_the_text_as_written() -> None:
    with pytest.raises(ExpressionError) as refusal:
        evaluate("${{ n }} == ${{ nope }}", CONTEXT)
    assert (refusal.value.kind, refusal.value.position) == (ErrorKind.UNKNOWN_NAME, 17)
