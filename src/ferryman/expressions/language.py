"""The verbs of the language: evaluate, judge, substitute, and what a text speaks of.

Two dialects read the same language (rulings 1.2). They differ in two places only, and `_READINGS` is the
whole of it:

| | constrained | classic |
| --- | --- | --- |
| a condition | its outermost `${{ }}` are taken off, inner ones quoted | its placeholders are pasted first |
| a placeholder | `${{ expression }}` | `${name}` and `${{ name }}`, pasted by name |
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from ferryman.domain.dialect import Dialect
from ferryman.domain.judgement import Because, Judgement
from ferryman.expressions.errors import ErrorKind, ExpressionError
from ferryman.expressions.evaluation import Evaluation
from ferryman.expressions.parser import parse
from ferryman.expressions.placeholders import classic_placeholders, constrained_placeholders, unwrapped
from ferryman.expressions.program import Program, program_of
from ferryman.expressions.substitution import bare_condition, fill_classic, fill_constrained
from ferryman.expressions.tree import paths
from ferryman.expressions.values import truthy

Context = Mapping[str, object]
Placed = tuple[int, int, str]

MAX_TREE_DEPTH = 100
"""Levels of lists and mappings whose texts are substituted."""


class _Reading(NamedTuple):
    """What is peculiar to one dialect: a condition made ready, a text filled, placeholders found."""

    condition: Callable[[str, Context, str], str]
    fill: Callable[[str, Context, str], str]
    placeholders: Callable[[str], Iterable[Placed]]


_READINGS: Mapping[str, _Reading] = {
    Dialect.CONSTRAINED: _Reading(bare_condition, fill_constrained, constrained_placeholders),
    Dialect.CLASSIC: _Reading(fill_classic, fill_classic, classic_placeholders),
}


def evaluate(
    expression: str, context: Context, *, dialect: Dialect | str = Dialect.CONSTRAINED, zone: str = "UTC"
) -> object:
    """The value of a condition's text; ExpressionError when it is wrong or cannot be evaluated.

    `context` maps first names to values. A plain dict may hold names with dots (`{"variables.branch":
    "main"}`); any other mapping is asked for names only. `zone` is the time zone that strToTime reads times
    in.
    """
    return _program(expression, context, dialect, zone).value(Evaluation(context, zone))


def judge(
    text: str, context: Context, *, dialect: Dialect | str = Dialect.CONSTRAINED, zone: str = "UTC"
) -> Judgement:
    """Whether a condition holds, and because of what. An error is false, with the error as its reason.

    Never raises, whatever the text (pipeline-yaml 6, semantics 16.1).
    """
    try:
        program = _program(text, context, dialect, zone)
        run = Evaluation(context, zone)
        holds = truthy(program.value(run))
    except ExpressionError as error:
        return Judgement(False, Because(text, (), str(error)))
    return Judgement(holds, Because(text, program.operands(run, holds=holds)))


def _program(text: str, context: Context, dialect: Dialect | str, zone: str) -> Program:
    if "${" in text:
        text = _READINGS[Dialect(dialect)].condition(text, context, zone)
    return program_of(text)


def substitute(
    text: str, context: Context, *, dialect: Dialect | str = Dialect.CONSTRAINED, zone: str = "UTC"
) -> str:
    """The text with its placeholders filled; those that mean nothing here stay as they are.

    ExpressionError (too-large, too-many-steps) only when the result would be out of bounds.
    """
    return _READINGS[Dialect(dialect)].fill(text, context, zone) if "${" in text else text


def substitute_tree(
    value: object, context: Context, *, dialect: Dialect | str = Dialect.CONSTRAINED, zone: str = "UTC"
) -> object:
    """The same value with every text in it substituted, leaf by leaf; keys and other scalars stay.

    ExpressionError as `substitute`, and when the value is nested deeper than MAX_TREE_DEPTH.
    """
    fill = _READINGS[Dialect(dialect)].fill
    return _filled(value, lambda text: fill(text, context, zone), MAX_TREE_DEPTH)


def _filled(node: object, fill: Callable[[str], str], levels: int) -> object:
    if isinstance(node, str):
        return fill(node) if "${" in node else node
    if not isinstance(node, Mapping | list | tuple):
        return node
    if not levels:
        message = f"the value is nested deeper than {MAX_TREE_DEPTH} levels"
        raise ExpressionError(ErrorKind.TOO_DEEP, message)
    if isinstance(node, Mapping):
        return {key: _filled(item, fill, levels - 1) for key, item in node.items()}
    return [_filled(item, fill, levels - 1) for item in node]


def names(text: str) -> tuple[str, ...]:
    """The paths that a condition or the content of a placeholder reads, with dots, each once, in order.

    A path ends before its first step that only evaluation knows. ExpressionError when the text does not
    parse.
    """
    return tuple(dict.fromkeys(paths(parse(unwrapped(text)))))


def first_names(text: str) -> frozenset[str]:
    """The first names that a condition or the content of a placeholder reads; ExpressionError as `names`."""
    return frozenset(program_of(unwrapped(text)).names)


def placeholders(text: str, dialect: Dialect | str = Dialect.CONSTRAINED) -> tuple[Placed, ...]:
    """The placeholders of a text: start and end in it, and the content without blanks around.

    Empty ones are left out. One that holds another comes before it; its content does not parse until that
    is filled.
    """
    return tuple(_READINGS[Dialect(dialect)].placeholders(text))
