"""Post-actions: steps at the end of a job that follow up a step which really ran (semantics 9)."""

from ferryman.domain.conditions import After, Always, Condition, Upstream
from ferryman.domain.pipeline import Step
from ferryman.domain.status import NO_REASON, Outcome, Reason, Why
from ferryman.machine.job_draft import JobDraft

REALLY_RAN = frozenset({Outcome.SUCCEEDED, Outcome.FAILED, Outcome.ERRORED, Outcome.CANCELED})

LOOKS_PAST_FAILURE = frozenset(
    {After.UNLESS_CANCELED, After.ALWAYS, After.FAILURE, After.FAILURE_NOT_CONTINUED}
)
"""The four conditions with which a post-action runs in a failed job."""


def may_run(job: JobDraft, define: Step) -> tuple[bool, Reason, bool]:
    """Whether a post-action runs; if not, why not, and whether it is skipped (its step was) or never reached."""
    at = job.find_step(define.post_of)
    parent = job.steps[at] if at >= 0 else None
    if parent is None or parent.outcome not in REALLY_RAN:
        skipped = parent is not None and parent.outcome is Outcome.SKIPPED
        return False, Reason(Why.PARENT, {"step": define.post_of}), skipped
    after = _after(define.condition)
    stopped = parent.outcome is Outcome.CANCELED or parent.reason.kind is Why.TIMED_OUT
    failed = job.scan.verdict in (Outcome.FAILED, Outcome.ERRORED)
    match after:
        case After.PARENT_STOPPED:
            runs = stopped
        case After.PARENT_ENDED:
            runs = True
        case After.SUCCESS:
            runs = not job.scan.posts_spoiled
        case After.UNLESS_CANCELED:
            runs = not job.scan.posts_canceled
        case _ if failed:
            runs = after in LOOKS_PAST_FAILURE
        case After.FAILURE:
            runs = job.scan.had
        case After.FAILURE_NOT_CONTINUED:
            runs = False
        case _:
            runs = True
    wanted = after.value if after is not None else ""
    return (True, NO_REASON, False) if runs else (False, Reason(Why.UPSTREAM, {"wanted": wanted}), False)


def _after(condition: Condition) -> After | None:
    """What a condition looks back at; None for conditions on values, which post-actions do not weigh."""
    match condition:
        case Upstream(after=after):
            return after
        case Always():
            return After.SUCCESS
        case _:
            return None
