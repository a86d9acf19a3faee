"""Status is three words: phase × outcome × reason, never one flat list.

The phase says where a node stands, the outcome how it ended (only when finished), the reason why, as data. Rules read
the reason's kind, never its text. Vendors' flat lists are computed from these three, without loss.
"""

from enum import StrEnum

import msgspec


class Phase(StrEnum):
    """Where a node stands."""

    PENDING = "pending"
    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"


class Outcome(StrEnum):
    """How a finished node ended (RULINGS 8). Unreached: passed by because something before it had ended the matter."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ERRORED = "errored"
    CANCELED = "canceled"
    SKIPPED = "skipped"
    UNREACHED = "unreached"

    @property
    def is_good(self) -> bool:
        """Success in the sense of the rules: a skip is a success (semantics 1.1)."""
        return self in (Outcome.SUCCEEDED, Outcome.SKIPPED)

    @property
    def is_bad(self) -> bool:
        """Failure in the sense of the rules: the work said no, or nobody could tell."""
        return self in (Outcome.FAILED, Outcome.ERRORED)


class Why(StrEnum):
    """Kinds of reasons. Each names its facts in brackets; texts for people are made from them at the edge."""

    NONE = "none"
    # skipped
    DISABLED = "disabled"
    CONDITION_FALSE = "condition-false"  # [condition, operands, error]
    UPSTREAM = "upstream"  # the condition looks back at earlier steps [wanted, found]
    PREVIOUS_STAGE = "previous-stage"  # a finally job's condition [wanted, found]
    DEPENDENCY = "dependency"  # waits for, or was skipped for, a job it depends on [jobs]
    PARENT = "parent"  # a post-action whose step did not run [step]
    NOTHING_ENABLED = "nothing-enabled"
    ALL_SKIPPED = "all-skipped"
    SKIPPED_BY = "skipped-by"  # a person skipped a failed step [by]
    # waiting
    QUEUED = "queued"  # for the pipeline's turn
    LOCK = "lock"  # for a mutex group [group]
    REVIEW = "review"  # for people [group, reviewers]
    MANUAL = "manual-start"
    VERDICT = "verdict"  # for a decision on quality rules [rules]
    PAUSED = "paused"  # before a step, for a person
    BACKOFF = "backoff"  # for the next automatic attempt
    LOST = "lost"  # contact with the attempt is lost; a person decides [known]
    PARALLEL = "parallel-limit"  # a split job for its place [limit]
    CALLS = "calls"  # running, and waits for another run [run]
    # failed, errored
    EXIT = "exit"  # [code, signal, message]
    TIMED_OUT = "timed-out"  # [minutes]
    JOB_TIMEOUT = "job-timeout"  # [minutes]
    REVIEW_REJECTED = "review-rejected"  # [by, comment, group]
    REVIEW_EXPIRED = "review-expired"  # [hours]
    NO_REVIEWERS = "no-reviewers"  # [group]
    VERDICT_REFUSED = "verdict-refused"  # [by, where]
    LOCK_TAKEN = "lock-taken"  # [group]
    LOCK_QUEUE_FULL = "lock-queue-full"  # [group]
    LOCK_EXPIRED = "lock-expired"  # [group, minutes]
    QUEUE_EXPIRED = "queue-expired"  # [minutes]
    ENVIRONMENT_FAILED = "environment-failed"  # it could not be prepared [message]
    ENVIRONMENT_LOST = "environment-lost"  # [message]
    FORCED_STOP = "forced-stop"  # [by]
    READ_ONLY = "read-only-variable"  # [name]
    VARIABLE_TOO_LONG = "variable-too-long"  # [name, length]
    MATRIX = "matrix"  # no combination, too many, or unreadable [message]
    CIRCLE = "dependency-circle"  # [jobs]
    STEP_FAILED = "step-failed"  # the step that decided a job [step]
    JOB_FAILED = "job-failed"  # the job that decided a stage [job]
    STAGE_FAILED = "stage-failed"  # the stage that decided a run [stage]
    # canceled, unreached
    CANCELED_BY = "canceled-by"  # [by, why]
    PUSHED_OUT = "pushed-out"  # by a newer run [by]
    HALTED = "halted"  # a person ended a paused step [by]
    FAST_KILL = "fast-kill"  # another job failed [job]
    AFTER_END = "after-end"  # the level above had ended already [by]


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why, as data: a kind for rules, facts for people and programs."""

    kind: Why = Why.NONE
    facts: dict[str, str] = {}

    def __bool__(self) -> bool:
        """Whether there is a reason at all."""
        return self.kind is not Why.NONE


NO_REASON = Reason()
"""The reason of what went as written."""
