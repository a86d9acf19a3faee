"""The seed file: what a test or a first start needs, declared in TOML (issue 4). Reading it: every fault at once.

The form is one table of fields for each heading; a key that is in none of them is a fault, with the one that was
probably meant. What names something else (a role its project, a principal its policies) is looked at when the seed is
applied, since it may be there already.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from ipaddress import ip_network
from types import UnionType
from typing import Any, get_args, get_origin

import msgspec

from ferryman.domain.access import Mode, Role
from ferryman.domain.errors import Invalid, Problem
from ferryman.services.access.rates import PRESETS
from ferryman.services.judging import policies

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
PERSON = re.compile(r"\S(.{0,126}\S)?")
HEX_ID = re.compile(r"[0-9a-f]{32}")


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """One heading of the file. Printed, it shows its heading only: it may hold secrets."""

    def __repr__(self) -> str:
        """The heading."""
        return f"<{type(self).__name__}>"


class SeedProject(Table, frozen=True, kw_only=True):
    """`[[project]]`."""

    name: str
    number: int | None = None
    id: str | None = None
    mode: Mode | None = None
    connections: tuple[str, ...] | None = None


class SeedKey(Table, frozen=True, kw_only=True):
    """One of `access_keys`."""

    id: str
    secret: str
    enabled: bool | None = None


class SeedToken(Table, frozen=True, kw_only=True):
    """One of `tokens`."""

    value: str
    expires: datetime | None = None
    name: str | None = None
    scopes: tuple[str, ...] | None = None
    projects: tuple[str, ...] | None = None


class SeedSession(Table, frozen=True, kw_only=True):
    """One of `sessions`: temporary credentials."""

    id: str
    secret: str
    token: str
    expires: datetime


class SeedPrincipal(Table, frozen=True, kw_only=True):
    """`[[principal]]`."""

    name: str
    account: bool | None = None
    user_id: str | None = None
    password: str | None = None
    domain: str | None = None
    roles: dict[str, Role] = {}
    access_keys: tuple[SeedKey, ...] = ()
    tokens: tuple[SeedToken, ...] = ()
    sessions: tuple[SeedSession, ...] = ()
    policies: tuple[str, ...] | None = None


class SeedPolicy(Table, frozen=True, kw_only=True):
    """`[[policy]]`."""

    name: str
    document: str


class SeedApp(Table, frozen=True, kw_only=True):
    """`[[bkci_app]]`."""

    code: str
    secret: str
    projects: tuple[str, ...] = ()


class SeedExtension(Table, frozen=True, kw_only=True):
    """`[[extension]]`."""

    name: str
    project: str
    events: tuple[str, ...] = ()
    url: str = ""


class SeedEnvironment(Table, frozen=True, kw_only=True):
    """`[[environment]]`."""

    project: str
    name: str


class SeedCrossProject(Table, frozen=True, kw_only=True):
    """`[[cross_project]]`."""

    source: str
    target: str


class SeedPlugin(Table, frozen=True, kw_only=True):
    """`[[plugin]]`."""

    code: str
    version: str = "*"
    command: tuple[str, ...]


class SeedFetch(Table, frozen=True, kw_only=True):
    """`[fetch]`."""

    allow: tuple[str, ...] = ()


class SeedLimits(Table, frozen=True, kw_only=True):
    """`[limits]`: calls a second for each key; a preset, or numbers."""

    preset: str = ""
    all: int = 0
    reads: int = 0
    writes: int = 0


class Seed(Table, frozen=True, kw_only=True):
    """The file."""

    project: tuple[SeedProject, ...] = ()
    principal: tuple[SeedPrincipal, ...] = ()
    policy: tuple[SeedPolicy, ...] = ()
    bkci_app: tuple[SeedApp, ...] = ()
    extension: tuple[SeedExtension, ...] = ()
    environment: tuple[SeedEnvironment, ...] = ()
    cross_project: tuple[SeedCrossProject, ...] = ()
    plugin: tuple[SeedPlugin, ...] = ()
    fetch: SeedFetch | None = None
    limits: SeedLimits | None = None


def read(text: str) -> Seed:
    """The seed in a file's text. Raises `Invalid` with every problem; no value is part of what it says."""
    try:
        found = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Invalid([problem("", f"the seed is no TOML: {error}")]) from error
    faults: list[Problem] = []
    seed: Seed | None = _table(Seed, found, "", faults)
    if seed is not None and not faults:
        faults += _senses(seed)
    if seed is None or faults:
        raise Invalid(faults)
    return seed


def problem(path: str, message: str, hint: str = "") -> Problem:
    """A fault of the seed at this place."""
    return Problem(path=path, message=message, hint=hint, code=0)


def _table(kind: type[Any], given: Any, path: str, faults: list[Problem]) -> Any:
    """A table as its kind says; None where something was wrong with it, and that is among the faults."""
    if not isinstance(given, dict):
        faults.append(problem(path, "is to be a table"))
        return None
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    before = len(faults)
    values: dict[str, Any] = {}
    for key, value in given.items():
        place = f"{path}.{key}".lstrip(".")
        if key not in fields:
            close = difflib.get_close_matches(key, fields, n=1)
            hint = f"did you mean {close[0]}?" if close else "one of " + ", ".join(fields)
            faults.append(problem(place, "is not known", hint))
        else:
            values[key] = _value(fields[key].type, value, place, faults)
    for name, field in fields.items():
        if field.required and name not in given:
            faults.append(problem(f"{path}.{name}".lstrip("."), "is missing"))
    return kind(**values) if len(faults) == before else None


def _value(kind: Any, given: Any, path: str, faults: list[Problem]) -> Any:
    """A value as its kind says."""
    kinds = (
        [one for one in get_args(kind) if one is not type(None)] if get_origin(kind) is UnionType else [kind]
    )
    table = next((one for one in kinds if isinstance(one, type) and issubclass(one, Table)), None)
    if table is not None:
        return _table(table, given, path, faults)
    item = get_args(kinds[0])[0] if get_origin(kinds[0]) is tuple else None
    if isinstance(item, type) and issubclass(item, Table):
        if not isinstance(given, list):
            faults.append(problem(path, "is to be a list of tables"))
            return None
        return tuple(_table(item, one, f"{path}[{at}]", faults) for at, one in enumerate(given))
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        said, _, inner = str(error).partition(" - at `$")
        place = path + inner.rstrip("`").replace("[...]", "")
        faults.append(problem(place, _without_value(said, kinds[0])))
        return None


def _without_value(said: str, kind: Any) -> str:
    """What was wrong, without the value that was: it may be a secret."""
    if said.startswith("Invalid enum value"):
        words = next((one for one in (kind, *get_args(kind)) if hasattr(one, "__members__")), ())
        return "is to be one of " + ", ".join(words)
    return said[:1].lower() + said[1:]


def _senses(seed: Seed) -> Iterator[Problem]:
    """Faults of values: names that are none, and things declared twice."""
    for at, project in enumerate(seed.project):
        path = f"project[{at}]"
        if not NAME.fullmatch(project.name):
            yield problem(f"{path}.name", "is no name", "letters, digits, _, - and ., at most 128")
        if project.id is not None and not HEX_ID.fullmatch(project.id):
            yield problem(f"{path}.id", "is to have 32 characters of hex, in small letters")
        if project.number is not None and not 0 < project.number < 2**53:
            yield problem(f"{path}.number", "is to be a positive number")
    for at, person in enumerate(seed.principal):
        yield from _of_person(f"principal[{at}]", person)
    for at, policy in enumerate(seed.policy):
        try:
            policies.read(policy.name, policy.document)
        except Invalid as error:
            for fault in error.problems:
                place = f"policy[{at}].document"
                yield problem(place, f"{fault.path}: {fault.message}".removeprefix(": "), fault.hint)
    for at, plugin in enumerate(seed.plugin):
        if not plugin.command:
            yield problem(f"plugin[{at}].command", "is empty")
    for at, network in enumerate(seed.fetch.allow if seed.fetch else ()):
        try:
            ip_network(network)
        except ValueError:
            yield problem(f"fetch.allow[{at}]", "is no network", "such as 10.0.0.0/8")
    if seed.limits is not None and seed.limits.preset:
        if seed.limits.preset not in PRESETS:
            yield problem("limits.preset", "is not known", "one of " + ", ".join(PRESETS))
        if seed.limits.all or seed.limits.reads or seed.limits.writes:
            yield problem("limits", "has a preset and numbers; keep one")
    if seed.limits is not None:
        for name in ("all", "reads", "writes"):
            if getattr(seed.limits, name) < 0:
                yield problem(f"limits.{name}", "is to be 0 or more")
    for name, listed in _named(seed).items():
        yield from _doubles(name, listed)


def _of_person(path: str, person: SeedPrincipal) -> Iterator[Problem]:
    if not PERSON.fullmatch(person.name):
        yield problem(f"{path}.name", "is no name", "at most 128 characters, none of them a blank at an end")
    if person.user_id and not (person.user_id.isascii() and person.user_id.isdecimal()):
        yield problem(f"{path}.user_id", "is to be digits, or empty for none")
    if person.password == "":
        yield problem(f"{path}.password", "is empty", "leave it out for none")
    for at, token in enumerate(person.tokens):
        if not token.value:
            yield problem(f"{path}.tokens[{at}].value", "is empty")
        if token.expires and token.expires.tzinfo is None:
            yield problem(f"{path}.tokens[{at}].expires", "has no zone", "such as 2030-01-01T00:00:00Z")
    for at, session in enumerate(person.sessions):
        if session.expires.tzinfo is None:
            yield problem(f"{path}.sessions[{at}].expires", "has no zone", "such as 2030-01-01T00:00:00Z")


def _named(seed: Seed) -> Mapping[str, list[tuple[str, str]]]:
    """What may be there once only: heading → path and name of each."""
    people = list(enumerate(seed.principal))
    return {
        "project": [(f"project[{at}].name", one.name) for at, one in enumerate(seed.project)],
        "project number": [
            (f"project[{at}].number", str(one.number)) for at, one in enumerate(seed.project) if one.number
        ],
        "project id": [(f"project[{at}].id", one.id) for at, one in enumerate(seed.project) if one.id],
        "principal": [(f"principal[{at}].name", one.name) for at, one in people],
        "user id": [(f"principal[{at}].user_id", one.user_id) for at, one in people if one.user_id],
        "policy": [(f"policy[{at}].name", one.name) for at, one in enumerate(seed.policy)],
        "application": [(f"bkci_app[{at}].code", one.code) for at, one in enumerate(seed.bkci_app)],
        "access key": [
            (f"principal[{at}].access_keys[{of}].id", key.id)
            for at, one in people
            for of, key in enumerate(one.access_keys)
        ]
        + [
            (f"principal[{at}].sessions[{of}].id", session.id)
            for at, one in people
            for of, session in enumerate(one.sessions)
        ],
        "token": [
            (f"principal[{at}].tokens[{of}].value", token.value)
            for at, one in people
            for of, token in enumerate(one.tokens)
        ],
    }


def _doubles(what: str, listed: list[tuple[str, str]]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for path, name in listed:
        if name in first:
            yield problem(path, f"this {what} is declared already, at {first[name]}")
        first.setdefault(name, path)
