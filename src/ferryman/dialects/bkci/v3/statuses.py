"""BK-CI's flat list of statuses, computed from phase × outcome × reason by one table, and read back.

`word` looks a node up, most specific row first; a reason of None in a row means any. "" means no status: the field is
left out. Sources: semantics 1, 4, 5, 8, 11, 20; bkci-v3 6.1 and 9.

What three words cannot tell is a column of its own, `Beside`, given by whoever knows it: that a place is still being
prepared (a driver knows; the journal keeps no entry of it), that a stage was passed by and no finally stage follows,
that it was a group's turn when its review ended without its answer. `seen.py` reads the latter two off a run.

Nothing that a client must tell apart is lost. Where one word stands for several phases or outcomes (`TOLD_APART` has
each), and where it matters why, documented fields tell:

    run STAGE_SUCCESS    waiting, or ended: endTime; while it waits a stage is PAUSE with checkIn.status REVIEWING
    run STAGE_SUCCESS    refused, timed out, stopped: operator and suggest of the group (SYSTEM with TIMEOUT or CANCEL)
    run QUEUE            first start or retry: executeCount
    run FAILED           by quality rules: checkIn.status or checkOut.status QUALITY_CHECK_FAIL
    run, step CANCELED   by whom: cancelUserId; by fast kill: errorCode 2199010
    stage PAUSE          by a review or by a manual start: checkIn.reviewGroups
    job RUNNING          works, or asks people: an element is REVIEWING
    job PAUSE            paused, or contact lost: as its element
    job, step TERMINATE  time limit of the job: errorCode 2199005; forced stop: the build is TERMINATE too
    step PAUSE           paused: additionalOptions.pauseBeforeExec; contact lost: errorMsg
    step EXEC_TIMEOUT    errorCode 2199006
    step SKIP            switched off: additionalOptions.enable false; by a person: the run has executeCount above 1
    check REVIEW_ABORT   refused, or timed out: operator SYSTEM and suggest TIMEOUT of the group
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from ferryman.domain.gates import GatePhase
from ferryman.domain.status import Outcome, Phase, Why


class Level(StrEnum):
    """What has a status of its own: build, stage, job, element; a stage's checkIn or checkOut; one review group."""

    RUN = "run"
    STAGE = "stage"
    JOB = "job"
    STEP = "step"
    CHECK = "check"
    GROUP = "group"


class Beside(StrEnum):
    """What the three words of a status do not hold."""

    PREPARING = "preparing"
    """The place of the job is not there yet, so its first step is wanted but not at work."""
    PASSED_BY = "passed-by"
    """Its stage was passed by, and the pipeline has no finally stage (semantics 3.3, 20)."""
    ITS_TURN = "its-turn"
    """The review ended without this group's answer while it was its turn."""


class Class(StrEnum):
    """What a word amounts to, whatever its level (semantics 1.1)."""

    SUCCESS = "success"
    FAILURE = "failure"
    CANCEL = "cancel"
    RUNNING = "running"
    READY = "ready"
    NEVER_RAN = "never-ran"
    NEITHER = "neither"


RUN, STAGE, JOB, STEP, CHECK, GROUP = Level
PENDING, WAITING, RUNNING, FINISHED = Phase
SUCCEEDED, FAILED, ERRORED, CANCELED, SKIPPED, UNREACHED = Outcome
CLOSED, OPEN = GatePhase.CLOSED, GatePhase.OPEN
PASSED, REJECTED, EXPIRED = GatePhase.PASSED, GatePhase.REJECTED, GatePhase.EXPIRED

Key = tuple[Level, Phase | GatePhase, Outcome | None, Why | None, Beside | None]
"""What is looked up: level, phase, outcome, kind of reason, what stands beside."""

TABLE: Mapping[Key, str] = MappingProxyType(
    {
        # the build (semantics 2)
        (RUN, WAITING, None, Why.QUEUED, None): "QUEUE",
        (RUN, WAITING, None, Why.REVIEW, None): "STAGE_SUCCESS",
        (RUN, WAITING, None, Why.MANUAL, None): "STAGE_SUCCESS",
        (RUN, WAITING, None, Why.VERDICT, None): "REVIEWING",
        (RUN, RUNNING, None, None, None): "RUNNING",
        (RUN, FINISHED, SUCCEEDED, None, None): "SUCCEED",
        (RUN, FINISHED, FAILED, None, None): "FAILED",
        (RUN, FINISHED, FAILED, Why.QUEUE_EXPIRED, None): "QUEUE_TIMEOUT",
        (RUN, FINISHED, FAILED, Why.REVIEW_REJECTED, None): "STAGE_SUCCESS",
        (RUN, FINISHED, FAILED, Why.REVIEW_EXPIRED, None): "STAGE_SUCCESS",
        (RUN, FINISHED, FAILED, Why.NO_REVIEWERS, None): "STAGE_SUCCESS",
        (RUN, FINISHED, ERRORED, Why.FORCED_STOP, None): "TERMINATE",
        (RUN, FINISHED, CANCELED, None, None): "CANCELED",
        # stages (semantics 3, 4)
        (STAGE, PENDING, None, None, None): "",
        (STAGE, WAITING, None, Why.REVIEW, None): "PAUSE",
        (STAGE, WAITING, None, Why.MANUAL, None): "PAUSE",
        (STAGE, WAITING, None, Why.VERDICT, None): "REVIEWING",
        (STAGE, RUNNING, None, None, None): "RUNNING",
        (STAGE, FINISHED, SUCCEEDED, None, None): "SUCCEED",
        (STAGE, FINISHED, FAILED, None, None): "FAILED",
        (STAGE, FINISHED, FAILED, Why.REVIEW_REJECTED, None): "STAGE_SUCCESS",
        (STAGE, FINISHED, FAILED, Why.REVIEW_EXPIRED, None): "STAGE_SUCCESS",
        (STAGE, FINISHED, FAILED, Why.NO_REVIEWERS, None): "STAGE_SUCCESS",
        (STAGE, FINISHED, ERRORED, Why.FORCED_STOP, None): "TERMINATE",
        (STAGE, FINISHED, CANCELED, None, None): "CANCELED",
        (STAGE, FINISHED, SKIPPED, None, None): "SKIP",
        (STAGE, FINISHED, UNREACHED, None, None): "UNEXEC",
        (STAGE, FINISHED, UNREACHED, Why.AFTER_END, Beside.PASSED_BY): "",
        # jobs (semantics 5, 6)
        (JOB, PENDING, None, None, None): "",
        (JOB, WAITING, None, Why.DEPENDENCY, None): "DEPENDENT_WAITING",
        (JOB, WAITING, None, Why.LOCK, None): "LOOP_WAITING",
        (JOB, WAITING, None, Why.PARALLEL, None): "QUEUE",
        (JOB, WAITING, None, Why.PAUSED, None): "PAUSE",
        (JOB, WAITING, None, Why.LOST, None): "PAUSE",
        (JOB, WAITING, None, Why.REVIEW, None): "RUNNING",
        (JOB, RUNNING, None, None, None): "RUNNING",
        (JOB, RUNNING, None, None, Beside.PREPARING): "PREPARE_ENV",
        (JOB, FINISHED, SUCCEEDED, None, None): "SUCCEED",
        (JOB, FINISHED, FAILED, None, None): "FAILED",
        (JOB, FINISHED, ERRORED, None, None): "FAILED",
        (JOB, FINISHED, ERRORED, Why.JOB_TIMEOUT, None): "TERMINATE",
        (JOB, FINISHED, ERRORED, Why.FORCED_STOP, None): "TERMINATE",
        (JOB, FINISHED, CANCELED, None, None): "CANCELED",
        (JOB, FINISHED, SKIPPED, None, None): "SKIP",
        (JOB, FINISHED, UNREACHED, None, None): "UNEXEC",
        (JOB, FINISHED, UNREACHED, Why.AFTER_END, Beside.PASSED_BY): "",
        # elements (semantics 7, 8)
        (STEP, PENDING, None, None, None): "",
        (STEP, WAITING, None, Why.PAUSED, None): "PAUSE",
        (STEP, WAITING, None, Why.LOST, None): "PAUSE",
        (STEP, WAITING, None, Why.REVIEW, None): "REVIEWING",
        (STEP, WAITING, None, Why.MANUAL, None): "REVIEWING",
        (STEP, WAITING, None, Why.BACKOFF, None): "RETRY",
        (STEP, RUNNING, None, None, None): "RUNNING",
        (STEP, RUNNING, None, None, Beside.PREPARING): "QUEUE",
        (STEP, RUNNING, None, Why.CALLS, None): "CALL_WAITING",
        (STEP, FINISHED, SUCCEEDED, None, None): "SUCCEED",
        (STEP, FINISHED, FAILED, None, None): "FAILED",
        (STEP, FINISHED, FAILED, Why.TIMED_OUT, None): "EXEC_TIMEOUT",
        (STEP, FINISHED, FAILED, Why.REVIEW_REJECTED, None): "REVIEW_ABORT",
        (STEP, FINISHED, ERRORED, None, None): "FAILED",
        (STEP, FINISHED, ERRORED, Why.JOB_TIMEOUT, None): "TERMINATE",
        (STEP, FINISHED, ERRORED, Why.FORCED_STOP, None): "TERMINATE",
        (STEP, FINISHED, ERRORED, Why.ENVIRONMENT_LOST, None): "TERMINATE",
        (STEP, FINISHED, ERRORED, Why.ENVIRONMENT_FAILED, None): "TERMINATE",
        (STEP, FINISHED, CANCELED, None, None): "CANCELED",
        (STEP, FINISHED, SKIPPED, None, None): "SKIP",
        (STEP, FINISHED, UNREACHED, None, None): "UNEXEC",
        (STEP, FINISHED, UNREACHED, Why.AFTER_END, Beside.PASSED_BY): "",
        # checkIn and checkOut: the life of a gate, with what it waits for as its reason (semantics 4)
        (CHECK, CLOSED, None, None, None): "",
        (CHECK, OPEN, None, None, None): "REVIEWING",
        (CHECK, PASSED, None, None, None): "REVIEW_PROCESSED",
        (CHECK, REJECTED, None, None, None): "REVIEW_ABORT",
        (CHECK, EXPIRED, None, None, None): "REVIEW_ABORT",
        (CHECK, OPEN, None, Why.VERDICT, None): "QUALITY_CHECK_WAIT",
        (CHECK, PASSED, None, Why.VERDICT, None): "QUALITY_CHECK_PASS",
        (CHECK, REJECTED, None, Why.VERDICT, None): "QUALITY_CHECK_FAIL",
        # review groups
        (GROUP, OPEN, None, None, None): "",
        (GROUP, OPEN, None, None, Beside.ITS_TURN): "ABORT",
        (GROUP, PASSED, None, None, None): "PROCESS",
        (GROUP, REJECTED, None, None, None): "ABORT",
    }
)
"""(level, phase, outcome, reason, beside) → word."""


def row_of(
    level: Level,
    phase: Phase | GatePhase,
    outcome: Outcome | None = None,
    reason: Why = Why.NONE,
    beside: Beside | None = None,
) -> Key:
    """The row of the table that speaks of a node, most specific first. Raises LookupError where no rule leads."""
    for key in (
        (level, phase, outcome, reason, beside),
        (level, phase, outcome, None, beside),
        (level, phase, outcome, reason, None),
        (level, phase, outcome, None, None),
    ):
        if key in TABLE:
            return key
    raise LookupError(f"a {level} is never {phase}, {outcome}, {reason}")


def word(
    level: Level,
    phase: Phase | GatePhase,
    outcome: Outcome | None = None,
    reason: Why = Why.NONE,
    beside: Beside | None = None,
) -> str:
    """The word of a node; "" where it has no status. Raises LookupError for a state that no rule makes."""
    return TABLE[row_of(level, phase, outcome, reason, beside)]


class Meaning(NamedTuple):
    """What a word says of its node: where it stands, and how it ended. Failed stands for errored too."""

    phase: Phase | GatePhase
    outcome: Outcome | None


@lru_cache(maxsize=256)
def meanings(level: Level, shown: str) -> frozenset[Meaning]:
    """The table back: what a word on a level may mean. More than one only where `TOLD_APART` says how to tell."""
    return frozenset(
        Meaning(phase, FAILED if outcome is ERRORED else outcome)
        for (of, phase, outcome, _, _), given in TABLE.items()
        if of is level and given == shown
    )


TOLD_APART: Mapping[tuple[Level, str], str] = MappingProxyType(
    {
        (RUN, "STAGE_SUCCESS"): "endTime is set when it has ended",
        (JOB, "RUNNING"): "an element is REVIEWING while it asks people",
        (STAGE, ""): "the build has endTime when the stage was passed by",
        (JOB, ""): "the build has endTime when the stage was passed by",
        (STEP, ""): "the build has endTime when the stage was passed by",
        (CHECK, "REVIEW_ABORT"): "a review that timed out has operator SYSTEM and suggest TIMEOUT",
        (GROUP, "ABORT"): "the system refuses with operator SYSTEM, a person with their name",
    }
)
"""Level and word that stand for more than one phase or outcome → the field that tells which."""


CLASSES: Mapping[str, Class] = MappingProxyType(
    {
        "SUCCEED": Class.SUCCESS,
        "FAILED": Class.FAILURE,
        "CANCELED": Class.CANCEL,
        "RUNNING": Class.RUNNING,
        "TERMINATE": Class.FAILURE,
        "REVIEWING": Class.RUNNING,
        "REVIEW_ABORT": Class.FAILURE,
        "REVIEW_PROCESSED": Class.SUCCESS,
        "HEARTBEAT_TIMEOUT": Class.FAILURE,
        "PREPARE_ENV": Class.RUNNING,
        "UNEXEC": Class.NEVER_RAN,
        "SKIP": Class.SUCCESS,
        "QUALITY_CHECK_FAIL": Class.FAILURE,
        "QUEUE": Class.READY,
        "LOOP_WAITING": Class.RUNNING,
        "CALL_WAITING": Class.RUNNING,
        "TRY_FINALLY": Class.NEITHER,
        "QUEUE_TIMEOUT": Class.FAILURE,
        "EXEC_TIMEOUT": Class.FAILURE,
        "QUEUE_CACHE": Class.READY,
        "RETRY": Class.READY,
        "PAUSE": Class.RUNNING,
        "STAGE_SUCCESS": Class.NEITHER,
        "QUOTA_FAILED": Class.FAILURE,
        "DEPENDENT_WAITING": Class.READY,
        "QUALITY_CHECK_PASS": Class.SUCCESS,
        "QUALITY_CHECK_WAIT": Class.NEITHER,
        "TRIGGER_REVIEWING": Class.NEVER_RAN,
    }
)
"""Every word of bkci-v3 6.1, in the order of its numbers → its class."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MAY_SHOW: Mapping[Level, frozenset[str]] = MappingProxyType(
    {
        RUN: _words(
            "QUEUE QUEUE_CACHE RUNNING CANCELED SUCCEED FAILED TERMINATE QUEUE_TIMEOUT STAGE_SUCCESS REVIEWING"
            " TRIGGER_REVIEWING UNEXEC"
        ),
        STAGE: _words(
            "QUEUE QUEUE_CACHE RUNNING CANCELED SUCCEED FAILED TERMINATE QUEUE_TIMEOUT STAGE_SUCCESS REVIEWING"
            " PAUSE SKIP UNEXEC"
        ),
        JOB: _words(
            "QUEUE QUEUE_CACHE DEPENDENT_WAITING LOOP_WAITING PREPARE_ENV RUNNING PAUSE CANCELED SUCCEED FAILED"
            " TERMINATE SKIP UNEXEC QUEUE_TIMEOUT HEARTBEAT_TIMEOUT"
        ),
        STEP: _words(
            "QUEUE QUEUE_CACHE RETRY RUNNING CALL_WAITING REVIEWING REVIEW_ABORT REVIEW_PROCESSED PAUSE CANCELED"
            " SUCCEED FAILED TERMINATE SKIP UNEXEC QUEUE_TIMEOUT EXEC_TIMEOUT QUALITY_CHECK_FAIL"
        ),
        CHECK: _words(
            "REVIEWING REVIEW_PROCESSED REVIEW_ABORT QUALITY_CHECK_WAIT QUALITY_CHECK_PASS QUALITY_CHECK_FAIL"
        ),
        GROUP: _words("PROCESS ABORT"),
    }
)
"""Words that a level may show (semantics 1.2, bkci-v3 5.4, 5.5, 6.1)."""

NEVER: Mapping[tuple[Level, str], str] = MappingProxyType(
    {
        (RUN, "QUEUE_CACHE"): "an instant; one event takes a run from the queue to running",
        (RUN, "TRIGGER_REVIEWING"): "nobody is asked before a run stands in the queue",
        (RUN, "UNEXEC"): "a run that is pushed out of the queue is CANCELED at once (semantics 20)",
        (STAGE, "QUEUE"): "a stage that is let through runs within the same event",
        (STAGE, "QUEUE_CACHE"): "as QUEUE",
        (STAGE, "QUEUE_TIMEOUT"): "stages of a run that waited too long are UNEXEC (bkci-v3 9)",
        (JOB, "QUEUE_CACHE"): "an instant; one event takes a job from waiting to running",
        (JOB, "QUEUE_TIMEOUT"): "a job that waited too long for its mutex is FAILED (semantics 6.1)",
        (JOB, "HEARTBEAT_TIMEOUT"): "a job whose environment is lost is FAILED (semantics 11.3)",
        (STEP, "QUEUE_CACHE"): "an instant; one event takes a step from ready to running",
        (STEP, "QUEUE_TIMEOUT"): "a step waits for nothing but its job's place, whose failure is the job's",
        (STEP, "REVIEW_PROCESSED"): "an approved manual review is SUCCEED (semantics 8.2)",
        (STEP, "QUALITY_CHECK_FAIL"): "quality rules stand before and after stages, never in a job",
    }
)
"""Words that a level may show and Ferryman never shows there, with the reason."""

NOWHERE: Mapping[str, str] = MappingProxyType(
    {
        "TRY_FINALLY": "inner and hidden (bkci-v3 6.1)",
        "QUOTA_FAILED": "not used (bkci-v3 6.1)",
    }
)
"""Words that no level may show."""
