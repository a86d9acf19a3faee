"""The server's own log: one line for each thing that happened, and one canonical line for each request (LOG-10).

A line is a JSON object with `time`, `level`, `event`, and whichever of `request`, `run`, `actor` it concerns; on a
terminal it is set for people. Event words, not sentences. Nothing that proves who somebody is ever stands in it:
paths come without their query, and what looks like a secret inside a text is masked.
"""

import asyncio
import logging
import re
import threading
import time
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal, Protocol, TextIO

import msgspec

Level = Literal["debug", "info", "warning", "error"]
LEVELS: tuple[Level, ...] = ("debug", "info", "warning", "error")
REQUEST = "request"
"""The event of a request's canonical line."""
MASK = "******"

_SECRET = re.compile(
    r"""(?ix)
    ( (?:access_?token | bk_token | bk_ticket | bk_app_secret | x-auth-token | x-devops-app-secret | security-?token
        | signature | secret | password | passwd | api_?key | private_?key | token )
      ["']? \s* [=:] \s* (?: b?["'] )? (?: bearer\s+ )? )
    [^\s"'&,;})\]]+
    | (?<=bearer\s) \S+
    | (?<=://) [^/\s:@]+ : [^/\s@]+ (?=@)
    """
)
_SIGN = re.compile(r"[=:\s]")
"""Every secret that is looked for stands behind one of these; most texts have none."""

SHORT = 200
"""Texts up to so many characters are remembered when they were looked through."""


class Line(Protocol):
    """Takes a line's facts."""

    def __call__(self, level: Level, event: str, /, **facts: Any) -> None:
        """Say it."""
        ...


def masked(text: str) -> str:
    """A text without what looks like a secret in it: the value behind a telling name, a bearer's, a login in a URL."""
    if _SIGN.search(text) is None:
        return text
    return _SECRET.sub(lambda found: (found[1] or "") + MASK, text)


class ServerLog:
    """Writes lines to a stream."""

    def __init__(
        self, stream: TextIO, *, form: Literal["json", "text"] = "json", level: Level = "info"
    ) -> None:
        """`level` is the least that is written."""
        self._stream = stream
        self._form = form
        self._least = LEVELS.index(level)
        self._waiting: list[str] = []
        self._turn = threading.Lock()

    def __call__(self, level: Level, event: str, /, **facts: Any) -> None:
        """Write a line; lines of requests that are answered in one turn of the loop are written together at its end, or
        with the next other line. A reader that went away silences the log, not the server."""
        if LEVELS.index(level) < self._least:
            return
        now = time.time_ns() // 1_000_000
        known = {name: _plain(value) for name, value in facts.items() if value not in ("", None)}
        line = _json(now, level, event, known) if self._form == "json" else _text(now, level, event, known)
        with self._turn:
            self._waiting.append(line)
            is_first = len(self._waiting) == 1
        if event != REQUEST:
            self._write()
        elif is_first:
            try:
                asyncio.get_running_loop().call_soon(self._write)
            except RuntimeError:
                self._write()

    def _write(self) -> None:
        with self._turn:
            lines, self._waiting = self._waiting, []
            try:
                self._stream.write("".join(lines))
                self._stream.flush()
            except (OSError, ValueError):
                return


def traced(fault: BaseException) -> str:
    """Where a fault came up, for the log alone."""
    return masked("".join(traceback.format_exception(fault)))


def _plain(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return _masked_lately(value) if len(value) <= SHORT else masked(value)


@lru_cache(1024)
def _masked_lately(text: str) -> str:
    """Methods, paths, names and addresses come again and again: what was looked through is not looked through anew."""
    return masked(text)


@lru_cache(2)
def _second(seconds: int) -> datetime:
    """A second, told by many lines."""
    return datetime.fromtimestamp(seconds, UTC)


@lru_cache(2)
def _stamp(seconds: int) -> str:
    return f"{_second(seconds):%Y-%m-%dT%H:%M:%S}"


def _json(now: int, level: Level, event: str, facts: dict[str, Any]) -> str:
    at = f"{_stamp(now // 1000)}.{now % 1000:03}Z"
    return msgspec.json.encode({"time": at, "level": level, "event": event, **facts}).decode() + "\n"


def _text(now: int, level: Level, event: str, facts: dict[str, Any]) -> str:
    long = [str(value) for value in facts.values() if "\n" in str(value)]
    told = " ".join(f"{name}={_safe(value)}" for name, value in facts.items() if "\n" not in str(value))
    head = f"{_second(now // 1000):%H:%M:%S}.{now % 1000:03} {level:<7} {event:<12} {told}".rstrip()
    return "\n".join([head, *long]).rstrip("\n") + "\n"


def _safe(value: Any) -> str:
    """A value on one line, with nothing in it that acts on a terminal."""
    text = str(value)
    return text if text.isprintable() else ascii(text)[1:-1]


class _Bridge(logging.Handler):
    """Hands on what libraries log."""

    def __init__(self, log: Line) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        level: Level = "error" if record.levelno >= logging.ERROR else "warning"
        fault = record.exc_info[1] if record.exc_info else None
        self._log(
            level,
            "library",
            source=record.name,
            message=record.getMessage(),
            traceback=traced(fault) if fault is not None else "",
        )


@contextmanager
def bridged(log: Line, names: Iterable[str] = ("uvicorn.error", "asyncio")) -> Iterator[None]:
    """What these libraries warn of goes to our log until left, and nowhere else."""
    handler = _Bridge(log)
    loggers = [logging.getLogger(name) for name in names]
    before = [logger.propagate for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, propagate in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.propagate = propagate
