"""Rows by method and path: the routes of a table of operations, put into one tree and found in it segment by segment.

A template is `METHOD /path/{name}/more`. A segment that is written out counts before one that has a name; a named one
takes any text but a slash, also none, so that whoever binds it can say which value is blank. A path that is there under
other methods only is told apart from one that is not there.
"""

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote

from ferryman.dialects.operation import Operation


class Found(NamedTuple):
    """A row, and what its path says."""

    operation: Operation
    values: dict[str, str]


class _Node:
    """Where the paths that begin alike part."""

    def __init__(self) -> None:
        self.written: dict[str, _Node] = {}
        self.named: _Node | None = None
        self.rows: dict[str, tuple[Operation, tuple[str, ...]]] = {}
        """By method: the row, and the names of the segments that have one, in order."""


class Routes:
    """All routes of a table, ready to be looked up."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        """Raises ValueError where two rows claim one route."""
        self._root = _Node()
        for operation in operations:
            for route in operation.routes:
                self._add(operation, route)

    def _add(self, operation: Operation, route: str) -> None:
        method, _, template = route.partition(" ")
        node, names = self._root, []
        for segment in _segments(template):
            if segment.startswith("{") and segment.endswith("}"):
                names.append(segment[1:-1])
                node.named = node.named or _Node()
                node = node.named
            else:
                node = node.written.setdefault(segment, _Node())
        if method in node.rows:
            raise ValueError(f"{operation.name} and {node.rows[method][0].name} both claim {route}")
        node.rows[method] = (operation, tuple(names))

    def find(self, method: str, path: str) -> Found | frozenset[str]:
        """The row of a path as it was sent; else the methods the path is there under: none where it is not there."""
        others: set[str] = set()
        segments = _segments(path)
        # Depth first, written segments before named ones; what was left aside is come back to.
        aside: list[tuple[_Node, int, tuple[str, ...]]] = [(self._root, 0, ())]
        while aside:
            node, at, values = aside.pop()
            if at == len(segments):
                row = node.rows.get(method)
                if row is not None:
                    return Found(row[0], dict(zip(row[1], values, strict=True)))
                others |= node.rows.keys()
                continue
            segment = segments[at]
            if node.named is not None:
                value = unquote(segment) if "%" in segment else segment
                aside.append((node.named, at + 1, (*values, value)))
            written = node.written.get(segment)
            if written is not None:
                aside.append((written, at + 1, values))
        return frozenset(others)


def _segments(path: str) -> list[str]:
    """The segments of a path; a slash at its end makes no difference."""
    return path.removeprefix("/").removesuffix("/").split("/")
