"""What a client leaves out has the reference's defaults when the model comes back (bkci-v3 5)."""

from typing import Any

import pytest

from .caller import Caller, named
from .models import decided, job, model, param, plain, script, stage, steps, trigger

Json = dict[str, Any]

ASK = {
    "@type": "manualReviewUserTask",
    "name": "ask",
    "reviewUsers": ["manager"],
    "params": [{"key": "k", "value": 1, "required": False}],
}


@pytest.fixture(scope="module")
def got(address: str) -> Any:
    """A model that said as little as possible of much, as it comes back."""
    me = Caller(address, "manager")
    machine = job(
        script(name="shell", additionalOptions={}),
        {
            "@type": "subPipelineCall",
            "name": "call",
            "asynchronous": True,
            "subPipelineId": me.make(model("called")),
        },
        name="machine",
        jobControlOption={},
        mutexGroup={"enable": False, "queueEnable": False},
        dispatchType={"buildType": "DOCKER", "value": "image:1"},
        matrixControlOption={"strategyStr": "a: [1]"},
    )
    whole = model(
        "defaults",
        {
            **stage(machine, plain(ASK, name="plain")),
            "name": "working",
            "stageControlOption": {},
            "checkIn": {
                "manualTrigger": True,
                "reviewGroups": [{"reviewers": ["a"]}],
                "reviewParams": [decided("p", 1)],
            },
            "checkOut": {},
        },
        first=trigger(param("p"), elements=[{"@type": "manualTrigger"}]),
    )
    return me.good("get", pipelineId=me.make(whole))


def holds(part: Json, expected: Json) -> None:
    """These fields have these values."""
    assert {key: part.get(key, "missing") for key in expected} == expected


def test_a_model(got: Json) -> None:
    holds(
        got,
        {"labels": [], "events": {}, "staticViews": [], "instanceFromTemplate": False, "latestVersion": 1},
    )
    assert got["desc"] == "defaults"


def test_a_stage(got: Json) -> None:
    own = named(got, "working")
    holds(own, {"fastKill": False, "finally": False, "id": "stage-2"})
    assert len(own["tag"]) == 1
    holds(
        own["stageControlOption"],
        {
            "enable": True,
            "runCondition": "AFTER_LAST_FINISHED",
            "customVariables": [],
            "manualTrigger": False,
        },
    )


def test_gates(got: Json) -> None:
    own = named(got, "working")
    shared = {"timeout": 24, "markdownContent": False, "notifyType": ["RTX"]}
    holds(own["checkIn"], shared | {"manualTrigger": True})
    holds(own["checkOut"], shared | {"manualTrigger": False})
    holds(own["checkIn"]["reviewGroups"][0], {"name": "Flow 1", "reviewers": ["a"], "groups": []})
    holds(
        own["checkIn"]["reviewParams"][0], {"valueType": "STRING", "required": False, "desc": "", "value": 1}
    )


def test_jobs(got: Json) -> None:
    machine, without = named(got, "machine"), named(got, "plain")
    holds(
        machine,
        {
            "classType": "vmBuild",
            "vmNames": [],
            "maxQueueMinutes": 60,
            "maxRunningMinutes": 480,
            "showBuildResource": False,
            "enableExternal": False,
            "nfsSwitch": True,
            "matrixGroupFlag": False,
        },
    )
    holds(
        without,
        {"classType": "normal", "enableSkip": False, "maxQueueMinutes": 60, "maxRunningMinutes": 1440},
    )
    holds(
        machine["jobControlOption"],
        {
            "enable": True,
            "runCondition": "STAGE_RUNNING",
            "customVariables": [],
            "timeout": 900,
            "timeoutVar": "900",
            "continueWhenFailed": False,
        },
    )
    holds(machine["mutexGroup"], {"mutexGroupName": "", "timeout": 0, "queue": 0})
    holds(
        machine["dispatchType"], {"buildType": "DOCKER", "value": "image:1", "dockerBuildVersion": "image:1"}
    )
    holds(machine["matrixControlOption"], {"fastKill": False, "maxConcurrency": 5})


def test_elements(got: Json) -> None:
    shell = named(got, "shell")
    holds(shell, {"version": "1.*", "atomCode": "linuxScript", "enableArchiveFile": False, "taskAtom": ""})
    options = shell["additionalOptions"]
    holds(
        options,
        {
            "enable": True,
            "continueWhenFailed": False,
            "retryWhenFailed": False,
            "retryCount": 0,
            "manualRetry": True,
            "pauseBeforeExec": False,
            "subscriptionPauseUser": "",
            "customCondition": "",
        },
    )
    assert options["timeout"] in {100, 900}
    assert options["timeoutVar"] == str(options["timeout"])
    holds(named(got, "call"), {"taskAtom": "subPipelineCallAtom", "atomCode": "subPipelineCall"})
    holds(
        named(got, "ask"),
        {"taskAtom": "manualReviewTaskAtom", "markdownContent": False, "suggestRequired": False},
    )
    holds(named(got, "ask")["params"][0], {"key": "k", "value": 1, "valueType": "STRING", "desc": ""})


def test_the_trigger(got: Json) -> None:
    box = got["stages"][0]["containers"][0]
    (manual,) = box["elements"]
    holds(manual, {"name": "manualTrigger", "canElementSkip": False, "useLatestParameters": False})
    (own,) = box["params"]
    holds(
        own,
        {"readOnly": False, "constant": False, "valueNotEmpty": False, "required": True, "type": "STRING"},
    )


def test_old_containers_of_a_step_alone(manager: Caller, name: str) -> None:
    """The minimal model of the reference."""
    whole = {
        "name": name,
        "stages": [
            {
                "containers": [
                    {
                        "@type": "trigger",
                        "name": "Trigger",
                        "elements": [{"@type": "manualTrigger", "name": "Manual"}],
                        "params": [],
                    }
                ]
            },
            {
                "containers": [
                    {
                        "@type": "vmBuild",
                        "name": "Linux",
                        "baseOS": "LINUX",
                        "elements": [
                            {
                                "@type": "linuxScript",
                                "name": "Bash",
                                "scriptType": "SHELL",
                                "script": "echo hi",
                            }
                        ],
                    }
                ]
            },
        ],
    }
    assert manager.run(manager.make(whole))[1]["status"] == "SUCCEED"


def test_a_post_action(manager: Caller, name: str) -> None:
    """An element that comes with elementPostInfo is one, whatever its parent came to (semantics 9)."""
    post = {
        "postEntryParam": "",
        "postCondition": "always()",
        "parentElementId": "e-bad",
        "parentElementName": "bad",
        "parentElementJobIndex": 0,
    }
    clean = script(
        "echo cleaned",
        "clean",
        additionalOptions={"runCondition": "PRE_TASK_FAILED_BUT_CANCEL", "elementPostInfo": post},
    )
    pipeline = manager.make(model(name, steps(script("false", "bad", id="e-bad"), script(name="no"), clean)))
    build, seen = manager.run(pipeline)
    whole = manager.detail(pipeline, build)["model"]
    assert seen["status"] == "FAILED"
    assert [named(whole, part)["status"] for part in ("bad", "no", "clean")] == [
        "FAILED",
        "UNEXEC",
        "SUCCEED",
    ]
    assert named(whole, "Linux")["containPostTaskFlag"] is True
    assert named(whole, "clean")["additionalOptions"]["elementPostInfo"]["parentElementId"] == "e-bad"


def test_times_of_a_build(manager: Caller, name: str) -> None:
    pipeline = manager.make(model(name, steps(script("sleep 0.02", "one"), script("sleep 0.02", "two"))))
    build, seen = manager.run(pipeline)
    shown = manager.detail(pipeline, build)
    stage_now = shown["model"]["stages"][1]
    for part in (stage_now, named(shown["model"], "one"), shown["model"], shown["recordList"][0]):
        cost = part["timeCost"]
        assert set(cost) == {"systemCost", "executeCost", "waitCost", "queueCost", "totalCost"}
        assert all(type(figure) is int and figure >= 0 for figure in cost.values())
    own = stage_now["timeCost"]
    assert own["totalCost"] == stage_now["elapsed"]
    assert own["executeCost"] >= 40
    status = seen["stageStatus"][1]
    assert (status["stageId"], status["status"], status["elapsed"]) == (
        "stage-2",
        "SUCCEED",
        stage_now["elapsed"],
    )
    assert status["startEpoch"] == stage_now["startEpoch"]
    assert named(shown["model"], "one")["executeCount"] == 1
