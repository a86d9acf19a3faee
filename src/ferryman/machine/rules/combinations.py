"""Judges of a matrix: which combinations its texts give (semantics 6.2).

The product of the lists first, last axis turning fastest; then include; then exclude, of whole combinations only; then
doubles go. Every value is text.
"""

import json
from collections.abc import Mapping
from itertools import product
from typing import Any

from ferryman import expressions
from ferryman.domain.policies import Matrix
from ferryman.domain.values import Json

MOST = 256


class Unreadable(Exception):
    """The texts of a matrix give no usable combinations; the text says why."""


def of_matrix(
    matrix: Matrix, scope: Mapping[str, object], *, dialect: str, zone: str
) -> tuple[dict[str, str], ...]:
    """All combinations, in order; raises `Unreadable` for none, for more than 256, and for texts of another form."""
    reading = _Reading(scope, dialect, zone)
    axes, include, exclude = reading.axes(matrix)
    size = 1
    for values in axes.values():
        size *= len(values)
        if size > MOST * MOST:
            raise Unreadable(f"the matrix has more than {MOST} combinations")
    found = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())] if axes else []
    found = _included(found, include, axes)
    found = [combination for combination in found if combination not in exclude]
    unique = list({json.dumps(combination, sort_keys=True): combination for combination in found}.values())
    if not unique:
        raise Unreadable("the matrix has no combination")
    if len(unique) > MOST:
        raise Unreadable(f"the matrix has {len(unique)} combinations; at most {MOST} are allowed")
    return tuple(unique)


def _included(
    found: list[dict[str, str]], include: list[dict[str, str]], axes: Mapping[str, list[str]]
) -> list[dict[str, str]]:
    if not axes:
        return [*found, *(dict(entry) for entry in include)]
    base = [dict(combination) for combination in found]
    result = [dict(combination) for combination in found]
    for entry in include:
        shared = [name for name in entry if name in axes]
        if not shared:
            continue
        agreeing = [at for at, whole in enumerate(base) if all(whole[name] == entry[name] for name in shared)]
        for at in agreeing:
            result[at].update(entry)
        if not agreeing:
            result.append(dict(entry))
    return result


class _Reading:
    """Reads the texts of one matrix with the names of one place."""

    def __init__(self, scope: Mapping[str, object], dialect: str, zone: str) -> None:
        self.scope = scope
        self.dialect = dialect
        self.zone = zone

    def axes(self, matrix: Matrix) -> tuple[dict[str, list[str]], list[dict[str, str]], list[dict[str, str]]]:
        """Axes, include and exclude, wherever they were written."""
        whole = matrix.axes if isinstance(matrix.axes, dict) else self.value(matrix.axes)
        if not isinstance(whole, Mapping):
            raise Unreadable("the matrix is no map of names to lists")
        inner = {name: whole[name] for name in ("include", "exclude") if name in whole}
        axes = {str(name): self.values(name, values) for name, values in whole.items() if name not in inner}
        include = self.entries("include", inner.get("include")) + self.entries("include", matrix.include)
        exclude = self.entries("exclude", inner.get("exclude")) + self.entries("exclude", matrix.exclude)
        return axes, include, exclude

    def value(self, text: str) -> Any:
        """What an expression in a matrix stands for: a value of its own kind, not only a text."""
        inner = text.strip()
        if inner.startswith("${{") and inner.endswith("}}"):
            inner = inner[3:-2]
        try:
            return expressions.evaluate(inner, self.scope, dialect="constrained", zone=self.zone)
        except expressions.ExpressionError as error:
            raise Unreadable(f"{text}: {error}") from error

    def text(self, value: Json) -> str:
        """One value as text, with what is written in it replaced."""
        if isinstance(value, str):
            return expressions.substitute(value, self.scope, dialect=self.dialect, zone=self.zone)
        return expressions.to_text(value)

    def values(self, name: Json, values: Json) -> list[str]:
        """The values of one axis."""
        if isinstance(values, str):
            values = self.value(values)
        if not isinstance(values, list):
            raise Unreadable(f"{name} is no list of values")
        return [self.text(value) for value in values]

    def entries(self, word: str, entries: Json) -> list[dict[str, str]]:
        """The entries of include or exclude."""
        if not entries:
            return []
        if isinstance(entries, str):
            entries = self.value(entries)
        if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
            raise Unreadable(f"{word} is no list of maps")
        return [{str(name): self.text(value) for name, value in entry.items()} for entry in entries]
