"""How times, durations and tables are shown to people."""

import shutil
import sys
import time
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any
from unicodedata import east_asian_width
from urllib.parse import unquote

import click
import msgspec

from ferryman.cli.texts import as_json, as_yaml, plain
from ferryman.domain.views import RunLine

COLORS = {
    "succeeded": "green",
    "failed": "red",
    "errored": "red",
    "canceled": "red",
    "skipped": "yellow",
    "unreached": "bright_black",
    "running": "cyan",
    "waiting": "magenta",
}
"""By outcome, or by phase where there is none yet. Color repeats what the words say."""


def state(phase: str, outcome: str) -> str:
    """The one word for where a node stands."""
    return outcome or phase


def colored(word: str) -> str:
    """A word of status in its color."""
    return click.style(word, fg=COLORS.get(word))


def clock(at: int) -> str:
    """A time of this day, in the zone of the machine."""
    return time.strftime("%H:%M:%S", time.localtime(at / 1000)) if at else ""


def moment(at: int) -> str:
    """A time with its day, in the zone of the machine."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at / 1000)) if at else ""


def limit(until: int) -> str:
    """`, until 2026-01-31 12:00:00`, behind what has a limit of time; nothing without one."""
    return f", until {moment(until)}" if until else ""


def duration(milliseconds: int) -> str:
    """`0.3 s`, `12 s`, `3 min 05 s`, `2 h 10 min`."""
    seconds = max(0, milliseconds) / 1000
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def now() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def spent(started_at: int, ended_at: int) -> str:
    """How long something took, or has taken so far; empty where it has not begun."""
    return duration((ended_at or now()) - started_at) if started_at else ""


def columns(text: str) -> int:
    """How many columns of a terminal a text takes: letters of East Asia take two, marks upon other letters none."""
    return sum(map(_columns, text))


def _columns(letter: str) -> int:
    if letter.isascii():
        return 1
    return 0 if unicodedata.category(letter) in ("Mn", "Me", "Cf") else 1 + (east_asian_width(letter) in "WF")


def padded(text: str, width: int) -> str:
    """A text with blanks behind it, so that it takes this many columns."""
    return text + " " * (width - columns(text))


def cut(text: str, width: int) -> str:
    """As much of the beginning of a text as this many columns hold."""
    room = accumulate(map(_columns, text))
    return "".join(letter for letter, taken in zip(text, room, strict=True) if taken <= width)


def called(line: RunLine) -> str:
    """`shop-release#3`: how a run of a list is shown, and may be asked for."""
    return f"{unquote(line.pipeline)}#{line.number}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table as wide as it has to be; the last column is cut at the window's edge."""
    texts = [tuple(plain(cell) for cell in row) for row in rows]
    widths = [max([columns(name), *(columns(row[at]) for row in texts)]) for at, name in enumerate(head)]
    window = shutil.get_terminal_size().columns
    for row in (tuple(head), *texts):
        line = "  ".join(padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
        if sys.stdout.isatty():
            line = cut(line, window)
        for word in COLORS:
            if word in row:
                line = line.replace(word, colored(word), 1)
                break
        click.echo(line)


def as_form(value: Any, form: str) -> bool:
    """Print a view as json or yaml; false for any other form, and nothing is printed then."""
    if form == "json":
        click.echo(as_json(value))
    elif form == "yaml":
        click.echo(as_yaml(msgspec.to_builtins(value)), nl=False)
    else:
        return False
    return True
