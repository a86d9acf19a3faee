"""The surprises worth remembering, one by one (bkci-v3 11)."""

from pathlib import Path
from typing import Any

from .caller import Caller, named
from .models import held, job, model, options, param, review, script, stage, steps

UNKNOWN = "p-" + "0" * 32


def test_1_the_status_of_nothing_is_a_success(manager: Caller) -> None:
    for version in (3, 4):
        reply = manager.but(version=version).do("status", pipelineId=UNKNOWN)
        assert (reply.http, reply.status, reply.data) == (200, 0, None)


def test_2_and_3_a_waiting_build_looks_like_a_refused_one(manager: Caller, name: str) -> None:
    pipeline = manager.make(model(name, steps(script()) | review(("manager",))))
    build = manager.start(pipeline)
    waiting = manager.wait(pipeline, build, "STAGE_SUCCESS")
    assert manager.good("status", pipelineId=pipeline)["runningBuildCount"] == 0
    assert "endTime" not in waiting
    assert manager.detail(pipeline, build)["model"]["stages"][1]["status"] == "PAUSE"
    manager.good("review", None, pipelineId=pipeline, buildId=build, stageId="stage-2", cancel=True)
    refused = manager.wait(pipeline, build)
    assert (refused["status"], type(refused["endTime"])) == ("STAGE_SUCCESS", int)


def test_4_how_an_api_start_is_called(manager: Caller, name: str) -> None:
    pipeline = manager.make(model(name, steps(script())))
    _, seen = manager.run(pipeline)
    assert seen["variables"]["BK_CI_START_TYPE"] == "SERVICE"
    assert seen["startType"] == "remoteTrigger"
    assert seen["trigger"] == "Openapi start"


def test_5_two_kinds_of_one_error_type(manager: Caller, name: str) -> None:
    pipeline = manager.make(model(name, steps(script("false", "bad"))))
    build, seen = manager.run(pipeline)
    assert named(manager.detail(pipeline, build)["model"], "bad")["errorType"] == "USER"
    assert seen["errorInfoList"][0]["errorType"] == 1


def test_6_and_7_lengths_are_milliseconds(late: Caller, name: str, minutes: Any, gate: Path) -> None:
    pipeline = late.make(model(name, steps(held(gate, **options(timeout=5)))))
    build = late.start(pipeline)
    late.part(pipeline, build, "held", "RUNNING")
    minutes(2)
    gate.touch()
    seen = late.wait(pipeline, build)
    assert seen["status"] == "SUCCEED"
    assert 120_000 <= seen["executeTime"] <= seen["totalTime"] < 600_000
    element = named(late.detail(pipeline, build)["model"], "held")
    assert 120_000 <= element["elapsed"] < 600_000
    assert element["additionalOptions"]["timeout"] == 5


def test_8_what_is_rewritten_and_what_is_kept(manager: Caller, name: str) -> None:
    pipeline = manager.make(
        model(name, stage(job(script(name="a"), name="A")), stage(job(script(name="b"), name="B")))
    )
    got = manager.good("get", pipelineId=pipeline)
    manager.good("edit", got | {"stages": [got["stages"][0], got["stages"][2]]}, pipelineId=pipeline)
    after = manager.good("get", pipelineId=pipeline)
    assert [one["id"] for one in after["stages"]] == ["stage-1", "stage-2"]
    old, new = named(got, "B"), named(after, "B")
    assert (old["id"], new["id"]) == ("2", "1")
    assert old["containerHashId"] == new["containerHashId"]
    assert named(got, "b")["id"] == named(after, "b")["id"]


def test_9_a_trigger_alone_is_made_but_not_saved_again(manager: Caller, name: str) -> None:
    pipeline = manager.make(model(name))
    manager.do("edit", model(name), pipelineId=pipeline).refused(400, 2101189)
    assert manager.run(pipeline)[1]["status"] == "SUCCEED"


def test_10_the_setting_is_read_in_version_4(manager: Caller, name: str) -> None:
    pipeline = manager.make(model(name, steps(script())))
    manager.ask("GET", f"/api/apigw/v3/projects/demo/pipelines/{pipeline}/setting").refused(404)
    assert manager.good("setting", pipelineId=pipeline)["pipelineId"] == pipeline


def test_11_groups_and_checks_have_their_own_words(manager: Caller, name: str) -> None:
    for cancel, group, check in ((False, "PROCESS", "REVIEW_PROCESSED"), (True, "ABORT", "REVIEW_ABORT")):
        pipeline = manager.make(model(f"{name}-{cancel}", steps(script()) | review(("manager",))))
        build = manager.start(pipeline)
        manager.wait(pipeline, build, "STAGE_SUCCESS")
        manager.good("review", None, pipelineId=pipeline, buildId=build, stageId="stage-2", cancel=cancel)
        manager.wait(pipeline, build)
        shown = manager.detail(pipeline, build)["model"]["stages"][1]["checkIn"]
        assert (shown["reviewGroups"][0]["status"], shown["status"]) == (group, check)


def test_12_a_second_stop_is_an_error(manager: Caller, name: str, gate: Path) -> None:
    even = options(runCondition="PRE_TASK_FAILED_EVEN_CANCEL")
    pipeline = manager.make(model(name, steps(held(gate, **even))))
    build = manager.start(pipeline)
    manager.part(pipeline, build, "held", "RUNNING")
    assert manager.good("stop", pipelineId=pipeline, buildId=build) is True
    manager.do("stop", pipelineId=pipeline, buildId=build).refused(400, 2101019)


def test_13_a_retry_keeps_what_a_restart_changes(manager: Caller, name: str) -> None:
    pipeline = manager.make(model(name, steps(script("false", **options()))))
    build, _ = manager.run(pipeline)
    again = manager.good("retry", pipelineId=pipeline, buildId=build)
    assert (again["id"], again["executeCount"]) == (build, 2)
    assert manager.wait(pipeline, build)["buildNum"] == 1
    new = manager.good("restart", pipelineId=pipeline, buildId=build)
    seen = manager.wait(pipeline, new)
    assert (new != build, seen["buildNum"]) == (True, 2)


def test_14_a_continued_failure_stays(manager: Caller, name: str) -> None:
    pipeline = manager.make(model(name, steps(script("false", "bad", **options(continueWhenFailed=True)))))
    build, seen = manager.run(pipeline)
    whole = manager.detail(pipeline, build)["model"]
    assert [named(whole, part)["status"] for part in ("bad", "Linux", "stage-2")] == [
        "FAILED",
        "SUCCEED",
        "SUCCEED",
    ]
    assert seen["status"] == "SUCCEED"


def test_15_an_approved_task_succeeds(manager: Caller, name: str) -> None:
    ask = {"@type": "manualReviewUserTask", "name": "ask", "id": "e-ask", "reviewUsers": ["manager"]}
    pipeline = manager.make(model(name, steps(ask)))
    build = manager.start(pipeline)
    manager.part(pipeline, build, "ask", "REVIEWING")
    manager.good(
        "manual_review", {"status": "PROCESS"}, pipelineId=pipeline, buildId=build, elementId="e-ask"
    )
    manager.wait(pipeline, build)
    assert named(manager.detail(pipeline, build)["model"], "ask")["status"] == "SUCCEED"


def test_16_unknown_elements_are_kept_and_unknown_jobs_refused(manager: Caller, name: str) -> None:
    odd = {"@type": "fromTheFuture", "name": "odd", "own": 1}
    pipeline = manager.make(model(name, steps(odd)))
    element = named(manager.good("get", pipelineId=pipeline), "odd")
    assert (element["@type"], element["own"]) == ("fromTheFuture", 1)
    manager.do("create", model(f"{name}-2", stage({"@type": "ship", "elements": [script()]}))).refused(400)


def test_17_an_unknown_variable_is_empty(manager: Caller, name: str) -> None:
    pipeline = manager.make(model(name, steps(script())))
    build, _ = manager.run(pipeline)
    assert manager.good("variables", ["nobody"], pipelineId=pipeline, buildId=build) == {"nobody": ""}


def test_18_the_oldest_in_a_full_queue_goes(manager: Caller, name: str, gate: Path) -> None:
    setting = {"pipelineName": name, "runLockType": "SINGLE", "maxQueueSize": 1}
    pipeline = manager.good("upload", {"model": model(name, steps(held(gate))), "setting": setting})["id"]
    first = manager.start(pipeline)
    manager.wait(pipeline, first, "RUNNING")
    oldest, newest = manager.start(pipeline), manager.start(pipeline)
    assert manager.wait(pipeline, oldest)["status"] == "CANCELED"
    assert manager.look(pipeline, newest)["status"] == "QUEUE"


def test_19_how_a_label_spells_its_time(manager: Caller) -> None:
    manager.good("group_add", {"projectId": "demo", "name": "spelling"})
    group = next(one for one in manager.good("groups") if one["name"] == "spelling")
    manager.good("label_add", {"groupId": group["id"], "name": "a"})
    group = next(one for one in manager.good("groups") if one["name"] == "spelling")
    assert type(group["labels"][0]["uptimeTime"]) is int
    assert "updateTime" not in group["labels"][0]
    manager.good("group_delete", groupId=group["id"])


def test_20_nulls_never_appear(manager: Caller, name: str) -> None:
    """Every answer of every test is looked through for them; here is a model that is full of them."""
    empty = {"stageControlOption": None, "checkIn": None, "checkOut": None, "customBuildEnv": None}
    own = job(script(additionalOptions=None, stepId=None), jobControlOption=None, mutexGroup=None)
    whole = model(name, stage(own) | empty, params=(param("p", "x", desc=None, category=None),), tips=None)
    pipeline = manager.make(whole)
    build, _ = manager.run(pipeline)
    for operation in ("get", "status", "detail", "build_status", "history", "start_info"):
        text = manager.fetch(operation, pipelineId=pipeline, buildId=build).body
        assert b":null" not in text, operation
    assert "tips" not in manager.good("get", pipelineId=pipeline)
