"""What an installation is furnished with besides people: checkers, environments, plugins, networks, limits.

These are `Record`s like those of `access`: declared by a seed, kept, and used by whoever needs them.
"""

from ferryman.domain.access import Record


class Extension(Record, frozen=True, kw_only=True, omit_defaults=True):
    """An external checker of deployments. Without a URL it polls."""

    name: str
    project: str
    events: tuple[str, ...] = ()
    url: str = ""

    @property
    def key(self) -> str:
        """Project and name."""
        return f"{self.project}/{self.name}"


class Environment(Record, frozen=True, kw_only=True, omit_defaults=True):
    """An environment of a project, beyond those it starts with."""

    project: str
    name: str

    @property
    def key(self) -> str:
        """Project and name."""
        return f"{self.project}/{self.name}"


class CrossProject(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Deployment from one project into another is enabled."""

    source: str
    target: str

    @property
    def key(self) -> str:
        """Both names."""
        return f"{self.source}/{self.target}"


class Plugin(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A code that is no kind of ours, and the command that does its work."""

    code: str
    version: str = "*"
    command: tuple[str, ...]

    @property
    def key(self) -> str:
        """Code and version."""
        return f"{self.code}@{self.version}"


class Fetch(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Where artifacts and webhooks may be fetched from or sent to, besides public networks."""

    allow: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """There is one."""
        return "fetch"


class Limits(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How many calls a second each key may make; 0: as many as it likes (RULINGS 23)."""

    all: int = 0
    """Over all operations."""
    reads: int = 0
    """Over operations that change nothing."""
    writes: int = 0
    """Over the others."""

    @property
    def key(self) -> str:
        """There is one."""
        return "limits"
