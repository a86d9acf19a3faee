"""Starts, their values, and lists of builds (bkci-v3 3.3, 4.2 to 4.5)."""

import re
from pathlib import Path
from typing import Any

import pytest

from .caller import Caller, enveloped, named
from .models import held, job, model, options, param, script, stage, steps, trigger

VERSIONS = pytest.mark.parametrize("version", [3, 4])
UNKNOWN_PIPELINE, UNKNOWN_BUILD = "p-" + "0" * 32, "b-" + "0" * 32

HISTORY = {
    "id": str,
    "userId": str,
    "trigger": str,
    "buildNum": int,
    "pipelineVersion": int,
    "startTime": int,
    "endTime": int,
    "status": str,
    "stageStatus": list,
    "currentTimestamp": int,
    "mobileStart": bool,
    "isMobileStart": bool,
    "queueTime": int,
    "executeTime": int,
    "totalTime": int,
    "buildParameters": list,
    "startType": str,
    "retry": bool,
    "buildMsg": str,
}
OF_HISTORY_ONLY = {"updateTime": int, "executeCount": int}
BUILT_IN = [
    "BK_CI_PIPELINE_ID",
    "BK_CI_PIPELINE_NAME",
    "BK_CI_BUILD_ID",
    "BK_CI_BUILD_NUM",
    "BK_CI_PROJECT_NAME",
    "BK_CI_PROJECT_NAME_CN",
    "BK_CI_START_USER_ID",
    "BK_CI_START_USER_NAME",
    "BK_CI_START_TYPE",
    "BK_CI_START_CHANNEL",
    "BK_CI_PIPELINE_VERSION",
    "BK_CI_PIPELINE_CREATE_USER",
    "BK_CI_PIPELINE_UPDATE_USER",
    "BK_CI_BUILD_MSG",
    "BK_CI_IS_MOBILE",
    "BK_CI_BUILD_URL",
    "BK_CI_START_TASK_ID",
    "pipeline.id",
    "pipeline.name",
    "pipeline.build.id",
    "pipeline.build.num",
    "pipeline.start.user.name",
    "pipeline.start.type",
    "project.name",
    "pipeline.version",
    "ci.pipeline_id",
    "ci.pipeline_name",
    "ci.build_id",
    "ci.build_num",
    "ci.actor",
    "ci.build_msg",
    "ci.project_name",
]
PARAMS = (
    param("word", "default"),
    param("fixed", "constant", constant=True),
    param("hidden", "s3cret-word", "PASSWORD"),
    param("quiet", "optional", required=False),
)


def typed(seen: dict[str, Any], table: dict[str, type]) -> None:
    """Each field is there with exactly its type."""
    assert {name: type(seen.get(name)) for name in table} == table


@VERSIONS
def test_values_of_a_start(manager: Caller, name: str, version: int) -> None:
    me = manager.but(version=version)
    pipeline = me.make(model(name, steps(script("sleep 0.01")), params=PARAMS))
    given = {
        "word": "given",
        "fixed": "changed",
        "quiet": "loud",
        "odd": "kept",
        "BK_CI_BUILD_MSG": "because",
        "hidden": "an0ther-word",
    }
    build, seen = me.run(pipeline, given)
    typed(seen, {name: kind for name, kind in HISTORY.items() if name != "totalTime"})
    typed(seen, {"variables": dict, "currentQueuePosition": int})
    assert not OF_HISTORY_ONLY.keys() & seen.keys()
    variables = seen["variables"]
    assert all(isinstance(value, str) for value in variables.values())
    own = {key: variables[key] for key in ("word", "fixed", "quiet", "odd", "hidden")}
    assert own == {"word": "given", "fixed": "constant", "quiet": "loud", "odd": "kept", "hidden": "******"}
    assert variables["variables.word"] == "given"
    assert [key for key in BUILT_IN if not variables.get(key)] == []
    answer = manager.raw("GET", variables["BK_CI_BUILD_URL"], None, manager.proof)
    assert enveloped(answer).good()["id"] == variables["BK_CI_BUILD_ID"], "it leads to the build"
    assert (variables["BK_CI_BUILD_ID"], variables["BK_CI_PIPELINE_ID"]) == (build, pipeline)
    assert (variables["BK_CI_START_TYPE"], variables["BK_CI_START_CHANNEL"]) == ("SERVICE", "BS")
    assert (variables["BK_CI_PROJECT_NAME"], variables["ci.actor"]) == ("demo", "manager")
    assert (seen["buildMsg"], variables["BK_CI_BUILD_MSG"], seen["startType"]) == (
        "because",
        "because",
        "remoteTrigger",
    )
    parameters = {one["key"]: one for one in seen["buildParameters"]}
    assert (parameters["word"]["value"], parameters["word"]["valueType"]) == ("given", "STRING")
    assert (parameters["word"]["defaultValue"], parameters["hidden"]["value"]) == ("default", "******")
    assert parameters["fixed"]["readOnly"] is True
    text = me.fetch("detail", pipelineId=pipeline, buildId=build).body.decode()
    text += me.fetch("history", pipelineId=pipeline).body.decode()
    assert "an0ther-word" not in text
    assert "s3cret-word" not in text


@VERSIONS
def test_a_start_without_a_body(manager: Caller, name: str, version: int) -> None:
    me = manager.but(version=version)
    pipeline = me.make(model(name, steps(script())))
    started = me.good("start", None, pipelineId=pipeline)
    assert re.fullmatch("b-[0-9a-f]{32}", started["id"])
    assert (started["num"], started["projectId"], started["pipelineId"]) == (1, "demo", pipeline)
    assert me.wait(pipeline, started["id"])["status"] == "SUCCEED"
    me.do("start", {}, pipelineId=UNKNOWN_PIPELINE).refused(404, 2101038)


def test_starts_that_are_refused(manager: Caller, name: str) -> None:
    needed = (param("needed", "", valueNotEmpty=True),)
    pipeline = manager.make(model(name, steps(script()), params=needed))
    manager.do("start", {}, pipelineId=pipeline).refused(400, 2101254)
    manager.do("start", {"needed": ""}, pipelineId=pipeline).refused(400, 2101254)
    setting = {"pipelineName": name, "failIfVariableInvalid": True}
    manager.good("setting_update", setting, pipelineId=pipeline)
    manager.do("start", {"needed": "x" * 4001}, pipelineId=pipeline).refused(400, 2101274)
    manager.good("setting_update", setting | {"runLockType": "LOCK"}, pipelineId=pipeline)
    manager.do("start", {"needed": "x"}, pipelineId=pipeline).refused(400, 2101047)
    assert manager.good("status", pipelineId=pipeline)["lock"] is True


@VERSIONS
def test_what_a_start_page_shows(manager: Caller, name: str, version: int) -> None:
    me = manager.but(version=version)
    pipeline = me.make(
        model(
            name,
            steps(script()),
            first=trigger(
                *PARAMS,
                elements=[{"@type": "manualTrigger", "name": "M", "canElementSkip": True}],
                buildNo={"buildNo": 3, "buildNoType": "CONSISTENT"},
            ),
        )
    )
    seen = me.good("start_info", pipelineId=pipeline)
    assert (seen["canManualStartup"], seen["canElementSkip"]) == (True, True)
    first, *others = seen["properties"]
    assert (first["id"], first["propertyType"]) == ("BK_CI_BUILD_MSG", "BUILD")
    shown = {one["id"]: one for one in others}
    assert (shown["word"]["value"], shown["word"]["defaultValue"]) == ("default", "default")
    assert seen["buildNo"]["buildNo"] == 3
    me.run(pipeline, {"word": "last", "quiet": "last"})
    shown = {one["id"]: one for one in me.good("start_info", pipelineId=pipeline)["properties"]}
    assert (shown["word"]["value"], shown["quiet"]["value"]) == ("last", "optional")
    assert "s3cret-word" not in me.fetch("start_info", pipelineId=pipeline).body.decode()
    me.do("start_info", pipelineId=UNKNOWN_PIPELINE).refused(404, 2101038)


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        ("CONSISTENT", ["10", "10"]),
        ("EVERY_BUILD_INCREMENT", ["11", "12"]),
        ("SUCCESS_BUILD_INCREMENT", ["10", "11"]),
    ],
)
def test_recommended_numbers(manager: Caller, name: str, kind: str, numbers: list[str]) -> None:
    first = trigger(buildNo={"buildNo": 10, "buildNoType": kind})
    pipeline = manager.make(model(name, steps(script()), first=first))
    seen = [manager.run(pipeline)[1]["variables"]["BK_CI_BUILD_NO"] for _ in numbers]
    assert seen == numbers
    build = manager.start(pipeline, buildNo=50)
    wanted = "51" if kind == "EVERY_BUILD_INCREMENT" else "50"
    assert manager.wait(pipeline, build)["variables"]["BK_CI_BUILD_NO"] == wanted


@VERSIONS
def test_history(manager: Caller, name: str, version: int) -> None:
    me = manager.but(version=version)
    pipeline = me.make(model(name, steps(script("sleep 0.01; [ $ok = yes ]")), params=(param("ok", "yes"),)))
    builds = [me.run(pipeline, {"ok": "no"} if at == 1 else {})[0] for at in range(3)]
    page = me.good("history", pipelineId=pipeline)
    assert set(page) == {
        "count",
        "page",
        "pageSize",
        "totalPages",
        "records",
        "hasDownloadPermission",
        "pipelineVersion",
    }
    assert (page["count"], page["hasDownloadPermission"], page["pipelineVersion"]) == (3, True, 1)
    assert [one["id"] for one in page["records"]] == builds[::-1]
    for one in page["records"]:
        typed(one, HISTORY | OF_HISTORY_ONLY)
        assert one["totalTime"] == one["endTime"] - one["startTime"]
    failed = page["records"][1]
    assert (failed["status"], failed["errorInfoList"][0]["errorType"]) == ("FAILED", 1)
    assert failed["errorInfoList"][0]["errorCode"] == 2199011
    second = me.good("history", pipelineId=pipeline, page=2, pageSize=2)
    assert ([one["id"] for one in second["records"]], second["totalPages"]) == ([builds[0]], 2)
    for newest, order in ((True, builds[::-1]), (False, builds)):
        page = me.good("history", pipelineId=pipeline, updateTimeDesc=newest)
        assert [one["id"] for one in page["records"]] == order
    me.do("history", pipelineId=UNKNOWN_PIPELINE).refused(404, 2101038)
    assert me.but(user="visitor").good("history", pipelineId=pipeline)["hasDownloadPermission"] is False


def test_filters_of_history(v4: Caller, name: str) -> None:
    pipeline = v4.make(model(name, steps(script("[ $ok = yes ]")), params=(param("ok", "yes"),)))
    good, _ = v4.run(pipeline, {"BK_CI_BUILD_MSG": "first of all"})
    bad, _ = v4.run(pipeline, {"ok": "no"})
    other, seen = v4.but(user="runner").run(pipeline)
    assert v4.good("remark", {"remark": "well noted"}, pipelineId=pipeline, buildId=good) is True

    def ids(**given: Any) -> list[str]:
        page = v4.good("history", pipelineId=pipeline, **given)
        assert page["count"] == len(page["records"])
        return [one["id"] for one in page["records"]]

    assert ids(status="FAILED") == [bad]
    assert ids(status=["FAILED", "SUCCEED"]) == [other, bad, good]
    assert ids(startUser="runner") == [other]
    assert ids(startUser=["runner", "manager"]) == [other, bad, good]
    assert ids(trigger="SERVICE") == [other, bad, good]
    assert ids(trigger="MANUAL") == []
    assert ids(remark="noted") == [good]
    assert ids(buildMsg="first") == [good]
    assert ids(buildNoStart=2) == [other, bad]
    assert ids(buildNoStart=2, buildNoEnd=2) == [bad]
    assert ids(startTimeStartTime=seen["startTime"]) == [other]
    assert ids(endTimeEndTime=seen["startTime"] - 1) == [bad, good]
    assert ids(queueTimeStartTime=seen["queueTime"]) == [other]
    assert ids(totalTimeMin=10**9) == []
    assert ids(totalTimeMax=10**9) == [other, bad, good]
    assert ids(materialBranch="main") == []
    v4.do("history", pipelineId=pipeline, status="NOBODY").refused(400)


def test_several_builds_at_once(v4: Caller, name: str) -> None:
    pipeline = v4.make(model(name, steps(script("sleep 0.01"))))
    first, second = v4.run(pipeline)[0], v4.run(pipeline)[0]
    seen = v4.good("batch_status", [first, UNKNOWN_BUILD, second], pipelineId=pipeline)
    assert {one["id"] for one in seen} == {first, second}
    typed(seen[0], HISTORY | OF_HISTORY_ONLY)
    many = [f"b-{at:032x}" for at in range(101)]
    v4.do("batch_status", many, pipelineId=pipeline).refused(400, 2101282)
    assert v4.good("batch_status", many[:100], pipelineId=pipeline) == []


def test_light_history_and_failed_tasks_and_remarks(v4: Caller, name: str) -> None:
    pipeline = v4.make(model(name, steps(script("exit 7", "bad", id="e-bad", stepId="step_bad"))))
    build, _ = v4.run(pipeline)
    assert v4.good("remark", {"remark": "a word"}, pipelineId=pipeline, buildId=build) is True
    page = v4.good("light_history", pipelineId=pipeline, page=1, pageSize=10)
    (light,) = page["records"]
    assert (light["id"], light["userId"], light["buildNum"], light["status"]) == (
        build,
        "manager",
        1,
        "FAILED",
    )
    assert light["remark"] == "a word"
    for moment in ("startTime", "endTime"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", light[moment])
    (task,) = v4.good("failed_tasks", buildId=build)
    assert (task["taskId"], task["taskName"], task["stepId"], task["matrixFlag"]) == (
        "e-bad",
        "bad",
        "step_bad",
        False,
    )
    assert {"jobId", "jobName", "stageName", "errorMsg"} <= set(task)
    assert v4.look(pipeline, build)["remark"] == "a word"
    v4.do("failed_tasks", buildId=UNKNOWN_BUILD).refused(404, 2101163)


def test_options_of_a_start(v4: Caller, name: str) -> None:
    choices = [{"key": "red", "value": "Rouge"}, {"key": "blue", "value": "Bleu"}]
    pipeline = v4.make(model(name, steps(script()), params=(param("c", "red", "ENUM", options=choices),)))
    found = v4.good(
        "start_options",
        {"id": "c", "type": "ENUM", "required": True, "defaultValue": "", "options": choices},
        pipelineId=pipeline,
        search="blu",
    )
    assert found == [{"key": "blue", "value": "Bleu"}]
    assert v4.good("unstick", [], pipelineId=pipeline) is True


@VERSIONS
def test_variables(manager: Caller, name: str, version: int) -> None:
    me = manager.but(version=version)
    pipeline = me.make(model(name, steps(script()), params=(param("word", "said"),)))
    build, _ = me.run(pipeline)
    ids = {"pipelineId": pipeline, "buildId": build}
    asked = ["word", "variables.word", "nobody", "BK_CI_BUILD_NUM"]
    assert me.good("variables", asked, **ids) == {
        "word": "said",
        "variables.word": "said",
        "nobody": "",
        "BK_CI_BUILD_NUM": "1",
    }
    me.do("variables", [], **ids).refused(400)
    me.do("variables", [f"v{at}" for at in range(51)], **ids).refused(400)
    assert len(me.good("variables", [f"v{at}" for at in range(50)], **ids)) == 50
    me.do("variables", ["x"], **ids | {"buildId": UNKNOWN_BUILD}).refused(404, 2101163)


@VERSIONS
def test_builds_that_are_not_there(manager: Caller, name: str, version: int) -> None:
    me = manager.but(version=version)
    pipeline, other = me.make(model(name, steps(script()))), me.make(model(f"{name}-2", steps(script())))
    build, _ = me.run(pipeline)
    unknown = {"pipelineId": pipeline, "buildId": UNKNOWN_BUILD}
    for operation in (
        "build_status",
        "detail",
        "stop",
        "retry",
        "restart",
        "log_init",
        "log_mode",
        "log_last",
    ):
        me.do(operation, **unknown).refused(404, 2101163)
    foreign = {"pipelineId": other, "buildId": build}
    me.do("detail", **foreign).refused(404, 2101163)
    me.do("retry", **foreign).refused(400, 2101058)


def test_steps_hand_values_on(manager: Caller, name: str) -> None:
    first = script(
        "\n".join(
            [
                "setEnv from_env 'a value'",
                '[ "$from_env" = "a value" ]',
                "echo '::set-variable name=from_line::another value'",
                "echo '::set-output name=out::made'",
                "echo '::set-remark noted by a step'",
            ]
        ),
        "writes",
        stepId="writes",
    )
    second = script(
        'echo "1 $from_env 2 ${from_line} 3 ${{ variables.from_env }}"\n'
        'echo "4 ${{ steps.writes.outputs.out }} 5 ${HOME_OF_NOBODY}6"',
        "reads",
    )
    pipeline = manager.make(
        model(name, steps(first, second), steps(script("echo other job: $from_line", "later")))
    )
    build, seen = manager.run(pipeline)
    assert seen["status"] == "SUCCEED"
    assert (seen["variables"]["from_env"], seen["variables"]["from_line"]) == ("a value", "another value")
    assert seen["remark"] == "noted by a step"
    lines = {line["message"] for line in manager.good("log_init", pipelineId=pipeline, buildId=build)["logs"]}
    assert {"1 a value 2 another value 3 a value", "4 made 5 6"} <= lines
    assert "other job: another value" in lines


@pytest.mark.parametrize("word", ["readOnly", "constant"])
def test_values_that_no_step_changes(manager: Caller, name: str, word: str) -> None:
    fixed = param("word", "kept") | {word: True}
    pipeline = manager.make(model(name, steps(script("setEnv word changed")), params=(fixed,)))
    _, seen = manager.run(pipeline)
    assert (seen["status"], seen["variables"]["word"]) == ("FAILED", "kept")


def test_environments_of_steps(manager: Caller, name: str) -> None:
    text = 'echo "env $of_stage-$of_job-$of_step-$of_param"'
    step = script(
        text, **options(enableCustomEnv=True, customEnv=[{"key": "of_step", "value": "c ${of_param}"}])
    )
    whole = stage(job(step, customEnv=[{"key": "of_job", "value": "b"}])) | {
        "customBuildEnv": {"of_stage": "a"}
    }
    pipeline = manager.make(model(name, whole, params=(param("of_param", "d"),)))
    build, seen = manager.run(pipeline)
    lines = {line["message"] for line in manager.good("log_init", pipelineId=pipeline, buildId=build)["logs"]}
    assert seen["status"] == "SUCCEED"
    assert "env a-b-c d-d" in lines


def test_secrets_are_masked(manager: Caller, name: str) -> None:
    params = (param("pass", "hunter2-hunter2", "PASSWORD"), param("key", "s3nsitive-k3y", sensitive=True))
    pipeline = manager.make(model(name, steps(script("echo it is $pass and $key", "tells")), params=params))
    build, seen = manager.run(pipeline)
    logs = manager.good("log_init", pipelineId=pipeline, buildId=build)["logs"]
    assert "it is ****** and ******" in {line["message"] for line in logs}
    assert (seen["variables"]["pass"], seen["variables"]["key"]) == ("******", "******")
    for operation in ("detail", "build_status", "history", "log_download", "log_init"):
        text = manager.fetch(operation, pipelineId=pipeline, buildId=build).body.decode()
        assert "hunter2" not in text, operation
        assert "s3nsitive" not in text, operation


def test_a_stop_in_the_middle_of_values(manager: Caller, name: str, gate: Path) -> None:
    """What a failed step wrote counts (semantics 15.2)."""
    pipeline = manager.make(model(name, steps(script("setEnv kept yes; false", "bad"))))
    build, seen = manager.run(pipeline)
    assert (seen["status"], seen["variables"]["kept"]) == ("FAILED", "yes")
    assert named(manager.detail(pipeline, build)["model"], "bad")["status"] == "FAILED"


def test_a_running_build_shows_no_end(manager: Caller, name: str, gate: Path) -> None:
    pipeline = manager.make(model(name, steps(held(gate))))
    build = manager.start(pipeline)
    manager.part(pipeline, build, "held", "RUNNING")
    (one,) = manager.good("history", pipelineId=pipeline)["records"]
    assert one["status"] == "RUNNING"
    assert not {"endTime", "totalTime"} & set(one)
    assert one["startTime"] >= one["queueTime"] > 0
