"""What a wanted attempt sees of its run (semantics 15.3; RULINGS 3)."""

import pytest

from ferryman.domain.conditions import After, Upstream
from ferryman.domain.errors import NotFound
from ferryman.domain.events import Resumed, Started, StepFinished, TimerFired
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.policies import Limit, Matrix, Retry
from ferryman.domain.run import Run
from ferryman.domain.status import Reason, Why
from ferryman.domain.wants import StepWanted
from ferryman.expressions import substitute
from ferryman.machine import advance, begin, wants
from ferryman.machine.context import context_of


def begun(*jobs: Job, **values: str) -> Run:
    define = Pipeline(stages=(Stage(id="s", name="Build", env={"LEVEL": "stage"}, jobs=jobs),))
    return begin(define, Started(at=1, run="r", turn=True, values=values, facts={"build_num": "7"})).run


def keys(run: Run) -> list[str]:
    return [want.name for want in wants(run) if isinstance(want, StepWanted)]


def says(run: Run, key: str, text: str) -> str:
    context = context_of(run, key)
    return substitute(text, context.scope, dialect=context.facts.dialect)


def test_an_attempt_sees_variables_its_job_and_the_run() -> None:
    run = begun(
        Job(
            id="j",
            user_id="j",
            env={"A": "job"},
            steps=(Step(id="t", user_id="t", kind="run", env={"A": "step"}),),
        ),
        color="red",
    )
    text = "${{ variables.color }} ${{ color }} ${{ ci.build_num }} ${{ job.stage_name }} ${{ step.id }} ${{ envs.A }}"
    assert says(run, "s/j/t#1.1", text) == "red red 7 Build t step"


def test_an_attempt_sees_what_earlier_steps_of_its_job_left() -> None:
    run = begun(Job(id="j", steps=(Step(id="t1", user_id="make", kind="run"), Step(id="t2", kind="run"))))
    done = StepFinished(
        at=2, key="s/j/t1#1.1", outcome="succeeded", outputs={"file": "a.tgz"}, variables={"v": "1"}
    )
    run = advance(run, done).run
    assert says(run, "s/j/t2#1.1", "${{ steps.make.outputs.file }} ${{ v }}") == "a.tgz 1"


@pytest.mark.parametrize(
    "hears", [True, False], ids=["ends when told to", "is ended when its patience is over"]
)
def test_of_a_step_that_took_too_long_a_handler_sees_why(hears: bool) -> None:
    """Pipeline-yaml 11, bkci-v3 6.9: `steps.ID.error_code` is 2199006, however its program ended."""
    slow = Step(id="t1", user_id="slow", kind="run", limit=Limit(minutes=2))
    run = begun(Job(id="j", steps=(slow, Step(id="t2", kind="run", condition=Upstream(After.FAILURE)))))
    run = advance(run, TimerFired(at=120_001, name="s/j/t1#1.1:limit")).run
    if hears:
        stopped = Reason(Why.EXIT, {"signal": "SIGTERM", "message": "stopped"})
        end = StepFinished(at=120_002, key="s/j/t1#1.1", outcome="failed", reason=stopped, error_code=2199011)
        run = advance(run, end).run
    else:
        run = advance(run, TimerFired(at=140_000, name="s/j/t1#1.1:patience")).run
    told = says(run, "s/j/t2#1.1", "${{ steps.slow.error_code }} ${{ steps.slow.error_message }}")
    assert told == ("2199006 stopped" if hears else "2199006 timed out after 2 min")


def test_split_jobs_see_their_own_values() -> None:
    run = begun(
        Job(id="j", user_id="j", matrix=Matrix(axes={"os": ["a", "b"]}), steps=(Step(id="t", kind="run"),))
    )
    assert [says(run, key, "${{ matrix.os }}") for key in keys(run)] == ["a", "b"]
    assert context_of(run, keys(run)[1]).job.path == "s/j.1"


def test_settings_changed_when_a_pause_ended_win() -> None:
    step = Step(id="t", kind="run", settings={"script": "make", "shell": "sh"}, pause_before=True)
    run = begun(Job(id="j", steps=(step,)))
    run = advance(
        run, Resumed(at=2, path="s/j/t", by="alice", settings={"script": "make all", "shell": "sh"})
    ).run
    (key,) = keys(run)
    assert context_of(run, key).settings["script"] == "make all"


def test_the_present_attempt_alone_has_a_context() -> None:
    run = begun(Job(id="j", steps=(Step(id="t", kind="run", retry=Retry(automatic=1)),)))
    run = advance(run, StepFinished(at=2, key="s/j/t#1.1", outcome="failed")).run
    assert context_of(run, "s/j/t#1.2").state.attempt == 2
    with pytest.raises(NotFound):
        context_of(run, "s/j/t#1.1")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "s",
        "s/j",
        "s/j/t",
        "s/j/t#",
        "s/j/t#2.1",
        "s/j/no#1.1",
        "s/no/t#1.1",
        "s/j.0/t#1.1",
        "s/j.x/t#1.1",
    ],
)
def test_what_is_no_attempt_is_said(key: str) -> None:
    run = begun(Job(id="j", steps=(Step(id="t", kind="run"),)))
    with pytest.raises(NotFound, match="there is no attempt"):
        context_of(run, key)


def test_a_job_that_is_over_has_no_attempts() -> None:
    run = begun(
        Job(id="j", steps=(Step(id="t", kind="run"),)), Job(id="k", steps=(Step(id="t", kind="run"),))
    )
    run = advance(run, StepFinished(at=2, key="s/j/t#1.1", outcome="succeeded")).run
    with pytest.raises(NotFound, match="is over"):
        context_of(run, "s/j/t#1.1")
    assert context_of(run, "s/k/t#1.1").define.id == "t"
