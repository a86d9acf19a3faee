"""Processes: programs started for attempts, which go on when the server ends and are found again (RULINGS 17, 27)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Protocol

import msgspec


class Launch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A program to start for an attempt. Its environment is exactly `env` and one mark of the supervisor's."""

    attempt: str
    """Its name for ever: the same name never starts twice."""
    argv: tuple[str, ...]
    """The program by its whole path, and its arguments; secrets have no place here, everybody can read them."""
    env: Mapping[str, str]
    cwd: str
    tag: str = ""
    """A few words for whoever finds it again: come back with every sighting."""
    group: str = ""
    """What it is forgotten with."""
    text: str = ""
    """Can be read by the program at `/dev/fd/4`; kept in memory only."""
    gated: bool = False
    """The program itself waits for a line on descriptor 3 before it does anything (spares one `sh`)."""
    leaves: bool = False
    """What it starts may outlive it; otherwise whatever is left at its end is ended."""


class Exit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a program ended. Exactly one of `code` (from 0), `signal`, `error` and `lost` is set."""

    at: int
    """When its start was recorded, in milliseconds since 1970."""
    ended: int
    code: int = -1
    signal: str = ""
    """The name of the signal that ended it: SIGKILL."""
    memory: bool = False
    """The kernel has killed something of it for lack of memory."""
    stopped: bool = False
    """It had been asked to stop."""
    error: str = ""
    """Why it could not be started."""
    lost: str = ""
    """Why nobody can tell how it ended."""
    swept: int = 0
    """How many processes it left, which were ended."""
    printed: int = -1
    """Bytes in its output when nothing of it lived any more; -1: nobody could tell, or something may print on."""


class Sighting(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An attempt's program, as it is now."""

    attempt: str
    state: Literal["alive", "ended", "lost"]
    at: int = 0
    pid: int = 0
    tag: str = ""
    output: str = ""
    """The file (0600) that takes what it writes, standard output and error together; not its any more once it was
    concluded."""
    begins: int = 0
    """Where in that file its output begins: so many null bytes stand before it, until somebody empties the file."""
    result: str | None = None
    """What it was concluded with."""
    exit: Exit | None = None


class Processes(Protocol):
    """Starts programs, ends them with all that they started, and knows them after a restart of the server."""

    async def open(self, exited: Callable[[Sighting], None]) -> None:
        """Get in touch. From now on `exited` is called once for each watched attempt that has ended or is lost;
        watched are those that were launched or followed. Raises Unavailable."""
        ...

    async def launch(self, order: Launch) -> Sighting:
        """Start a program: its start is on the disk before anything of it runs. A second time changes nothing. One that
        cannot be started is told as an exit with `error`. Raises Unavailable when no start can be recorded.

        Returns where its output is."""
        ...

    async def stop(self, attempt: str, *, patience_ms: int, force: bool) -> None:
        """TERM to all of its processes, KILL when patience ends; with `force` KILL at once."""
        ...

    async def known(self) -> Mapping[str, Sighting]:
        """Every attempt that there is a record of, by name; none is watched for that."""
        ...

    async def follow(self, attempts: Sequence[str]) -> Mapping[str, Sighting]:
        """What is known of these attempts, those without record missing; the living ones are watched from now on."""
        ...

    async def conclude(self, attempt: str, result: str) -> None:
        """An attempt's output has been read and is kept elsewhere: empty it, and keep this text in its place."""
        ...

    async def forget(self, group: str) -> None:
        """Delete records and outputs of the attempts of a group, unless one of them lives."""
        ...

    @property
    def hiding(self) -> str:
        """Why programs could read the private part of the data folder; empty when they cannot."""
        ...

    async def close(self) -> None:
        """Let go. Programs that run go on."""
        ...
