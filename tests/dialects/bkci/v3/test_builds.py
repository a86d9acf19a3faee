"""Small pieces between runs and BK-CI builds: words of starts, searches, places, values (bkci-v3 3.3, 4.2, 6.2)."""

import pytest

from ferryman.dialects.bkci.errors import WireRefusal
from ferryman.dialects.bkci.v3 import asking, builds, places, searches, startup, triggers
from ferryman.dialects.bkci.v3.statuses import MAY_SHOW, NEVER, Level
from ferryman.dialects.bkci.v3.wire.builds import HistoryQuery, SeveralQuery
from ferryman.domain import words
from ferryman.domain.errors import NotFound, Refused
from ferryman.domain.gates import Gate, GateKind
from ferryman.domain.pipeline import Pipeline
from ferryman.domain.policies import Matrix
from ferryman.domain.values import Parameter
from ferryman.services.starting import Startup
from tests.dialects.bkci.v3.story import Story, job, stage, step
from tests.dialects.bkci.v3.test_detail import row_of, whole_of

ASKED = {"projectId": "demo", "pipelineId": "p"}
TRIGGERS = [{"@type": "manualTrigger"}, {"@type": "remoteTrigger"}, {"@type": "timerTrigger"}]


def test_every_way_to_start_is_told() -> None:
    """6.2: the variable, the text and the class."""
    assert set(triggers.STARTS) == set(words.STARTS)
    assert triggers.start_of("SERVICE") == ("Openapi start", "remoteTrigger")
    assert triggers.start_of("") == ("manual", "manualTrigger")


@pytest.mark.parametrize(
    ("how", "off", "at"),
    [
        ("MANUAL", (), 0),
        ("SERVICE", (), 1),
        ("TIME_TRIGGER", (), 2),
        ("SERVICE", (1,), 0),
        ("WEB_HOOK", (0,), 1),
    ],
)
def test_the_element_that_fired_is_of_the_kind_of_the_start(how: str, off: tuple[int, ...], at: int) -> None:
    elements = [{**one, "elementEnable": place not in off} for place, one in enumerate(TRIGGERS)]
    assert triggers.fired(elements, how) == at


def test_every_word_of_a_build_is_found_by_its_states() -> None:
    """Every word that a build may show has states, and no state is shown as two words."""
    shown = {word for word in MAY_SHOW[Level.RUN] if (Level.RUN, word) not in NEVER}
    states = [searches.states_shown_as(frozenset({word})) for word in sorted(shown)]
    assert all(states)
    every = [state for each in states for state in each]
    assert len(every) == len(set(every))
    assert "waiting//review" in searches.states_shown_as(frozenset({"STAGE_SUCCESS"}))
    assert searches.states_shown_as(frozenset({"PAUSE"})) == ()


def test_bounds_may_be_open() -> None:
    found = searches.of_history(HistoryQuery(**ASKED, buildNoStart=3, endTimeEndTime=9))
    assert (found.numbers, found.ended, found.started) == ((3, searches.LATEST), (0, 9), None)
    assert searches.of_history(HistoryQuery(**ASKED, materialUrl="x")) == searches.NOTHING


@pytest.mark.parametrize(
    "query",
    [
        lambda: searches.of_history(HistoryQuery(**ASKED, trigger=["ODD"])),
        lambda: searches.of_several(SeveralQuery(**ASKED, body=[], startBeginTime="yesterday")),
    ],
    ids=["unknown start", "no moment"],
)
def test_a_search_that_means_nothing_is_refused(query: object) -> None:
    with pytest.raises(WireRefusal):
        query()  # type: ignore[operator]


def test_moments_are_read_in_utc() -> None:
    found = searches.of_several(SeveralQuery(**ASKED, body=[], startBeginTime="1970-01-01 00:00:01"))
    assert found.started == (1_000, searches.LATEST)
    assert builds.moment(1_000) == "1970-01-01 00:00:01"


def test_nodes_are_found_by_their_ids() -> None:
    """Element, step, container, hash and stage; split jobs under ids of their own (8)."""
    matrix = job("m", step("1", origin={"id": "e-m"}), matrix=Matrix(axes={"n": ["1", "2"]}))
    first = job("j", step("t", origin={"id": "e-1"}, user_id="user-step"), origin={"containerHashId": "c-1"})
    run = Story(stage("a", first, matrix), stage("b", user_id="own")).run
    named = {
        "e-1": "a/j/t",
        "user-step": "a/j/t",
        "1": "a/j",
        "c-1": "a/j",
        "2": "a/m",
        "2001": "a/m.1",
        "stage-2": "a",
        "stage-3": "b",
        "own": "b",
    }
    assert {name: places.task_named(run, name) for name in named} == named
    split = [place for place in places.steps_of(run) if place.path == "a/m.1/1"]
    assert places.task_named(run, split[0].element_id) == "a/m.1/1"
    assert split[0].element_id != "e-m"
    assert split[0].job.is_split
    for name in ("e-none", ""):
        with pytest.raises(NotFound):
            places.task_named(run, name)
    for find in (places.task_named, places.stage_named):
        with pytest.raises(Refused):
            find(run, "stage-1")


def test_values_are_texts() -> None:
    assert [asking.as_text(value) for value in ("a", True, 5, None, ["x"], {"a": 1})] == [
        "a",
        "true",
        "5",
        "",
        '["x"]',
        '{"a":1}',
    ]


@pytest.mark.parametrize(
    ("kind", "value", "fits"),
    [
        ("choice", "a", True),
        ("choice", "x", False),
        ("choices", "a,b", True),
        ("choices", "a,x", False),
        ("checkbox", "true", True),
        ("checkbox", "false", False),
        ("text", "x", True),
    ],
)
def test_a_review_takes_only_its_choices(kind: str, value: str, fits: bool) -> None:
    """3.3, operation 31."""
    asked = Parameter(name="v", kind=kind, not_empty=True, options=(("a", "A"), ("b", "B")))
    gate = Gate(kind=GateKind.REVIEW, parameters=(asked,))
    try:
        asking._check_choices(gate, {"v": value})
        assert fits
    except WireRefusal:
        assert not fits


def test_a_refusal_is_reworded_only_where_it_is_told_to_be() -> None:
    with pytest.raises(Refused) as told, asking.reworded({"a": "b"}):
        raise Refused("no", reason="a", path="p")
    assert (told.value.reason, told.value.path, str(told.value)) == ("b", "p", "no")
    with pytest.raises(Refused) as told, asking.reworded({"a": "b"}):
        raise Refused("no", reason="c")
    assert told.value.reason == "c"


def test_variables_are_read_under_every_name() -> None:
    """4.4; an unknown name is empty."""
    run = Story(stage("a"), parameters=(Parameter(name="who", default="ann"),)).run
    known = builds.variables_of(row_of(run), run)
    assert builds.variable(known, "variables.who") == builds.variable(known, "who") == "ann"
    assert builds.variable(known, "pipeline.id") == builds.variable(known, "ci.pipeline_id") == "p-1"
    assert known["BK_CI_PROJECT_NAME"] == known["project.name"] == "demo"
    assert builds.variable(known, "nobody") == ""
    for name, others in builds.ALIASES.items():
        assert {known.get(name)} == {known.get(other) for other in others}, name


def test_a_build_that_ended_in_the_queue_began_and_ended_at_once() -> None:
    story = Story(stage("a"), turn=False)
    assert builds.status_of(whole_of(story.run)).startTime == 0


def test_options_are_searched_in_keys_and_values() -> None:
    options = [{"key": "red", "value": "Rouge"}, {"key": "blue", "value": "Bleu"}]
    box = {"elements": [], "params": [{"id": "c", "options": options}, {"id": "k", "constant": True}]}
    asked = Startup(
        define=Pipeline(stages=()), model={"stages": [{"containers": [box]}]}, newest=None, recommended=None
    )
    assert [one.key for one in startup.options_of(asked, "ROU")] == ["red"]
    assert [one.key for one in startup.options_of(asked, "")] == ["red", "blue"]
    info = startup.info_of(asked)
    assert (info.canManualStartup, [each["id"] for each in info.properties]) == (
        False,
        ["BK_CI_BUILD_MSG", "c"],
    )
