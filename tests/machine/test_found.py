"""What the laws found: the shrunk stories, each told again under all laws (a bug's story is kept)."""

import pytest
from msgspec.structs import replace

from ferryman.domain.conditions import After, Upstream
from ferryman.domain.events import (
    CancelRequested,
    EnvironmentFailed,
    Event,
    RetryRequested,
    SkipRequested,
    Started,
    StepFinished,
)
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.policies import Matrix, OnFailure, Retry
from ferryman.domain.status import Outcome, Phase
from tests.machine.laws import ORDERS, Ledger, nodes_of
from tests.machine.world import GOOD, World

PLAIN = (Step(id="t1", kind="noop", on_failure=OnFailure.ASK),)
SKIPPED = (Step(id="t1", kind="noop", condition=Upstream(After.FAILURE)),)
THREE = Matrix(axes={"os": ["l", "w", "m"]})


def job(job_id: str, steps: tuple[Step, ...] = PLAIN, **more: object) -> Job:
    """A job with a user's id."""
    return Job(id=job_id, user_id=job_id, steps=steps, **more)


def stage(stage_id: str, *jobs: Job, **more: object) -> Stage:
    """A stage of these jobs."""
    return Stage(id=stage_id, jobs=jobs, **more)


def ends(key: str, outcome: str = "succeeded") -> StepFinished:
    """An attempt ends."""
    return StepFinished(at=0, key=key, outcome=outcome)


def told(stages: tuple[Stage, ...], *events: Event, order: int = 0) -> Ledger:
    """A run that has its turn and is told these events, a second apart."""
    ledger = Ledger(Pipeline(stages=stages), Started(at=1_000, run="r1", by="ann", turn=True), order=order)
    for event in events:
        ledger.tell(replace(event, at=ledger.run.at + 1_000))
    return ledger


def node(ledger: Ledger, path: str) -> tuple[Phase, Outcome | None]:
    """Phase and outcome of a node."""
    return next((phase, outcome) for where, phase, outcome in nodes_of(ledger.run) if where == path)


def test_beside_a_split_job_that_runs_again_a_kept_failure_kills_nothing() -> None:
    """The failure that was kept ended the others anew, and the retry was over before it began (semantics 6.2, 12.1)."""
    matrix = job("j1", matrix=replace(THREE, fast_kill=True))
    ledger = told(
        (stage("s1", matrix), stage("s2", job("j2"))),
        ends("s1/j1.0/t1#1.1", "failed"),
        *(ends(f"s1/j1.{number}/t1#1.1", "failed") for number in (1, 2)),
        RetryRequested(at=0, path="s1/j1.1/t1", turn=True),
    )
    assert "s1/j1.1/t1#2.1" in ledger.wanted
    assert node(ledger, "s1/j1.2")[0] is Phase.FINISHED


def test_a_retry_that_ends_its_run_at_once_passes_the_renewed_stages_by() -> None:
    """They were looked at as they stood before the event, and were left pending (RULINGS 8)."""
    ledger = told(
        (stage("s1", job("j1"), job("j2")), stage("s2", job("j3"))),
        ends("s1/j1/t1#1.1", "failed"),
        ends("s1/j2/t1#1.1", "failed"),
        SkipRequested(at=0, path="s1/j1/t1", turn=True),
    )
    assert ledger.run.outcome is Outcome.FAILED
    assert node(ledger, "s2") == (Phase.FINISHED, Outcome.UNREACHED)


def test_a_matrix_of_the_finally_stage_begins_after_a_cancel() -> None:
    """Its split jobs never began, and the run hung (semantics 10.1; DESIGN 4, promise 6)."""
    ledger = told(
        (stage("s1", job("j1")), stage("s2", job("j2", matrix=THREE), final=True)),
        CancelRequested(at=0, by="bob"),
        ends("s1/j1/t1#1.1"),
    )
    assert "s2/j2.0/t1#1.1" in ledger.wanted
    ledger.carry_out(World(GOOD))
    assert ledger.run.outcome is Outcome.CANCELED


def test_a_split_job_is_tried_again_while_its_matrix_still_runs() -> None:
    """It stayed pending until another split job ended (semantics 12.2)."""
    ledger = told(
        (stage("s1", job("j1", matrix=THREE)),),
        ends("s1/j1.0/t1#1.1", "failed"),
        RetryRequested(at=0, path="s1/j1.0/t1"),
    )
    assert "s1/j1.0/t1#1.2" in ledger.wanted


def test_a_matrix_that_waits_to_run_again_is_canceled_with_its_split_jobs() -> None:
    """The split jobs were left pending in a finished run, and the matrix kept its old times (RULINGS 8)."""
    ledger = told(
        (stage("s1", job("j1", matrix=THREE)),),
        *(ends(f"s1/j1.{number}/t1#1.1", "failed") for number in range(3)),
        RetryRequested(at=0, path="s1/j1.0/t1"),
        CancelRequested(at=0, by="bob"),
    )
    assert node(ledger, "s1/j1.0") == (Phase.FINISHED, Outcome.UNREACHED)


@pytest.mark.parametrize("order", range(0, len(ORDERS), 17))
def test_the_order_of_rules_does_not_show_in_what_jobs_are_told(order: int) -> None:
    """A split job saw a neighbor that was passed by at once, or not; a finally job a job of a stage never reached."""
    ledger = told(
        (
            stage("s1", job("j1", SKIPPED), job("j2", matrix=THREE), job("j3")),
            stage("s2", job("j4")),
            stage("s3", job("j5"), final=True),
        ),
        *(ends(f"s1/j2.{number}/t1#1.1") for number in range(3)),
        ends("s1/j3/t1#1.1", "failed"),
        order=order,
    )
    assert "s3/j5/t1#1.1" in ledger.wanted
    assert ledger.run.jobs["j4"]["status"] == "UNEXEC"


def test_the_finally_stage_names_the_step_that_failed_just_now() -> None:
    """The job that ended with this very event was read as it stood before it (semantics 10.2)."""
    ledger = told(
        (stage("s1", job("j1")), stage("s2", job("j2"), final=True)), ends("s1/j1/t1#1.1", "failed")
    )
    assert ledger.run.stages[1].jobs[0].facts.ci["build_fail_tasknames"] == "t1"


def test_an_environment_that_fails_between_two_attempts_ends_the_pause_too() -> None:
    """A step that had been tried was called unreached, and its pause between attempts stayed set (semantics 5.1)."""
    again = (Step(id="t1", kind="noop", retry=Retry(1, backoff_ms=5_000)),)
    ledger = told(
        (stage("s1", job("j1", again)),),
        ends("s1/j1/t1#1.1", "failed"),
        EnvironmentFailed(at=0, path="s1/j1"),
    )
    assert node(ledger, "s1/j1/t1") == (Phase.FINISHED, Outcome.ERRORED)
    assert ledger.run.stages[0].jobs[0].steps[0].resume_at == 0


def test_a_step_that_had_no_place_to_run_does_not_use_its_key_again() -> None:
    """Its attempt was counted from the beginning again (DESIGN 4, promise 2)."""
    always = Step(id="t2", kind="noop", condition=Upstream(After.ALWAYS))
    ledger = told(
        (stage("s1", job("j1", (*PLAIN, always)), job("j2")),),
        ends("s1/j1/t1#1.1", "failed"),
        EnvironmentFailed(at=0, path="s1/j1"),
        RetryRequested(at=0, path="s1/j1/t1"),
        ends("s1/j1/t1#1.2"),
    )
    assert "s1/j1/t2#1.2" in ledger.wanted


@pytest.mark.parametrize(
    ("spawned_at", "ended_at", "then"),
    [(2_500, 4_000, 4_000), (0, 0, 3_602_000), (2_500, 9_999_999, 3_602_000), (5, 10, 3_602_000)],
)
def test_a_step_ended_when_its_program_did_not_when_a_driver_came_back(
    spawned_at: int, ended_at: int, then: int
) -> None:
    """An hour without a driver made an hour of two seconds' work (semantics 19, RULINGS 4). A time that cannot be, as
    of another clock, counts for nothing."""
    ledger = told((stage("s1", job("j1")),))
    ledger.tell(
        StepFinished(
            at=3_602_000,
            key="s1/j1/t1#1.1",
            outcome="succeeded",
            spawned_at=spawned_at,
            ended_at=ended_at,
        )
    )
    run = ledger.run
    assert run.stages[0].jobs[0].steps[0].ended_at == then
    assert run.ended_at == 3_602_000
