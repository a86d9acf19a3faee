"""Names that expressions begin with: contexts and declared variables (pipeline-yaml 10.8, 11)."""

from functools import lru_cache, partial

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
_DECLARE = "declare it under variables, or put text in single quotes"


def check_names(subject: Subject, path: str, expression: str, offset: int) -> None:
    """Warn of first names that nobody declares; it begins at `offset` of the text at `path`."""
    for name in _first_names(expression):
        if name.name in CONTEXTS or name.name in subject.variables or name.name.startswith(_BUILT_IN_PREFIX):
            continue
        subject.findings.add(
            path,
            f'unknown name "{name.name}"',
            codes.PATTERN,
            key=name.name,
            hint=partial(_hint, subject, name.name),
            severity="warning",
            mark=subject.findings.inside(path, offset + max(name.position - 1, 0)),
        )


def _hint(subject: Subject, name: str) -> str:
    return suggestion(name, [*CONTEXTS, *subject.variables]) or _DECLARE


@lru_cache(maxsize=1024)
def _first_names(expression: str) -> tuple[Name, ...]:
    once = {name.name: name for name in reversed(tuple(roots(parse(expression))))}
    return tuple(once.values())
