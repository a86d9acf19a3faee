"""Where people decide: stage reviews, quality, manual review tasks, pauses (bkci-v3 3.3, 5.4, 9, 12.11, 12.12)."""

import re
from typing import Any

import pytest

from .caller import Caller, named
from .models import decided, job, model, options, param, review, script, stage, steps

VERSIONS = pytest.mark.parametrize("version", [3, 4])
Json = dict[str, Any]


def waiting(me: Caller, whole: Json) -> tuple[Json, Json]:
    """Run a new pipeline until it waits before its second stage: the ids of a review, and the check."""
    pipeline = me.make(whole)
    build = me.start(pipeline)
    me.wait(pipeline, build, "STAGE_SUCCESS", "REVIEWING")
    ids = {"pipelineId": pipeline, "buildId": build, "stageId": "stage-2"}
    return ids, me.detail(pipeline, build)["model"]["stages"][1]["checkIn"]


def second(me: Caller, ids: Json) -> Any:
    """The second stage, in the build's detail."""
    return me.detail(ids["pipelineId"], ids["buildId"])["model"]["stages"][1]


def finish(me: Caller, ids: Json) -> Any:
    """The build's status at its end."""
    return me.wait(ids["pipelineId"], ids["buildId"])


@VERSIONS
def test_several_groups(manager: Caller, name: str, version: int) -> None:
    me = manager.but(version=version)
    own = {"stageIdForUser": "gated"} | review(
        ("runner",),
        ("maker,visitor",),
        ("${who}",),
        reviewParams=[decided("level", "low"), decided("same", "s")],
        reviewDesc="please",
    )
    ids, check = waiting(me, model(name, steps(script()) | own, params=(param("who", "manager"),)))
    assert (check["status"], check["manualTrigger"], check["timeout"]) == ("REVIEWING", True, 24)
    groups = check["reviewGroups"]
    assert [group["reviewers"] for group in groups] == [["runner"], ["maker", "visitor"], ["manager"]]
    assert all(re.fullmatch("[0-9a-f]{32}", group["id"]) for group in groups)
    assert not any("status" in group for group in groups)
    runner, maker = me.but(user="runner"), me.but(user="maker")

    body: Json = {"reviewParams": [decided("level", "high"), decided("same", "s")], "suggest": "fine"}
    me.do("review", body | {"id": groups[1]["id"]}, **ids).refused(403, 2101073)
    me.do("review", body | {"id": "0" * 32}, **ids).refused(403, 2101073)
    me.do("review", body, **ids).refused(403, 2101008)
    long = {"reviewParams": [decided("level", "x" * 4000)]}
    runner.do("review", long, **ids).refused(400, 2101082)
    assert runner.good("review", body | {"id": groups[0]["id"]}, **ids) is True
    stage_now = second(me, ids)
    first = stage_now["checkIn"]["reviewGroups"][0]
    assert (stage_now["status"], stage_now["checkIn"]["status"]) == ("PAUSE", "REVIEWING")
    assert (first["status"], first["operator"], first["suggest"]) == ("PROCESS", "runner", "fine")
    assert type(first["reviewTime"]) is int
    assert [(one["key"], one["value"]) for one in first["params"]] == [("level", "high")]
    assert me.look(ids["pipelineId"], ids["buildId"])["status"] == "STAGE_SUCCESS"

    assert maker.good("review", {"reviewParams": []}, **ids) is True
    assert me.good("review", None, **ids) is True
    seen = finish(me, ids)
    assert seen["status"] == "SUCCEED"
    after = second(me, ids)
    assert (after["status"], after["checkIn"]["status"]) == ("SUCCEED", "REVIEW_PROCESSED")
    assert [group["status"] for group in after["checkIn"]["reviewGroups"]] == ["PROCESS"] * 3
    assert seen["variables"]["level"] == "high"
    assert seen["variables"]["stages.gated.check-in.flow.0.operator"] == "runner"
    assert seen["variables"]["stages.gated.check-in.flow.0.result"] == "PROCESS"
    me.do("review", {"reviewParams": []}, **ids).refused(400, 2101167)


FORMS: dict[str, tuple[Any, Any, str]] = {
    "text": ("a", "b", "b"),
    "number": (5, 6, "6"),
    "truth": (True, False, "false"),
    "list": (["a"], ["a", "b"], '["a","b"]'),
    "object": ({"x": 1}, {"x": 2}, '{"x":2}'),
}
"""The form of a value, one as it is declared, one as a reviewer has it, and the variable it becomes."""


def test_values_of_any_form_come_back_as_they_came(manager: Caller, name: str) -> None:
    """12, row 5: any JSON value."""
    declared = [decided(key, before) for key, (before, _, _) in FORMS.items()]
    gate = review(("manager",), ("manager",), reviewParams=declared)
    ids, check = waiting(manager, model(name, steps(script()) | gate))
    assert {one["key"]: one["value"] for one in check["reviewParams"]} == {
        key: before for key, (before, _, _) in FORMS.items()
    }
    sent = {key: after for key, (_, after, _) in FORMS.items()}
    body = {"reviewParams": [decided(key, value) for key, value in sent.items()]}
    assert manager.good("review", body, **ids) is True
    check = second(manager, ids)["checkIn"]
    assert {one["key"]: one["value"] for one in check["reviewGroups"][0]["params"]} == sent
    assert {one["key"]: one["value"] for one in check["reviewParams"]} == sent
    assert manager.good("review", {"reviewParams": []}, **ids) is True
    variables = finish(manager, ids)["variables"]
    assert {key: variables[key] for key in FORMS} == {key: text for key, (_, _, text) in FORMS.items()}


def test_choices_of_a_task_may_be_a_list(manager: Caller, name: str) -> None:
    """3.3, operation 31: each is among the keys, whether they come as a list or as one text."""
    keys = [{"key": key, "value": key} for key in "ab"]
    ask = {
        "@type": "manualReviewUserTask",
        "name": "ask",
        "id": "e-ask",
        "reviewUsers": ["manager"],
        "params": [decided("some", ["a"], valueType="MULTIPLE", options=keys)],
    }
    pipeline = manager.make(model(name, steps(ask)))
    for value, fine in ((["a", "z"], False), ("a,z", False), (["a", "b"], True), ("a,b", True)):
        build = manager.start(pipeline)
        manager.part(pipeline, build, "ask", "REVIEWING")
        ids = {"pipelineId": pipeline, "buildId": build, "elementId": "e-ask"}
        reply = manager.do("manual_review", {"status": "PROCESS", "params": [decided("some", value)]}, **ids)
        if fine:
            assert reply.good() is True
        else:
            reply.refused(400)
            manager.good("stop", pipelineId=pipeline, buildId=build)
        assert manager.wait(pipeline, build)["status"] == ("SUCCEED" if fine else "CANCELED")


def by_role(*groups: tuple[list[str], list[str]]) -> Json:
    """A review whose groups are reviewers and roles."""
    own = [
        {"name": f"group {at}", "reviewers": people, "groups": roles}
        for at, (people, roles) in enumerate(groups, 1)
    ]
    return {"checkIn": {"manualTrigger": True, "reviewGroups": own}}


def test_groups_of_a_review_are_roles_of_the_project(manager: Caller, name: str) -> None:
    """Semantics 4.1.1: beside the reviewers stand the members of the role groups; nobody else decides."""
    whole = model(
        name, steps(script()) | by_role(([], ["operator"]), (["visitor"], ["developer", "deployer"]))
    )
    ids, _ = waiting(manager, whole)
    body: Json = {"reviewParams": []}
    manager.do("review", body, **ids).refused(403, 2101008)
    manager.but(user="maker").do("review", body, **ids).refused(403, 2101008)
    assert manager.but(user="runner").good("review", body, **ids) is True
    manager.but(user="runner").do("review", body, **ids).refused(403, 2101008)
    assert manager.but(user="maker-two").good("review", body, **ids) is True
    assert finish(manager, ids)["status"] == "SUCCEED"
    groups = second(manager, ids)["checkIn"]["reviewGroups"]
    assert [group["operator"] for group in groups] == ["runner", "maker-two"]
    assert [group["groups"] for group in groups] == [["operator"], ["developer", "deployer"]]


def test_a_role_that_nobody_has_is_nobody(manager: Caller, name: str) -> None:
    """Semantics 4.1.7: without anybody the system refuses."""
    for roles in (["deployer"], ["no-such-role"]):
        pipeline = manager.make(model(f"{name}-{roles[0]}", steps(script()) | by_role(([], roles))))
        _, seen = manager.run(pipeline)
        assert seen["status"] == "STAGE_SUCCESS"


@VERSIONS
def test_a_refusal(manager: Caller, name: str, version: int) -> None:
    me = manager.but(version=version)
    whole = model(
        name,
        steps(script(name="never")) | review(("manager",), ("maker",)),
        steps(script(name="nor")),
        {**steps(script(name="last")), "finally": True},
    )
    ids, _ = waiting(me, whole)
    assert me.good("review", {"reviewParams": [], "suggest": "no"}, cancel=True, **ids) is True
    seen = finish(me, ids)
    assert seen["status"] == "STAGE_SUCCESS"
    shown = me.detail(ids["pipelineId"], ids["buildId"])
    stages = shown["model"]["stages"]
    check = stages[1]["checkIn"]
    assert (stages[1]["status"], check["status"]) == ("STAGE_SUCCESS", "REVIEW_ABORT")
    group = check["reviewGroups"][0]
    assert (group["status"], group["operator"], group["suggest"]) == ("ABORT", "manager", "no")
    assert "status" not in check["reviewGroups"][1]
    assert named(shown["model"], "never").get("status") in {None, "UNEXEC"}
    assert stages[2].get("status") in {None, "UNEXEC"}
    assert named(shown["model"], "last")["status"] == "SUCCEED"


def test_errors_of_a_review_in_their_order(manager: Caller, name: str) -> None:
    ids, _ = waiting(manager, model(name, steps(script()) | review(("manager",))))
    other = manager.make(model(f"{name}-2", steps(script())))
    body: Json = {"reviewParams": []}
    nobody = {"pipelineId": "p-" + "0" * 32, "buildId": "b-" + "0" * 32}
    manager.do("review", body, **ids | nobody).refused(404, 2101038)
    manager.do("review", body, **ids | {"buildId": nobody["buildId"]}).refused(404, 2101163)
    manager.do("review", body, **ids | {"pipelineId": other}).refused(400, 2101058)
    manager.do("review", body, **ids | {"stageId": "stage-9"}).refused(404, 2101166)
    manager.do("review", body, **ids | {"stageId": "stage-1"}).refused(400, 2101167)
    manager.do("review", {"suggest": "x"}, **ids).refused(400)
    assert manager.good("review", body, **ids) is True


def test_a_review_times_out(late: Caller, minutes: Any, name: str) -> None:
    ids, _ = waiting(late, model(name, steps(script()) | review(("manager",), timeout=2)))
    minutes(119)
    assert second(late, ids)["checkIn"]["status"] == "REVIEWING"
    minutes(2)
    assert finish(late, ids)["status"] == "STAGE_SUCCESS"
    check = second(late, ids)["checkIn"]
    group = check["reviewGroups"][0]
    assert (check["status"], group["status"], group["operator"], group["suggest"]) == (
        "REVIEW_ABORT",
        "ABORT",
        "SYSTEM",
        "TIMEOUT",
    )


def test_a_stop_in_a_review_is_a_refusal(manager: Caller, name: str) -> None:
    ids, _ = waiting(manager, model(name, steps(script()) | review(("manager",))))
    assert manager.good("stop", pipelineId=ids["pipelineId"], buildId=ids["buildId"]) is True
    assert finish(manager, ids)["status"] == "STAGE_SUCCESS"
    check = second(manager, ids)["checkIn"]
    assert (check["status"], check["reviewGroups"][0]["suggest"]) == ("REVIEW_ABORT", "CANCEL")


def test_a_review_without_anybody_is_refused(manager: Caller, name: str) -> None:
    pipeline = manager.make(
        model(name, steps(script()) | review(("${nobody}",)), params=(param("nobody", ""),))
    )
    _, seen = manager.run(pipeline)
    assert seen["status"] == "STAGE_SUCCESS"


def test_a_stage_that_will_not_run_asks_nobody(manager: Caller, name: str) -> None:
    off = {"stageControlOption": {"runCondition": "CUSTOM_CONDITION_MATCH", "customCondition": "false"}}
    pipeline = manager.make(model(name, steps(script()) | review(("manager",)) | off))
    assert manager.run(pipeline)[1]["status"] == "SUCCEED"


@VERSIONS
@pytest.mark.parametrize(
    ("place", "position", "wrong"), [("checkIn", "BEFORE", "AFTER"), ("checkOut", "AFTER", "BEFORE")]
)
@pytest.mark.parametrize("passes", [True, False])
def test_quality(
    manager: Caller, name: str, version: int, place: str, position: str, wrong: str, passes: bool
) -> None:
    me = manager.but(version=version)
    pipeline = me.make(model(name, {**steps(script(name="own")), place: {"ruleIds": ["r"]}}, steps(script())))
    build = me.start(pipeline)
    me.wait(pipeline, build, "REVIEWING")
    ids = {"pipelineId": pipeline, "buildId": build, "stageId": "stage-2"}
    assert second(me, ids)[place]["status"] == "QUALITY_CHECK_WAIT"
    me.do("quality", {"position": wrong, "pass": True, "checkTimes": 1}, **ids).refused(403, 2101074)
    body = {"position": position, "pass": passes, "checkTimes": 1}
    assert me.good("quality", body, **ids) is True
    assert finish(me, ids)["status"] == ("SUCCEED" if passes else "FAILED")
    stage_now = second(me, ids)
    assert stage_now[place]["status"] == ("QUALITY_CHECK_PASS" if passes else "QUALITY_CHECK_FAIL")
    if passes:
        assert stage_now["status"] == "SUCCEED"
    elif place == "checkIn":
        assert stage_now["status"] == "FAILED"
    else:
        assert stage_now["status"] in {"SUCCEED", "FAILED"}
    me.do("quality", body, **ids).refused(400, 2101167)


ASK = {
    "@type": "manualReviewUserTask",
    "name": "ask",
    "id": "e-ask",
    "reviewUsers": ["${who}", "maker"],
    "params": [
        decided("answer", "none", required=True),
        decided(
            "color",
            "red",
            valueType="ENUM",
            options=[{"key": "red", "value": "R"}, {"key": "blue", "value": "B"}],
        ),
    ],
}


@pytest.fixture
def asked(manager: Caller, name: str) -> Json:
    """A build that waits at a manual review task; its ids."""
    who = (param("who", "runner"),)
    pipeline = manager.make(model(name, steps(ASK, script("echo got $answer", "after")), params=who))
    build = manager.start(pipeline)
    manager.part(pipeline, build, "ask", "REVIEWING")
    return {"pipelineId": pipeline, "buildId": build, "elementId": "e-ask"}


@VERSIONS
def test_a_manual_review_task_is_approved(manager: Caller, asked: Json, version: int) -> None:
    me = manager.but(version=version)
    shown = me.detail(asked["pipelineId"], asked["buildId"])
    assert (shown["status"], named(shown["model"], "Linux")["status"]) == ("RUNNING", "RUNNING")
    me.do("manual_review", {"status": "PROCESS"}, **asked).refused(400, 2101018)
    runner = me.but(user="runner")
    for wrong in ({"answer": ""}, {"answer": "x", "color": "green"}):
        params = [decided(key, value, required=key == "answer") for key, value in wrong.items()]
        assert runner.do("manual_review", {"status": "PROCESS", "params": params}, **asked).http == 400
    runner.do("manual_review", {"status": "MAYBE"}, **asked).refused(400)
    runner.do("manual_review", {"status": "PROCESS"}, **asked | {"elementId": "e-none"}).refused(400, 2101279)
    body = {
        "status": "PROCESS",
        "suggest": "well",
        "params": [decided("answer", "yes", required=True), decided("color", "blue", valueType="ENUM")],
    }
    assert runner.good("manual_review", body, **asked) is True
    seen = finish(me, asked)
    assert (seen["status"], seen["variables"]["answer"], seen["variables"]["color"]) == (
        "SUCCEED",
        "yes",
        "blue",
    )
    assert named(me.detail(asked["pipelineId"], asked["buildId"])["model"], "ask")["status"] == "SUCCEED"
    assert runner.do("manual_review", body, **asked).http == 400


@VERSIONS
def test_a_manual_review_task_is_refused(manager: Caller, asked: Json, version: int) -> None:
    me = manager.but(version=version, user="maker")
    assert me.good("manual_review", {"status": "ABORT", "suggest": "no"}, **asked) is True
    assert finish(me, asked)["status"] == "FAILED"
    shown = me.detail(asked["pipelineId"], asked["buildId"])
    ask, after = named(shown["model"], "ask"), named(shown["model"], "after")
    assert (ask["status"], after["status"], named(shown["model"], "Linux")["status"]) == (
        "REVIEW_ABORT",
        "UNEXEC",
        "FAILED",
    )
    assert shown["cancelUserId"] == "maker"


def test_a_stop_at_a_manual_review_task(manager: Caller, asked: Json) -> None:
    assert manager.good("stop", pipelineId=asked["pipelineId"], buildId=asked["buildId"]) is True
    assert finish(manager, asked)["status"] == "CANCELED"
    shown = manager.detail(asked["pipelineId"], asked["buildId"])
    assert named(shown["model"], "ask")["status"] == "CANCELED"


@pytest.mark.parametrize("key", ["isContinue", "continue"])
@pytest.mark.parametrize("by", ["taskId", "stepId"])
def test_a_pause_that_goes_on(manager: Caller, name: str, key: str, by: str) -> None:
    asking = script("echo on", "asks", id="e-asks", stepId="step_asks", **options(pauseBeforeExec=True))
    pipeline = manager.make(model(name, stage(job(script(name="before"), asking))))
    build = manager.start(pipeline)
    manager.part(pipeline, build, "asks", "PAUSE")
    shown = manager.detail(pipeline, build)
    assert shown["status"] == "RUNNING"
    assert named(shown["model"], "Linux")["status"] in {"PAUSE", "RUNNING"}
    own = {"taskId": "e-asks", "stepId": "step_asks"}
    body = {by: own[by], key: True, "stageId": "stage-2", "containerId": "1"}
    ids = {"pipelineId": pipeline, "buildId": build}
    before = named(shown["model"], "before")["id"]
    manager.do("pause", body | {"taskId": before}, **ids).refused(400, 2101107)
    assert manager.good("pause", {**body, by: "nobody"}, **ids) is False
    assert manager.good("pause", body, **ids) is True
    seen = manager.wait(pipeline, build)
    assert seen["status"] == "SUCCEED"
    assert seen["variables"]["BK_CI_OPERATOR_e-asks"] == "manager"
    manager.do("pause", body, **ids).refused(400, 2101012)
    manager.do("pause", body, **ids | {"buildId": "b-" + "0" * 32}).refused(404, 2101163)
