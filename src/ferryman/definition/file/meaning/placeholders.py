"""`${{ }}` in texts: what stands in one can be read, and its names exist (pipeline-yaml 10.1, 10.7, 10.8)."""

from collections.abc import Iterator
from typing import Any

from ferryman.definition.file import paths
from ferryman.definition.file.meaning.names import check_names
from ferryman.definition.file.meaning.subject import Subject
from ferryman.domain.dialect import Dialect
from ferryman.expressions import ErrorKind, ExpressionError, parse, placeholders

_NEVER_REPLACED = frozenset({"id", "name", "uses", "version"})
_FREE = frozenset({"with", "env", "params", "start-params"})


def check(subject: Subject) -> None:
    """Check every placeholder outside of conditions, save where values are pasted by name."""
    if subject.dialect is Dialect.CLASSIC:
        return
    for path, text in _texts(subject.value, "", free=False):
        for start, end, inner in placeholders(text, Dialect.CONSTRAINED):
            _check(subject, path, inner, text.index(inner, start, end))


def _texts(value: Any, path: str, *, free: bool) -> Iterator[tuple[str, str]]:
    """Every text in which a run replaces something; names of a writer's own choice count as any other key."""
    match value:
        case str():
            if "${{" in value:
                yield path, value
        case list():
            for index, item in enumerate(value):
                yield from _texts(item, paths.item(path, index), free=free)
        case dict():
            for key, item in value.items():
                if not free and (key in _NEVER_REPLACED or (key == "if" and isinstance(item, str))):
                    continue
                yield from _texts(item, paths.key(path, key), free=free or key in _FREE)


def _check(subject: Subject, path: str, inner: str, offset: int) -> None:
    """Text that is no expression stays as it is: a warning; an unknown function is an error."""
    if not inner.strip() or "${{" in inner:
        return
    try:
        parse(inner)
    except ExpressionError as error:
        problem = error.problems[0]
        unknown_function = error.kind is ErrorKind.UNKNOWN_FUNCTION
        subject.findings.add(
            path,
            problem.message,
            problem.code,
            hint=problem.hint or ("" if unknown_function else "the text stays as it is"),
            severity="error" if unknown_function else "warning",
            mark=subject.findings.inside(path, offset + max(error.position - 1, 0)),
        )
        return
    check_names(subject, path, inner, offset)
