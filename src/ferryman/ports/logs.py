"""Where what steps say is kept, and how it is read."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import msgspec


class LogLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line. `number` counts from 1 within an attempt; `at` is when it was written, in milliseconds since 1970."""

    number: int
    text: str
    at: int = 0
    kind: str = "out"
    """out, or note: a line of Ferryman's own."""


class LogBook(Protocol):
    """Lines of attempts, masked before they are kept."""

    def append(self, run: str, key: str, raw: bytes, *, at: int) -> None:
        """Take in raw output of an attempt, cut anywhere."""
        ...

    def note(self, run: str, key: str, text: str, *, at: int) -> None:
        """Add a line of Ferryman's own."""
        ...

    async def close_attempt(self, run: str, key: str, *, missing: str = "") -> int:
        """The attempt has ended: keep what is left, durably, and say what is missing; the number of lines."""
        ...

    async def read(self, run: str, key: str, *, after: int = 0, limit: int = 1000) -> Sequence[LogLine]:
        """Lines behind `after`, in order, stored pieces and the newest lines alike."""
        ...

    async def tail(self, run: str, key: str, lines: int) -> Sequence[LogLine]:
        """The last lines."""
        ...

    def follow(self, run: str, key: str, *, after: int = 0) -> AsyncIterator[LogLine]:
        """Every line once and in order, until the attempt has ended."""
        ...
