"""Settings: every one of them, typed, with its origin: flags count before the environment, that before the file.

The file is TOML: `$FERRYMAN_SETTINGS`, else `private/ferryman.toml` in the data folder, where steps cannot change it;
without one everything has its default.
"""

import os
import tomllib
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

from ferryman.domain.errors import Invalid, Problem

DATA_VARIABLE = "FERRYMAN_DATA"
ZONE_VARIABLE = "FERRYMAN_ZONE"
FILE_VARIABLE = "FERRYMAN_SETTINGS"
DATA_DEFAULT = ".ferryman"
FILE_NAME = "ferryman.toml"

LOOPBACK = ("127.0.0.0/8", "::1/128")


class _Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Fetch(_Group, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[fetch]`: what requests of steps may reach."""

    allow: tuple[str, ...] = LOOPBACK
    """Networks that may be asked besides public ones (RULINGS 26)."""


class Sender(_Group, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[notify.TYPE]`: the webhook that takes notices of this type."""

    url: str
    key: str
    """Signs each message."""


class Plugin(_Group, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[plugins]]`: a code that is no kind of ours, and the command that does its work."""

    code: str
    command: tuple[str, ...]
    version: str = "*"


class Server(_Group, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[server]`: where `ferryman up` answers, and what it takes."""

    host: str = "127.0.0.1"
    """Loopback, unless told otherwise (RULINGS 22)."""
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8080
    """0: a free one."""
    tls_cert: str = ""
    """A certificate with its chain, as PEM; with `tls_key` connections are secure."""
    tls_key: str = ""
    body_bytes: Annotated[int, msgspec.Meta(ge=1024)] = 20 * 1024 * 1024
    """Larger bodies of requests are refused."""
    body_seconds: Annotated[float, msgspec.Meta(gt=0)] = 60.0
    """In this time a body must have come."""


class Log(_Group, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[log]`: the server's own log."""

    form: Literal["auto", "json", "text"] = "auto"
    """Auto: for people on a terminal, JSON elsewhere."""
    level: Literal["debug", "info", "warning", "error"] = "info"


class BkCi(_Group, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[bkci]`: what is believed of BK-CI's clients."""

    tokens_required: bool = False
    """The access token switch of that product."""
    trusted: tuple[str, ...] = LOOPBACK
    """Networks from which X-DEVOPS-UID is believed by itself (RULINGS 22)."""


class File(_Group, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that may stand in the file."""

    zone: str = "UTC"
    """The time zone that new runs read times in."""
    fetch: Fetch = Fetch()
    notify: dict[str, Sender] = {}
    plugins: tuple[Plugin, ...] = ()
    repositories: dict[str, str] = {}
    """Addresses of source repositories by the name under which pipelines know them."""
    server: Server = Server()
    log: Log = Log()
    bkci: BkCi = BkCi()


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What one installation is set to."""

    data: Path
    """The data folder."""
    file: File = File()

    @property
    def private(self) -> Path:
        """The part of the data folder that steps must not see (RULINGS 18)."""
        return self.data / "private"

    @property
    def work(self) -> Path:
        """Where jobs have their working folders."""
        return self.data / "work"


def read(*, data: str | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this call. Raises `Invalid` naming the setting, what is allowed, and where it came from."""
    given = os.environ if environ is None else environ
    folder = Path(data or given.get(DATA_VARIABLE) or DATA_DEFAULT).absolute()
    named = given.get(FILE_VARIABLE)
    place = Path(named) if named else Settings(data=folder).private / FILE_NAME
    file = _file(place, needed=bool(named))
    origin = str(place)
    if zone := given.get(ZONE_VARIABLE):
        file, origin = msgspec.structs.replace(file, zone=zone), f"{ZONE_VARIABLE} in the environment"
    _check_zone(file.zone, origin)
    _check_networks(file.fetch.allow, place)
    return Settings(data=folder, file=file)


def _file(place: Path, *, needed: bool) -> File:
    """What the file says; its defaults where it is not there and nobody named it."""
    try:
        return msgspec.convert(tomllib.loads(place.read_text(encoding="utf-8")), File)
    except FileNotFoundError:
        if needed:
            raise _wrong(FILE_VARIABLE, f"there is no file {place}") from None
        return File()
    except OSError as error:
        raise _wrong(str(place), f"cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        # These speak of keys and types; a value is never part of what they say.
        raise _wrong(str(place), str(error)) from error


def _check_zone(zone: str, origin: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise _wrong("zone", f"{zone!r}, from {origin}, is no time zone", "Europe/Berlin, or UTC") from error


def _check_networks(networks: tuple[str, ...], place: Path) -> None:
    for network in networks:
        try:
            ip_network(network)
        except ValueError as error:
            raise _wrong("fetch.allow", f"{network!r}, from {place}, is no network", "10.0.0.0/8") from error


def _wrong(setting: str, message: str, hint: str = "") -> Invalid:
    return Invalid([Problem(path=setting, message=message, hint=f"such as {hint}" if hint else "", code=0)])
