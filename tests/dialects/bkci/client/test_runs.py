"""What a client sees while a build runs (bkci-v3 9), with real steps."""

from pathlib import Path
from typing import Any

import pytest

from .caller import Caller, named
from .models import control, held, job, model, options, param, script, stage, steps


def statuses(shown: dict[str, Any], *names: str) -> list[str | None]:
    """The statuses of parts of a detail, by their names."""
    return [named(shown["model"], name).get("status") for name in names]


def ended(me: Caller, whole: dict[str, Any], values: dict[str, str] | None = None) -> tuple[str, Any]:
    """Run a new pipeline; how its build ended, and its detail."""
    pipeline = me.make(whole)
    build, seen = me.run(pipeline, values)
    shown = me.detail(pipeline, build)
    assert shown["status"] == seen["status"]
    return seen["status"], shown


@pytest.mark.parametrize("version", [3, 4])
def test_a_build_that_goes_well(manager: Caller, name: str, gate: Path, version: int) -> None:
    me = manager.but(version=version)
    pipeline = me.make(model(name, steps(held(gate)), steps(script(name="after"))))
    build = me.start(pipeline)
    me.part(pipeline, build, "held", "RUNNING")
    seen, shown = me.look(pipeline, build), me.detail(pipeline, build)
    assert (seen["status"], seen["currentQueuePosition"]) == ("RUNNING", 0)
    assert not {"endTime", "totalTime"} & set(seen)
    assert "endTime" not in shown
    first, second, third = shown["model"]["stages"]
    assert (first["status"], first["containers"][0]["status"]) == ("SUCCEED", "SUCCEED")
    assert first["containers"][0]["elements"][0]["status"] == "SUCCEED"
    assert (second["status"], second["containers"][0]["status"]) == ("RUNNING", "RUNNING")
    assert second["containers"][0]["startVMStatus"] == "SUCCEED"
    assert "status" not in third
    assert "status" not in third["containers"][0]
    gate.touch()
    seen = me.wait(pipeline, build)
    assert seen["status"] == "SUCCEED"
    assert seen["queueTime"] <= seen["startTime"] <= seen["endTime"]
    assert seen.get("totalTime", 0) == seen["endTime"] - seen["startTime"]
    shown = me.detail(pipeline, build)
    for one in shown["model"]["stages"][1:]:
        own = one["containers"][0]
        assert one["startEpoch"] >= seen["startTime"]
        assert own["elementElapsed"] == sum(element["elapsed"] for element in own["elements"])
        assert own["systemElapsed"] >= 0
        assert one["elapsed"] >= own["elementElapsed"]
    assert [one["status"] for one in seen["stageStatus"]] == ["SUCCEED"] * 3
    assert {key: type(shown[key]) for key in DETAIL} == DETAIL
    assert (shown["curVersion"], shown["latestVersion"], shown["latestBuildNum"]) == (1, 1, 1)
    assert (shown["startUserList"], shown["executeCount"], shown["triggerUser"]) == (
        ["manager"],
        1,
        "manager",
    )


DETAIL = {
    "id": str,
    "pipelineId": str,
    "pipelineName": str,
    "userId": str,
    "trigger": str,
    "startTime": int,
    "endTime": int,
    "status": str,
    "model": dict,
    "currentTimestamp": int,
    "buildNum": int,
    "curVersion": int,
    "latestVersion": int,
    "latestBuildNum": int,
    "executeTime": int,
    "queueTime": int,
    "executeCount": int,
    "startUserList": list,
    "recordList": list,
    "stageStatus": list,
}


def test_a_task_that_fails(manager: Caller, name: str) -> None:
    later = options(runCondition="PRE_TASK_FAILED_BUT_CANCEL")
    status, shown = ended(
        manager,
        model(
            name,
            stage(job(script("exit 3", "bad", id="e-bad"), script(name="no"), script(name="yes", **later))),
            steps(script(name="behind")),
        ),
    )
    assert status == "FAILED"
    assert statuses(shown, "bad", "no", "yes", "Linux", "stage-2") == [
        "FAILED",
        "UNEXEC",
        "SUCCEED",
        "FAILED",
        "FAILED",
    ]
    assert named(shown["model"], "behind").get("status") in {None, "UNEXEC"}
    bad = named(shown["model"], "bad")
    assert (bad["errorType"], bad["errorCode"]) == ("USER", 2199011)
    assert "3" in bad["errorMsg"]
    assert [(one["taskId"], one["errorType"], one["errorCode"]) for one in shown["errorInfoList"]] == [
        ("e-bad", 1, 2199011)
    ]


def test_a_failure_that_is_continued(manager: Caller, name: str) -> None:
    status, shown = ended(
        manager,
        model(name, steps(script("false", "bad", **options(continueWhenFailed=True)), script(name="good"))),
    )
    assert status == "SUCCEED"
    assert statuses(shown, "bad", "good", "Linux", "stage-2") == ["FAILED", "SUCCEED", "SUCCEED", "SUCCEED"]


def test_a_job_whose_failure_is_continued(manager: Caller, name: str) -> None:
    status, shown = ended(
        manager,
        model(
            name,
            stage(job(script("false", "bad"), **control(continueWhenFailed=True))),
            steps(script(name="after")),
        ),
    )
    assert status == "SUCCEED"
    assert statuses(shown, "bad", "Linux", "stage-2", "after") == ["FAILED", "FAILED", "SUCCEED", "SUCCEED"]


def test_a_task_beyond_its_timeout(late: Caller, minutes: Any, name: str, gate: Path) -> None:
    pipeline = late.make(model(name, steps(held(gate, "slow", **options(timeout=2)), script(name="after"))))
    build = late.start(pipeline)
    late.part(pipeline, build, "slow", "RUNNING")
    minutes(1)
    assert late.look(pipeline, build)["status"] == "RUNNING"
    minutes(2)
    assert late.wait(pipeline, build)["status"] == "FAILED"
    shown = late.detail(pipeline, build)
    assert statuses(shown, "slow", "after", "Linux", "stage-2") == [
        "EXEC_TIMEOUT",
        "UNEXEC",
        "FAILED",
        "FAILED",
    ]
    slow = named(shown["model"], "slow")
    assert (slow["errorType"], slow["errorCode"]) == ("USER", 2199006)
    assert slow["elapsed"] >= 120_000


def test_a_job_beyond_its_timeout(late: Caller, minutes: Any, name: str, gate: Path) -> None:
    pipeline = late.make(
        model(name, stage(job(held(gate, "slow"), script(name="after"), **control(timeout=2))))
    )
    build = late.start(pipeline)
    late.part(pipeline, build, "slow", "RUNNING")
    minutes(3)
    assert late.wait(pipeline, build)["status"] == "FAILED"
    shown = late.detail(pipeline, build)
    assert statuses(shown, "slow", "after", "stage-2") == ["TERMINATE", "UNEXEC", "FAILED"]
    assert named(shown["model"], "Linux")["status"] in {"FAILED", "TERMINATE"}
    slow = named(shown["model"], "slow")
    assert (slow["errorType"], slow["errorCode"]) == ("USER", 2199005)


def test_fast_kill(manager: Caller, name: str, gate: Path, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    slow = script(f"touch '{begun}'; while [ ! -e '{gate}' ]; do sleep 0.02; done", "slow")
    bad = script(f"while [ ! -e '{begun}' ]; do sleep 0.02; done; false", "bad")
    status, shown = ended(
        manager,
        model(name, stage(job(bad, name="A"), job(slow, script(name="after"), name="B"), fastKill=True)),
    )
    assert status == "FAILED"
    assert statuses(shown, "bad", "slow", "after", "A", "stage-2") == [
        "FAILED",
        "CANCELED",
        "UNEXEC",
        "FAILED",
        "FAILED",
    ]
    assert named(shown["model"], "B")["status"] in {"CANCELED", "FAILED"}
    assert named(shown["model"], "slow")["errorCode"] == 2199010


def test_without_fast_kill_the_others_run_on(manager: Caller, name: str) -> None:
    status, shown = ended(
        manager, model(name, stage(job(script("false", "bad"), name="A"), job(script(name="good"), name="B")))
    )
    assert status == "FAILED"
    assert statuses(shown, "A", "B", "good") == ["FAILED", "SUCCEED", "SUCCEED"]


def test_what_is_switched_off_or_not_meant(manager: Caller, name: str) -> None:
    no = {"runCondition": "CUSTOM_CONDITION_MATCH", "customCondition": "variables.mode == 'prod'"}
    match = {"runCondition": "CUSTOM_VARIABLE_MATCH", "customVariables": [{"key": "mode", "value": "test"}]}
    status, shown = ended(
        manager,
        model(
            name,
            {**steps(script(name="a")), "name": "off", "stageControlOption": {"enable": False}},
            {**steps(script(name="b")), "name": "not meant", "stageControlOption": no},
            stage(
                job(script(name="c"), name="job off", **control(enable=False)),
                job(script(name="d"), name="job not meant", **control(**no)),
                job(
                    script(name="e", **options(enable=False)),
                    script(name="f", **options(**no)),
                    script(name="g", **options(**match)),
                    script(name="h", **options(**match | {"runCondition": "CUSTOM_VARIABLE_MATCH_NOT_RUN"})),
                    name="job",
                ),
            ),
            params=(param("mode", "test"),),
        ),
    )
    assert status == "SUCCEED"
    assert statuses(shown, "off", "a", "not meant", "b") == ["SKIP"] * 4
    assert statuses(shown, "job off", "c", "job not meant", "d", "e", "f", "h") == ["SKIP"] * 7
    assert statuses(shown, "job", "g") == ["SUCCEED", "SUCCEED"]


def test_jobs_wait_for_each_other(manager: Caller, name: str, gate: Path) -> None:
    pipeline = manager.make(
        model(
            name,
            stage(
                job(held(gate), name="A", jobId="a"),
                job(script(name="b"), name="B", jobId="b", **control(dependOnType="ID", dependOnId=["a"])),
                job(script(name="c"), name="C", jobId="c", **control(dependOnType="NAME", dependOnName="b")),
            ),
        )
    )
    build = manager.start(pipeline)
    manager.part(pipeline, build, "held", "RUNNING")
    assert statuses(manager.detail(pipeline, build), "B", "C") == ["DEPENDENT_WAITING"] * 2
    gate.touch()
    assert manager.wait(pipeline, build)["status"] == "SUCCEED"
    assert statuses(manager.detail(pipeline, build), "A", "B", "C") == ["SUCCEED"] * 3


def test_a_job_that_waits_for_a_failed_one_is_skipped(manager: Caller, name: str) -> None:
    status, shown = ended(
        manager,
        model(
            name,
            stage(
                job(script("false"), name="A", jobId="a"),
                job(script(name="b"), name="B", **control(dependOnType="ID", dependOnId=["a"])),
            ),
        ),
    )
    assert (status, *statuses(shown, "B", "b")) == ("FAILED", "SKIP", "SKIP")


def test_a_mutex(manager: Caller, name: str, gate: Path) -> None:
    lock = {"enable": True, "mutexGroupName": name, "queueEnable": True, "queue": 5, "timeout": 10}
    first = manager.make(model(f"{name}-1", stage(job(held(gate), mutexGroup=lock))))
    second = manager.make(model(f"{name}-2", stage(job(script(name="own"), mutexGroup=lock))))
    third = manager.make(model(f"{name}-3", stage(job(script(), mutexGroup=lock | {"queueEnable": False}))))
    holder = manager.start(first)
    manager.part(first, holder, "held", "RUNNING")
    waiting = manager.start(second)
    manager.part(second, waiting, "Linux", "LOOP_WAITING")
    assert manager.look(second, waiting)["status"] == "RUNNING"
    assert manager.run(third)[1]["status"] == "FAILED"
    gate.touch()
    assert manager.wait(first, holder)["status"] == "SUCCEED"
    assert manager.wait(second, waiting)["status"] == "SUCCEED"


def test_a_matrix(manager: Caller, name: str) -> None:
    matrix = {
        "strategyStr": "os: [a, b]\nlevel: [1, 2]",
        "excludeCaseStr": "- os: b\n  level: 2",
        "fastKill": False,
    }
    status, shown = ended(
        manager,
        model(
            name,
            stage(
                job(
                    script("echo at ${{ matrix.os }}-${{ matrix.level }}", "say"),
                    jobId="m",
                    matrixGroupFlag=True,
                    matrixControlOption=matrix,
                )
            ),
        ),
    )
    assert status == "SUCCEED"
    parent = shown["model"]["stages"][1]["containers"][0]
    assert parent["status"] == "SUCCEED"
    split = parent["groupContainers"]
    assert [one["matrixContext"] for one in split] == [
        {"os": "a", "level": "1"},
        {"os": "a", "level": "2"},
        {"os": "b", "level": "1"},
    ]
    assert [one["id"] for one in split] == ["1000", "1001", "1002"]
    assert [one["jobId"] for one in split] == ["m.0", "m.1", "m.2"]
    assert [one["status"] for one in split] == ["SUCCEED"] * 3
    assert all(one["elements"][0]["status"] == "SUCCEED" for one in split)
    counts = parent["matrixControlOption"]
    assert (counts["totalCount"], counts["finishCount"]) == (3, 3)
    logs = manager.good("log_init", pipelineId=shown["pipelineId"], buildId=shown["id"])["logs"]
    said = {line["message"] for line in logs if line["message"].startswith("at ")}
    assert said == {"at a-1", "at a-2", "at b-1"}


def calling(pipeline: str, asynchronous: bool, **other: Any) -> dict[str, Any]:
    """A step that calls a pipeline."""
    return {
        "@type": "subPipelineCall",
        "name": "call",
        "asynchronous": asynchronous,
        "subPipelineType": "ID",
        "subPipelineId": pipeline,
        **other,
    }


def test_a_sub_pipeline_by_name_whose_id_is_the_default_of_the_answer(manager: Caller, name: str) -> None:
    """5.10: `subPipelineId` is "" where nothing is said, so who reads a model and saves it again sends both."""
    manager.make(model(f"{name}-child", steps(script())))
    step = {"@type": "subPipelineCall", "name": "call", "asynchronous": False, "subPipelineType": "NAME"}
    parent = manager.make(model(name, steps({**step, "subPipelineName": f"{name}-child"})))
    read = manager.good("get", pipelineId=parent)
    assert named(read, "call")["subPipelineId"] == ""
    assert manager.good("edit", read, pipelineId=parent) is True
    _, seen = manager.run(parent)
    assert seen["status"] == "SUCCEED"


def test_a_sub_pipeline_that_is_waited_for(manager: Caller, name: str, gate: Path) -> None:
    child = manager.make(model(f"{name}-child", steps(held(gate)), params=(param("word", "default"),)))
    parent = manager.make(
        model(
            name,
            steps(calling(child, False, parameters={"word": "${mine}"})),
            params=(param("mine", "said"),),
        )
    )
    build = manager.start(parent)
    manager.part(parent, build, "call", "CALL_WAITING")
    assert manager.look(parent, build)["status"] == "RUNNING"
    of_child = manager.good("history", pipelineId=child)["records"][0]
    assert of_child["startType"] == "remoteTrigger"
    variables = manager.look(child, of_child["id"])["variables"]
    assert (variables["BK_CI_START_TYPE"], variables["word"]) == ("PIPELINE", "said")
    gate.touch()
    assert manager.wait(parent, build)["status"] == "SUCCEED"
    assert manager.look(child, of_child["id"])["status"] == "SUCCEED"


def test_a_sub_pipeline_whose_caller_is_stopped(manager: Caller, name: str, gate: Path) -> None:
    child = manager.make(model(f"{name}-child", steps(held(gate))))
    parent = manager.make(model(name, steps(calling(child, False))))
    build = manager.start(parent)
    manager.part(parent, build, "call", "CALL_WAITING")
    of_child = manager.good("history", pipelineId=child)["records"][0]["id"]
    assert manager.good("stop", pipelineId=parent, buildId=build) is True
    assert manager.wait(parent, build)["status"] == "CANCELED"
    assert manager.wait(child, of_child)["status"] == "CANCELED"


def test_a_sub_pipeline_nobody_waits_for(manager: Caller, name: str, gate: Path) -> None:
    child = manager.make(model(f"{name}-child", steps(held(gate))))
    status, shown = ended(manager, model(name, steps(calling(child, True))))
    assert (status, *statuses(shown, "call")) == ("SUCCEED", "SUCCEED")
    of_child = manager.good("history", pipelineId=child)["records"][0]
    assert of_child["status"] in {"QUEUE", "RUNNING"}
    gate.touch()
    assert manager.wait(child, of_child["id"])["status"] == "SUCCEED"


def test_a_child_that_fails(manager: Caller, name: str) -> None:
    child = manager.make(model(f"{name}-child", steps(script("false"))))
    status, shown = ended(manager, model(name, steps(calling(child, False))))
    assert (status, *statuses(shown, "call")) == ("FAILED", "FAILED")


@pytest.mark.parametrize(
    ("first", "end", "runs"),
    [("true", "SUCCEED", "SUCCESS"), ("false", "FAILED", "FAILED"), ("stop", "CANCELED", "CANCEL")],
)
def test_a_finally_stage(manager: Caller, name: str, gate: Path, first: str, end: str, runs: str) -> None:
    jobs = [
        job(script(name=word.lower()), name=word, **control(runCondition=f"PREVIOUS_STAGE_{word}"))
        for word in ("SUCCESS", "FAILED", "CANCEL")
    ]
    working = held(gate) if first == "stop" else script(first, "held")
    pipeline = manager.make(
        model(
            name, steps(working), stage(job(script(name="always"), name="ALWAYS"), *jobs, **{"finally": True})
        )
    )
    build = manager.start(pipeline)
    if first == "stop":
        manager.part(pipeline, build, "held", "RUNNING")
        manager.good("stop", pipelineId=pipeline, buildId=build)
    assert manager.wait(pipeline, build)["status"] == end
    shown = manager.detail(pipeline, build)
    assert statuses(shown, "ALWAYS", "always") == ["SUCCEED", "SUCCEED"]
    for word in ("SUCCESS", "FAILED", "CANCEL"):
        wanted = "SUCCEED" if word == runs else "SKIP"
        assert statuses(shown, word, word.lower()) == [wanted, wanted]


def test_a_stop(manager: Caller, name: str, gate: Path) -> None:
    even = options(runCondition="PRE_TASK_FAILED_EVEN_CANCEL")
    pipeline = manager.make(
        model(
            name,
            steps(held(gate), script(name="no"), script(name="even", **even)),
            steps(script(name="behind")),
        )
    )
    build = manager.start(pipeline)
    manager.part(pipeline, build, "held", "RUNNING")
    assert manager.good("stop", pipelineId=pipeline, buildId=build) is True
    assert manager.wait(pipeline, build)["status"] == "CANCELED"
    shown = manager.detail(pipeline, build)
    assert statuses(shown, "held", "no", "even", "Linux", "stage-2") == [
        "CANCELED",
        "UNEXEC",
        "SUCCEED",
        "CANCELED",
        "CANCELED",
    ]
    assert shown["cancelUserId"] == "manager"
    manager.do("stop", pipelineId=pipeline, buildId=build).refused(400, 2101182)
    other = manager.make(model(f"{name}-2", steps(script())))
    manager.do("stop", pipelineId=other, buildId="b-" + "0" * 32).refused(404, 2101163)
    running = manager.start(pipeline)
    manager.part(pipeline, running, "held", "RUNNING")
    manager.do("stop", pipelineId=other, buildId=running).refused(400, 2101058)
    manager.good("stop", pipelineId=pipeline, buildId=running)


def test_what_runs_even_after_a_stop_is_not_ended(manager: Caller, name: str, gate: Path) -> None:
    even = options(runCondition="PRE_TASK_FAILED_EVEN_CANCEL")
    pipeline = manager.make(model(name, steps(script(name="first"), held(gate, **even))))
    build = manager.start(pipeline)
    manager.part(pipeline, build, "held", "RUNNING")
    manager.good("stop", pipelineId=pipeline, buildId=build)
    manager.do("stop", pipelineId=pipeline, buildId=build).refused(400, 2101019)
    assert named(manager.detail(pipeline, build)["model"], "held")["status"] == "RUNNING"
    gate.touch()
    assert manager.wait(pipeline, build)["status"] == "CANCELED"
    assert statuses(manager.detail(pipeline, build), "held", "Linux") == ["SUCCEED", "CANCELED"]


def test_a_second_stop_after_a_minute_kills(late: Caller, minutes: Any, name: str, gate: Path) -> None:
    even = options(runCondition="PRE_TASK_FAILED_EVEN_CANCEL")
    pipeline = late.make(model(name, steps(held(gate, **even))))
    build = late.start(pipeline)
    late.part(pipeline, build, "held", "RUNNING")
    assert late.good("stop", pipelineId=pipeline, buildId=build) is True
    late.do("stop", pipelineId=pipeline, buildId=build).refused(400, 2101019)
    minutes(2)
    assert late.good("stop", pipelineId=pipeline, buildId=build) is True
    assert late.wait(pipeline, build)["status"] == "TERMINATE"
    assert named(late.detail(pipeline, build)["model"], "held")["status"] == "TERMINATE"


def test_automatic_retries(manager: Caller, name: str, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    text = f"echo x >> '{mark}'; [ $(wc -l < '{mark}') -ge 3 ]"
    status, shown = ended(
        manager, model(name, steps(script(text, "often", **options(retryWhenFailed=True, retryCount=3))))
    )
    assert (status, *statuses(shown, "often")) == ("SUCCEED", "SUCCEED")
    assert mark.read_text() == "x\n" * 3
    often = named(shown["model"], "often")
    assert (often["retryCountAuto"], often.get("executeCount", 1), shown["executeCount"]) == (2, 1, 1)


def test_all_of_a_job_switched_off(manager: Caller, name: str) -> None:
    status, shown = ended(manager, model(name, steps(script(name="a", **options(enable=False)))))
    assert (status, *statuses(shown, "a", "Linux", "stage-2")) == ("SUCCEED", "SKIP", "SKIP", "SKIP")
    assert named(shown["model"], "a")["elementEnable"] is False


def test_a_skip_asked_for_at_the_start(manager: Caller, name: str) -> None:
    pipeline = manager.make(model(name, steps(script(name="a", id="e-a"), script(name="b"))))
    build, seen = manager.run(pipeline, {"devops_container_condition_skip_atoms_e-a": "true"})
    assert seen["status"] == "SUCCEED"
    assert statuses(manager.detail(pipeline, build), "a", "b") == ["SKIP", "SUCCEED"]


def test_a_script_of_windows(manager: Caller, name: str) -> None:
    """12.22."""
    bat = {
        "@type": "windowsScript",
        "name": "bat",
        "scriptType": "BAT",
        "script": "dir",
        "charsetType": "DEFAULT",
    }
    status, shown = ended(manager, model(name, steps(bat)))
    assert status == "FAILED"
    assert named(shown["model"], "bat")["errorCode"] == 2199009
    python = {"@type": "windowsScript", "name": "py", "scriptType": "PYTHON3", "script": "print('out')"}
    assert ended(manager, model(f"{name}-2", steps(python)))[0] == "SUCCEED"


def test_how_a_script_runs(manager: Caller, name: str) -> None:
    status, shown = ended(
        manager,
        model(
            name,
            steps(
                script("false; echo not reached; exit 0", "stops", **options(continueWhenFailed=True)),
                script("false; echo reached", "goes on", continueNoneZero=True),
                script("#!/usr/bin/env python3\nimport sys\nprint('from python', file=sys.stderr)", "named"),
                script('echo "in $WORKSPACE"; [ "$PWD" = "$WORKSPACE" ]', "where"),
            ),
        ),
    )
    assert status == "SUCCEED"
    assert statuses(shown, "stops", "goes on", "named", "where") == ["FAILED"] + ["SUCCEED"] * 3
    logs = manager.good("log_init", pipelineId=shown["pipelineId"], buildId=shown["id"])["logs"]
    messages = [line["message"] for line in logs]
    assert not any(message == "not reached" for message in messages)
    assert any(message == "reached" for message in messages)
    assert any("from python" in message for message in messages)
