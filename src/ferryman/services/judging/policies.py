"""Policy documents → policies, and every fault of a document at once.

Three families, told apart by `Version` (RULINGS 21): RAM documents ("1"; dataworks-2024 4), role policies ("1.1") and
identity policies ("5.0"; both servicestage-v3 9). They differ in how a resource is written, and in what a deny does
whose condition cannot be understood.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec

from ferryman.domain.access import Condition, Effect, Policy, Statement
from ferryman.domain.errors import Invalid, Problem
from ferryman.services.judging import conditions

LONGEST = 64 * 1024
"""Characters of the longest document."""


def _of_ram(pattern: str) -> str:
    """`acs:service:region:account:project/demo` → `project/demo`."""
    return _last(pattern, "acs:", 4)


def _of_urn(pattern: str) -> str:
    """`servicestage:region:account:application:shop` → `application/shop`."""
    return _last(pattern, "", 3).replace(":", "/")


def _last(pattern: str, begin: str, colons: int) -> str:
    parts = pattern.split(":", colons)
    return parts[colons] if len(parts) > colons and pattern.startswith(begin) else pattern


class Family(NamedTuple):
    """What is particular to documents of one version."""

    resource: Callable[[str], str]
    doubt_denies: bool


FAMILIES: dict[str, Family] = {
    "1": Family(_of_ram, doubt_denies=False),
    "1.1": Family(_of_urn, doubt_denies=True),
    "5.0": Family(_of_urn, doubt_denies=True),
}
"""By `Version`."""

TOP = ("Version", "Statement")
IN_STATEMENT = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")


class Read(NamedTuple):
    """A policy, and what whoever stores it should know: the conditions that can never hold."""

    policy: Policy
    remarks: tuple[str, ...]


def read(name: str, document: str) -> Read:
    """The policy that a document says. Raises `Invalid` with every problem."""
    if len(document) > LONGEST:
        raise Invalid([_problem("", f"longer than {LONGEST:,} characters")])
    try:
        found = msgspec.json.decode(document)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise Invalid([_problem("", f"is no JSON: {error}")]) from error
    if not isinstance(found, dict):
        raise Invalid([_problem("", "is no JSON object", 'such as {"Version": "1", "Statement": []}')])
    problems = list(_problems(found))
    if problems:
        raise Invalid(problems)
    family = FAMILIES[found["Version"]]
    statements = tuple(_statement(one, family) for one in _listed(found["Statement"]))
    remarks = tuple(
        f"Statement[{at}]: operator {condition.operator} is not known: "
        + (
            "the statement denies whatever else its condition says"
            if statement.effect is Effect.DENY and statement.doubt_denies
            else "the statement never applies"
        )
        for at, statement in enumerate(statements)
        for condition in statement.conditions
        if not conditions.is_known(condition.operator)
    )
    return Read(Policy(name=name, statements=statements), remarks)


def _problems(document: dict[str, Any]) -> Iterator[Problem]:
    yield from _unknown("", document, TOP)
    if document.get("Version") not in list(FAMILIES):
        yield _problem(
            "Version", "is none that is known", "one of " + ", ".join(f'"{each}"' for each in FAMILIES)
        )
    statements = document.get("Statement")
    if not isinstance(statements, list | dict):
        yield _problem("Statement", "is to be a list of statements")
        return
    for at, one in enumerate(_listed(statements)):
        path = f"Statement[{at}]"
        if isinstance(one, dict):
            yield from _of_statement(path, one)
        else:
            yield _problem(path, "is no JSON object")


def _of_statement(path: str, one: dict[str, Any]) -> Iterator[Problem]:
    yield from _unknown(path, one, IN_STATEMENT)
    if one.get("Effect") not in list(Effect):
        yield _problem(f"{path}.Effect", "is to be Allow or Deny")
    for wanted, needed in (("Action", True), ("Resource", False)):
        given = [key for key in (wanted, f"Not{wanted}") if key in one]
        if len(given) == 2:
            yield _problem(path, f"has both {wanted} and Not{wanted}; keep one")
        if needed and not given:
            yield _problem(path, f"has neither {wanted} nor Not{wanted}")
        for key in given:
            if not _texts(one[key]) or not all(_texts(one[key])):
                yield _problem(f"{path}.{key}", "is to be a text, or a list of texts that is not empty")
    condition = one.get("Condition", {})
    if not isinstance(condition, dict):
        yield _problem(f"{path}.Condition", "is no JSON object")
        return
    for operator, keys in condition.items():
        if not isinstance(keys, dict):
            yield _problem(f"{path}.Condition.{operator}", "is no JSON object")
            continue
        for key, values in keys.items():
            if not _values(values):
                yield _problem(f"{path}.Condition.{operator}.{key}", "is to be a value, or a list of values")


def _unknown(path: str, given: dict[str, Any], known: tuple[str, ...]) -> Iterator[Problem]:
    for key in given:
        if key not in known:
            yield _problem(f"{path}.{key}".lstrip("."), "is not known", "one of " + ", ".join(known))


def _statement(one: dict[str, Any], family: Family) -> Statement:
    excluded = tuple(map(family.resource, _texts(one.get("NotResource", []))))
    return Statement(
        effect=Effect(one["Effect"]),
        actions=_texts(one.get("Action", [])),
        not_actions=_texts(one.get("NotAction", [])),
        resources=() if excluded else tuple(map(family.resource, _texts(one.get("Resource", "*")))),
        not_resources=excluded,
        conditions=tuple(
            Condition(operator=operator, key=key, values=_values(values))
            for operator, keys in one.get("Condition", {}).items()
            for key, values in keys.items()
        ),
        doubt_denies=family.doubt_denies,
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _texts(value: Any) -> tuple[str, ...]:
    """The texts of a text or a list; none where something else is among them."""
    listed = _listed(value)
    return tuple(listed) if all(isinstance(one, str) for one in listed) else ()


def _values(value: Any) -> tuple[str, ...]:
    """The values of a condition as texts; none where one of them is no plain value."""
    listed = _listed(value)
    if not all(isinstance(one, str | bool | int | float) for one in listed):
        return ()
    return tuple(one if isinstance(one, str) else msgspec.json.encode(one).decode() for one in listed)


def _problem(path: str, message: str, hint: str = "") -> Problem:
    return Problem(path=path, message=message, hint=hint, code=0)
