"""Matrices: how many jobs one makes, as far as the file alone can tell (pipeline-yaml 7.3)."""

from itertools import product
from math import prod
from typing import Any

from ferryman.definition.file import codes, paths
from ferryman.definition.file.meaning.subject import Plain, Subject

Combination = dict[str, str]

_MILLION = 1_000_000


def check(subject: Subject) -> None:
    """Count the combinations of every matrix that is written out."""
    for job in subject.jobs():
        strategy = job.body.get("strategy") or {}
        path = paths.key(paths.key(job.path, "strategy"), "matrix")
        count = _count(strategy, subject.limits.combinations)
        if count is not None and count > subject.limits.combinations:
            shown = str(count) if count < _MILLION else "more than a million"
            message = f"makes {shown} jobs, at most {subject.limits.combinations} are allowed"
            subject.findings.add(path, message, codes.TOO_MUCH, key="matrix")
        if count == 0:
            message = "makes no job at all, which is an error when it runs"
            subject.findings.add(path, message, codes.TOO_MUCH, key="matrix", severity="warning")


def _count(strategy: Plain, most: int) -> int | None:
    """How many combinations a strategy has; None when only a run can tell."""
    matrix = strategy.get("matrix")
    if not isinstance(matrix, dict):
        return None
    axes = {name: values for name, values in matrix.items() if name not in {"include", "exclude"}}
    include, exclude = _cases(strategy, matrix, "include"), _cases(strategy, matrix, "exclude")
    if include is None or exclude is None or not all(map(_is_written_out, axes.values())):
        return None
    products = prod(len(values) for values in axes.values())
    if products - len(exclude) > most:
        return products
    return len(combinations(axes, include, exclude))


def _cases(strategy: Plain, matrix: Plain, key: str) -> list[Combination] | None:
    """The cases of include or exclude at both their places; None when one is an expression or was refused."""
    cases: list[Combination] = []
    for place in (matrix, strategy):
        written = place.get(key, [])
        if not isinstance(written, list) or not all(_is_written_out(case) for case in written):
            return None
        cases += written
    return cases


def _is_written_out(values: Any) -> bool:
    if isinstance(values, dict):
        values = list(values.values())
    return isinstance(values, list) and all(value is not None and "${{" not in value for value in values)


def combinations(
    axes: dict[str, list[str]], include: list[Combination], exclude: list[Combination]
) -> list[Combination]:
    """All products of the axes, the last turning fastest, with cases added and left out, each once."""
    found = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())] if axes else []
    added: list[Combination] = []
    for case in include:
        shared = axes.keys() & case.keys()
        matching = [one for one in found if shared and all(one[name] == case[name] for name in shared)]
        for one in matching:
            one.update(case)
        if not matching and (shared or not axes):
            added.append(case)
    unique = {frozenset(one.items()): one for one in reversed([*found, *added])}
    for case in exclude:
        unique.pop(frozenset(case.items()), None)
    return list(reversed(unique.values()))
