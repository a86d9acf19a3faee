"""Exit codes, and the one table from refusal to code (expectation CLI-3)."""

from enum import IntEnum
from typing import TYPE_CHECKING

import click

from ferryman.domain import errors

if TYPE_CHECKING:
    from ferryman.domain.views import RunView


class Exit(IntEnum):
    """What the command tells the program that called it."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    FORBIDDEN = 4
    CONFLICT = 5
    UNREACHABLE = 6
    TIMED_OUT = 7
    INTERNAL = 70
    INTERRUPTED = 130
    PIPE_CLOSED = 141
    TERMINATED = 143


MEANINGS: dict[Exit, str] = {
    Exit.DONE: "Done. For `explain`: it could be explained, also where the run would fail.",
    Exit.FAILED: "The run did not succeed (failed, canceled, refused); a file, a model or an expression is invalid.",
    Exit.USAGE: "Wrong usage: an unknown option, a missing value, a path that no step has, a folder for a file.",
    Exit.NOT_FOUND: "Not found: a file, a run, a step, a secret or a data folder that is not there.",
    Exit.FORBIDDEN: "Not permitted: a file that may not be read or written.",
    Exit.CONFLICT: "Conflict: not possible now, or somebody else was first.",
    Exit.UNREACHABLE: "Not reachable now: another process holds the data folder, or does not answer.",
    Exit.TIMED_OUT: "Timed out: the run failed because the time of a step, job, review, lock or turn ran out.",
    Exit.INTERNAL: "A fault of Ferryman itself; `FERRYMAN_DEBUG=1` shows where.",
    Exit.INTERRUPTED: "Interrupted by Ctrl-C; for `run`, and a change that moves the run itself, that means canceled.",
    Exit.TERMINATED: "Ended by TERM: steps that run go on, and `ferryman recover` takes the run up again.",
    Exit.PIPE_CLOSED: "The reader of the output went away, as in `… | head`; nothing is said about it.",
}
"""Every code, in words; the table stands in docs/cli.md."""

OF_ERROR: tuple[tuple[type[Exception], Exit], ...] = (
    (errors.Invalid, Exit.FAILED),
    (errors.Refused, Exit.CONFLICT),
    (errors.NotFound, Exit.NOT_FOUND),
    (errors.Conflict, Exit.CONFLICT),
    (errors.Forbidden, Exit.FORBIDDEN),
    (errors.Unauthenticated, Exit.FORBIDDEN),
    (errors.Throttled, Exit.UNREACHABLE),
    (errors.Unavailable, Exit.UNREACHABLE),
    (FileNotFoundError, Exit.NOT_FOUND),
    (NotADirectoryError, Exit.NOT_FOUND),
    (PermissionError, Exit.FORBIDDEN),
    (IsADirectoryError, Exit.USAGE),
    (OSError, Exit.FAILED),
)
"""The first row that an error belongs to gives its code."""


def of_error(error: Exception) -> Exit:
    """The exit code of an error; INTERNAL for one that nobody meant."""
    return next((code for kind, code in OF_ERROR if isinstance(error, kind)), Exit.INTERNAL)


TIME_RAN_OUT = frozenset({"timed-out", "job-timeout", "review-expired", "lock-expired", "queue-expired"})
"""Reasons of what ended for want of time."""
HANDED_UP = frozenset({"stage-failed", "job-failed", "step-failed"})
"""Reasons that name the part below which decided."""
GOOD = frozenset({"succeeded", "skipped"})
"""Outcomes of a run that came to what was wanted."""


def of_run(view: "RunView") -> Exit:
    """The exit code of a run: its result, and DONE as long as it has none."""
    if view.phase != "finished" or view.outcome in GOOD:
        return Exit.DONE
    return Exit.TIMED_OUT if _decided_by(view) in TIME_RAN_OUT else Exit.FAILED


def _decided_by(view: "RunView") -> str:
    """The reason of what decided the run: of the step that decided the job that decided it, if there is one."""
    jobs = [each for stage in view.stages for job in stage.jobs for each in (job, *job.split)]
    reasons = {job.path: job.reason for job in jobs}
    reasons |= {step.path: step.reason for job in jobs for step in job.steps}
    reason, at = view.reason, ""
    while True:
        facts = reason.facts
        path = f"{at}/{facts['step']}" if reason.kind == "step-failed" else facts.get("job", "")
        if reason.kind not in HANDED_UP or path == at or path not in reasons:
            return reason.kind
        reason, at = reasons[path], path


class Stop(click.ClickException):
    """The command ends here: one sentence for people, and an exit code."""

    def __init__(self, message: str, code: Exit) -> None:
        """Stop for a reason that `message` says whole."""
        super().__init__(message)
        self.exit_code = int(code)  # type: ignore[misc]  # click sets it so itself
