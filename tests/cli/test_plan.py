"""The plan as data and as text: what stands in it, and what is hidden (CLI-2, CLI-10, DESIGN promise 8)."""

import json

import msgspec
import pytest

from ferryman.cli.plan import nodes, paths, text
from ferryman.cli.plan.fold import fold
from ferryman.domain.conditions import Matches
from ferryman.domain.gates import Gate, GateKind, ReviewGroup
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.policies import Concurrency, Exclusion, Limit, Mutex
from ferryman.domain.values import Parameter
from tests.cli.conftest import ROOT, Ran

WORK = Step(id="t", kind="run", name="Work")


def plan_of(pipeline: Pipeline, **values: str) -> nodes.Plan:
    """The plan of a run with these values."""
    return nodes.plan(fold(pipeline, values=values, facts={}), file="f.yaml", given=values)


def job(**more: object) -> Pipeline:
    """A pipeline of one job."""
    one = Job(id="j", user_id="j", steps=(WORK,), **more)  # type: ignore[arg-type]
    return Pipeline(stages=(Stage(id="s", jobs=(one,)),))


def test_the_fields_of_the_data_are_the_promised_ones(ran: Ran) -> None:
    """CLI-2: every field stands on the page."""
    told = json.loads(ran("explain", "examples/release.yaml", "--output", "json").out)
    whole = (ROOT / "docs" / "cli.md").read_text()
    page = whole.partition("## See what a run would do")[2].partition("\n## ")[0]
    rows = dict(line.split(" | ", 1) for line in page.splitlines() if line.startswith("| `"))
    stage = told["stages"][2]
    for where, found in (
        ("| `stages[]`", stage),
        ("| `stages[].jobs[]`", stage["jobs"][0]),
        ("| `stages[].jobs[].steps[]`", stage["jobs"][0]["steps"][0]),
        ("| `values[]`", told["values"][0]),
        ("| `waits[]`", stage["waits"][0]),
        ("| `fate`", told["fate"]),
    ):
        assert [name for name in found if f"`{name}" not in rows[where]] == []
    assert [name for name in told if f"`{name}" not in page] == []


def test_yaml_and_json_say_the_same(ran: Ran) -> None:
    """CLI-2."""
    from ruamel.yaml import YAML

    arguments = ("explain", "examples/matrix.yaml", "--output")
    as_json, as_yaml = ran(*arguments, "json").out, ran(*arguments, "yaml").out
    assert YAML(typ="safe", pure=True).load(as_yaml) == json.loads(as_json)


def test_a_sensitive_value_stands_nowhere_in_the_plan() -> None:
    """DESIGN promise 8: neither in values, nor in reasons, names of locks, people or combinations."""
    gate = Gate(kind=GateKind.REVIEW, groups=(ReviewGroup(name="g", reviewers=("${{ variables.key }}",)),))
    pipeline = Pipeline(
        parameters=(Parameter(name="key", default="hunter2", sensitive=True),),
        stages=(
            Stage(
                id="s",
                before=(gate,),
                jobs=(
                    Job(id="a", steps=(WORK,), mutex=Mutex(group="m-${{ variables.key }}", queue=True)),
                    Job(id="b", steps=(WORK,), condition=Matches((("key", "x"),))),
                ),
            ),
        ),
        concurrency=Concurrency(exclusion=Exclusion.GROUP, group="g-${{ variables.key }}"),
    )
    told = plan_of(pipeline)
    whole = msgspec.json.encode(told).decode() + "\n".join(text.lines(told))
    assert "hunter2" not in whole
    assert whole.count("******") >= 5


def test_a_short_sensitive_value_does_not_eat_other_words() -> None:
    """LOG-7."""
    pipeline = Pipeline(
        parameters=(Parameter(name="key", default="it", sensitive=True),),
        stages=(Stage(id="s", enabled=False, jobs=(Job(id="a", steps=(WORK,)),)),),
    )
    assert plan_of(pipeline).stages[0].fate.because == "****** is switched off"


@pytest.mark.parametrize(
    ("policy", "told"),
    [
        (Concurrency(), []),
        (Concurrency(exclusion=Exclusion.CLOSED), ["starts are refused: the pipeline is closed"]),
        (
            Concurrency(exclusion=Exclusion.SINGLE, queue_length=1, waiting_minutes=5),
            ["waits for other runs of this pipeline, at most 5 minutes, behind at most 1 other"],
        ),
        (
            Concurrency(exclusion=Exclusion.GROUP, group="g", cancel_in_progress=True),
            ["cancels other runs of group g"],
        ),
    ],
    ids=["free", "closed", "single", "group"],
)
def test_what_the_run_waits_for_before_it_begins(policy: Concurrency, told: list[str]) -> None:
    """CLI-10, semantics 13."""
    pipeline = Pipeline(stages=job().stages, concurrency=policy)
    assert [wait.text for wait in plan_of(pipeline).waits] == told


@pytest.mark.parametrize(
    ("mutex", "told"),
    [
        (Mutex(group="m"), "takes lock m; fails when it is taken"),
        (Mutex(group="m", queue=True), "waits for lock m"),
        (
            Mutex(group="m", queue=True, length=2, limit=Limit(7)),
            "waits for lock m, at most 7 minutes, behind at most 2 others",
        ),
    ],
    ids=["at once", "queue", "limits"],
)
def test_what_a_job_waits_for(mutex: Mutex, told: str) -> None:
    """CLI-10, semantics 6.1."""
    waits = plan_of(job(mutex=mutex)).stages[0].jobs[0].waits
    assert [(wait.kind, wait.text, wait.assumed) for wait in waits] == [("mutex", told, "assumed free")]


def test_values_tell_where_they_came_from() -> None:
    pipeline = Pipeline(
        stages=job().stages,
        parameters=(
            Parameter(name="a", default="1"),
            Parameter(name="b", default="2"),
            Parameter(name="c", default="3", constant=True),
            Parameter(name="d", default="4", settable=False),
        ),
    )
    values = plan_of(pipeline, b="20", c="30", d="40", e="50").values
    assert [(value.name, value.value, value.source) for value in values] == [
        ("a", "1", "default"),
        ("b", "20", "given"),
        ("c", "3", "constant"),
        ("d", "4", "default"),
        ("e", "50", "given"),
    ]


def test_a_plan_that_was_cut_short_says_so() -> None:
    told = nodes.plan(fold(job(), values={}, facts={}, most=0), file="f", given={})
    lines = list(text.lines(told))
    assert "was cut short" in lines[0]
    assert any("not looked at" in line for line in lines)


PLACES = tuple(
    paths.steps(
        Pipeline(
            stages=(
                Stage(
                    id="s",
                    name="Stage",
                    jobs=(
                        Job(id="j", name="Job", steps=(WORK, Step(id="u", kind="run", name="Once"))),
                        Job(id="k", name="Other", steps=(Step(id="t", kind="run", name="Twice"),)),
                    ),
                ),
            )
        )
    )
)


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("s/j/t", "s/j/t"),
        ("s/j.12/t", "s/j.12/t"),
        ("u", "s/j/u"),
        ("Once", "s/j/u"),
        ("Job/Work", "s/j/t"),
        ("Stage/Other/Twice", "s/k/t"),
    ],
)
def test_a_step_may_be_named_in_several_ways(wanted: str, path: str) -> None:
    """RULINGS 7: paths are made of ids; a name does where only one step has it."""
    assert paths.found(wanted, PLACES, "step") == path


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("t", "'t' names more than one step: s/j/t, s/k/t"),
        ("s/j/v", "there is no step 's/j/v'; did you mean s/j/u or s/j/t or s/k/t?"),
        ("Twise", "there is no step 'Twise'; did you mean s/k/t?"),
        ("", "there is no step ''; the paths are s/j/t, s/j/u, s/k/t"),
        ("#####", "there is no step '#####'; the paths are s/j/t, s/j/u, s/k/t"),
    ],
)
def test_what_is_unknown_is_told_with_what_is_near(wanted: str, told: str) -> None:
    """ERR-3."""
    with pytest.raises(paths.Unknown) as unknown:
        paths.found(wanted, PLACES, "step")
    assert str(unknown.value) == told


def test_nothing_to_choose_from_is_said() -> None:
    with pytest.raises(paths.Unknown, match="the pipeline has no stage that asks people"):
        paths.found("s", tuple(paths.gates(job())), "stage that asks people")


def test_a_value_that_is_none_of_the_choices_is_remarked_on(ran: Ran) -> None:
    """CFG-4; a constant is not set either."""
    told = ran("explain", "examples/release.yaml", "--with", "target=moon", "--with", "RELEASE_LINE=x")
    assert "note: moon is none of the choices of target: staging, production\n" in told.out
    assert "note: RELEASE_LINE cannot be set at the start; what was given is not used\n" in told.out
