"""The words that a pipeline file itself uses: one table for every room that meets them (RULINGS 12).

Sources: pipeline-yaml-v3.md sections 8.1, 9, 11; bkci-engine-semantics.md section 15.3.
"""

from ferryman.domain.status import Outcome, Phase

SUCCEEDED = "SUCCEED"
FAILED = "FAILED"
CANCELED = "CANCELED"
SKIPPED = "SKIP"
UNREACHED = "UNEXEC"
RUNNING = "RUNNING"

OUTCOME_WORDS: dict[Outcome, str] = {
    Outcome.SUCCEEDED: SUCCEEDED,
    Outcome.FAILED: FAILED,
    Outcome.ERRORED: FAILED,
    Outcome.CANCELED: CANCELED,
    Outcome.SKIPPED: SKIPPED,
    Outcome.UNREACHED: UNREACHED,
}
"""How contexts name an outcome (`jobs.X.outcome`, `steps.X.outcome`)."""


def context_word(phase: Phase, outcome: Outcome | None) -> str:
    """The word a context shows for a node: its outcome, RUNNING while it is under way, UNEXEC before."""
    if outcome is not None:
        return OUTCOME_WORDS[outcome]
    return UNREACHED if phase is Phase.PENDING else RUNNING


REVIEW_CONTEXT = "check-in"
REVIEW_FLOW = "flow"
REVIEW_RESULTS = {True: "PROCESS", False: "ABORT"}
"""Context `stages.<id>.check-in.flow.<n>` with `operator` and `result`."""

START_TIME = "pipeline_start_time"
"""The key of context `ci` that says when the run began, in milliseconds since 1970."""

BUILD_STATUS = "build_status"
FAILED_NAMES = ("build_fail_tasknames", "failed_tasknames")
FAILED_PLACES = "failed_tasks"
"""Keys of context `ci` that only the finally stage can know: the result so far; the names of steps that failed, with
commas between; the same, each on a line with its stage and job before it."""

RESUMED_BY = "BK_CI_OPERATOR_"
"""Prefix of the variable that holds who let a paused step go on (semantics 8.1)."""

HIDDEN = "******"
"""What is shown in place of a value that must not be."""

SYSTEM = "SYSTEM"
"""Who decides when nobody does: a review that expired, that was stopped, or that has no reviewer."""
EXPIRED_COMMENT = "TIMEOUT"
STOPPED_COMMENT = "CANCEL"
"""What the system says at a review that ran out of time, or was ended by a stop (semantics 4.1)."""

MANUAL, TIMED, ON_CHANGE, BY_API, BY_PIPELINE, REMOTE, ON_EVENT = (
    "MANUAL",
    "TIME_TRIGGER",
    "WEB_HOOK",
    "SERVICE",
    "PIPELINE",
    "REMOTE",
    "TRIGGER_EVENT",
)
STARTS: dict[str, str] = {
    MANUAL: "manual",
    TIMED: "schedule",
    ON_CHANGE: "push",
    BY_API: "openApi",
    BY_PIPELINE: "openApi",
    REMOTE: "openApi",
    ON_EVENT: "openApi",
}
"""How a run was started (`ci.build_start_type`), and what `ci.event` says of it."""

BUILD_NUMBER = "BK_CI_BUILD_NO"
"""The variable that holds the number which a pipeline recommends (semantics 14)."""

NUMBER_ALIAS = "BK_CI_BUILD_NUM_ALIAS"
"""The variable that holds what a run is called by the rule of its pipeline (bkci-v3 4.4, 5.12)."""

BUILT_IN: dict[str, str] = {
    "BK_CI_PIPELINE_ID": "pipeline_id",
    "BK_CI_PIPELINE_NAME": "pipeline_name",
    "BK_CI_PIPELINE_VERSION": "pipeline_version",
    "BK_CI_BUILD_ID": "build_id",
    "BK_CI_BUILD_NUM": "build_num",
    "BK_CI_BUILD_MSG": "build_msg",
    "BK_CI_PROJECT_NAME": "project_id",
    "BK_CI_START_USER_ID": "actor",
    "BK_CI_START_USER_NAME": "actor",
    "BK_CI_START_TYPE": "build_start_type",
}
"""Variables that hold what is known of a run when it starts, and the entry of `ci` that says the same."""
