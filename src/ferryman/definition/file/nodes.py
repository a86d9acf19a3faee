"""The tree of a YAML text: what stands where, before anyone asks what it means.

Anchors are resolved: an aliased node stands at each of its places, with the marks of where it was written.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import msgspec

ScalarValue = str | int | float | bool | None


@lru_cache(maxsize=16)
def _line_starts(text: str) -> tuple[int, ...]:
    """Where each line of a text begins."""
    return (0, *(found.end() for found in re.finditer("\n", text)))


class Mark(NamedTuple):
    """A place in the text; both numbers count from 1."""

    line: int
    column: int


class Scalar(msgspec.Struct, frozen=True):
    """A single value. `text` is as written, `value` what YAML makes of it, `style` the quote or block sign.

    `indent` is what stands before each line of a literal block.
    """

    mark: Mark
    value: ScalarValue
    text: str
    style: str = ""
    last_line: int = 0
    indent: int = 0

    def place(self, offset: int) -> Mark:
        """Where the character `offset` of the value stands; the start of the value where folding hides it."""
        if self.style == "|":
            starts = _line_starts(self.text)
            line = bisect_right(starts, offset) - 1
            return Mark(self.mark.line + 1 + line, self.indent + offset - starts[line] + 1)
        if self.last_line != self.mark.line or self.style == ">":
            return self.mark
        return Mark(self.mark.line, self.mark.column + offset + (1 if self.style in {"'", '"'} else 0))


class Sequence(msgspec.Struct, frozen=True):
    """A list."""

    mark: Mark
    items: tuple["Node", ...]


class Entry(msgspec.Struct, frozen=True):
    """One key of a mapping with its value; `mark` is that of the key."""

    key: str
    mark: Mark
    node: "Node"


class Mapping(msgspec.Struct, frozen=True):
    """A mapping in the order of its keys, merge keys resolved, keys as text."""

    mark: Mark
    entries: tuple[Entry, ...]

    def find(self, key: str) -> Entry | None:
        """The entry of `key`, if there is one."""
        return next((entry for entry in self.entries if entry.key == key), None)

    def __iter__(self) -> Iterator[Entry]:
        """The entries in order."""
        return iter(self.entries)


Node = Scalar | Sequence | Mapping


def kind(node: Node) -> str:
    """What a node is, as a person would say it."""
    match node:
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=bool()):
            return "true or false"
        case Scalar(value=int() | float()):
            return "a number"
        case _:
            return "text"
