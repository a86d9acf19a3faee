"""What is told of a run that moves, whichever of its views were seen (CLI-6)."""

from collections.abc import Iterator, Sequence

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.cli.news import News
from ferryman.cli.screens import Lines
from ferryman.domain.conditions import After, Upstream
from ferryman.domain.events import Event, GateAnswered, Started, StepFinished
from ferryman.domain.gates import Gate, GateKind
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.run import Run
from ferryman.domain.status import Phase
from ferryman.domain.views import JobView, Progress, RunView, StageView, StepView, Waiting
from ferryman.domain.wants import StepWanted
from ferryman.machine import advance, begin, wants
from ferryman.services import views
from tests.services.test_laws import row_of

AT = 1_800_000_000_000


def told(capsys: pytest.CaptureFixture[str], *seen: RunView) -> list[str]:
    """What a screen of lines prints of these views: without the clock, and how long things took."""
    screen = Lines()
    for view in seen:
        screen.show(view)
    lines = (line.partition("  ")[2] for line in capsys.readouterr().out.splitlines())
    return [line.partition(" in ")[0] for line in lines]


def job(*ids: str, needs: tuple[str, ...] = (), id_: str = "j") -> Job:
    """A job of these steps."""
    steps = tuple(Step(id=each, kind="run", name=each) for each in ids)
    return Job(id=id_, user_id=id_, name=id_, steps=steps, needs=needs)


def begun(*stages: Stage) -> Run:
    """A run of these stages that has its turn."""
    return begin(Pipeline(name="p", stages=stages), Started(at=AT, run="r", turn=True)).run


def view_of(run: Run) -> RunView:
    """How it stands."""
    return views.of_run(run, row_of(run))


def moved(run: Run, *ends: tuple[str, int]) -> Run:
    """The run after these steps have succeeded, each at its moment."""
    for path, at in ends:
        run = advance(run, StepFinished(at=AT + at, key=f"{path}#1.1", outcome="succeeded")).run
    return run


def test_much_that_happened_between_two_views_is_told_in_its_order(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = begun(Stage(id="a", name="a", jobs=(job("s", "t"),)), Stage(id="b", name="b", jobs=(job("s"),)))
    end = moved(run, ("a/j/s", 5), ("a/j/t", 9), ("b/j/s", 9))
    whole = [
        "a  running",
        "a/j  running",
        "a/j/s  running",
        "a/j/s  succeeded",
        "a/j/t  running",
        "a/j/t  succeeded",
        "a/j  succeeded",
        "a  succeeded",
        "b  running",
        "b/j  running",
        "b/j/s  running",
        "b/j/s  succeeded",
        "b/j  succeeded",
        "b  succeeded",
    ]
    assert told(capsys, view_of(end)) == whole
    assert told(capsys, view_of(run), view_of(end)) == whole
    assert told(capsys, view_of(run), view_of(moved(run, ("a/j/s", 5))), view_of(end), view_of(end)) == whole


def test_parts_beside_each_other_are_told_by_time(capsys: pytest.CaptureFixture[str]) -> None:
    jobs = (job("s", id_="last", needs=("first",)), job("s", "t", id_="first"), job("s", id_="other"))
    run = begun(Stage(id="a", name="a", jobs=jobs))
    ends = (("a/first/s", 2), ("a/other/s", 4), ("a/first/t", 6), ("a/last/s", 6))
    assert told(capsys, view_of(moved(run, *ends))) == [
        "a  running",
        "a/first  running",
        "a/first/s  running",
        "a/other  running",
        "a/other/s  running",
        "a/first/s  succeeded",
        "a/first/t  running",
        "a/other/s  succeeded",
        "a/other  succeeded",
        "a/first/t  succeeded",
        "a/first  succeeded",
        "a/last  running",
        "a/last/s  running",
        "a/last/s  succeeded",
        "a/last  succeeded",
        "a  succeeded",
    ]


def test_a_step_is_skipped_after_the_one_that_decided_it() -> None:
    """It has no time of its own; the clock in front of the lines does not go back."""
    undo = Step(id="u", kind="run", name="u", condition=Upstream(After.FAILURE))
    steps = (*job("s", "t").steps, undo)
    run = begun(Stage(id="a", name="a", jobs=(Job(id="j", user_id="j", name="j", steps=steps),)))
    halfway = moved(run, ("a/j/s", 5000))
    views_seen = (view_of(run), view_of(halfway), view_of(moved(halfway, ("a/j/t", 9000))))
    news = News()
    lines = [line for view in views_seen for line in news.of(view, AT)]
    assert [line.at - AT for line in lines] == sorted(line.at - AT for line in lines)
    assert [line.at - AT for line in lines if line.text.startswith("a/j/u ")] == [9000]


def test_what_was_waited_for_goes_on_before_what_is_inside(capsys: pytest.CaptureFixture[str]) -> None:
    gated = Stage(id="a", name="a", before=(Gate(kind=GateKind.MANUAL),), jobs=(job("s"),))
    run = begun(gated)
    on = advance(run, GateAnswered(at=AT + 3, path="a", by="alice", yes=True)).run
    first, *rest = told(capsys, view_of(run), view_of(on))
    assert first.startswith("a  waits")
    assert rest == ["a  running", "a/j  running", "a/j/s  running"]


def one(**step: object) -> RunView:
    """A view of one step."""
    inner = StepView(path="a/j/s", name="s", kind="run", **step)  # type: ignore[arg-type]
    jobs = (JobView(path="a/j", name="j", phase="running", started_at=AT, steps=(inner,)),)
    stage = StageView(path="a", name="a", phase="running", started_at=AT, jobs=jobs)
    return RunView(
        id="r",
        project="local",
        pipeline="p",
        name="p",
        version=1,
        number=1,
        phase="running",
        queued_at=AT,
        progress=Progress(steps=1, done=0, running=1),
        stages=(stage,),
    )


PAUSED = Waiting(path="a/j/s", kind="paused", sentence="is paused", since=AT + 2, help="`resume` it")


@pytest.mark.parametrize(
    ("seen", "lines"),
    [
        pytest.param(
            [one(phase="finished", outcome="succeeded", started_at=AT, ended_at=AT - 50, attempt=1)],
            ["running", "succeeded"],
            id="a clock that was set back turns nothing round",
        ),
        pytest.param(
            [
                one(phase="running", started_at=AT, attempt=1),
                one(phase="finished", outcome="succeeded", started_at=AT, ended_at=AT + 9, attempt=3),
            ],
            ["running", "succeeded"],
            id="of a later attempt nobody knows when it began",
        ),
        pytest.param(
            [
                one(phase="finished", outcome="failed", started_at=AT, ended_at=AT + 1, attempt=1),
                one(
                    phase="finished",
                    outcome="succeeded",
                    started_at=AT + 5,
                    ended_at=AT + 6,
                    attempt=1,
                    execution=2,
                ),
            ],
            ["running", "failed", "running", "succeeded"],
            id="run again",
        ),
        pytest.param(
            [one(phase="finished", outcome="skipped", started_at=AT, ended_at=AT)],
            ["skipped"],
            id="what is skipped did not run",
        ),
        pytest.param([one(phase="finished", outcome="unreached", ended_at=AT)], [], id="unreached"),
        pytest.param(
            [
                one(phase="running", started_at=AT, attempt=1),
                one(phase="waiting", started_at=AT, attempt=1, waiting=PAUSED),
                one(phase="running", started_at=AT, attempt=1),
            ],
            ["running", "is paused; `resume` it", "running"],
            id="waits and goes on",
        ),
    ],
)
def test_a_step(seen: Sequence[RunView], lines: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    steps = [line.removeprefix("a/j/s  ") for line in told(capsys, *seen) if line.startswith("a/j/s ")]
    assert [line.partition(" (")[0] for line in steps] == lines


def test_each_line_tells_when_it_happened(capsys: pytest.CaptureFixture[str]) -> None:
    run = begun(Stage(id="a", name="a", jobs=(job("s"),)))
    Lines().show(view_of(moved(run, ("a/j/s", 60_000))))
    clocks = [line.partition("  ")[0] for line in capsys.readouterr().out.splitlines()]
    assert len(set(clocks[:3])) == len(set(clocks[3:])) == 1
    assert clocks[0] != clocks[3]


STAGES = (
    Stage(id="a", name="a", jobs=(job("s", "t"), job("s", id_="k"))),
    Stage(id="b", name="b", jobs=(job("s"),)),
    Stage(id="c", name="c", jobs=(job("s"),), final=True),
)


@st.composite
def stories(draw: st.DrawFn) -> list[RunView]:
    """Every view of a run, one for each event."""
    run, at = begun(*STAGES), AT
    seen = [view_of(run)]
    while run.phase is not Phase.FINISHED:
        at += draw(st.integers(0, 2))
        keys = [want.name for want in wants(run) if isinstance(want, StepWanted)]
        event: Event = StepFinished(
            at=at, key=draw(st.sampled_from(keys)), outcome=draw(st.sampled_from(("succeeded", "failed")))
        )
        run = advance(run, event).run
        seen.append(view_of(run))
    return seen


def lines_of(seen: Sequence[RunView]) -> Iterator[str]:
    """What is new in each of these views."""
    news = News()
    for view in seen:
        yield from (click.unstyle(line.text) for line in news.of(view, AT + 1_000))


@given(stories(), st.data())
def test_whichever_views_are_seen_the_story_is_whole_and_in_order(
    every: list[RunView], data: st.DataObject
) -> None:
    """Ends follow starts, what is inside lies between them, and nothing is told twice or left out."""
    seen = [view for view in every[:-1] if data.draw(st.booleans())]
    lines = list(lines_of((*seen, every[-1])))
    assert sorted(lines) == sorted(lines_of(every))
    assert len(set(lines)) == len(lines)
    starts = {line.partition("  ")[0]: at for at, line in enumerate(lines) if line.endswith("running")}
    ends = {line.partition("  ")[0]: at for at, line in enumerate(lines) if not line.endswith("running")}
    assert starts.keys() == ends.keys()
    for path, start in starts.items():
        assert start < ends[path]
        parent = path.rpartition("/")[0]
        if parent:
            assert starts[parent] < start
            assert ends[path] < ends[parent]
    assert starts["c"] > ends["a"]


def test_steps_of_a_job_that_is_passed_by_are_passed_by_with_it() -> None:
    """They stood an hour before it, at the time at which their stage had begun."""
    define = Stage(id="s", jobs=(job("t", id_="a"), job("u", needs=("a",), id_="b")))
    failed = StepFinished(at=AT + 500, key="s/a/t#1.1", outcome="failed")
    view = view_of(advance(begun(define), failed).run)
    at = {
        line.text.partition("  ")[0]: line.at for line in News().of(view, AT + 900) if "skipped" in line.text
    }
    assert at == {"s/b/u": AT + 500, "s/b": AT + 500}
