"""Where a text holds placeholders. Source: pipeline-yaml 10.7, semantics 15.4.

Constrained: each line is scanned by itself; `${{` and `}}` are paired like brackets, quotes mean nothing to
them, and what finds no partner is plain text. Classic: `${name}` and `${{ name }}`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

OPENING = "${{"
CLOSING = "}}"

CLASSIC_FORM = re.compile(
    r"\$\{\{[ \t]*(?P<double>[^\s{}$]+)[ \t]*\}\}|\$\{[ \t]*(?P<single>[^\s{}$]+)[ \t]*\}"
)
"""A classic placeholder; the name is in one of two groups."""

_BRACKET = re.compile(r"\$\{\{|\}\}|\n")
_BRACKET_OR_STRING = re.compile(r"\$\{\{|\}\}|'[^']*'")


@dataclass(slots=True)
class Hole:
    """A paired `${{ }}` from `start` up to `end`, with the pairs directly inside."""

    start: int
    end: int
    inside: list["Hole"] = field(default_factory=list)

    def content(self, text: str) -> str:
        """What stands between the brackets."""
        return text[self.start + len(OPENING) : self.end - len(CLOSING)]


def holes(text: str) -> list[Hole]:
    """The outermost pairs of each line, in the order of the text."""
    return _paired(text, _BRACKET)


def _paired(text: str, pattern: re.Pattern[str]) -> list[Hole]:
    paired: list[Hole] = []
    waiting: list[int] = []
    for match in pattern.finditer(text):
        mark = match.group()
        if mark == OPENING:
            waiting.append(match.start())
        elif mark == CLOSING and waiting:
            hole = Hole(waiting.pop(), match.end())
            while paired and paired[-1].start > hole.start:
                hole.inside.append(paired.pop())
            hole.inside.reverse()
            paired.append(hole)
        elif mark == "\n":
            waiting.clear()
    return paired


def unwrapped(text: str) -> str:
    """A condition without its outermost `${{ }}`: blanks stand in their place, so positions stay.

    The whole text is one expression, so brackets inside its quoted texts are not brackets.
    """
    if OPENING not in text:
        return text
    pieces: list[str] = []
    at = 0
    for hole in _paired(text, _BRACKET_OR_STRING):
        pieces += (text[at : hole.start], " " * len(OPENING), hole.content(text), " " * len(CLOSING))
        at = hole.end
    return "".join((*pieces, text[at:]))


def inner_holes(bare: str) -> list[Hole]:
    """The pairs that are left in a condition without its outermost ones, in the order of the text."""
    return _paired(bare, _BRACKET_OR_STRING)


def expressions_of(condition: str) -> Iterator[tuple[int, str]]:
    """What must be an expression in a condition, each with where it begins: inner placeholders, then the whole
    without its outermost ones, a quoted text of the same length in the place of each inner one."""
    bare = unwrapped(condition)
    pieces: list[str] = []
    at = 0
    for hole in inner_holes(bare) if OPENING in bare else ():
        yield hole.start + len(OPENING), hole.content(bare)
        pieces += (bare[at : hole.start], "'", " " * (hole.end - hole.start - 2), "'")
        at = hole.end
    yield 0, "".join((*pieces, bare[at:]))


def constrained_placeholders(text: str) -> Iterator[tuple[int, int, str]]:
    """Every placeholder that is not empty, an inner one behind the one that holds it: start, end, content."""
    waiting = holes(text)[::-1]
    while waiting:
        hole = waiting.pop()
        waiting += reversed(hole.inside)
        content = hole.content(text).strip()
        if content:
            yield hole.start, hole.end, content


def classic_placeholders(text: str) -> Iterator[tuple[int, int, str]]:
    """Every classic placeholder: start, end, name."""
    for match in CLASSIC_FORM.finditer(text):
        yield match.start(), match.end(), match["double"] or match["single"]
