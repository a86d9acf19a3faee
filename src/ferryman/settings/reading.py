"""From file, environment and flags to settings. A wrong one is refused with its name, the value seen (never a secret),
what is allowed, and where it came from (START-6); all wrong ones together (ERR-2)."""

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from ferryman.domain.errors import Forbidden, Invalid, NotFound, Problem
from ferryman.settings.options import TABLES, Option, options
from ferryman.settings.places import place_of
from ferryman.settings.shapes import DATA_DEFAULT, FILE_NAME, File, Settings
from ferryman.settings.tables import checked

DATA_VARIABLE = "FERRYMAN_DATA"
ZONE_VARIABLE = "FERRYMAN_ZONE"
FILE_VARIABLE = "FERRYMAN_SETTINGS"
PROJECT_VARIABLE = "FERRYMAN_PROJECT"

FLAGS = {
    "server.host": "--host",
    "server.port": "--port",
    "server.tls_cert": "--tls-cert",
    "server.tls_key": "--tls-key",
}
"""Settings that have a flag."""


class _Given(NamedTuple):
    """A value, and where it came from."""

    value: Any
    origin: str


def read(
    *,
    data: str | None = None,
    config: str | None = None,
    project: str | None = None,
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """The settings of this call; `flags` by the names of settings. Raises `Invalid` with every wrong one,
    and `NotFound` for a file that was named and is not there."""
    around = os.environ if environ is None else environ
    folder = Path(data or around.get(DATA_VARIABLE) or DATA_DEFAULT).absolute()
    named = config or around.get(FILE_VARIABLE)
    place = Path(named).absolute() if named else Settings(data=folder).private / FILE_NAME
    text = _text(place, "" if not named else "--config" if config else FILE_VARIABLE)
    table = _table(place, text)
    origins: dict[str, str] = {}
    problems: list[Problem] = []
    for option in options():
        given = _given(option, _value(table, option.name), place, text, around, flags or {})
        if given is None:
            continue
        try:
            _put(table, option.name, option.fit(given.value))
        except ValueError as error:
            problems.append(_wrong(option, given, str(error)))
            _remove(table, option.name)
        else:
            origins[option.name] = given.origin
    problems += _beside_one_another(table)
    problems += checked(table, place, text)
    if problems:
        raise Invalid(problems)
    file = msgspec.convert(table, File)
    origins |= {name: place_of(place, text, name) for name in TABLES if name in table}
    if data or around.get(DATA_VARIABLE):
        origins["data"] = "--data" if data else f"{DATA_VARIABLE} in the environment"
    asked = project or around.get(PROJECT_VARIABLE) or ""
    return Settings(data=folder, file=file, project=asked, origins=origins)


def _given(
    option: Option,
    from_file: Any,
    place: Path,
    text: str,
    around: Mapping[str, str],
    flags: Mapping[str, Any],
) -> _Given | None:
    """The value that counts."""
    if flags.get(option.name) is not None:
        return _Given(flags[option.name], FLAGS[option.name])
    # An empty variable is as good as none.
    if around.get(option.variable):
        return _Given(around[option.variable], f"{option.variable} in the environment")
    return None if from_file is None else _Given(from_file, place_of(place, text, option.name))


def _text(place: Path, named_by: str) -> str:
    """What the file says; nothing where it is not there and nobody named it. Raises `NotFound` where somebody did."""
    try:
        return place.read_text(encoding="utf-8")
    except FileNotFoundError:
        if named_by:
            raise NotFound(f"{named_by}: there is no file {place}") from None
        return ""
    except (OSError, UnicodeDecodeError) as error:
        if isinstance(error, PermissionError) and not named_by and not os.access(place.parent, os.X_OK):
            raise Forbidden(
                f"cannot use the data folder {place.parent.parent}: its rights do not allow it; ask as the user it "
                "belongs to, or name another one with --data or FERRYMAN_DATA"
            ) from error
        why = (error.strerror if isinstance(error, OSError) else None) or "it is not text (UTF-8)"
        raise Invalid([_problem(str(place), f"cannot be read: {why}")]) from error


def _table(place: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Invalid([_problem(str(place), str(error))]) from error


def _value(table: Mapping[str, Any], name: str) -> Any:
    found: Any = table
    for part in name.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found


def _put(table: dict[str, Any], name: str, value: Any) -> None:
    *groups, last = name.split(".")
    for group in groups:
        inner = table.setdefault(group, {})
        if not isinstance(inner, dict):
            return
        table = inner
    table[last] = value


def _remove(table: dict[str, Any], name: str) -> None:
    *groups, last = name.split(".")
    for group in groups:
        inner = table.get(group)
        if not isinstance(inner, dict):
            return
        table = inner
    table.pop(last, None)


def _beside_one_another(table: Mapping[str, Any]) -> Iterator[Problem]:
    """What only two settings together can have wrong."""
    certificate, key = _value(table, "server.tls_cert"), _value(table, "server.tls_key")
    if bool(certificate) != bool(key):
        lacking = "server.tls_key" if certificate else "server.tls_cert"
        yield _problem(lacking, "is missing beside the other", "give both, or neither")


def _wrong(option: Option, given: _Given, why: str) -> Problem:
    value = given.value
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    said = f"is {why}" if why.startswith("no ") else f"is not allowed: {why}"
    return _problem(option.name, f"{value!r}, from {given.origin}, {said}", option.allowed)


def _problem(name: str, message: str, hint: str = "") -> Problem:
    return Problem(path=name, message=message, hint=hint, code=0)
