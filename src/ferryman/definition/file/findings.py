"""The problems of one reading, and where the things they speak of stand."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from itertools import islice

import msgspec

from ferryman.definition.file.nodes import Mark, Node, Scalar
from ferryman.domain.errors import Problem, Severity

Hint = str | Callable[[], str]
"""A hint, or how to find one: only those of the problems that are told in the end are looked for."""

_NEAR = 0.6
_LONGEST_NAME = 64
_MOST_NAMES = 1000
_LONGEST_TEXT = 500


class Findings:
    """Collects the problems of one file; lives as long as one reading."""

    def __init__(self) -> None:
        """Begin with nothing found."""
        self.marks: dict[str, Mark] = {}
        self._nodes: dict[str, Node] = {}
        self._problems: list[tuple[Problem, Hint]] = []

    def place(self, path: str, mark: Mark, node: Node) -> None:
        """Note where a path stands: the mark of its key, or of the item of a list."""
        self.marks[path] = mark
        self._nodes[path] = node

    def add(
        self,
        path: str,
        message: str,
        code: int,
        *,
        key: str = "",
        hint: Hint = "",
        severity: Severity = "error",
        mark: Mark | None = None,
        at: str | None = None,
    ) -> None:
        """Tell a problem of `path`; placed at `mark`, else at the path `at`, else at itself."""
        line, column = mark or self._nearest(path if at is None else at)
        problem = Problem(
            path=_cut(path),
            message=_cut(message),
            code=code,
            key=_cut(key),
            line=line,
            column=column,
            severity=severity,
        )
        self._problems.append((problem, hint))

    def inside(self, path: str, offset: int) -> Mark:
        """Where a character of the text at `path` stands."""
        node = self._nodes.get(path)
        return node.place(offset) if isinstance(node, Scalar) else self._nearest(path)

    def _nearest(self, path: str) -> Mark:
        """The mark of a path, or of the closest thing around it that has one."""
        while path and path not in self.marks:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.marks.get(path, Mark(1, 1))

    def in_file_order(self, most: int, before: Iterable[Problem] = ()) -> tuple[Problem, ...]:
        """At most `most` problems in the order of the file, each once; errors push out warnings."""
        found = [*((problem, problem.hint) for problem in before), *self._problems]
        found.sort(key=lambda one: (one[0].line, one[0].column))
        once = {(told.line, told.column, told.message): (told, hint) for told, hint in reversed(found)}
        in_order = sorted(once.values(), key=lambda one: (one[0].severity, one[0].line, one[0].column))
        kept = sorted(in_order[:most], key=lambda one: (one[0].line, one[0].column))
        return tuple(msgspec.structs.replace(problem, hint=_found(hint)) for problem, hint in kept)


def _found(hint: Hint) -> str:
    return _cut(hint if isinstance(hint, str) else hint())


def _cut(text: str) -> str:
    """A text of a length that can be shown."""
    return text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + "…"


def near(name: str, names: Iterable[str]) -> str:
    """The known name closest to an unknown one, or nothing."""
    known = {_folded(candidate): candidate for candidate in islice(names, _MOST_NAMES)}
    found = get_close_matches(_folded(name), known, n=1, cutoff=_NEAR)
    return known[found[0]] if found else ""


def _folded(name: str) -> str:
    """A name without what people mix up: case, and the two ways to join words."""
    return name[:_LONGEST_NAME].lower().replace("_", "-")


def suggestion(name: str, names: Iterable[str]) -> str:
    """A hint that names the closest known name."""
    found = near(name, names)
    return f'did you mean "{found}"?' if found else ""
