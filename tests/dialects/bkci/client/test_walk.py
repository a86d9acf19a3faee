"""The whole road of a pipeline: create, edit, start, status, history, detail, logs, review, refuse, pause, retry,
cancel, copy, delete; by each type, in each version, in the forms a path has (bkci-v3 1.1, 2.2, 3.1)."""

import re
from pathlib import Path

import pytest

from .caller import Caller, named
from .models import decided, held, job, model, options, param, review, script, stage, steps

WALKERS = [
    ("apigw", 3, "public", False),
    ("apigw-user", 3, "openapi", True),
    ("apigw-app", 3, "bare", False),
    ("apigw", 4, "prod", True),
    ("apigw-user", 4, "bare", False),
    ("apigw-app", 4, "public", True),
]

ID = "[0-9a-f]{32}"


def is_id(letter: str, text: str) -> bool:
    """Section 8."""
    return re.fullmatch(f"{letter}-{ID}", text) is not None


@pytest.mark.parametrize(("api", "version", "front", "slash"), WALKERS)
def test_the_whole_road(
    address: str, name: str, gate: Path, api: str, version: int, front: str, slash: bool
) -> None:
    me = Caller(address, "manager", api=api, version=version, front=front, slash=slash)
    created = me.good("create", model(name, desc="first"))
    assert set(created) == {"id"}
    pipeline = created["id"]
    assert is_id("p", pipeline)

    # Edit: only now it has something to do.
    road = model(
        name,
        steps(
            script("echo hello $who; setEnv greeted $who", "greet", id="e-greet"),
            script(f"[ -e '{gate}' ]", "doubt", id="e-doubt", **options(manualRetry=True)),
        ),
        steps(
            script("echo released ${level}", "release", id="e-release", **options(pauseBeforeExec=True)),
            **review(("visitor", "manager"), reviewParams=[decided("level", "low")]),
        ),
        params=(param("who", "nobody"),),
        desc="second",
    )
    assert me.good("edit", road, pipelineId=pipeline) is True
    got = me.good("get", pipelineId=pipeline)
    assert (got["name"], got["desc"], got["latestVersion"], got["pipelineCreator"]) == (
        name,
        "second",
        2,
        "manager",
    )

    # Start with parameters; the doubtful step fails.
    started = me.good("start", {"who": "world"}, pipelineId=pipeline)
    build = started["id"]
    assert is_id("b", build)
    assert started.get("executeCount", 1) == 1
    failed = me.wait(pipeline, build)
    assert failed["status"] == "FAILED"
    assert (failed["id"], failed["buildNum"], failed["userId"]) == (build, 1, "manager")
    assert failed["variables"]["greeted"] == "world"
    assert failed["variables"]["who"] == "world"
    assert failed["queueTime"] <= failed["startTime"] <= failed["endTime"]

    # Retry from the failed step; the build keeps its id and number, and stops at the review.
    gate.touch()
    again = me.good("retry", pipelineId=pipeline, buildId=build, taskId="e-doubt")
    assert (again["id"], again["executeCount"]) == (build, 2)
    waiting = me.wait(pipeline, build, "STAGE_SUCCESS")
    assert "endTime" not in waiting
    assert waiting["buildNum"] == 1
    shown = me.detail(pipeline, build)
    assert shown["executeCount"] == 2
    third = shown["model"]["stages"][2]
    assert (third["status"], third["checkIn"]["status"]) == ("PAUSE", "REVIEWING")

    # Review; the step asks before it runs.
    approval = {"reviewParams": [decided("level", "high")], "suggest": "go"}
    assert me.good("review", approval, pipelineId=pipeline, buildId=build, stageId="stage-3") is True
    me.part(pipeline, build, "release", "PAUSE")
    going = {"taskId": "e-release", "isContinue": True, "stageId": "stage-3", "containerId": "2"}
    assert me.good("pause", going, pipelineId=pipeline, buildId=build) is True
    assert me.wait(pipeline, build)["status"] == "SUCCEED"
    assert me.good("variables", ["level", "who"], pipelineId=pipeline, buildId=build) == {
        "level": "high",
        "who": "world",
    }

    # Status of the pipeline, history, detail, logs.
    seen = me.good("status", pipelineId=pipeline)
    assert (seen["latestBuildId"], seen["latestBuildStatus"], seen["latestBuildNum"]) == (build, "SUCCEED", 1)
    page = me.good("history", pipelineId=pipeline)
    assert [one["id"] for one in page["records"]] == [build]
    assert (page["count"], page["page"], page["totalPages"]) == (1, 1, 1)
    assert page["records"][0]["retry"] is True
    ended = me.detail(pipeline, build)
    assert named(ended["model"], "release")["status"] == "SUCCEED"
    assert ended["model"]["stages"][2]["checkIn"]["reviewGroups"][0]["operator"] == "manager"
    messages = [line["message"] for line in me.good("log_init", pipelineId=pipeline, buildId=build)["logs"]]
    assert any("hello world" in message for message in messages)
    assert any("released high" in message for message in messages)

    # A second build is refused at its review, a third one cancelled.
    second = me.start(pipeline)
    me.wait(pipeline, second, "STAGE_SUCCESS")
    refusal = {"reviewParams": [], "suggest": "no"}
    assert (
        me.good("review", refusal, pipelineId=pipeline, buildId=second, stageId="stage-3", cancel=True)
        is True
    )
    refused = me.wait(pipeline, second)
    assert (refused["status"], refused["buildNum"]) == ("STAGE_SUCCESS", 2)
    assert me.good("edit", model(name, steps(held(gate.with_name("never")))), pipelineId=pipeline) is True
    third_build = me.start(pipeline)
    me.part(pipeline, third_build, "held", "RUNNING")
    assert me.good("stop", pipelineId=pipeline, buildId=third_build) is True
    assert me.wait(pipeline, third_build)["status"] == "CANCELED"

    # Copy, delete.
    copied = me.good("copy", {"name": f"{name} copy"}, pipelineId=pipeline)["id"]
    assert is_id("p", copied)
    assert copied != pipeline
    assert me.good("get", pipelineId=copied)["latestVersion"] == 1
    for gone in (copied, pipeline):
        assert me.good("delete", pipelineId=gone) is True
        assert me.good("status", pipelineId=gone) is None
    me.do("get", pipelineId=pipeline).refused(404, 2101038)
    assert me.look(pipeline, build)["status"] == "SUCCEED"


@pytest.mark.parametrize(("api", "version", "front", "slash"), WALKERS[1:5:3])
def test_a_pause_that_stops(address: str, name: str, api: str, version: int, front: str, slash: bool) -> None:
    me = Caller(address, "manager", api=api, version=version, front=front, slash=slash)
    asking = script("echo no", "asks", id="e-asks", **options(pauseBeforeExec=True))
    pipeline = me.make(model(name, stage(job(asking, script(name="after")))))
    build = me.start(pipeline)
    me.part(pipeline, build, "asks", "PAUSE")
    assert me.look(pipeline, build)["status"] == "RUNNING"
    end = {"taskId": "e-asks", "continue": False, "stageId": "stage-2", "containerId": "1"}
    assert me.good("pause", end, pipelineId=pipeline, buildId=build) is True
    assert me.wait(pipeline, build)["status"] == "CANCELED"
    shown = me.detail(pipeline, build)
    assert named(shown["model"], "asks")["status"] == "CANCELED"
    assert shown["model"]["stages"][1]["status"] == "CANCELED"
    assert shown["model"]["stages"][1]["containers"][0]["status"] == "CANCELED"
    assert "elapsed" not in named(shown["model"], "after")
