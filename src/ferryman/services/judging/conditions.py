"""Conditions of policies: one table of operators (dataworks-2024 4; servicestage-v3 9).

A key that the request has no fact for does not hold, whatever the operator; with `IfExists` behind its name it does.
For a negated operator none of the values may fit.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

from ferryman.domain.access import Condition
from ferryman.services.judging.patterns import matches

Compare = Callable[[str, str], bool]
"""A fact of the request and a value of the document. Raises ValueError where one is no such thing."""

IF_EXISTS = "IfExists"


def _moment(text: str) -> datetime:
    """A time; one without a zone is in UTC, a number is seconds since 1970."""
    if text.lstrip("-").isdigit():
        return datetime.fromtimestamp(int(text), UTC)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


ORDERS: dict[str, Callable[[float], bool]] = {
    "Equals": lambda difference: difference == 0,
    "LessThan": lambda difference: difference < 0,
    "LessThanEquals": lambda difference: difference <= 0,
    "GreaterThan": lambda difference: difference > 0,
    "GreaterThanEquals": lambda difference: difference >= 0,
}


def _number(name: str) -> Compare:
    return lambda fact, value: ORDERS[name](float(fact) - float(value))


def _date(name: str) -> Compare:
    return lambda fact, value: ORDERS[name]((_moment(fact) - _moment(value)).total_seconds())


OPERATORS: dict[str, Compare] = {
    "StringEquals": lambda fact, value: fact == value,
    "StringEqualsIgnoreCase": lambda fact, value: fact.casefold() == value.casefold(),
    "StringLike": lambda fact, value: matches(value, fact, exact=True),
    "StringMatch": lambda fact, value: matches(value, fact, exact=True),
    "StringStartWith": lambda fact, value: fact.startswith(value),
    "StringEndWith": lambda fact, value: fact.endswith(value),
    **{f"{family}{name}": _number(name) for family in ("Numeric", "Number") for name in ORDERS},
    **{f"Date{name}": _date(name) for name in ORDERS},
    "Bool": lambda fact, value: fact.casefold() == value.casefold(),
    "IpAddress": lambda fact, value: ip_address(fact) in ip_network(value, strict=False),
}
"""Every operator that can be understood, without its negation."""

NEGATIONS: dict[str, str] = {
    **{
        f"{family}Not{rest}": f"{family}{rest}"
        for family in ("String", "Numeric", "Number", "Date")
        for rest in ("Equals", "EqualsIgnoreCase", "Like", "Match", "StartWith", "EndWith")
        if f"{family}{rest}" in OPERATORS
    },
    "NotIpAddress": "IpAddress",
}
"""A negated operator, and what it negates."""


def is_known(operator: str) -> bool:
    """Whether this operator can be understood."""
    name = operator.removesuffix(IF_EXISTS)
    return name in OPERATORS or name in NEGATIONS


def holds(condition: Condition, facts: Mapping[str, str]) -> bool | None:
    """Whether it holds for these facts; None where its operator is not known."""
    name = condition.operator.removesuffix(IF_EXISTS)
    negated = name in NEGATIONS
    compare = OPERATORS.get(NEGATIONS.get(name, name))
    if compare is None:
        return None
    fact = facts.get(condition.key.casefold())
    if fact is None:
        return name != condition.operator
    return any(_compared(compare, fact, value) for value in condition.values) is not negated


def _compared(compare: Compare, fact: str, value: str) -> bool:
    try:
        return compare(fact, value)
    except (ValueError, OverflowError):
        # Neither a fact nor a value of the kind that the operator compares: it does not fit.
        return False
