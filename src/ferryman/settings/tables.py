"""What the file has wrong that is no single setting's value: names that are no settings, groups that are none, and what
stands in the tables whose keys are the user's own. Each with its name, its place and what is allowed (START-6, ERR-3);
a value is never part of what is said."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from ferryman.domain.errors import Problem
from ferryman.settings.options import TABLES, options
from ferryman.settings.places import place_of
from ferryman.settings.shapes import Plugin, Sender

ENTRIES: Mapping[str, Any] = {"notify": Sender, "plugins": Plugin, "repositories": str}
"""What one entry of each table is."""


def checked(table: Mapping[str, Any], place: Path, text: str) -> Iterator[Problem]:
    """Everything that is wrong with these names and tables of the file."""
    known = [*(option.name for option in options()), *TABLES]
    for name in _strange(table, "", known):
        yield _problem(name, place_of(place, text, name), "is no setting", _near(name, known))
    for name in dict.fromkeys(one.rpartition(".")[0] for one in known):
        if name in table and not isinstance(table[name], Mapping):
            yield _problem(name, place_of(place, text, name), "is no group of settings", f"write [{name}]")
    for name in TABLES:
        if name in table:
            yield from _entries(name, table[name], place, text)


def _strange(table: Mapping[str, Any], before: str, known: Iterable[str]) -> Iterator[str]:
    for key, value in table.items():
        name = before + key
        if name in known:
            continue
        if not any(one.startswith(f"{name}.") for one in known):
            yield name
        elif isinstance(value, Mapping):
            yield from _strange(value, f"{name}.", known)


def _entries(name: str, value: Any, place: Path, text: str) -> Iterator[Problem]:
    """What is wrong in one of the tables."""
    wanted = list if name == "plugins" else Mapping
    if not isinstance(value, wanted):
        form = f"[[{name}]]" if wanted is list else f"[{name}]"
        yield _problem(name, place_of(place, text, name), "is no table", f"write {form}")
        return
    kind = ENTRIES[name]
    each = enumerate(value) if isinstance(value, list) else value.items()
    for key, entry in each:
        path = f"{name}[{key}]" if isinstance(value, list) else f"{name}.{key}"
        within = name if isinstance(value, list) else path
        if kind is not str and isinstance(entry, Mapping):
            fields = [field.name for field in _fields(kind)]
            for field in entry:
                if field not in fields:
                    where = place_of(place, text, f"{within}.{field}")
                    yield _problem(f"{path}.{field}", where, "is no setting", _near(field, fields))
            entry = {field: entry[field] for field in entry if field in fields}
        try:
            msgspec.convert(entry, kind)
        except msgspec.ValidationError as error:
            why, _, at = str(error).partition(" - at `$.")
            field = at.rstrip("`")
            # A place inside a list is told by the line of the list.
            where = place_of(place, text, f"{within}.{field.partition('[')[0]}" if field else within)
            yield _problem(f"{path}.{field}" if field else path, where, f"is not allowed: {why}", "")


def _fields(kind: Any) -> tuple[inspect.Field, ...]:
    told = inspect.type_info(kind)
    assert isinstance(told, inspect.StructType)
    return told.fields


def _near(name: str, known: Iterable[str]) -> str:
    """The setting or group that may have been meant, else all that stand beside it."""
    before, dot, last = name.rpartition(".")
    group = before + dot
    beside = dict.fromkeys(one[len(group) :].partition(".")[0] for one in known if one.startswith(group))
    if near := get_close_matches(last, beside, n=1):
        return f"did you mean {group}{near[0]}?"
    return f"one of {', '.join(group + one for one in beside)}"


def _problem(name: str, where: str, said: str, hint: str) -> Problem:
    return Problem(path=name, message=f"from {where}, {said}", hint=hint, code=0)
