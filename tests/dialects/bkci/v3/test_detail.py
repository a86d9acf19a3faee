"""The model of a build with its runtime fields (bkci-v3 4.6, 5, 9; semantics 4.1, 7.4, 19)."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ferryman import definition
from ferryman.dialects.bkci.v3 import builds
from ferryman.dialects.bkci.v3.detail import SHOWN_FOR_MS, model_of
from ferryman.dialects.bkci.v3.ids import build_id
from ferryman.domain.errors import Refused
from ferryman.domain.events import (
    CancelRequested,
    EnvironmentFailed,
    Event,
    GateAnswered,
    LockGranted,
    Resumed,
    RetryRequested,
    SkipRequested,
    StepLost,
)
from ferryman.domain.gates import Gate, GateKind, ReviewGroup
from ferryman.domain.policies import Matrix, Mutex, OnFailure, Retry
from ferryman.domain.run import Run
from ferryman.domain.status import Reason, Why
from ferryman.domain.values import Parameter
from ferryman.ports.history import RunRow
from ferryman.services.runs import Whole
from tests.dialects.bkci.v3 import moments, walk
from tests.dialects.bkci.v3.story import Story, job, picture_of, review, stage, step
from tests.machine.random_play import EXAMPLES, RandomPlay, share

Tree = dict[str, Any]
EXIT = Reason(Why.EXIT, {"code": "3"})
OPTIONS = {"additionalOptions": {"timeout": 900}}
"""Marks are made only for elements that have options."""


def shown(run: Run, **more: Any) -> Tree:
    """The model of a run as it stands at its last event."""
    return model_of(run, definition.model_of(run.pipeline), **{"at": run.at, **more})


def row_of(run: Run) -> RunRow:
    """The row that a store keeps of it."""
    return RunRow(
        id=run.id,
        project="demo",
        pipeline="p-1",
        version=1,
        number=run.number,
        phase=run.phase.value,
        started_by="ann",
        how="SERVICE",
        execution=run.execution,
    )


def whole_of(run: Run) -> Whole:
    """The run with what stands around it."""
    return Whole(
        row=row_of(run),
        run=run,
        model=definition.model_of(run.pipeline),
        newest_version=2,
        newest_number=run.number,
        starters=("ann",) * run.execution,
        earlier=(run,) * (run.execution - 1),
        at=run.at,
    )


def words_of(model: Tree, run: Run) -> Iterator[tuple[str, str]]:
    """What the model says of each node, by its path in the run; the trigger stage is left out."""
    for part, state in zip(model["stages"][1:], run.stages, strict=True):
        yield state.id, part.get("status", "")
        for key, mark in (("checkIn", "<"), ("checkOut", ">")):
            check = part.get(key, {})
            yield f"{state.id}{mark}", check.get("status", "")
            for at, group in enumerate(check.get("reviewGroups", ())):
                yield f"{state.id}.{at}", group.get("status", "")
        for box, job_state in zip(part["containers"], state.jobs, strict=True):
            pairs = [(box, job_state), *zip(box.get("groupContainers", ()), job_state.children, strict=True)]
            for one, own in pairs:
                yield own.path, one.get("status", "")
                for element, step_state in zip(one["elements"], own.steps, strict=False):
                    yield f"{own.path}/{step_state.id}", element.get("status", "")


def texts(value: Any) -> Iterator[Any]:
    """Every value in a tree."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    else:
        yield value


def check_laws(run: Run) -> None:
    """What holds of every build at every moment."""
    whole = whole_of(run)
    detail = msgspec.to_builtins(builds.detail_of(whole))
    status = msgspec.to_builtins(builds.status_of(whole))
    history = msgspec.to_builtins(builds.history_of(whole.row, run, run.at))
    for answer in (detail, status, history, msgspec.to_builtins(builds.light_of(whole.row, run, run.at))):
        assert all(one is not None for one in texts(answer))
    assert all(isinstance(text, str) for text in status["variables"].values())
    model = detail["model"]
    # Groups before and behind a stage have one path: those behind are asked last.
    assert {path: word for path, word in dict(words_of(model, run)).items() if word} == {
        path: word for path, word in picture_of(run).items() if path != "run"
    }
    for said in (detail, status, history):
        start, end = said["startTime"], said.get("endTime")
        assert start == 0 or said["queueTime"] <= start
        assert end is None or start <= end
        assert [part["stageId"] for part in said["stageStatus"]] == [part["id"] for part in model["stages"]]
        assert [part.get("status") for part in said["stageStatus"]] == [
            part.get("status") for part in model["stages"]
        ]
    for part in model["stages"]:
        # A retry begins again and keeps stages that ended before it.
        assert run.execution > 1 or part.get("startEpoch", detail["startTime"]) >= detail["startTime"]
        assert part.get("elapsed", 0) >= 0
        for box in part["containers"]:
            for one in (box, *box.get("groupContainers", ())):
                if "elementElapsed" in one:
                    assert one["elementElapsed"] == sum(each.get("elapsed", 0) for each in one["elements"])
                assert one.get("systemElapsed", 0) >= 0
                assert ("startEpoch" in one) >= ("elementElapsed" in one)
                for each in one["elements"]:
                    assert isinstance(each.get("errorType", ""), str)
    for cost in costs(model):
        assert cost["totalCost"] == cost["executeCost"] + cost["waitCost"] + cost["systemCost"]
        assert min(cost.values()) >= 0
        assert cost["queueCost"] <= cost["waitCost"]


def costs(value: Any) -> Iterator[dict[str, int]]:
    """Every timeCost in a tree."""
    if isinstance(value, dict):
        if "timeCost" in value:
            yield value["timeCost"]
        for inner in value.values():
            yield from costs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from costs(inner)


@pytest.mark.parametrize("moment", moments.MOMENTS, ids=lambda moment: moment.__name__)
def test_a_client_sees_each_moment_as_the_page_says(moment: moments.Moment) -> None:
    """Part 9, row by row: stage, job, task, checks and groups say in the model what the table says."""
    for story in moment():
        check_laws(story.run)


@given(st.sampled_from(walk.PIPELINES), st.lists(st.integers(0, 399), max_size=25))
@settings(max_examples=60, deadline=None)
def test_the_laws_hold_on_every_walk(pipeline: Any, choices: list[int]) -> None:
    for run in list(walk.runs(pipeline, choices))[-3:]:
        check_laws(run)


class Details(RandomPlay):
    """The laws after every event of a random play."""

    def tell(self, event: Event) -> None:
        """Fold one event, and look."""
        try:
            self.ledger.tell(event)
        except Refused:
            return
        check_laws(self.ledger.run)


TestDetails = Details.TestCase
TestDetails.settings = settings(share(), max_examples=EXAMPLES[settings.get_current_profile_name()] // 10)


# The trigger


def test_the_trigger_is_over_when_the_run_has_its_turn() -> None:
    """The element that fired is SUCCEED, the others absent (9, row 1); its job's systemElapsed is the queue."""
    story = Story(stage("a"), turn=False)
    (trigger,) = shown(story.run)["stages"][0]["containers"]
    assert "status" not in trigger
    story.tell(LockGranted, later=5_000)
    first = shown(story.run)["stages"][0]
    (trigger,) = first["containers"]
    assert (first["status"], first["elapsed"], trigger["status"]) == ("SUCCEED", 0, "SUCCEED")
    assert (trigger["systemElapsed"], trigger["elementElapsed"]) == (5_000, 0)
    assert trigger["elements"][0]["status"] == "SUCCEED"


def test_a_run_that_never_had_its_turn_has_an_unreached_trigger() -> None:
    (story,) = moments.waits_too_long()
    assert shown(story.run)["stages"][0]["status"] == "UNEXEC"


# Figures


def test_figures_leave_out_the_time_of_people() -> None:
    """A pause before the start and a review are no part of elapsed (semantics 19, 20)."""
    story = Story(
        stage("a", job("j", step("1"), step("2", pause_before=True), step("3", review=review("x"))))
    )
    story.end("a/j/1#1.1")
    story.tell(Resumed, later=60_000, path="a/j/2", by="me")
    story.end("a/j/2#1.1")
    story.tell(GateAnswered, later=30_000, path="a/j/3", by="x", yes=True)
    part = shown(story.run)["stages"][1]
    (box,) = part["containers"]
    assert [each["elapsed"] for each in box["elements"]] == [1_000, 1_000, 0]
    assert (box["elementElapsed"], box["systemElapsed"], part["elapsed"]) == (2_000, 0, 92_000)
    assert box["timeCost"] == {
        "totalCost": 92_000,
        "executeCost": 2_000,
        "waitCost": 90_000,
        "queueCost": 0,
        "systemCost": 0,
    }
    whole = whole_of(story.run)
    assert (builds.detail_of(whole).executeTime, builds.status_of(whole).totalTime) == (2_000, 92_000)


def test_figures_go_on_while_an_element_works() -> None:
    story = Story(stage("a"))
    (box,) = shown(story.run, at=story.at + 7_000)["stages"][1]["containers"]
    assert (box["elements"][0]["elapsed"], box["elementElapsed"]) == (7_000, 7_000)


def test_a_wait_for_a_mutex_is_queue() -> None:
    story = Story(stage("a", job("j", mutex=Mutex(group="g", queue=True, length=1))))
    story.tell(LockGranted, later=4_000, path="a/j")
    story.end("a/j/1#1.1")
    (box,) = shown(story.run)["stages"][1]["containers"]
    assert (box["timeCost"]["queueCost"], box["timeCost"]["totalCost"]) == (4_000, 5_000)


def test_a_review_before_a_stage_is_waiting_for_people() -> None:
    story = moments.in_review()
    story.answer("a", "first", yes=True)
    story.answer("a", "second", yes=True)
    story.end("a/j/1#1.1")
    assert builds.detail_of(whole_of(story.run)).executeTime == 1_000


# Faults


def faults(run: Run) -> list[tuple[Any, ...]]:
    """Type, code and text of every element of the first stage."""
    return [
        (each.get("errorType"), each.get("errorCode"), each.get("errorMsg"))
        for box in shown(run)["stages"][1]["containers"]
        for each in box["elements"]
    ]


def test_a_fault_is_a_word_on_the_element_and_a_number_in_the_list() -> None:
    """Surprise 5; a script that exits with another code than zero (6.9)."""
    story = Story(stage("a", job("j", step("1", on_failure=OnFailure.CONTINUE), step("2"))))
    story.end("a/j/1#1.1", "failed", EXIT, error_code=2199011)
    story.end("a/j/2#1.1", "errored", Reason(Why.EXIT, {"message": "gone"}), error_code=2189500)
    assert faults(story.run) == [
        ("USER", 2199011, "it ended with exit code 3"),
        ("SYSTEM", 2189500, "gone"),
    ]
    errors = builds.errors_of(story.run)
    assert [(each.errorType, each.errorCode, each.containerId) for each in errors] == [
        (1, 2199011, "1"),
        (0, 2189500, "1"),
    ]


@pytest.mark.parametrize(
    ("moment", "at", "fault"),
    [
        (moments.task_beyond_its_timeout, 0, ("USER", 2199006)),
        (moments.job_beyond_its_timeout, 0, ("USER", 2199005)),
        (moments.fast_kill, 1, ("USER", 2199010)),
        (moments.environment_lost, 0, ("BUILD_MACHINE", 2189500)),
        (moments.contact_lost, 0, ("BUILD_MACHINE", 2189500)),
    ],
    ids=["task timeout", "job timeout", "fast kill", "environment lost", "contact lost"],
)
def test_what_ended_an_element_has_its_code(moment: moments.Moment, at: int, fault: tuple[str, int]) -> None:
    """Part 9 and 6.9."""
    story = next(moment())
    assert faults(story.run)[at][:2] == fault


def test_an_element_that_went_well_or_was_never_reached_has_no_fault() -> None:
    (story,) = moments.forced_stop()
    assert faults(story.run)[1] == (None, None, None)


# What a person may do


def marks(run: Run, **more: Any) -> list[tuple[Any, Any]]:
    """canRetry and canSkip of the elements of the first stage."""
    return [
        (each.get("canRetry"), each.get("canSkip"))
        for box in shown(run, **more)["stages"][1]["containers"]
        for each in box["elements"]
    ]


@pytest.mark.parametrize(
    ("more", "mark"),
    [
        ({}, (True, None)),
        ({"retry": Retry(by_hand=False)}, (False, None)),
        ({"on_failure": OnFailure.ASK}, (True, True)),
        ({"on_failure": OnFailure.ASK, "retry": Retry(by_hand=False)}, (False, True)),
    ],
    ids=["plain", "no manual retry", "skip", "skip alone"],
)
def test_marks_follow_the_options(more: dict[str, Any], mark: tuple[Any, Any]) -> None:
    """Semantics 7.4."""
    story = Story(stage("a", job("j", step("1", origin=OPTIONS, **more), step("2"))))
    story.end("a/j/1#1.1", "failed", EXIT)
    assert marks(story.run) == [mark, (None, None)]
    part = shown(story.run)["stages"][1]
    assert part["canRetry"] is True
    assert part["containers"][0]["canRetry"] is True
    assert marks(story.run, newest=False) == [(None, None)] * 2
    assert marks(story.run, at=story.run.ended_at + SHOWN_FOR_MS + 1) == [(None, None)] * 2


def test_a_failure_handler_and_a_failure_that_was_let_pass_have_no_marks() -> None:
    story = Story(
        stage(
            "a",
            job(
                "j",
                step("1", on_failure=OnFailure.CONTINUE, origin=OPTIONS),
                step("2", condition=moments.EVEN_CANCEL, origin=OPTIONS),
            ),
        )
    )
    story.end("a/j/1#1.1", "failed", EXIT)
    story.end("a/j/2#1.1", "failed", EXIT)
    assert marks(story.run) == [(None, None)] * 2


def test_an_element_without_options_has_no_marks() -> None:
    story = Story(stage("a"))
    story.end("a/j/1#1.1", "failed", EXIT)
    assert marks(story.run) == [(None, None)]


def test_nothing_is_offered_while_the_finally_stage_runs() -> None:
    story = Story(stage("a", job("j", step("1", origin=OPTIONS))), moments.FINALLY)
    story.end("a/j/1#1.1", "failed", EXIT)
    assert marks(story.run) == [(None, None)]
    story.end("z/j/1#1.1", "failed", EXIT)
    model = shown(story.run)
    assert marks(story.run) == [(True, None)]
    assert (model["stages"][1]["canRetry"], model["stages"][2]["canRetry"]) == (True, False)


# Reviews


def in_review() -> Story:
    """A review of two groups that asks for a value."""
    gate = Gate(
        kind=GateKind.REVIEW,
        groups=(ReviewGroup(name="one", reviewers=("x,y",)), ReviewGroup(name="two", reviewers=("z",))),
        parameters=(Parameter(name="NOTE", default="old"), Parameter(name="N", default=1)),
    )
    return Story(stage("a", before=(gate,)))


def test_groups_tell_who_decided_when_and_what_was_changed() -> None:
    """Semantics 4.1, 4; reviewers as they were when the review began."""
    story = in_review()
    check = shown(story.run)["stages"][1]["checkIn"]
    assert [group["reviewers"] for group in check["reviewGroups"]] == [["x", "y"], ["z"]]
    story.tell(GateAnswered, path="a", by="x", yes=True, comment="fine", values={"NOTE": "new", "N": "1"})
    check = shown(story.run)["stages"][1]["checkIn"]
    first, second = check["reviewGroups"]
    assert (first["status"], first["operator"], first["reviewTime"], first["suggest"]) == (
        "PROCESS",
        "x",
        story.at,
        "fine",
    )
    assert [(each["key"], each["value"]) for each in first["params"]] == [("NOTE", "new")]
    assert "operator" not in second
    assert [(each["key"], each["value"]) for each in check["reviewParams"]] == [("NOTE", "new"), ("N", 1)]


@pytest.mark.parametrize(
    ("event", "comment"), [(None, "TIMEOUT"), (CancelRequested, "CANCEL")], ids=["timed out", "stopped"]
)
def test_a_review_that_nobody_decided_was_refused_by_the_system(event: Any, comment: str) -> None:
    """Semantics 4.1, 6 and 8."""
    story = in_review()
    if event is None:
        story.fire(":limit")
    else:
        story.tell(event, by="me")
    first, second = shown(story.run)["stages"][1]["checkIn"]["reviewGroups"]
    assert (first["status"], first["operator"], first["suggest"]) == ("ABORT", "SYSTEM", comment)
    assert "status" not in second


def test_a_review_task_shows_who_was_asked_and_what_was_said() -> None:
    story = Story(stage("a", job("j", step("1", review=review("x")))))
    element = shown(story.run)["stages"][1]["containers"][0]["elements"][0]
    assert element["actualReviewUsers"] == ["x"]
    story.tell(GateAnswered, path="a/j/1", by="x", yes=False, comment="no")
    assert shown(story.run)["stages"][1]["containers"][0]["elements"][0]["suggest"] == "no"
    assert builds.canceler_of(story.run) == "x"


def test_checks_of_rules_are_counted() -> None:
    story = next(moments.quality_after())
    assert shown(story.run)["stages"][1]["checkOut"]["checkTimes"] == 1


# Matrices, retries, places


def test_split_jobs_have_ids_of_their_own() -> None:
    """bkci-v3 8; the parent counts them."""
    story = Story(stage("a", job("j", matrix=Matrix(axes={"os": ["x", "y"]}, parallel=1))))
    story.end("a/j.0/1#1.1")
    (box,) = shown(story.run)["stages"][1]["containers"]
    first, second = box["groupContainers"]
    assert (first["id"], second["id"]) == ("1000", "1001")
    assert (first["jobId"], first["matrixContext"], first["matrixGroupId"]) == (
        "j.0",
        {"os": "x"},
        box["containerHashId"],
    )
    ids = {one["elements"][0]["id"] for one in (box, first, second)}
    assert len(ids) == 3
    assert (box["matrixControlOption"]["totalCount"], box["matrixControlOption"]["finishCount"]) == (2, 1)


def test_a_retry_counts_on_what_it_renews() -> None:
    story = Story(stage("a", job("j", step("1"), step("2", on_failure=OnFailure.ASK))), stage("b"))
    story.end("a/j/1#1.1")
    story.end("a/j/2#1.1", "failed", EXIT)
    story.tell(RetryRequested, path="a/j/2", by="me", turn=True)
    (box,) = shown(story.run)["stages"][1]["containers"]
    assert (box["executeCount"], [each["executeCount"] for each in box["elements"]]) == (2, [1, 2])
    assert box["elements"][1]["retryCountManual"] == 1
    story.end("a/j/2#2.1", "failed", EXIT)
    story.tell(SkipRequested, path="a/j/2", by="me", turn=True)
    assert shown(story.run)["stages"][1]["containers"][0]["elements"][1]["status"] == "SKIP"


def test_getting_a_machine_is_told() -> None:
    """startVMStatus: RUNNING while it is prepared, then how it went; PREPARE_ENV on the job (5.1)."""
    story = Story(stage("a"))
    (box,) = shown(story.run, preparing=("a/j",))["stages"][1]["containers"]
    assert (box["status"], box["startVMStatus"]) == ("PREPARE_ENV", "RUNNING")
    assert shown(story.run)["stages"][1]["containers"][0]["startVMStatus"] == "SUCCEED"
    story.tell(EnvironmentFailed, path="a/j", message="no agent is here")
    (box,) = shown(story.run)["stages"][1]["containers"]
    assert (box["status"], box["startVMStatus"]) == ("FAILED", "FAILED")
    (element, *_) = box["elements"]
    assert (element["status"], element["errorType"]) == ("UNEXEC", "BUILD_MACHINE")
    assert "no agent is here" in element["errorMsg"]


def test_a_lost_contact_says_so_while_it_waits() -> None:
    story = Story(stage("a"))
    story.tell(StepLost, key="a/j/1#1.1", known="pid 7")
    element = shown(story.run)["stages"][1]["containers"][0]["elements"][0]
    assert (element["status"], "contact" in element["errorMsg"]) == ("PAUSE", True)


def test_what_is_secret_is_six_asterisks_everywhere() -> None:
    """In parameters, variables and texts of faults."""
    hidden = Parameter(name="pw", default="s3cret-word", sensitive=True, kind="password")
    story = Story(stage("a"), parameters=(hidden,))
    story.end("a/j/1#1.1", "failed", Reason(Why.EXIT, {"message": "no s3cret-word here"}))
    whole = whole_of(story.run)
    for answer in (
        builds.detail_of(whole),
        builds.status_of(whole),
        builds.history_of(whole.row, whole.run, whole.at),
    ):
        text = msgspec.json.encode(answer).decode()
        assert "s3cret-word" not in text
        assert "******" in text


def test_a_build_is_told_under_its_id_on_the_wire() -> None:
    assert builds.detail_of(whole_of(Story(stage("a")).run)).id == build_id("r")
