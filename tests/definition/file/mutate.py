"""Breaks pipeline files the way people do, one small break at a time, and knows where it broke them."""

import random
import re
from collections.abc import Callable
from typing import NamedTuple


class Mutant(NamedTuple):
    """A broken text; lines count from 1 in it.

    `lines` are those the break touched, `holders` those where the mapping that holds them begins: the line of its key
    and the line of its first entry.
    """

    kind: str
    text: str
    lines: frozenset[int]
    holders: frozenset[int]


Mutation = Callable[[random.Random, list[str], int], list[str] | None]

_KEY = re.compile(r"^(?P<lead>\s*(?:- )*)(?P<key>[\w.<-]+):(?P<rest>.*)$")
_WORDS = ("Release", "maybe", "SUCCES", "fish", "always", "docker2", "enabeld")
_VALUES = (
    "[1, 2]",
    "{a: b}",
    "true",
    "12",
    "-1",
    "text",
    "",
    "null",
    "*nothing",
    "'open",
    "1.5",
    "[",
    "99999",
)


def _rename_key(draw: random.Random, lines: list[str], at: int) -> list[str] | None:
    """A typing slip in a key."""
    found = _KEY.match(lines[at])
    if not found:
        return None
    key = found["key"]
    slip = draw.randrange(len(key) + 1)
    changed = draw.choice(
        [
            key[:slip] + key[slip + 1 :],
            key[:slip] + "x" + key[slip:],
            key.replace("-", "_") + "s",
            key.upper(),
        ]
    )
    return None if changed == key else [f"{found['lead']}{changed}:{found['rest']}"]


def _change_value(draw: random.Random, lines: list[str], at: int) -> list[str] | None:
    """A value of another type, out of range, or an unknown word."""
    found = _KEY.match(lines[at])
    if not found or not found["rest"].strip():
        return None
    value = draw.choice([*_VALUES, *_WORDS])
    return [f"{found['lead']}{found['key']}: {value}"]


def _delete_line(draw: random.Random, lines: list[str], at: int) -> list[str] | None:
    return []


def _delete_key(draw: random.Random, lines: list[str], at: int) -> list[str] | None:
    """The value without its key."""
    found = _KEY.match(lines[at])
    return [found["lead"] + found["rest"].strip()] if found and found["rest"].strip() else None


def _duplicate(draw: random.Random, lines: list[str], at: int) -> list[str] | None:
    return [lines[at], lines[at]]


def _indent(draw: random.Random, lines: list[str], at: int) -> list[str] | None:
    return [" " * draw.choice((1, 2, 3)) + lines[at]]


def _dedent(draw: random.Random, lines: list[str], at: int) -> list[str] | None:
    blanks = len(lines[at]) - len(lines[at].lstrip())
    return [lines[at][draw.randint(1, blanks) :]] if blanks else None


def _tab(draw: random.Random, lines: list[str], at: int) -> list[str] | None:
    return ["\t" + lines[at].lstrip()]


def _open_quote(draw: random.Random, lines: list[str], at: int) -> list[str] | None:
    found = _KEY.match(lines[at])
    if not found:
        return None
    return [f"{found['lead']}{found['key']}: {draw.choice(chr(34) + chr(39))}{found['rest'].strip()}"]


def _open_bracket(draw: random.Random, lines: list[str], at: int) -> list[str] | None:
    found = _KEY.match(lines[at])
    return [f"{found['lead']}{found['key']}: {draw.choice('[{')}{found['rest'].strip()}"] if found else None


def _flip_character(draw: random.Random, lines: list[str], at: int) -> list[str] | None:
    line = lines[at]
    if not line:
        return None
    place = draw.randrange(len(line))
    return [line[:place] + draw.choice("aZ09:-{}[]'\"#&*!|>%@` \t,é\x00\u2028") + line[place + 1 :]]


def _drop_character(draw: random.Random, lines: list[str], at: int) -> list[str] | None:
    line = lines[at]
    place = draw.randrange(len(line)) if line else 0
    return [line[:place] + line[place + 1 :]] if line else None


def _drop_colon(draw: random.Random, lines: list[str], at: int) -> list[str] | None:
    found = _KEY.match(lines[at])
    return [f"{found['lead']}{found['key']}{found['rest']}"] if found else None


def _insert_unknown(draw: random.Random, lines: list[str], at: int) -> list[str] | None:
    found = _KEY.match(lines[at])
    if not found:
        return None
    lead = found["lead"].replace("-", " ")
    return [lines[at], f"{lead}{draw.choice(('image', 'colour', 'stepz', 'environment'))}: x"]


MUTATIONS: dict[str, Mutation] = {
    "key renamed": _rename_key,
    "value changed": _change_value,
    "line deleted": _delete_line,
    "key deleted": _delete_key,
    "line doubled": _duplicate,
    "line indented": _indent,
    "line dedented": _dedent,
    "tab": _tab,
    "quote opened": _open_quote,
    "bracket opened": _open_bracket,
    "character flipped": _flip_character,
    "character dropped": _drop_character,
    "colon dropped": _drop_colon,
    "unknown key added": _insert_unknown,
}


def mutate(draw: random.Random, text: str) -> Mutant:
    """One break at one line of a text."""
    lines = text.split("\n")
    while True:
        kind, at = draw.choice(list(MUTATIONS)), draw.randrange(len(lines))
        if not lines[at].strip() or lines[at].lstrip().startswith("#"):
            continue
        changed = MUTATIONS[kind](draw, lines, at)
        if changed is not None and changed != [lines[at]]:
            touched = frozenset(range(at + 1, at + 1 + max(len(changed), 1)))
            broken = "\n".join([*lines[:at], *changed, *lines[at + 1 :]])
            return Mutant(kind, broken, touched, frozenset(_holders(lines, at)) - touched)


def _column(line: str) -> int:
    """Where the content of a line begins, behind the dashes of a list."""
    return len(line) - len(re.sub(r"^\s*(- )*", "", line))


def _holders(lines: list[str], at: int) -> set[int]:
    """The lines where the mapping around a line of a sound text begins."""
    column, first, found = _column(lines[at]), at, set()
    for above in range(at - 1, -1, -1):
        if (
            not lines[above].strip()
            or lines[above].lstrip().startswith("#")
            or _column(lines[above]) > column
        ):
            continue
        if _column(lines[above]) < column:
            found.add(above + 1)
            break
        if not lines[first].lstrip().startswith("-"):
            first = above
    return found | {first + 1}
