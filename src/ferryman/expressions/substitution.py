"""Placeholders of a text replaced by their values, in both dialects.

Source: pipeline-yaml 10.7, semantics 15.4.

Constrained: the content is an expression. Inner placeholders go first and are put in as quoted texts, two
levels at most (a deeper nest stays as it is); then one more pass over the result. What is no expression,
has an unknown first name or cannot be evaluated stays as it is.

Classic: values are pasted by name and nothing is calculated. A value that itself holds a placeholder is
filled one level further. An unknown name, or one that stands for an object, leaves the text as it is.
"""

import re
from collections.abc import Mapping, Sequence

from ferryman.expressions.access import MISSING, look_up
from ferryman.expressions.errors import ErrorKind, ExpressionError
from ferryman.expressions.evaluation import MAX_TEXT, Evaluation
from ferryman.expressions.functions import json_text
from ferryman.expressions.placeholders import (
    CLASSIC_FORM,
    CLOSING,
    OPENING,
    Hole,
    holes,
    inner_holes,
    unwrapped,
)
from ferryman.expressions.program import program_of
from ferryman.expressions.values import Kind, kind_of, to_text

_LIMITS = frozenset({ErrorKind.TOO_LARGE, ErrorKind.TOO_MANY_STEPS})


def fill_constrained(text: str, context: Mapping[str, object], zone: str) -> str:
    """The text with every `${{ expression }}` that can be evaluated replaced by its value."""
    if OPENING not in text:
        return text
    run = Evaluation(context, zone)
    once = _fill(text, run)
    return _fill(once, run) if OPENING in once else once


def bare_condition(text: str, context: Mapping[str, object], zone: str) -> str:
    """A condition without its outermost `${{ }}`, and with what still stands in some put in as quoted texts.

    What cannot be evaluated stays, and the condition is no expression then.
    """
    bare = unwrapped(text)
    if OPENING not in bare:
        return bare
    run = Evaluation(context, zone)
    return _quoted(bare, 0, len(bare), inner_holes(bare), run) or bare


def _fill(text: str, run: Evaluation) -> str:
    pieces: list[str] = []
    at = length = 0
    for hole in holes(text):
        value = _value(text, hole, run)
        if value is not None:
            pieces += (text[at : hole.start], value)
            length += hole.start - at + len(value)
            at = hole.end
            _bounded(length)
    _bounded(length + len(text) - at)
    return "".join((*pieces, text[at:]))


def _value(text: str, hole: Hole, run: Evaluation) -> str | None:
    """The text that takes the place of an outermost placeholder, or None when it stays."""
    if not hole.inside:
        return _evaluated(hole.content(text), run)
    expression = _quoted(text, hole.start + len(OPENING), hole.end - len(CLOSING), hole.inside, run)
    return None if expression is None else _evaluated(expression, run)


def _quoted(text: str, start: int, end: int, inside: Sequence[Hole], run: Evaluation) -> str | None:
    """A part of the text with the placeholders in it put in as quoted texts; None when one of them means nothing."""
    pieces: list[str] = []
    at = start
    for inner in inside:
        value = None if inner.inside else _evaluated(inner.content(text), run)
        if value is None:
            return None
        pieces += (text[at : inner.start], "'", value.replace("'", "''"), "'")
        at = inner.end
    return "".join((*pieces, text[at:end]))


def _evaluated(expression: str, run: Evaluation) -> str | None:
    try:
        value = program_of(expression).value(run)
        if kind_of(value) in (Kind.ARRAY, Kind.OBJECT):
            return json_text(run, value)
        return to_text(value)
    except ExpressionError as error:
        if error.kind in _LIMITS:
            raise
        return None


def fill_classic(text: str, context: Mapping[str, object], zone: str) -> str:
    """The text with every `${name}` and `${{ name }}` of a known name replaced by its value."""
    run = Evaluation(context, zone)
    return _paste(text, run, levels=2)


def _paste(text: str, run: Evaluation, *, levels: int) -> str:
    length = len(text)

    def value(match: re.Match[str]) -> str:
        nonlocal length
        name = match["double"] or match["single"]
        found = _named(name.split("."), run)
        if found is None:
            return match.group()
        if levels > 1 and "${" in found:
            found = _paste(found, run, levels=levels - 1)
        length += len(found)
        _bounded(length)
        return found

    return CLASSIC_FORM.sub(value, text) if "${" in text else text


def _named(steps: Sequence[str], run: Evaluation) -> str | None:
    """The text of the value under a dotted name; None when there is none, or an object."""
    found = look_up(run.context, steps)
    if found is MISSING:
        return None
    match kind_of(found):
        case Kind.OBJECT:
            return None
        case Kind.ARRAY:
            return json_text(run, found)
        case _:
            return to_text(found)


def _bounded(length: int) -> None:
    if length > MAX_TEXT:
        message = f"the text would be longer than {MAX_TEXT} characters with its placeholders filled"
        raise ExpressionError(ErrorKind.TOO_LARGE, message)
