"""What a pipeline asks for and this machine has not is told before a run (issue 3; pipeline-yaml 7.1)."""

from pathlib import Path

from ferryman.app import lacking
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.policies import RunsOn
from ferryman.settings import File, Plugin, Settings

POOL = RunsOn(kind="pool", name="builders")


def pipeline(*jobs: Job) -> Pipeline:
    """One stage with these jobs."""
    return Pipeline(name="p", stages=(Stage(id="s", jobs=jobs),))


def job(id_: str, runs_on: RunsOn = RunsOn(), *, kind: str = "run") -> Job:  # noqa: B008
    """A job of one step."""
    return Job(id=id_, runs_on=runs_on, steps=(Step(id="t", kind=kind, version="1.4.0"),))


def told(define: Pipeline, **more: object) -> list[str]:
    """The sentences of all warnings."""
    settings = Settings(data=Path("d"), file=File(**more))  # type: ignore[arg-type]
    return [str(one) for one in lacking.warnings(define, settings)]


def test_nothing_is_said_of_what_can_run_here() -> None:
    assert told(pipeline(job("a"), job("b", RunsOn(kind="agentless"), kind="ferrymanWait"))) == []


def test_jobs_that_lack_the_same_are_one_warning() -> None:
    (one,) = told(pipeline(job("a", POOL), job("b", POOL), job("c", POOL)))
    assert one.startswith(
        "stages[0].jobs.a: cannot run on this machine, nor can 2 other jobs: the job asks for an agent"
    )


def test_a_script_in_a_job_without_a_machine_is_told() -> None:
    (one,) = told(pipeline(job("a", RunsOn(kind="agentless"))))
    assert "agentless" in one


def test_what_is_known_only_when_the_job_begins_is_not_judged() -> None:
    assert told(pipeline(job("a", RunsOn(kind="pool", name="${{ variables.pool }}")))) == []


def test_a_plugin_is_told_until_it_is_bound() -> None:
    define = pipeline(job("a", kind="greeter"))
    (one,) = told(define)
    assert one.startswith("s/a/t: nobody here knows plugin greeter@1.4.0 (bind it to a command")
    assert told(define, plugins=(Plugin(code="greeter", version="1.*", command=("true",)),)) == []
