"""Executors: who carries out attempts of steps."""

from collections.abc import Callable, Collection, Sequence
from typing import Literal, Protocol

import msgspec

from ferryman.domain.work import Work, WorkResult


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What an executor knows of an attempt after a restart (RULINGS 17).

    `unknown`: no record, it never started, so it may be started. `alive`: it runs and is watched again. `ended`: it
    ended and `result` says how. `lost`: it was recorded as started, and nobody can tell what became of it.
    """

    run: str
    key: str
    state: Literal["unknown", "alive", "ended", "lost"]
    result: WorkResult | None = None
    known: str = ""


Report = Callable[[WorkResult | Found], None]
"""Told of each attempt's end exactly once per process life, or of contact lost; called on the driver's event loop."""


class Executor(Protocol):
    """Starts, stops and finds attempts. Starting the same attempt twice changes nothing."""

    async def open(self, report: Report) -> None:
        """Get ready, and report to this function from now on."""
        ...

    async def keep_only(
        self, attempts: Collection[tuple[str, str]], folders: Collection[tuple[str, str]]
    ) -> None:
        """After `open`, before anything else: of what earlier processes left, nobody wants more than this.

        Attempts (run, key) that are not named are ended at once, and their ends reported. Job folders (run, folder)
        that are not named go as soon as nobody works there, with all that is known of attempts in them. Returns once
        everything was told to end."""
        ...

    async def start(self, work: Work) -> None:
        """Begin an attempt. What it comes to is reported; a start that cannot be made is reported as its end."""
        ...

    async def stop(self, run: str, key: str, *, force: bool) -> None:
        """Ask an attempt to end (TERM, patience, KILL), or with `force` end it at once. Its end is reported."""
        ...

    async def find(self, attempts: Sequence[tuple[str, str]]) -> Sequence[Found]:
        """What became of these attempts (run, key); those that live are watched again and reported when they end."""
        ...

    async def release(self, run: str, folder: str) -> None:
        """A job has ended: its working folder and environment go, as soon as none of its attempts works there."""
        ...

    async def close(self) -> None:
        """Stop watching. Attempts that run go on and can be found again."""
        ...
