"""Laws of arbitrary texts: no other exception than the promised one, and never one from a verdict."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.expressions import (
    Dialect,
    ExpressionError,
    Judgement,
    evaluate,
    first_names,
    judge,
    names,
    placeholders,
    substitute,
    substitute_tree,
    to_text,
    truthy,
)
from tests.expressions.test_oracle import expressions, soup

VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abck0"), inner, max_size=3),
    max_leaves=8,
)
CONTEXTS = st.fixed_dictionaries(dict.fromkeys(("a", "b", "variables", "my-app", "_x", "x-y"), VALUES))
TEXTS = st.one_of(
    st.text(),
    soup,
    expressions,
    st.lists(
        st.sampled_from(["${{", "}}", "${", "}", " ", "a", "b.c", "'", "\n", "{0}", "format(", ")", "=="])
    ).map("".join),
)
DIALECTS = st.sampled_from(Dialect)


@given(TEXTS, CONTEXTS, DIALECTS)
def test_evaluation_refuses_in_one_way_only_and_a_verdict_agrees_with_it(
    text: str, context: dict[str, object], dialect: Dialect
) -> None:
    judgement = judge(text, context, dialect=dialect)
    assert isinstance(judgement, Judgement)
    assert judgement.because.sentence()
    if judgement.error:
        with pytest.raises(ExpressionError) as refusal:
            evaluate(text, context, dialect=dialect)
        assert (judgement.value, judgement.error) == (False, str(refusal.value))
        assert 0 <= refusal.value.position <= len(text) + 1 or dialect is Dialect.CLASSIC
    else:
        value = evaluate(text, context, dialect=dialect)
        assert judgement.value is truthy(value)
        assert isinstance(to_text(value), str)


@given(TEXTS, CONTEXTS, DIALECTS)
def test_substitution_never_refuses_a_small_text(
    text: str, context: dict[str, object], dialect: Dialect
) -> None:
    assert isinstance(substitute(text, context, dialect=dialect), str)
    assert substitute_tree([text], context, dialect=dialect) == [substitute(text, context, dialect=dialect)]
    for start, end, content in placeholders(text, dialect):
        assert content in text[start:end]


@given(expressions)
def test_first_names_are_the_roots_of_the_names(text: str) -> None:
    try:
        paths = names(text)
    except ExpressionError:
        return
    assert first_names(text) == {path.partition(".")[0] for path in paths}


@given(expressions, CONTEXTS)
def test_a_wrapped_condition_is_the_condition(text: str, context: dict[str, object]) -> None:
    bare, wrapped = judge(text, context), judge(f"${{{{ {text} }}}}", context)
    assert bare.value == wrapped.value
    assert bool(bare.error) == bool(wrapped.error)
