"""Each setting with its value and where it came from; secrets are hidden (CFG-10)."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec

from ferryman.settings.options import options
from ferryman.settings.shapes import Settings

DEFAULT = "default"
HIDDEN = "******"


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """One setting, as it is shown."""

    name: str
    value: Any
    source: str
    """File and line, a variable of the environment, a flag, or `default`."""
    variable: str = ""
    """Its variable of the environment, where it has one."""
    allowed: str = ""


def shown(settings: Settings) -> Iterator[Shown]:
    """All settings: the data folder, the single ones, then the tables, entry by entry."""
    origin = settings.origins
    yield Shown(
        name="data",
        value=str(settings.data),
        source=origin.get("data", DEFAULT),
        variable="FERRYMAN_DATA",
        allowed="a folder",
    )
    for option in options():
        value: Any = settings.file
        for part in option.name.split("."):
            value = getattr(value, part)
        yield Shown(
            name=option.name,
            value=list(value) if option.is_list else value,
            source=origin.get(option.name, DEFAULT),
            variable=option.variable,
            allowed=option.allowed,
        )
    file = settings.file
    for name, sender in file.notify.items():
        source = origin.get("notify", DEFAULT)
        yield Shown(name=f"notify.{name}.url", value=_without_login(sender.url), source=source)
        yield Shown(name=f"notify.{name}.key", value=HIDDEN, source=source)
    for at, plugin in enumerate(file.plugins):
        value = {"code": plugin.code, "version": plugin.version, "command": list(plugin.command)}
        yield Shown(name=f"plugins[{at}]", value=value, source=origin.get("plugins", DEFAULT))
    for name, address in file.repositories.items():
        yield Shown(
            name=f"repositories.{name}",
            value=_without_login(address),
            source=origin.get("repositories", DEFAULT),
        )


def _without_login(address: str) -> str:
    """An address without the name, password and query in it: any of them may be a secret."""
    try:
        parts = urlsplit(address)
        where = parts.netloc.rpartition("@")
    except ValueError:
        return HIDDEN
    login = f"{HIDDEN}@" if where[1] else ""
    query = HIDDEN if parts.query else ""
    return parts._replace(netloc=login + where[2], query=query, fragment="").geturl()
