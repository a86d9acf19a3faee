"""The moments of bkci-v3 9, "what a client sees while a build runs", as small runs of the machine.

Each function is one row or a few of that table; where the picture is not the page's, its docstring says why. Stages
are a, b and the finally stage z, jobs j and k, steps 1 to 3; `a<` and `a>` are a stage's checks, `a.0` its groups.
"""

from collections.abc import Callable, Iterator

from ferryman.domain.conditions import After, Upstream
from ferryman.domain.events import (
    CancelRequested,
    EnvironmentFailed,
    Halted,
    LockGranted,
    LockRefused,
    LostSettled,
    Resumed,
    RetryRequested,
    SkipRequested,
    StepLost,
    StepNoted,
    VerdictGiven,
)
from ferryman.domain.gates import Gate, GateKind, ReviewGroup
from ferryman.domain.pipeline import Stage
from ferryman.domain.policies import Matrix, Mutex, OnFailure, Retry
from ferryman.domain.status import Reason, Why
from tests.dialects.bkci.v3.story import Story, job, review, stage, step

Moment = Callable[[], Iterator[Story]]
"""A run; it is given out at each point that is looked at."""

QUEUED = Reason(Why.QUEUE_EXPIRED, {"minutes": "10"})
EVEN_CANCEL = Upstream(After.ALWAYS)
FINALLY = stage("z", final=True)


def slot_free() -> Iterator[Story]:
    """After start, slot free; a stage runs, its place is prepared, a task is ok."""
    story = Story(stage("a", job("j", step("1"), step("2"))), stage("b"))
    yield story
    story.sees("run RUNNING, a RUNNING, a/j PREPARE_ENV, a/j/1 QUEUE", preparing=["a/j"])
    story.sees("run RUNNING, a RUNNING, a/j RUNNING, a/j/1 RUNNING")
    story.end("a/j/1#1.1")
    story.sees("run RUNNING, a RUNNING, a/j RUNNING, a/j/1 SUCCEED, a/j/2 RUNNING")
    story.end("a/j/2#1.1")
    story.sees(
        "run RUNNING, a SUCCEED, a/j SUCCEED, a/j/1 SUCCEED, a/j/2 SUCCEED, b RUNNING, b/j RUNNING, b/j/1 RUNNING"
    )
    yield story
    story.end("b/j/1#1.1")
    story.sees(
        "run SUCCEED, a SUCCEED, a/j SUCCEED, a/j/1 SUCCEED, a/j/2 SUCCEED, b SUCCEED, b/j SUCCEED, b/j/1 SUCCEED"
    )
    yield story


def run_lock_taken() -> Iterator[Story]:
    """After start, run lock taken: QUEUE; then its turn comes."""
    story = Story(stage("a"), turn=False)
    story.sees("run QUEUE")
    yield story
    story.tell(LockGranted)
    story.sees("run RUNNING, a RUNNING, a/j RUNNING, a/j/1 RUNNING")


def waits_too_long() -> Iterator[Story]:
    """It waits too long for its turn."""
    story = Story(stage("a"), FINALLY, turn=False)
    story.tell(LockRefused, reason=QUEUED)
    story.sees("run QUEUE_TIMEOUT, a UNEXEC, a/j UNEXEC, a/j/1 UNEXEC, z UNEXEC, z/j UNEXEC, z/j/1 UNEXEC")
    yield story


def pushed_out() -> Iterator[Story]:
    """Pushed out of the queue by a newer run: CANCELED at once (semantics 20)."""
    story = Story(stage("a"), turn=False)
    story.tell(LockRefused, reason=Reason(Why.PUSHED_OUT, {"by": "s"}))
    story.sees("run CANCELED, a UNEXEC, a/j UNEXEC, a/j/1 UNEXEC")
    yield story


def waits_for_a_mutex() -> Iterator[Story]:
    """A job waits for a mutex, and waits too long (semantics 6.1); without a finally stage, b has no status."""
    story = Story(stage("a", job("j", mutex=Mutex(group="g", queue=True, length=1))), stage("b"))
    story.sees("run RUNNING, a RUNNING, a/j LOOP_WAITING")
    yield story
    story.tell(LockRefused, path="a/j", reason=Reason(Why.LOCK_EXPIRED, {"group": "g"}))
    story.sees("run FAILED, a FAILED, a/j FAILED, a/j/1 UNEXEC")
    yield story


def waits_for_a_job() -> Iterator[Story]:
    """A job waits for another job, which fails, so it is skipped; later stages are UNEXEC, the finally stage runs."""
    story = Story(stage("a", job("j"), job("k", needs=("j",))), stage("b"), FINALLY)
    story.sees("run RUNNING, a RUNNING, a/j RUNNING, a/j/1 RUNNING, a/k DEPENDENT_WAITING")
    yield story
    story.end("a/j/1#1.1", "failed", Reason(Why.EXIT, {"code": "1"}))
    story.sees(
        "run RUNNING, a FAILED, a/j FAILED, a/j/1 FAILED, a/k SKIP, a/k/1 SKIP, b UNEXEC, b/j UNEXEC, b/j/1 UNEXEC,"
        " z RUNNING, z/j RUNNING, z/j/1 RUNNING"
    )
    yield story
    story.end("z/j/1#1.1")
    assert story.run.ended_at
    story.sees(
        "run FAILED, a FAILED, a/j FAILED, a/j/1 FAILED, a/k SKIP, a/k/1 SKIP, b UNEXEC, b/j UNEXEC, b/j/1 UNEXEC,"
        " z SUCCEED, z/j SUCCEED, z/j/1 SUCCEED"
    )


def task_fails() -> Iterator[Story]:
    """A task fails: the job goes on to its end; later ones UNEXEC unless their condition says otherwise."""
    story = Story(stage("a", job("j", step("1"), step("2"), step("3", condition=Upstream(After.FAILURE)))))
    story.end("a/j/1#1.1", "failed", Reason(Why.EXIT))
    story.sees("run RUNNING, a RUNNING, a/j RUNNING, a/j/1 FAILED, a/j/2 UNEXEC, a/j/3 RUNNING")
    yield story
    story.end("a/j/3#1.1")
    story.sees("run FAILED, a FAILED, a/j FAILED, a/j/1 FAILED, a/j/2 UNEXEC, a/j/3 SUCCEED")
    yield story


def task_fails_and_goes_on() -> Iterator[Story]:
    """A task fails with continueWhenFailed: FAILED stays on it, all else ends SUCCEED."""
    story = Story(stage("a", job("j", step("1", on_failure=OnFailure.CONTINUE), step("2"))))
    story.end("a/j/1#1.1", "failed", Reason(Why.EXIT))
    story.sees("run RUNNING, a RUNNING, a/j RUNNING, a/j/1 FAILED, a/j/2 RUNNING")
    story.end("a/j/2#1.1")
    story.sees("run SUCCEED, a SUCCEED, a/j SUCCEED, a/j/1 FAILED, a/j/2 SUCCEED")
    yield story


def task_cannot_be_told() -> Iterator[Story]:
    """Nobody can tell how a task ended: FAILED, as any failure that is not told from outside (semantics 1.3)."""
    story = Story(stage("a"))
    story.end("a/j/1#1.1", "errored", Reason(Why.EXIT))
    story.sees("run FAILED, a FAILED, a/j FAILED, a/j/1 FAILED")
    yield story


def task_beyond_its_timeout() -> Iterator[Story]:
    """A task runs beyond its timeout."""
    story = Story(stage("a"))
    story.fire("a/j/1#1.1:limit")
    story.sees("run RUNNING, a RUNNING, a/j RUNNING, a/j/1 RUNNING")
    story.end("a/j/1#1.1", "failed")
    story.sees("run FAILED, a FAILED, a/j FAILED, a/j/1 EXEC_TIMEOUT")
    yield story


def job_beyond_its_timeout() -> Iterator[Story]:
    """A job runs beyond its timeout: the running task TERMINATE, later ones UNEXEC.

    The page shows FAILED on the job; semantics 5.4 and 11.3 say TERMINATE there, FAILED on stage and build.
    """
    story = Story(stage("a", job("j", step("1"), step("2"))))
    story.fire("a/j#1:limit")
    story.end("a/j/1#1.1", "failed")
    story.sees("run FAILED, a FAILED, a/j TERMINATE, a/j/1 TERMINATE, a/j/2 UNEXEC")
    yield story


def environment_lost() -> Iterator[Story]:
    """The place of a job is lost, and in a second run never there: job FAILED (semantics 5.1, 11.3)."""
    story = Story(stage("a", job("j", step("1"), step("2"))))
    story.tell(EnvironmentFailed, path="a/j", lost=True)
    story.sees("run FAILED, a FAILED, a/j FAILED, a/j/1 TERMINATE, a/j/2 UNEXEC")
    yield story
    story = Story(stage("a", job("j", step("1"), step("2"))))
    story.tell(EnvironmentFailed, path="a/j")
    story.sees("run FAILED, a FAILED, a/j FAILED, a/j/1 UNEXEC, a/j/2 UNEXEC")
    yield story
    story = Story(stage("a", job("j", step("1", retry=Retry(automatic=1)))))
    story.end("a/j/1#1.1", "failed")
    story.tell(EnvironmentFailed, path="a/j")
    story.sees("run FAILED, a FAILED, a/j FAILED, a/j/1 TERMINATE")
    yield story


def job_fails_and_goes_on() -> Iterator[Story]:
    """A job fails with continueWhenFailed: the stage is SUCCEED."""
    story = Story(stage("a", job("j", continue_on_failure=True)))
    story.end("a/j/1#1.1", "failed", Reason(Why.EXIT))
    story.sees("run SUCCEED, a SUCCEED, a/j FAILED, a/j/1 FAILED")
    yield story


def fast_kill() -> Iterator[Story]:
    """Another job of the stage failed: the running task is CANCELED, its job too, the build FAILED at the end."""
    story = Story(stage("a", job("j"), job("k", step("1"), step("2")), fast_kill=True))
    story.end("a/j/1#1.1", "failed", Reason(Why.EXIT))
    story.end("a/k/1#1.1", "failed")
    story.sees("run FAILED, a FAILED, a/j FAILED, a/j/1 FAILED, a/k CANCELED, a/k/1 CANCELED, a/k/2 UNEXEC")
    yield story


def sub_pipeline() -> Iterator[Story]:
    """A step waits for the run it started: CALL_WAITING, then the child's end."""
    story = Story(stage("a"))
    story.tell(StepNoted, key="a/j/1#1.1", reason=Reason(Why.CALLS, {"run": "s"}))
    story.sees("run RUNNING, a RUNNING, a/j RUNNING, a/j/1 CALL_WAITING")
    yield story
    story.end("a/j/1#1.1")
    story.sees("run SUCCEED, a SUCCEED, a/j SUCCEED, a/j/1 SUCCEED")


def matrix_job() -> Iterator[Story]:
    """A matrix: the parent RUNNING, then the worst of its split jobs; one waits for its place as QUEUE."""
    axes = {"os": ["x", "y"]}
    story = Story(stage("a", job("j", matrix=Matrix(axes=axes, parallel=1))))
    story.sees("run RUNNING, a RUNNING, a/j RUNNING, a/j.0 RUNNING, a/j.0/1 RUNNING, a/j.1 QUEUE")
    yield story
    story.end("a/j.0/1#1.1", "failed", Reason(Why.EXIT))
    story.sees(
        "run RUNNING, a RUNNING, a/j RUNNING, a/j.0 FAILED, a/j.0/1 FAILED, a/j.1 RUNNING, a/j.1/1 RUNNING"
    )
    story.end("a/j.1/1#1.1")
    story.sees(
        "run FAILED, a FAILED, a/j FAILED, a/j.0 FAILED, a/j.0/1 FAILED, a/j.1 SUCCEED, a/j.1/1 SUCCEED"
    )
    yield story


def not_enabled() -> Iterator[Story]:
    """Condition not met, or not enabled: SKIP, on all three levels."""
    off = job("k", enabled=False)
    story = Story(stage("a", enabled=False), stage("b", job("j", step("1"), step("2", enabled=False)), off))
    story.sees(
        "run RUNNING, a SKIP, a/j SKIP, a/j/1 SKIP, b RUNNING, b/j RUNNING, b/j/1 RUNNING, b/j/2 SKIP,"
        " b/k SKIP, b/k/1 SKIP"
    )
    yield story


def in_review(*more: Stage) -> Story:
    """A run that waits at a review of two groups before stage a."""
    return Story(stage("a", before=(review("first", "second"),)), *more)


def stage_review_begins() -> Iterator[Story]:
    """Stage review begins; one of several groups approved; the last one approved (RUNNING within the same event)."""
    story = in_review()
    story.sees("run STAGE_SUCCESS, a PAUSE, a< REVIEWING")
    assert not story.run.ended_at
    yield story
    story.answer("a", "first", yes=True)
    story.sees("run STAGE_SUCCESS, a PAUSE, a< REVIEWING, a.0 PROCESS")
    yield story
    story.answer("a", "second", yes=True)
    story.sees(
        "run RUNNING, a RUNNING, a/j RUNNING, a/j/1 RUNNING, a< REVIEW_PROCESSED, a.0 PROCESS, a.1 PROCESS"
    )
    yield story


def review_refused() -> Iterator[Story]:
    """Review refused: STAGE_SUCCESS for good, after the finally stage."""
    story = in_review(FINALLY)
    story.answer("a", "first", yes=False)
    refused = "a STAGE_SUCCESS, a/j UNEXEC, a/j/1 UNEXEC, a< REVIEW_ABORT, a.0 ABORT"
    story.sees(f"run RUNNING, {refused}, z RUNNING, z/j RUNNING, z/j/1 RUNNING")
    yield story
    story.end("z/j/1#1.1")
    story.sees(f"run STAGE_SUCCESS, {refused}, z SUCCEED, z/j SUCCEED, z/j/1 SUCCEED")
    assert story.run.ended_at
    yield story


def review_timed_out() -> Iterator[Story]:
    """Review timed out, stopped, or without reviewers: as refused, by the system, by the group whose turn it was."""
    story = in_review()
    story.answer("a", "first", yes=True)
    story.fire("a#1:before.0:limit")
    story.sees(
        "run STAGE_SUCCESS, a STAGE_SUCCESS, a/j UNEXEC, a/j/1 UNEXEC, a< REVIEW_ABORT, a.0 PROCESS, a.1 ABORT"
    )
    yield story
    story = in_review()
    story.tell(CancelRequested, by="me")
    story.sees("run STAGE_SUCCESS, a STAGE_SUCCESS, a/j UNEXEC, a/j/1 UNEXEC, a< REVIEW_ABORT, a.0 ABORT")
    yield story
    nobody = Gate(kind=GateKind.REVIEW, groups=(ReviewGroup(name="nobody"),))
    story = Story(stage("a", before=(nobody,)))
    story.sees("run STAGE_SUCCESS, a STAGE_SUCCESS, a/j UNEXEC, a/j/1 UNEXEC, a< REVIEW_ABORT, a.0 ABORT")
    yield story


def manual_start() -> Iterator[Story]:
    """A manual start of a stage is seen as a review without groups."""
    story = Story(stage("a", before=(review(kind=GateKind.MANUAL),)))
    story.sees("run STAGE_SUCCESS, a PAUSE, a< REVIEWING")
    yield story
    story.answer("a", "anyone", yes=True)
    story.sees("run RUNNING, a RUNNING, a/j RUNNING, a/j/1 RUNNING, a< REVIEW_PROCESSED")


def quality_before() -> Iterator[Story]:
    """Quality rules before a stage (bkci-v3 12.11): the build REVIEWING; passed, then a review; or refused."""
    gates = (review(kind=GateKind.VERDICT), review("first"))
    story = Story(stage("a", before=gates))
    story.sees("run REVIEWING, a REVIEWING, a< QUALITY_CHECK_WAIT")
    yield story
    story.tell(VerdictGiven, path="a", passed=True)
    story.sees("run STAGE_SUCCESS, a PAUSE, a< REVIEWING")
    story = Story(stage("a", before=gates))
    story.tell(VerdictGiven, path="a", passed=False)
    story.sees("run FAILED, a FAILED, a/j UNEXEC, a/j/1 UNEXEC, a< QUALITY_CHECK_FAIL")
    yield story


def quality_after() -> Iterator[Story]:
    """Quality rules behind a stage: it keeps SUCCEED, whatever the verdict (semantics 4.2)."""
    for passed, end, check in (
        (True, "SUCCEED", "QUALITY_CHECK_PASS"),
        (False, "FAILED", "QUALITY_CHECK_FAIL"),
    ):
        story = Story(stage("a", after=(review(kind=GateKind.VERDICT),)))
        story.end("a/j/1#1.1")
        story.sees("run REVIEWING, a SUCCEED, a/j SUCCEED, a/j/1 SUCCEED, a> QUALITY_CHECK_WAIT")
        yield story
        story.tell(VerdictGiven, path="a", passed=passed)
        story.sees(f"run {end}, a SUCCEED, a/j SUCCEED, a/j/1 SUCCEED, a> {check}")
        yield story


def manual_review_task() -> Iterator[Story]:
    """Manual review task; approved; refused."""
    story = Story(stage("a", job("j", step("1", review=review("first")))))
    story.sees("run RUNNING, a RUNNING, a/j RUNNING, a/j/1 REVIEWING")
    yield story
    story.answer("a/j/1", "first", yes=True)
    story.sees("run SUCCEED, a SUCCEED, a/j SUCCEED, a/j/1 SUCCEED")
    story = Story(stage("a", job("j", step("1", review=review("first")))))
    story.answer("a/j/1", "first", yes=False)
    story.sees("run FAILED, a FAILED, a/j FAILED, a/j/1 REVIEW_ABORT")
    yield story
    story = Story(stage("a", job("j", step("1", review=review(kind=GateKind.MANUAL)))))
    story.sees("run RUNNING, a RUNNING, a/j RUNNING, a/j/1 REVIEWING")
    yield story


def pause_before() -> Iterator[Story]:
    """pauseBeforeExec; continued; ended.

    Semantics 8.1 leaves later elements without status; here they are UNEXEC, and readers treat both alike (3.3).
    """
    for kind in (Resumed, Halted):
        story = Story(stage("a", job("j", step("1", pause_before=True), step("2"))))
        story.sees("run RUNNING, a RUNNING, a/j PAUSE, a/j/1 PAUSE")
        yield story
        story.tell(kind, path="a/j/1", by="me")
        if kind is Resumed:
            story.sees("run RUNNING, a RUNNING, a/j RUNNING, a/j/1 RUNNING")
        else:
            story.sees("run CANCELED, a CANCELED, a/j CANCELED, a/j/1 CANCELED, a/j/2 UNEXEC")
        yield story


def contact_lost() -> Iterator[Story]:
    """Contact with an attempt is lost (DESIGN, promise 3): a person decides, as at a pause."""
    story = Story(stage("a"))
    story.tell(StepLost, key="a/j/1#1.1")
    story.sees("run RUNNING, a RUNNING, a/j PAUSE, a/j/1 PAUSE")
    yield story
    story.tell(LostSettled, key="a/j/1#1.1", verdict="failed", by="me")
    story.sees("run FAILED, a FAILED, a/j FAILED, a/j/1 FAILED")


def stop() -> Iterator[Story]:
    """Stop: RUNNING for a moment, then CANCELED; EVEN_CANCEL still runs, and the finally stage does."""
    story = Story(
        stage("a", job("j", step("1"), step("2"), step("3", condition=EVEN_CANCEL))), stage("b"), FINALLY
    )
    story.tell(CancelRequested, by="me")
    story.sees("run RUNNING, a RUNNING, a/j RUNNING, a/j/1 RUNNING")
    story.end("a/j/1#1.1", "failed")
    story.sees("run RUNNING, a RUNNING, a/j RUNNING, a/j/1 CANCELED, a/j/2 UNEXEC, a/j/3 RUNNING")
    story.end("a/j/3#1.1")
    ended = "a CANCELED, a/j CANCELED, a/j/1 CANCELED, a/j/2 UNEXEC, a/j/3 SUCCEED, b UNEXEC, b/j UNEXEC, b/j/1 UNEXEC"
    story.sees(f"run RUNNING, {ended}, z RUNNING, z/j RUNNING, z/j/1 RUNNING")
    story.end("z/j/1#1.1")
    story.sees(f"run CANCELED, {ended}, z SUCCEED, z/j SUCCEED, z/j/1 SUCCEED")
    yield story


def forced_stop() -> Iterator[Story]:
    """A forced stop: TERMINATE on the running task and upwards (semantics 11.3)."""
    story = Story(stage("a", job("j", step("1"), step("2"))))
    story.tell(CancelRequested, by="me", force=True)
    story.sees("run TERMINATE, a TERMINATE, a/j TERMINATE, a/j/1 TERMINATE, a/j/2 UNEXEC")
    yield story


def automatic_retry() -> Iterator[Story]:
    """A failed task waits for its next attempt: RETRY (semantics 7.3)."""
    story = Story(stage("a", job("j", step("1", retry=Retry(automatic=1, backoff_ms=5_000)))))
    story.end("a/j/1#1.1", "failed", Reason(Why.EXIT))
    story.sees("run RUNNING, a RUNNING, a/j RUNNING, a/j/1 RETRY")
    yield story
    story.fire("a/j/1#1.1:backoff")
    story.sees("run RUNNING, a RUNNING, a/j RUNNING, a/j/1 RUNNING")


def retry() -> Iterator[Story]:
    """Retry: QUEUE or RUNNING again, executeCount 2; and skip of a failed task."""
    story = Story(stage("a", job("j", step("1", on_failure=OnFailure.ASK))), stage("b"))
    story.end("a/j/1#1.1", "failed", Reason(Why.EXIT))
    story.sees("run FAILED, a FAILED, a/j FAILED, a/j/1 FAILED")
    story.tell(RetryRequested, path="a/j/1", by="me")
    assert story.run.execution == 2
    assert story.run.stages[0].jobs[0].execution == 2
    yield story
    story.tell(LockGranted)
    story.sees("run RUNNING, a RUNNING, a/j RUNNING, a/j/1 RUNNING")
    story.end("a/j/1#2.1", "failed", Reason(Why.EXIT))
    story.tell(SkipRequested, path="a/j/1", by="me", turn=True)
    story.sees("run RUNNING, a SUCCEED, a/j SUCCEED, a/j/1 SKIP, b RUNNING, b/j RUNNING, b/j/1 RUNNING")
    yield story


MOMENTS: tuple[Moment, ...] = (
    slot_free,
    run_lock_taken,
    waits_too_long,
    pushed_out,
    waits_for_a_mutex,
    waits_for_a_job,
    task_fails,
    task_fails_and_goes_on,
    task_cannot_be_told,
    task_beyond_its_timeout,
    job_beyond_its_timeout,
    environment_lost,
    job_fails_and_goes_on,
    fast_kill,
    sub_pipeline,
    matrix_job,
    not_enabled,
    stage_review_begins,
    review_refused,
    review_timed_out,
    manual_start,
    quality_before,
    quality_after,
    manual_review_task,
    pause_before,
    contact_lost,
    stop,
    forced_stop,
    automatic_retry,
    retry,
)
