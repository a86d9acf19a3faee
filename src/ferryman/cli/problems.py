"""Problems of files, printed: as text, as data, and as the commands by which a CI server marks lines.

The words of the data are a promise (docs/cli.md).
"""

from collections.abc import Iterable, Iterator

import click
import msgspec

from ferryman.cli.texts import plain
from ferryman.domain.errors import Problem

COLORS = {"error": "red", "warning": "yellow"}


class FileReport(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to say of one file. `unreadable` is why it could not be looked at, or empty."""

    file: str
    valid: bool
    problems: tuple[Problem, ...] = ()
    unreadable: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to say of all files."""

    valid: bool
    errors: int
    warnings: int
    files: tuple[FileReport, ...]


def report(files: Iterable[FileReport]) -> Report:
    """The reports of several files as one, with its sums."""
    told = tuple(files)
    severities = [problem.severity for one in told for problem in one.problems]
    return Report(
        valid=all(one.valid for one in told),
        errors=severities.count("error"),
        warnings=severities.count("warning"),
        files=told,
    )


def place(file: str, problem: Problem) -> str:
    """`release.yaml:14:7`, or the file alone where the text has no lines."""
    return f"{file}:{problem.line}:{problem.column}" if problem.line else file


def line(file: str, problem: Problem) -> str:
    """One problem on one line: `release.yaml:14:7: error: stages[0].name: wrong (hint)`."""
    path = f"{plain(problem.path)}: " if problem.path else ""
    hint = f" ({plain(problem.hint)})" if problem.hint else ""
    severity = click.style(problem.severity, fg=COLORS[problem.severity], bold=True)
    return f"{place(file, problem)}: {severity}: {path}{plain(problem.message)}{hint}"


def as_text(told: Report) -> Iterator[str]:
    """Each problem on a line, and a last line that sums up."""
    for one in told.files:
        yield from (line(one.file, problem) for problem in one.problems)
    readable = sum(not one.unreadable for one in told.files)
    sums = {"error": told.errors, "warning": told.warnings}
    faults = ", ".join(count(number, word) for word, number in sums.items() if number)
    unread = len(told.files) - readable
    rest = f"; {count(unread, 'file')} could not be read" if unread else ""
    yield f"{count(readable, 'file')} checked: {faults or 'no fault'}{rest}"


def count(number: int, word: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def as_annotations(told: Report) -> Iterator[str]:
    """Each problem as a workflow command, which CI servers show beside the line it speaks of."""
    for one in told.files:
        for problem in one.problems:
            facts = {"file": one.file} if one.file != "<stdin>" else {}
            if problem.line:
                facts |= {"line": str(problem.line), "col": str(problem.column)}
            facts["title"] = f"pipeline {problem.severity} {problem.code}"
            path = f"{problem.path}: " if problem.path else ""
            hint = f" ({problem.hint})" if problem.hint else ""
            settings = ",".join(f"{name}={_in_setting(text)}" for name, text in facts.items())
            yield f"::{problem.severity} {settings}::{_in_message(path + problem.message + hint)}"


def _in_message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _in_setting(text: str) -> str:
    return _in_message(text).replace(":", "%3A").replace(",", "%2C")
