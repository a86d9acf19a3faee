"""Names that expressions begin with: contexts and declared variables (pipeline-yaml 10.8, 11)."""

from collections.abc import Iterable
from functools import lru_cache

from ferryman.definition.file import codes
from ferryman.definition.file.findings import suggestion
from ferryman.definition.file.meaning.subject import Subject
from ferryman.expressions import parse
from ferryman.expressions.tree import Name, roots

CONTEXTS = (
    "variables",
    "ci",
    "job",
    "jobs",
    "step",
    "steps",
    "matrix",
    "envs",
    "settings",
    "stages",
)
"""The first names every expression can use."""

_BUILT_IN_PREFIX = "BK_CI_"


def declared(subject: Subject) -> Iterable[str]:
    """Variables of the file and of its reviews, which become variables when somebody decides."""
    yield from subject.value.get("variables") or {}
    for stage in subject.stages:
        reviews = (stage.body.get("check-in") or {}).get("reviews") or {}
        yield from reviews.get("variables") or {}


def check_names(subject: Subject, path: str, expression: str, offset: int) -> None:
    """Warn of first names that nobody declares; it begins at `offset` of the text at `path`."""
    known = {*CONTEXTS, *declared(subject)}
    for name in _first_names(expression):
        if name.name in known or name.name.startswith(_BUILT_IN_PREFIX):
            continue
        hint = suggestion(name.name, known) or "declare it under variables, or put text in single quotes"
        subject.findings.add(
            path,
            f'unknown name "{name.name}"',
            codes.PATTERN,
            key=name.name,
            hint=hint,
            severity="warning",
            mark=subject.findings.inside(path, offset + max(name.position - 1, 0)),
        )


@lru_cache(maxsize=1024)
def _first_names(expression: str) -> tuple[Name, ...]:
    once = {name.name: name for name in reversed(tuple(roots(parse(expression))))}
    return tuple(once.values())
