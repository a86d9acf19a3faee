"""Names of files as data: which of them lie below a folder, and which patterns they fit.

Nothing here touches a disk. A name is a relative path with `/` between its parts.
"""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

ANYWHERE = "**"
"""A part of a pattern that stands for any number of folders, none too."""
LONGEST_PART = 255
LONGEST_NAME = 4096
"""Bytes that a part, and a whole name, may have."""


class BadName(Exception):
    """A name that may not be used; the text says which and why."""


def parts(name: str) -> tuple[str, ...]:
    """The parts of a name below a folder; none for the folder itself (`.`, or empty).

    Raises `BadName` for what would lead out of the folder, and for what is no name on a disk.
    """
    if name.startswith("/"):
        raise BadName(f"{name!r} is not below the working folder: write it without the leading /")
    found = tuple(part for part in name.split("/") if part not in ("", "."))
    if ".." in found:
        raise BadName(f"{name!r} may lead out of the working folder: write it without ..")
    if "\0" in name or not _is_text(name):
        raise BadName(f"{name!r} is no name that a file can have everywhere")
    if len(name.encode()) > LONGEST_NAME or any(len(part.encode()) > LONGEST_PART for part in found):
        raise BadName(f"{name[:60]!r} is too long for the name of a file")
    return found


def is_file_name(name: str) -> bool:
    """Whether this is a file's name below a folder in its plainest form: no part empty, `.` or `..`."""
    try:
        return "/".join(parts(name)) == name != ""
    except BadName:
        return False


class Patterns:
    """Glob patterns: `*` and `?` within a part, `[a-z]`, and `**` over parts. A folder's name means all below it."""

    def __init__(self, patterns: Iterable[str]) -> None:
        """Raises `BadName` for a pattern that leads out of the folder."""
        self._patterns = [parts(pattern) for pattern in patterns]

    def fit(self, name: Sequence[str]) -> bool:
        """Whether a file with these parts is meant by any of the patterns."""
        return any(
            _fits(pattern, name) or _fits((*pattern, ANYWHERE, "*"), name) for pattern in self._patterns
        )

    def reach(self, name: Sequence[str]) -> bool:
        """Whether a file below a folder with these parts may be meant by any of the patterns."""
        return any(_fits(pattern[:end], name) for pattern in self._patterns for end in range(len(pattern)))


def _fits(pattern: Sequence[str], name: Sequence[str]) -> bool:
    """Whether pattern and name fit part by part; the work grows with their product, whatever they hold."""
    reached = {0}
    for part in pattern:
        if part == ANYWHERE:
            if reached:
                reached = set(range(min(reached), len(name) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(name) and fnmatchcase(name[at], part)}
    return len(name) in reached


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
