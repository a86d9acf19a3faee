"""Run locks and queues (bkci-v3 5.12, 6.4, 9; semantics 13)."""

from pathlib import Path
from typing import Any

from .caller import Caller
from .models import held, model, review, script, steps


def locked(me: Caller, whole: dict[str, Any], **setting: Any) -> str:
    """A pipeline with a setting; its id."""
    body = {"model": whole, "setting": {"pipelineName": whole["name"], **setting}}
    return str(me.good("upload", body)["id"])


def test_one_at_a_time(manager: Caller, name: str, gate: Path) -> None:
    pipeline = locked(manager, model(name, steps(held(gate))), runLockType="SINGLE")
    first = manager.start(pipeline)
    manager.wait(pipeline, first, "RUNNING")
    second, third = manager.start(pipeline), manager.start(pipeline)
    for build, place in ((second, 1), (third, 2)):
        seen = manager.look(pipeline, build)
        assert (seen["status"], seen["currentQueuePosition"], seen["startTime"]) == ("QUEUE", place, 0)
        assert manager.detail(pipeline, build)["startTime"] == 0
    gate.touch()
    ends = [manager.wait(pipeline, build) for build in (first, second, third)]
    assert [seen["status"] for seen in ends] == ["SUCCEED"] * 3
    assert ends[0]["endTime"] <= ends[1]["startTime"]
    assert ends[1]["endTime"] <= ends[2]["startTime"]


def test_a_full_queue(manager: Caller, name: str, gate: Path) -> None:
    pipeline = locked(manager, model(name, steps(held(gate))), runLockType="SINGLE_LOCK", maxQueueSize=1)
    first = manager.start(pipeline)
    manager.wait(pipeline, first, "RUNNING")
    second, third = manager.start(pipeline), manager.start(pipeline)
    assert manager.wait(pipeline, second)["status"] == "CANCELED"
    assert manager.look(pipeline, third)["status"] == "QUEUE"
    gate.touch()
    assert manager.wait(pipeline, third)["status"] == "SUCCEED"


def test_no_queue_at_all(manager: Caller, name: str, gate: Path) -> None:
    pipeline = locked(manager, model(name, steps(held(gate))), runLockType="SINGLE", maxQueueSize=0)
    first = manager.start(pipeline)
    manager.wait(pipeline, first, "RUNNING")
    manager.do("start", {}, pipelineId=pipeline).refused(400, 2101049)
    gate.touch()
    manager.wait(pipeline, first)
    assert manager.run(pipeline)[1]["status"] == "SUCCEED"


def test_a_stop_in_the_queue(manager: Caller, name: str, gate: Path) -> None:
    whole = model(name, steps(held(gate)), steps(script(name="last")) | {"finally": True})
    pipeline = locked(manager, whole, runLockType="SINGLE")
    first = manager.start(pipeline)
    manager.wait(pipeline, first, "RUNNING")
    second = manager.start(pipeline)
    assert manager.good("stop", pipelineId=pipeline, buildId=second) is True
    assert manager.wait(pipeline, second)["status"] == "CANCELED"
    stages = manager.detail(pipeline, second)["model"]["stages"]
    assert all(stage.get("status") in {None, "UNEXEC"} for stage in stages[1:])


def test_a_queue_waits_so_long(late: Caller, minutes: Any, name: str, gate: Path) -> None:
    pipeline = locked(late, model(name, steps(held(gate))), runLockType="SINGLE", waitQueueTimeMinute=3)
    first = late.start(pipeline)
    late.wait(pipeline, first, "RUNNING")
    second = late.start(pipeline)
    minutes(2)
    assert late.look(pipeline, second)["status"] == "QUEUE"
    minutes(2)
    assert late.wait(pipeline, second)["status"] == "QUEUE_TIMEOUT"
    stage = late.detail(pipeline, second)["model"]["stages"][1]
    assert (stage["status"], stage["containers"][0]["status"]) == ("UNEXEC", "UNEXEC")
    assert stage["containers"][0]["elements"][0]["status"] == "UNEXEC"
    gate.touch()
    assert late.wait(pipeline, first)["status"] == "SUCCEED"


def test_a_group_of_pipelines(manager: Caller, name: str, gate: Path) -> None:
    lock = {"runLockType": "GROUP_LOCK", "concurrencyGroup": name}
    first = locked(manager, model(name, steps(held(gate))), **lock)
    second = locked(manager, model(f"{name}-2", steps(script())), **lock)
    holder = manager.start(first)
    manager.wait(first, holder, "RUNNING")
    waiting = manager.start(second)
    assert manager.look(second, waiting)["status"] == "QUEUE"
    gate.touch()
    assert manager.wait(second, waiting)["status"] == "SUCCEED"
    assert manager.good("history", pipelineId=second)["records"][0]["concurrencyGroup"] == name


def test_a_group_in_which_the_newest_wins(manager: Caller, name: str, gate: Path) -> None:
    lock = {"runLockType": "GROUP_LOCK", "concurrencyGroup": name, "concurrencyCancelInProgress": True}
    first = locked(manager, model(name, steps(held(gate))), **lock)
    second = locked(manager, model(f"{name}-2", steps(script())), **lock)
    holder = manager.start(first)
    manager.part(first, holder, "held", "RUNNING")
    newest = manager.start(second)
    assert manager.wait(first, holder)["status"] == "CANCELED"
    assert manager.wait(second, newest)["status"] == "SUCCEED"


def test_side_by_side(manager: Caller, name: str, gate: Path) -> None:
    pipeline = manager.make(model(name, steps(held(gate))))
    builds = [manager.start(pipeline) for _ in range(2)]
    for build in builds:
        manager.part(pipeline, build, "held", "RUNNING")
    assert manager.good("status", pipelineId=pipeline)["runningBuildCount"] == 2


def test_a_review_holds_no_lock(manager: Caller, name: str) -> None:
    whole = model(name, steps(script()), steps(script()) | review(("manager",)))
    pipeline = locked(manager, whole, runLockType="SINGLE")
    first = manager.start(pipeline)
    manager.wait(pipeline, first, "STAGE_SUCCESS")
    assert manager.good("status", pipelineId=pipeline)["runningBuildCount"] == 0
    second = manager.start(pipeline)
    manager.wait(pipeline, second, "STAGE_SUCCESS")
    for build in (first, second):
        manager.good("review", {"reviewParams": []}, pipelineId=pipeline, buildId=build, stageId="stage-3")
        assert manager.wait(pipeline, build)["status"] == "SUCCEED"
