"""What can be set: every setting with its type, its default and its help."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec

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
    command: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
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
    wrong_a_minute: Annotated[int, msgspec.Meta(ge=0)] = 60
    """Wrong tokens, secrets and passwords that are borne from one address; 0: any number."""


class Log(_Group, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[log]`: the server's own log."""

    form: Literal["auto", "json", "text"] = "auto"
    """Auto: for people on a terminal, JSON elsewhere."""
    level: Literal["debug", "info", "warning", "error"] = "info"


class Logs(_Group, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[logs]`: how much is kept of what steps say (LOG-9)."""

    attempt_bytes: Annotated[int, msgspec.Meta(ge=1024)] = 4 * 1024**3
    """Of one attempt; its last lines say where it was full."""
    days: Annotated[int, msgspec.Meta(ge=0)] = 90
    """Older logs go; 0 keeps them."""
    bytes: Annotated[int, msgspec.Meta(ge=0)] = 50 * 1024**3
    """Where all logs together take more, the oldest go; 0 keeps them."""


class BkCi(_Group, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[bkci]`: what is believed of BK-CI's clients."""

    tokens_required: bool = False
    """The access token switch of that product."""
    trusted: tuple[str, ...] = LOOPBACK
    """Networks from which X-DEVOPS-UID is believed by itself (RULINGS 22)."""


class Runs(_Group, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[runs]`: what starts of runs are held to."""

    starts_at_once: Annotated[int, msgspec.Meta(ge=1)] = 50
    """Starts of one pipeline that may be under way at once; more are refused until these are kept."""


class File(_Group, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that may stand in the file."""

    zone: str = "UTC"
    """The time zone that new runs read times in."""
    fetch: Fetch = Fetch()
    notify: dict[str, Sender] = {}
    plugins: tuple[Plugin, ...] = ()
    repositories: dict[str, str] = {}
    """Addresses of source repositories by the name under which pipelines know them."""
    runs: Runs = Runs()
    server: Server = Server()
    log: Log = Log()
    logs: Logs = Logs()
    bkci: BkCi = BkCi()


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What one installation is set to."""

    data: Path
    """The data folder."""
    file: File = File()
    project: str = ""
    """The project that this call is about; empty: the only one there is."""
    origins: dict[str, str] = {}
    """Where a setting came from, by its name; none for one that has its default."""

    @property
    def private(self) -> Path:
        """The part of the data folder that steps must not see (RULINGS 18)."""
        return self.data / "private"

    @property
    def work(self) -> Path:
        """Where jobs have their working folders."""
        return self.data / "work"
