"""The problems of one reading, and where the things they speak of stand."""

from collections.abc import Iterable
from difflib import get_close_matches

from ferryman.definition.file.nodes import Mark, Node, Scalar
from ferryman.domain.errors import Problem, Severity

_NEAR = 0.6


class Findings:
    """Collects the problems of one file; lives as long as one reading."""

    def __init__(self) -> None:
        """Begin with nothing found."""
        self.marks: dict[str, Mark] = {}
        self._nodes: dict[str, Node] = {}
        self._problems: list[Problem] = []

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
        hint: str = "",
        severity: Severity = "error",
        mark: Mark | None = None,
        at: str | None = None,
    ) -> None:
        """Tell a problem of `path`; placed at `mark`, else at the path `at`, else at itself."""
        line, column = mark or self._nearest(path if at is None else at)
        self._problems.append(
            Problem(
                path=path,
                message=message,
                code=code,
                key=key,
                line=line,
                column=column,
                hint=hint,
                severity=severity,
            )
        )

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
        told = sorted([*before, *self._problems], key=lambda problem: (problem.line, problem.column))
        once = {(problem.line, problem.column, problem.message): problem for problem in reversed(told)}
        kept = sorted(once.values(), key=lambda problem: problem.severity)[:most]
        return tuple(sorted(kept, key=lambda problem: (problem.line, problem.column)))


def near(name: str, names: Iterable[str]) -> str:
    """The known name closest to an unknown one, or nothing."""
    known = {candidate.lower().replace("_", "-"): candidate for candidate in names}
    found = get_close_matches(name.lower().replace("_", "-"), known, n=1, cutoff=_NEAR)
    return known[found[0]] if found else ""


def suggestion(name: str, names: Iterable[str]) -> str:
    """A hint that names the closest known name."""
    found = near(name, names)
    return f'did you mean "{found}"?' if found else ""
