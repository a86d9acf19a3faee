"""The dry fold: every kind of want is carried out, and what is assumed is kept (semantics 4, 6, 7.3, 8, 11.1)."""

import pytest

from ferryman import definition
from ferryman.cli.plan.fold import Asked, DryRun, fold, whole
from ferryman.domain.conditions import After, Upstream
from ferryman.domain.errors import Refused
from ferryman.domain.gates import Gate, GateKind, ReviewGroup
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.policies import Matrix, Mutex, OnFailure, Retry
from ferryman.domain.status import Outcome, Phase
from ferryman.domain.values import Parameter
from tests.cli.conftest import ROOT

EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))


def one(*steps: Step, **stage: object) -> Pipeline:
    """A pipeline of one stage `s` with one job `j`."""
    return Pipeline(stages=(Stage(id="s", jobs=(Job(id="j", user_id="j", steps=steps),), **stage),))  # type: ignore[arg-type]


def run(
    pipeline: Pipeline, *, fails: set[str] | None = None, rejects: set[str] | None = None, **more: int
) -> DryRun:
    """A dry run without values."""
    return fold(
        pipeline,
        values={},
        facts={},
        fails=frozenset(fails or ()),
        rejects=frozenset(rejects or ()),
        **more,
    )


WORK = Step(id="t", kind="run")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_step_of_every_example_may_fail(path: object) -> None:
    """The fold of any of them comes to an end, with nothing left to happen."""
    pipeline = definition.load(path.read_text()).pipeline  # type: ignore[attr-defined]
    for stage in pipeline.stages:
        for job in stage.jobs:
            for step in job.steps:
                dry = run(pipeline, fails={f"{stage.id}/{job.id}/{step.id}"})
                assert dry.complete
                assert all(node.phase is Phase.FINISHED for node in dry.run.stages)


def test_a_failing_step_fails_at_each_attempt_also_after_a_pause_between_them() -> None:
    """Semantics 7.3; the pause is over when nothing else is left to happen."""
    step = Step(id="t", kind="run", retry=Retry(automatic=3, backoff_ms=60_000))
    dry = run(one(step), fails={"s/j/t"})
    assert dry.attempts == {"s/j/t": 4}
    assert dry.run.outcome is Outcome.FAILED
    assert dry.run.ended_at == 1 + 3 * 60_000


def test_a_failure_that_is_let_pass_and_its_handler() -> None:
    """Semantics 7.2."""
    handler = Step(id="h", kind="run", condition=Upstream(After.FAILURE))
    dry = run(one(Step(id="t", kind="run", on_failure=OnFailure.CONTINUE), handler), fails={"s/j/t"})
    assert dry.run.outcome is Outcome.SUCCEEDED
    assert dry.attempts == {"s/j/t": 1, "s/j/h": 1}


def test_as_many_people_answer_as_the_gate_needs() -> None:
    """Semantics 4.1: groups in turn, each with its quorum."""
    gate = Gate(
        kind=GateKind.REVIEW,
        hours=0,
        groups=(
            ReviewGroup(name="two", reviewers=("a", "b", "c"), quorum=2),
            ReviewGroup(name="one", reviewers=("d", "e")),
        ),
    )
    dry = run(one(WORK, before=(gate,)))
    assert dry.asked == (
        Asked(path="s", kind="review", group="two", people=("a", "b", "c"), by=("a", "b")),
        Asked(path="s", kind="review", group="one", people=("d", "e"), by=("d",)),
    )
    assert dry.run.outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize(
    ("veto", "by"), [(True, ("a",)), (False, ("a", "b"))], ids=["one no", "no quorum left"]
)
def test_as_many_people_refuse_as_it_takes(veto: bool, by: tuple[str, ...]) -> None:
    """Semantics 4.1; without a veto one no does not end it."""
    gate = Gate(
        kind=GateKind.REVIEW, veto=veto, groups=(ReviewGroup(name="g", reviewers=("a", "b", "c"), quorum=2),)
    )
    dry = run(one(WORK, before=(gate,)), rejects={"s"})
    assert [(asked.yes, asked.by, asked.hours) for asked in dry.asked] == [(False, by, 24)]
    assert dry.run.outcome is Outcome.FAILED
    assert dry.attempts == {}


def test_a_role_answers_for_its_people() -> None:
    gate = Gate(kind=GateKind.REVIEW, groups=(ReviewGroup(name="g", roles=("owner",)),))
    assert [asked.by for asked in run(one(WORK, before=(gate,))).asked] == [("role owner",)]


def test_a_value_that_an_approval_needs_is_made_up_unless_it_is_there() -> None:
    """Semantics 4.1.4."""
    needed = Parameter(name="NOTE", not_empty=True)
    gate = Gate(kind=GateKind.REVIEW, groups=(ReviewGroup(name="g", reviewers=("a",)),), parameters=(needed,))
    pipeline = one(WORK, before=(gate,))
    assert run(pipeline).asked[0].filled == {"NOTE": "<NOTE>"}
    given = fold(pipeline, values={"NOTE": "all"}, facts={})
    assert given.asked[0].filled == {}
    assert given.run.variables["NOTE"] == "all"


@pytest.mark.parametrize("kind", [GateKind.MANUAL, GateKind.VERDICT])
@pytest.mark.parametrize("where", ["before", "after"])
@pytest.mark.parametrize("yes", [True, False])
def test_other_gates_are_opened_or_refused_too(kind: GateKind, where: str, yes: bool) -> None:
    """Semantics 4.2, 4.3."""
    dry = run(one(WORK, **{where: (Gate(kind=kind),)}), rejects=set() if yes else {"s"})
    assert [(asked.kind, asked.yes) for asked in dry.asked] == [(kind.value, yes)]
    assert (dry.run.outcome is Outcome.SUCCEEDED) is yes


def test_a_step_that_asks_people_may_be_refused_by_either_word() -> None:
    """Semantics 8.2."""
    gate = Gate(kind=GateKind.REVIEW, groups=(ReviewGroup(name="g", reviewers=("a",)),))
    pipeline = one(Step(id="t", kind="ask", review=gate))
    assert run(pipeline).run.outcome is Outcome.SUCCEEDED
    assert run(pipeline, fails={"s/j/t"}).run.outcome is Outcome.FAILED
    assert run(pipeline, rejects={"s/j/t"}).run.outcome is Outcome.FAILED


def test_a_paused_step_goes_on() -> None:
    """Semantics 8.1."""
    dry = run(one(Step(id="t", kind="run", pause_before=True, tell_on_pause=("kim",))))
    assert dry.asked == (Asked(path="s/j/t", kind="pause", people=("kim",)),)
    assert dry.attempts == {"s/j/t": 1}


def test_split_jobs_ask_fail_and_take_locks_by_their_own_or_their_common_path() -> None:
    """Semantics 6.1, 6.2."""
    gate = Gate(kind=GateKind.REVIEW, groups=(ReviewGroup(name="g", reviewers=("a",)),))
    job = Job(
        id="j",
        user_id="j",
        steps=(Step(id="ask", kind="ask", review=gate), WORK),
        matrix=Matrix(axes={"x": ["1", "2"]}),
        mutex=Mutex(group="m-${{ matrix.x }}", queue=True),
    )
    pipeline = Pipeline(stages=(Stage(id="s", jobs=(job,)),))
    dry = run(pipeline, fails={"s/j.1/t"})
    assert [asked.path for asked in dry.asked] == ["s/j.0/ask", "s/j.1/ask"]
    assert [(lock.path, lock.group) for lock in dry.locks] == [("s/j.0", "m-1"), ("s/j.1", "m-2")]
    assert [child.outcome for child in dry.run.stages[0].jobs[0].children] == [
        Outcome.SUCCEEDED,
        Outcome.FAILED,
    ]
    assert run(pipeline, fails={"s/j/t"}).run.stages[0].jobs[0].children[0].outcome is Outcome.FAILED


def test_fast_kill_ends_what_runs_beside() -> None:
    """Semantics 11.1: steps that run side by side take equally long."""
    beside = Job(id="k", user_id="k", steps=(WORK, Step(id="u", kind="run")))
    stage = Stage(id="s", fast_kill=True, jobs=(Job(id="j", user_id="j", steps=(WORK,)), beside))
    dry = run(Pipeline(stages=(stage,)), fails={"s/j/t"})
    assert [job.outcome for job in dry.run.stages[0].jobs] == [Outcome.FAILED, Outcome.CANCELED]
    assert "s/k/u" not in dry.attempts


def test_messages_are_delivered_and_the_run_ends() -> None:
    pipeline = Pipeline(stages=one(WORK).stages, announced=("run-succeeded",))
    assert run(pipeline).complete


def test_a_fold_without_end_is_cut_short() -> None:
    """The number of events is bounded, and the plan says that it was."""
    dry = run(one(WORK, Step(id="u", kind="run")), most=1)
    assert not dry.complete
    assert dry.run.outcome is None


def test_a_start_that_is_refused_is_refused_here_too() -> None:
    """Semantics 2.3."""
    pipeline = Pipeline(stages=one(WORK).stages, parameters=(Parameter(name="who", not_empty=True),))
    with pytest.raises(Refused, match="who must have a value"):
        run(pipeline)


@pytest.mark.parametrize(
    ("path", "common"),
    [
        ("s", "s"),
        ("s/j.3/t", "s/j/t"),
        ("s/j.3", "s/j"),
        ("s/j/t3.post", "s/j/t3.post"),
        ("s%2E1/j/t", "s%2E1/j/t"),
    ],
)
def test_the_number_of_a_split_job_is_taken_off(path: str, common: str) -> None:
    """RULINGS 7."""
    assert whole(path) == common
