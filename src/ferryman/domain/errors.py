"""The tree of refusals, sorted by who must act.

    FerrymanError
    ├─ Invalid           the caller's text is wrong: all problems at once, each with its place
    ├─ Refused           legal, but not now; nothing was changed
    ├─ NotFound          no such thing (or none that the caller may know of)
    ├─ Conflict          somebody else changed it first, or it exists already
    ├─ Forbidden         known, but not allowed
    ├─ Unauthenticated   not known
    └─ Unavailable       try again later
       └─ Throttled      too much of it; the text says when

Each has a stable `code`, facts as fields, and one sentence that says what could not be done, why,
and what would help. The inside knows no HTTP status: every face has one table from class to form.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

Severity = Literal["error", "warning"]


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One fault of a caller's text, with its place.

    `path` uses dots and indexes (`stages[1].jobs.ship.steps[0].uses`); `line` and `column` count from 1 and are 0
    where the text has no lines (a JSON model). Source: pipeline-yaml-v3.md, section 13.
    """

    path: str
    message: str
    code: int
    key: str = ""
    line: int = 0
    column: int = 0
    hint: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        """The one-line form: `line 14: stages[0].jobs.build.image: unknown key "image"`."""
        place = f"line {self.line}: " if self.line else ""
        path = f"{self.path}: " if self.path else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}{path}{self.message}{hint}"


class FerrymanError(Exception):
    """Anything Ferryman refuses. `code` is stable; the text is one sentence for people."""

    code = "ferryman"


class Invalid(FerrymanError):
    """The caller's text is wrong. `problems` holds every fault found, in the order of the text."""

    code = "invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Refuse a text for these problems."""
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Refused(FerrymanError):
    """Legal in itself, but not now; nothing was changed. `reason` is a stable word for programs."""

    code = "refused"

    def __init__(self, message: str, *, reason: str, path: str = "") -> None:
        """Refuse what was asked of `path`, for `reason`."""
        self.reason = reason
        self.path = path
        super().__init__(message)


class NotFound(FerrymanError):
    """No such thing, or none that the caller may know of. `reason` is a stable word for programs, or empty."""

    code = "not-found"

    def __init__(self, message: str, *, reason: str = "") -> None:
        """Tell so, for `reason`."""
        self.reason = reason
        super().__init__(message)


class Conflict(FerrymanError):
    """Somebody else changed it first, or it exists already. `reason` is a stable word for programs, or empty."""

    code = "conflict"

    def __init__(self, message: str, *, reason: str = "") -> None:
        """Tell so, for `reason`."""
        self.reason = reason
        super().__init__(message)


class Forbidden(FerrymanError):
    """The caller is known but not allowed. `reason` is a stable word for programs, or empty."""

    code = "forbidden"

    def __init__(self, message: str, *, reason: str = "") -> None:
        """Tell so, for `reason`."""
        self.reason = reason
        super().__init__(message)


class Unauthenticated(FerrymanError):
    """The caller is not known. `reason` is a stable word for programs, or empty."""

    code = "unauthenticated"

    def __init__(self, message: str, *, reason: str = "") -> None:
        """Tell so, for `reason`."""
        self.reason = reason
        super().__init__(message)


class Unavailable(FerrymanError):
    """Not now; the same request may succeed later."""

    code = "unavailable"


class Throttled(Unavailable):
    """Too much came from there. `retry_after` is in milliseconds; 0 where it is not known."""

    code = "throttled"

    def __init__(self, message: str, *, retry_after: int = 0) -> None:
        """Hold up for so long."""
        self.retry_after = retry_after
        super().__init__(message)
