"""What a run must look like by the text of the semantics reference, read off its nodes in the most naive way.

Written apart from the rules: it knows their words for a status and nothing else of them. It cannot say what should
happen next, but it says whether what has happened could have: each step that ran, was skipped or was passed by in its
job's scan (7.1, 7.2), each job by its scan (7.1, 11), each stage by its jobs (1.4), the run by its stages (2.2, 10.3).
"""

from collections.abc import Iterable, Iterator

from ferryman.domain.conditions import After, Upstream
from ferryman.domain.pipeline import Stage, Step
from ferryman.domain.policies import OnFailure
from ferryman.domain.run import JobState, Run, StageState, StepState
from ferryman.domain.status import Outcome, Phase, Why

FAILURE = (Outcome.FAILED, Outcome.ERRORED)
BAD = (*FAILURE, Outcome.CANCELED)
RAN = (Outcome.SUCCEEDED, *BAD)
TERMINATE = (Why.JOB_TIMEOUT, Why.ENVIRONMENT_LOST, Why.FORCED_STOP)

# semantics 7.2: condition → fine, fine and had, failed, canceled, canceled and had
TABLE = {
    None: "run run no no no",
    After.SUCCESS: "run run no no no",
    After.UNLESS_CANCELED: "run run run no no",
    After.ALWAYS: "run run run run run",
    After.FAILURE: "no run run no run",
    After.FAILURE_NOT_CONTINUED: "no no run no no",
    After.OTHER_RUNNING: "run run no no no",
    After.PARENT_STOPPED: "run run no no no",
    After.PARENT_ENDED: "run run no no no",
}


def check(run: Run, *, had_turn: bool) -> None:
    """Hold a run against the book; raises AssertionError. What ends in the queue amounts to nothing of its own."""
    for stage, define in zip(run.stages, run.pipeline.stages, strict=True):
        for job in _split(stage.jobs):
            _check_steps(job)
            if job.phase is Phase.FINISHED and job.started_at and not job.is_group:
                assert job.outcome in _of_job(job), f"{job.path} is {job.outcome}, by its scan {_of_job(job)}"
            if job.is_group and job.phase is Phase.FINISHED and job.children and job.started_at:
                expected = _of_children(job)
                assert job.outcome is expected, f"{job.path} is {job.outcome}, by its split jobs {expected}"
        if stage.phase is Phase.FINISHED and stage.started_at:
            expected = _of_stage(stage)
            assert stage.outcome is expected, f"{stage.id} is {stage.outcome}, by its jobs {expected}"
        _check_needs(stage)
        _check_kill(stage, define)
    if run.phase is Phase.FINISHED and had_turn:
        assert run.outcome in _of_run(run), f"the run is {run.outcome}, by its stages {_of_run(run)}"


def _split(jobs: Iterable[JobState]) -> Iterator[JobState]:
    for job in jobs:
        yield job
        yield from job.children


# 7.1, 7.2


def _check_steps(job: JobState) -> None:
    """Each step did what the scan allowed when it was reached."""
    if job.is_group or any(step.reason.kind is Why.SKIPPED_BY for step in job.steps):
        return  # what follows a step that a person skipped may have run before that
    failed = canceled = had = False
    for define, step in zip(job.define.steps, job.steps, strict=True):
        path = f"{job.path}/{step.id}"
        if define.post_of:
            _check_post(job, define, step)
        elif step.reason.kind not in (Why.DISABLED, Why.PARENT):
            columns = {_column(failed, canceled, had)}
            if job.stop is not None:
                columns.add(_column(failed, True, had))
            after = define.condition.after if isinstance(define.condition, Upstream) else None
            row = TABLE[after].split()
            allowed = {row[column] for column in columns}
            if step.outcome in RAN or step.phase in (Phase.RUNNING, Phase.WAITING):
                assert "run" in allowed, f"{path} ran, by the table it may not: {columns}"
            elif step.reason.kind is Why.UPSTREAM:
                assert "no" in allowed, f"{path} was passed by, by the table it runs: {columns}"
            if job.started_at and step.outcome is Outcome.SKIPPED:
                assert not failed, f"{path} was skipped in a failed job: it is unreached"
                assert not canceled, f"{path} was skipped in a canceled job: it is unreached"
            if job.started_at and step.outcome is Outcome.UNREACHED:
                assert failed or canceled or job.stop is not None, (
                    f"{path} is unreached in a job that is fine"
                )
        if step.outcome in BAD:
            continued = define.on_failure is OnFailure.CONTINUE or bool(define.post_of)
            from_above = step.outcome is Outcome.CANCELED or step.reason.kind in TERMINATE
            had = had or continued
            if not continued or from_above:
                failed, canceled = step.outcome in FAILURE, step.outcome is Outcome.CANCELED


def _column(failed: bool, canceled: bool, had: bool) -> int:
    if canceled:
        return 4 if had else 3
    if failed:
        return 2
    return 1 if had else 0


def _check_post(job: JobState, define: Step, step: StepState) -> None:
    """A post-action runs only for a step that really ran (semantics 9)."""
    parent = next(each for each in job.steps if each.id == define.post_of)
    if step.outcome in RAN or step.phase in (Phase.RUNNING, Phase.WAITING):
        assert parent.outcome in RAN, f"{job.path}/{step.id} ran, its step {parent.id} did not"


def _of_job(job: JobState) -> set[Outcome]:
    """The outcomes that a job which began may have."""
    last = Outcome.SUCCEEDED
    hard = job.stop is not None and not job.stop.soft
    for define, step in zip(job.define.steps, job.steps, strict=True):
        if step.outcome in BAD:
            continued = define.on_failure is OnFailure.CONTINUE or bool(define.post_of)
            from_above = step.outcome is Outcome.CANCELED or step.reason.kind in TERMINATE
            if not continued or from_above or hard:
                last = step.outcome
    if job.stop is None:
        return {last}
    if job.stop.soft:
        return {Outcome.CANCELED if last is Outcome.SUCCEEDED else last}
    environment = job.stop.reason.kind in (Why.ENVIRONMENT_FAILED, Why.ENVIRONMENT_LOST)
    return {Outcome.FAILED} if environment else {job.stop.outcome}


# 1.4, 5.3, 6.2, 11.1


def _of_stage(stage: StageState) -> Outcome:
    jobs = stage.jobs
    bad = [job for job in jobs if job.outcome in FAILURE and not job.define.continue_on_failure]
    if bad:
        return Outcome.ERRORED if bad[0].reason.kind is Why.FORCED_STOP else Outcome.FAILED
    if any(job.outcome is Outcome.CANCELED for job in jobs):
        return Outcome.CANCELED
    if all(job.outcome is Outcome.SKIPPED for job in jobs):
        return Outcome.SKIPPED
    return Outcome.SUCCEEDED


def _of_children(job: JobState) -> Outcome:
    bad = [child for child in job.children if child.outcome in FAILURE]
    if bad and not job.define.continue_on_failure:
        return Outcome.ERRORED if bad[0].reason.kind is Why.FORCED_STOP else Outcome.FAILED
    if any(child.outcome is Outcome.CANCELED for child in job.children):
        return Outcome.CANCELED
    return Outcome.SUCCEEDED


def _check_needs(stage: StageState) -> None:
    """No job has begun before the jobs it needs have succeeded; of needs known only at run time nothing is said."""
    by_id = {job.define.user_id: job for job in stage.jobs if job.define.user_id}
    for job in stage.jobs:
        plain = [text for text in job.define.needs if "$" not in text]
        needed = [by_id[name.strip()] for text in plain for name in text.replace(";", ",").split(",")]
        for other in needed:
            # A matrix whose failures are let pass has succeeded, and yet a split job of it may run again meanwhile.
            if other.is_group and other.define.continue_on_failure:
                continue
            if (
                job.started_at
                and job.execution <= other.execution
                and not job.resumes
                and other.execution == 1
            ):
                assert other.outcome is Outcome.SUCCEEDED, (
                    f"{job.path} began before {other.path} had succeeded"
                )


def _check_kill(stage: StageState, define: Stage) -> None:
    """Only a job that failed for good ends the others, and only where the stage says so."""
    if stage.killed_by:
        assert define.fast_kill, f"{stage.id} kills without being told to"
        assert not define.final, f"{stage.id} kills, and is a finally stage"
        killer = next(job for job in stage.jobs if job.path == stage.killed_by)
        assert killer.outcome in FAILURE, f"{killer.path} kills and has not failed"
        assert not killer.define.continue_on_failure, f"{killer.path} kills and its failure is continued"


# 2.2, 10.3


def _of_run(run: Run) -> set[Outcome]:
    """The outcomes that a run which had its turn may have."""
    if run.stopping is not None and run.stopping.force:
        return {Outcome.ERRORED}
    final = run.pipeline.stages[-1].final
    working = run.stages[:-1] if final else run.stages
    before = Outcome.SUCCEEDED
    for stage in working:
        if stage.outcome in BAD:
            before = stage.outcome
            break  # what is switched off behind it was never reached
        if any(gate.phase in ("rejected", "expired") for gate in stage.after):
            before = Outcome.FAILED
            break
    if final and run.stages[-1].outcome in BAD:
        return {run.stages[-1].outcome}
    if run.stopping is not None and before not in BAD:
        # Stopped in a stage whose failures were all let pass: canceled. Stopped in the finally stage: what was before.
        return {Outcome.CANCELED, before} if final else {Outcome.CANCELED}
    return {Outcome.SUCCEEDED if before is Outcome.SKIPPED else before}
