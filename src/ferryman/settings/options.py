"""The single settings, by name: `server.port` is `port` under `[server]` in the file, `$FERRYMAN_SERVER_PORT` in the
environment. Tables whose keys are the user's own (senders, plugins, repositories) stand in the file only."""

from collections.abc import Callable, Iterator
from functools import cache
from ipaddress import ip_network
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import inspect

from ferryman.settings.shapes import File

TABLES = ("notify", "plugins", "repositories")
"""What stands in the file only, checked as a whole."""


class Option(NamedTuple):
    """One setting."""

    name: str
    kind: inspect.Type
    default: Any

    @property
    def variable(self) -> str:
        """Its variable of the environment."""
        return "FERRYMAN_" + self.name.upper().replace(".", "_")

    @property
    def is_list(self) -> bool:
        """Whether it is a list: in the environment and in flags, its parts stand between commas."""
        return isinstance(self.kind, inspect.VarTupleType)

    @property
    def allowed(self) -> str:
        """What may stand there, in words."""
        return ALLOWED.get(self.name) or _words(self.kind)

    def fit(self, value: Any) -> Any:
        """A value as it is set, from a file's value or from a text. Raises ValueError with why it cannot be."""
        if self.is_list and isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        fitted = _fitted(self.name, value)
        check = CHECKS.get(self.name)
        if check is not None:
            check(fitted)
        return fitted


@cache
def options() -> tuple[Option, ...]:
    """Every single setting, in the order of the shapes."""
    return tuple(_options(File, ""))


def _options(kind: type[msgspec.Struct], before: str) -> Iterator[Option]:
    told = inspect.type_info(kind)
    assert isinstance(told, inspect.StructType)
    for field in told.fields:
        name = before + field.name
        if name in TABLES:
            continue
        if isinstance(field.type, inspect.StructType):
            yield from _options(field.type.cls, f"{name}.")
        else:
            yield Option(name, field.type, field.default)


def _fitted(name: str, value: Any) -> Any:
    """Fitted by way of the shapes themselves, as their only field that is given."""
    *groups, last = name.split(".")
    table: dict[str, Any] = {last: value}
    for group in reversed(groups):
        table = {group: table}
    try:
        found: Any = msgspec.convert(table, File, strict=not isinstance(value, str))
    except msgspec.ValidationError as error:
        raise ValueError(str(error).partition(" - at")[0]) from error
    for part in name.split("."):
        found = getattr(found, part)
    return found


def _zone(value: str) -> None:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("no time zone") from error


def _networks(value: tuple[str, ...]) -> None:
    for network in value:
        try:
            ip_network(network)
        except ValueError as error:
            raise ValueError("no network") from error


CHECKS: dict[str, Callable[[Any], None]] = {
    "zone": _zone,
    "fetch.allow": _networks,
    "bkci.trusted": _networks,
}
"""What a type cannot say."""
ALLOWED = {
    "zone": "the name of a time zone, such as Europe/Berlin, or UTC",
    "fetch.allow": "networks, such as 10.0.0.0/8",
    "bkci.trusted": "networks, such as 10.0.0.0/8",
}


def _words(kind: inspect.Type) -> str:
    match kind:
        case inspect.BoolType():
            return "true or false"
        case inspect.LiteralType():
            return f"one of {', '.join(map(str, kind.values))}"
        case inspect.IntType() | inspect.FloatType():
            number = "a whole number" if isinstance(kind, inspect.IntType) else "a number"
            low = f" from {kind.ge}" if kind.ge is not None else ""
            low = f" above {kind.gt}" if kind.gt is not None else low
            return number + low + (f" to {kind.le}" if kind.le is not None else "")
    return "text"
