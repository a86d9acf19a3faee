"""What a pipeline asks for and this machine has not is told before a run (issue 3; pipeline-yaml 7.1)."""

from pathlib import Path

from ferryman import definition
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
    assert one.startswith("s/a: cannot run on this machine, nor can 2 other jobs: the job asks for an agent")


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


FILE = """\
version: v3.0
name: p
stages:
  - name: one
    jobs:
      here:
        steps:
          - {run: "true"}
          - {run: dir, shell: cmd}
          - {run: dir, shell: win_bash, if: "variables.a == 'b'"}
      pool:
        runs-on: {self-hosted: true, pool-name: builders, agent-selector: [windows]}
        steps: [{run: dir}]
  - name: two
    jobs:
      there:
        steps:
          - {uses: "windowsScript@1.*", with: {script: dir}}
          - {uses: "linuxScript@1.*", with: {script: dir, scriptType: BAT}}
          - {uses: "linuxScript@1.*", with: {script: dir}}
finally:
  last:
    steps: [{run: dir, shell: cmd}, {uses: "greeter@1.0.0"}]
"""


def placed(text: str) -> list[str]:
    """What is told of a file, with the lines."""
    loaded = definition.load(text)
    settings = Settings(data=Path("d"))
    found = lacking.warnings(loaded.pipeline, settings, places=definition.places(loaded))
    return [str(one) for one in found]


def test_what_is_missing_is_told_where_it_stands_in_the_file() -> None:
    """CLI-11: with line and path, as faults are; a step that needs another system is told like a job that does."""
    told = placed(FILE)
    assert [one.partition(" (")[0] for one in told] == [
        "line 11: stages[0].jobs.pool: cannot run on this machine: the job asks for an agent of the pool builders, "
        "and there are no agents here",
        "line 9: stages[0].jobs.here.steps[1]: cannot run on this machine, nor can 1 other step: shell cmd needs "
        "Windows, and this machine has none: take bash, sh, pwsh or python",
        "line 10: stages[0].jobs.here.steps[2]: cannot run on this machine: shell win_bash needs Windows, and this "
        "machine has none: take bash, sh, pwsh or python",
        "line 18: stages[1].jobs.there.steps[0]: cannot run on this machine, nor can 1 other step: a BAT script needs "
        "Windows, and this machine has none",
        "line 23: finally.last.steps[1]: nobody here knows plugin greeter@1.0.0",
    ]


def test_short_forms_have_their_own_paths() -> None:
    (jobs,) = placed("version: v3.0\njobs:\n  a:\n    steps:\n      - {run: dir, shell: cmd}\n")
    assert jobs.startswith("line 5: jobs.a.steps[0]: cannot run")
    (steps,) = placed("version: v3.0\nsteps:\n  - {run: dir, shell: cmd}\n")
    assert steps.startswith("line 3: steps[0]: cannot run")


def test_a_pipeline_that_is_no_file_is_told_of_by_its_paths_in_a_run() -> None:
    model = definition.to_model(definition.load("version: v3.0\nname: p\nsteps: [{run: dir, shell: cmd}]\n"))
    loaded = definition.from_model(model)
    assert definition.places(loaded) == {}
    (one,) = lacking.warnings(loaded.pipeline, Settings(data=Path("d")))
    assert (one.line, one.path.count("/")) == (0, 2)
