"""Judges of outcomes: how the end of a child counts for its parent (semantics 1.3, 1.4, 6.2, 10.3)."""

from collections.abc import Iterable
from typing import Protocol

from ferryman.domain.pipeline import Job
from ferryman.domain.status import NO_REASON, Outcome, Reason, Why

TERMINATED = frozenset({Why.JOB_TIMEOUT, Why.ENVIRONMENT_LOST, Why.FORCED_STOP})
"""Reasons of an errored step that was ended from above, not by itself."""

Verdict = tuple[Outcome, Reason]


class Ended(Protocol):
    """What these judges read of a job: nothing but what it tells its run."""

    @property
    def path(self) -> str:
        """Its path."""
        ...

    @property
    def define(self) -> Job:
        """Its definition."""
        ...

    @property
    def outcome(self) -> Outcome | None:
        """How it ended."""
        ...

    @property
    def reason(self) -> Reason:
        """Why."""
        ...


def of_jobs(jobs: Iterable[Ended]) -> Verdict:
    """A stage's outcome when all its jobs have ended: failure wins over cancel, cancel over success (semantics 1.4)."""
    canceled: Reason | None = None
    all_skipped = True
    for job in jobs:
        outcome = job.outcome
        if outcome is None:
            raise AssertionError(f"{job.path} has not ended")
        if outcome.is_bad and not job.define.continue_on_failure:
            if job.reason.kind is Why.FORCED_STOP:
                return Outcome.ERRORED, job.reason
            return Outcome.FAILED, Reason(Why.JOB_FAILED, {"job": job.path})
        if outcome is Outcome.CANCELED and canceled is None:
            canceled = job.reason
        if outcome is not Outcome.SKIPPED:
            all_skipped = False
    if canceled is not None:
        return Outcome.CANCELED, canceled
    if all_skipped:
        return Outcome.SKIPPED, Reason(Why.ALL_SKIPPED)
    return Outcome.SUCCEEDED, NO_REASON


def of_split_jobs(children: Iterable[Ended]) -> Verdict:
    """A matrix's outcome when all its split jobs have ended (semantics 6.2): it is never skipped."""
    outcome, reason = of_jobs(children)
    return (Outcome.SUCCEEDED, NO_REASON) if outcome is Outcome.SKIPPED else (outcome, reason)


def of_run(finally_: Verdict | None, before: Verdict) -> Verdict:
    """A run's outcome from that of its finally stage and of the stages before (semantics 10.3)."""
    outcome, reason = before if finally_ is None else finally_
    if finally_ is None or outcome.is_good:
        outcome, reason = before
    return (Outcome.SUCCEEDED, NO_REASON) if outcome is Outcome.SKIPPED else (outcome, reason)
