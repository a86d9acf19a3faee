"""Pipeline files: text to a checked plain tree, with the place of everything and all problems at once.

Parsing is `reader`; the tables of the format are in `tables`; `check` applies them; `meaning` holds what no
table can say; `schema` makes a JSON Schema of the same tables. What the tree means is for others.
"""

from typing import Any

import msgspec

from ferryman.definition.file import codes, meaning
from ferryman.definition.file.check import check
from ferryman.definition.file.findings import Findings, near
from ferryman.definition.file.limits import Limits
from ferryman.definition.file.meaning.subject import Subject
from ferryman.definition.file.nodes import Mapping, Mark, Scalar, kind
from ferryman.definition.file.places import places
from ferryman.definition.file.reader import read_tree
from ferryman.definition.file.schema import schema
from ferryman.definition.file.tables import PIPELINE
from ferryman.definition.file.tables.top import VERSION
from ferryman.domain.errors import Problem

__all__ = ["FileTree", "Limits", "Mark", "places", "read", "schema"]

DEFAULT_LIMITS = Limits()


class FileTree(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was read.

    `value` is the plain tree in the order of the file: anchors resolved, text where the format wants text,
    lists where one item may stand for a list. Where a problem is an error it holds None for what was
    refused. `marks` gives the line and column of every path; `problems` are errors and warnings in the
    order of the file.
    """

    value: dict[str, Any]
    marks: dict[str, Mark]
    problems: tuple[Problem, ...]
    text: str | bytes
    name: str = ""

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems for which the file cannot be used."""
        return tuple(problem for problem in self.problems if problem.severity == "error")


def read(
    text: str | bytes,
    *,
    name: str = "",
    limits: Limits = DEFAULT_LIMITS,
    accept_vendor_keys: bool = False,
    strict_scripts: bool = False,
) -> FileTree:
    """Read and check one pipeline file. Never raises; what is wrong stands in `problems`.

    `accept_vendor_keys` turns keys that only make sense elsewhere into warnings; `strict_scripts` turns
    values pasted into scripts into errors. Sources: pipeline-yaml 2 to 15, RULINGS 13 and 14.
    """
    reading = read_tree(text, limits)
    if reading.tree is None:
        return FileTree(value={}, marks={}, problems=reading.problems, text=text, name=name)
    if wrong_version := _wrong_version(reading.tree):
        return FileTree(value={}, marks={}, problems=(wrong_version,), text=text, name=name)
    findings = Findings()
    value = check(reading.tree, PIPELINE, findings, accept_vendor_keys=accept_vendor_keys)
    meaning.check(
        Subject(value, findings, limits, accept_vendor_keys=accept_vendor_keys, strict_scripts=strict_scripts)
    )
    return FileTree(
        value=value,
        marks=findings.marks,
        problems=findings.in_file_order(limits.problems, reading.problems),
        text=text,
        name=name,
    )


def _wrong_version(tree: Mapping) -> Problem | None:
    """The one problem of a file of another version; nothing else is checked then (pipeline-yaml 2)."""
    entry = tree.find("version")
    if entry is not None and isinstance(entry.node, Scalar) and entry.node.value == VERSION:
        return None
    meant = "" if entry else near("version", [other.key for other in tree])
    place = tree.find(meant) or entry
    found = ""
    if entry is not None:
        found = entry.node.text if isinstance(entry.node, Scalar) else kind(entry.node)
    line, column = place.mark if place else tree.mark
    return Problem(
        path="version",
        message=f"yaml version ({found[:60]}) not valid, only {VERSION}",
        code=codes.SYNTAX,
        key="version",
        line=line,
        column=column,
        hint=f'line {line} has "{meant}"' if meant else f"begin the file with version: {VERSION}",
    )
