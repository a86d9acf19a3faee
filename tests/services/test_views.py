"""What a view hides, and how nodes are called (DESIGN, promise 8; ERR-3)."""

import pytest

from ferryman.domain.errors import Invalid, NotFound
from ferryman.domain.events import LockGranted, Started, StepFinished, StepLost
from ferryman.domain.gates import Gate, GateKind, ReviewGroup
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.policies import Limit
from ferryman.domain.run import Run
from ferryman.domain.status import Reason, Why
from ferryman.domain.values import Parameter
from ferryman.machine import advance, begin
from ferryman.services import paths, views
from tests.services.test_laws import row_of

SECRET = "opensesame"


def pipeline(**more: object) -> Pipeline:
    """Two stages, with a step of the same name in each."""
    return Pipeline(
        name="p",
        stages=tuple(
            Stage(
                id=id_,
                name=name,
                jobs=(Job(id="j", name="Job", steps=(Step(id="t", kind="run", name="Do"),)),),
            )
            for id_, name in (("a", "First"), ("b", "Second"))
        ),
        **more,  # type: ignore[arg-type]
    )


def begun(define: Pipeline, **values: str) -> Run:
    """A run that has its turn."""
    run = begin(define, Started(at=1, run="r", values=values)).run
    return advance(run, LockGranted(at=2)).run if run.phase == "waiting" else run


def test_sensitive_values_stand_in_no_text_of_a_view() -> None:
    define = pipeline(parameters=(Parameter(name="key", sensitive=True), Parameter(name="plain")))
    run = begun(define, key=SECRET, plain=f"with {SECRET} inside")
    event = StepFinished(
        at=3,
        key="a/j/t#1.1",
        outcome="failed",
        reason=Reason(Why.EXIT, {"message": f"cannot open with {SECRET}"}),
        outputs={"said": [f"{SECRET}!"]},
        remark=SECRET,
    )
    view = views.of_run(advance(run, event).run, row_of(run))
    assert view.values == {"key": "******", "plain": "with ****** inside"}
    step = view.stages[0].jobs[0].steps[0]
    assert step.reason.facts == {"message": "cannot open with ******"}
    assert step.outputs == {"said": ["******!"]}
    assert SECRET not in repr(view)


@pytest.mark.parametrize(
    ("text", "path"),
    [("a", "a"), ("First", "a"), ("b/j", "b/j"), ("a/j/t", "a/j/t")],
)
def test_a_node_is_found_by_path_or_by_a_name_that_only_it_has(text: str, path: str) -> None:
    assert paths.found(begun(pipeline()), text) == path


def test_a_name_of_several_nodes_names_them_all() -> None:
    with pytest.raises(Invalid, match="this could be a/j/t, b/j/t; name one of them"):
        paths.found(begun(pipeline()), "Do")


@pytest.mark.parametrize(
    ("text", "hint"), [("Secnd", "did you mean Second?"), ("xyz", "its stages are a, b")]
)
def test_a_node_that_is_not_there_is_told_with_what_is_near(text: str, hint: str) -> None:
    with pytest.raises(NotFound, match=hint.replace("?", r"\?")):
        paths.found(begun(pipeline()), text)


def test_who_waits_inside_a_job_waits_until_the_first_limit_that_ends_it() -> None:
    """A review of a step and a lost attempt told no end, though time limits went on (ERR-6)."""
    review = Gate(kind=GateKind.REVIEW, groups=(ReviewGroup(name="", reviewers=("ann",)),))
    asks = Step(id="t", kind="manualReviewUserTask", review=review, limit=Limit(minutes=7))
    works = Step(id="t", kind="run", limit=Limit(minutes=7))
    jobs = (
        Job(id="a", steps=(asks,), limit=Limit(minutes=60)),
        Job(id="b", steps=(asks,), limit=Limit(minutes=3)),
        Job(id="c", steps=(works,), limit=Limit(minutes=60)),
    )
    run = begin(Pipeline(name="p", stages=(Stage(id="s", jobs=jobs),)), Started(at=1, run="r", turn=True)).run
    view = views.of_run(advance(run, StepLost(at=2, key="s/c/t#1.1")).run, row_of(run))
    assert {wait.path: (wait.kind, wait.until) for wait in view.waiting} == {
        "s/a/t": ("review", 7 * 60_000 + 1),
        "s/b/t": ("review", 3 * 60_000 + 1),
        "s/c/t": ("lost", 60 * 60_000 + 1),
    }
