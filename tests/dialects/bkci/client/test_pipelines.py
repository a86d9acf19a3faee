"""Pipelines, their settings, labels and views (bkci-v3 3.2, 3.5, 4.1, 5.12)."""

from pathlib import Path
from typing import Any

import pytest

from .caller import Caller
from .models import held, job, model, param, script, stage, steps, trigger

UNKNOWN = "p-" + "0" * 32
VERSIONS = pytest.mark.parametrize("version", [3, 4])

STATUS_OF_NEW = {
    "projectId": str,
    "pipelineId": str,
    "pipelineName": str,
    "pipelineDesc": str,
    "taskCount": int,
    "buildCount": int,
    "lock": bool,
    "canManualStartup": bool,
    "createTime": int,
    "updateTime": int,
    "pipelineVersion": int,
    "runningBuildCount": int,
    "creator": str,
    "model": dict,
    "updater": str,
    "deploymentTime": int,
    "currentTimestamp": int,
    "hasPermission": bool,
    "hasCollect": bool,
}
STATUS_OF_RUN = STATUS_OF_NEW | {
    "latestBuildStartTime": int,
    "latestBuildEndTime": int,
    "latestBuildStatus": str,
    "latestBuildNum": int,
    "latestBuildTaskName": str,
    "latestBuildId": str,
    "latestBuildUserId": str,
    "lastBuildTotalCount": int,
    "lastBuildFinishCount": int,
}


def typed(seen: dict[str, Any], table: dict[str, type]) -> None:
    """Each field is there with exactly its type."""
    assert {name: type(seen.get(name)) for name in table} == table


@VERSIONS
def test_status_of_a_pipeline_without_builds(manager: Caller, name: str, version: int) -> None:
    me = manager.but(version=version)
    pipeline = me.make(model(name, steps(script(), script()), desc="about"))
    seen = me.good("status", pipelineId=pipeline)
    typed(seen, STATUS_OF_NEW)
    assert "latestBuildStatus" not in seen
    assert "groupLabel" not in seen
    assert seen.get("latestBuildStartTime", 0) == seen.get("latestBuildEndTime", 0) == 0
    assert seen.get("latestBuildUserId", "") == ""
    expected = {
        "projectId": "demo",
        "pipelineId": pipeline,
        "pipelineName": name,
        "pipelineDesc": "about",
        "taskCount": 3,
        "buildCount": 0,
        "lock": False,
        "canManualStartup": True,
        "pipelineVersion": 1,
        "runningBuildCount": 0,
        "creator": "manager",
        "updater": "manager",
    }
    assert {key: seen[key] for key in expected} == expected
    assert seen["createTime"] <= seen["updateTime"] == seen["deploymentTime"] <= seen["currentTimestamp"]
    assert seen["model"]["stages"] == me.good("get", pipelineId=pipeline)["stages"]


@VERSIONS
def test_status_of_a_pipeline_while_and_after_a_build(
    manager: Caller, name: str, gate: Path, version: int
) -> None:
    me = manager.but(version=version)
    pipeline = me.make(model(name, steps(script(name="early"), held(gate))))
    build = me.start(pipeline)
    me.part(pipeline, build, "held", "RUNNING")
    seen = me.good("status", pipelineId=pipeline)
    assert (seen["latestBuildStatus"], seen["runningBuildCount"], seen["buildCount"]) == ("RUNNING", 1, 1)
    assert seen["latestBuildTaskName"] == "held"
    assert seen["latestBuildEndTime"] == 0
    gate.touch()
    me.wait(pipeline, build)
    seen = me.good("status", pipelineId=pipeline)
    typed(seen, STATUS_OF_RUN)
    assert (seen["latestBuildStatus"], seen["runningBuildCount"], seen["buildCount"]) == ("SUCCEED", 0, 1)
    assert (seen["latestBuildId"], seen["latestBuildUserId"], seen["latestBuildNum"]) == (build, "manager", 1)
    assert seen["latestBuildStartTime"] <= seen["latestBuildEndTime"]
    assert seen["lastBuildTotalCount"] == seen["lastBuildFinishCount"]


def test_no_manual_start(manager: Caller, name: str) -> None:
    none = trigger(elements=[{"@type": "timerTrigger", "name": "T", "advanceExpression": ["0 0 4 * * ?"]}])
    off = trigger(elements=[{"@type": "manualTrigger", "name": "M", "additionalOptions": {"enable": False}}])
    for at, first in enumerate((none, off)):
        pipeline = manager.make(model(f"{name}-{at}", steps(script()), first=first))
        assert manager.good("status", pipelineId=pipeline)["canManualStartup"] is False
        assert manager.good("start_info", pipelineId=pipeline)["canManualStartup"] is False
        assert manager.run(pipeline)[1]["status"] == "SUCCEED"


@VERSIONS
def test_names_are_taken_once(manager: Caller, name: str, version: int) -> None:
    me = manager.but(version=version)
    first, second = me.make(model(name, steps(script()))), me.make(model(f"{name}-2", steps(script())))
    me.do("create", model(name)).refused(409, 2101013)
    me.do("create", {"name": name, "stages": []}).refused(409, 2101013)
    me.do("edit", model(name, steps(script())), pipelineId=second).refused(409, 2101013)
    assert me.good("edit", model(name, steps(script())), pipelineId=first) is True
    me.do("copy", {"name": name}, pipelineId=second).refused(409, 2101013)
    me.do("rename", {"name": name}, pipelineId=second).refused(409, 2101013)
    assert me.good("rename", {"name": f"{name}-3", "oldName": name}, pipelineId=first) is True
    assert me.good("get", pipelineId=first)["name"] == f"{name}-3"
    assert me.good("status", pipelineId=first)["pipelineName"] == f"{name}-3"
    assert me.good("setting", pipelineId=first)["pipelineName"] == f"{name}-3"
    assert me.good("rename", {"name": name}, pipelineId=second) is True


@VERSIONS
def test_a_deleted_pipeline_comes_back(manager: Caller, name: str, version: int) -> None:
    me = manager.but(version=version)
    pipeline = me.make(model(name, steps(script())))
    me.do("restore", pipelineId=pipeline).refused(404, 2101024)
    me.do("restore", pipelineId=UNKNOWN).refused(404, 2101024)
    assert me.good("delete", pipelineId=pipeline) is True
    me.do("delete", pipelineId=pipeline).refused(404, 2101039)
    me.do("start", {}, pipelineId=pipeline).refused(404, 2101038)
    me.do("edit", model(name, steps(script())), pipelineId=pipeline).refused(404, 2101038)
    assert me.good("batch_get", [pipeline]) == []
    assert pipeline not in {one["pipelineId"] for one in me.good("list", pageSize=100)["records"]}
    other = me.make(model(name, steps(script())))
    assert me.good("restore", pipelineId=pipeline) is True
    back = me.good("get", pipelineId=pipeline)["name"]
    assert back.startswith(name)
    assert back != name
    assert me.good("get", pipelineId=other)["name"] == name


def test_a_delete_cancels_what_runs(manager: Caller, name: str, gate: Path) -> None:
    pipeline = manager.make(model(name, steps(held(gate))))
    build = manager.start(pipeline)
    manager.part(pipeline, build, "held", "RUNNING")
    assert manager.good("delete", pipelineId=pipeline) is True
    assert manager.wait(pipeline, build)["status"] == "CANCELED"


@VERSIONS
def test_a_list_shows_the_newest_first_without_models(manager: Caller, name: str, version: int) -> None:
    me = manager.but(version=version)
    made = [me.make(model(f"{name}-{at}", steps(script()))) for at in range(3)]
    page = me.good("list", page=1, pageSize=2)
    assert [one["pipelineId"] for one in page["records"]] == made[:0:-1]
    for one in page["records"]:
        assert "model" not in one
        typed(one, {key: kind for key, kind in STATUS_OF_NEW.items() if key != "model"})


@VERSIONS
def test_many_pipelines_at_once(manager: Caller, name: str, version: int) -> None:
    me = manager.but(version=version)
    made = [me.make(model(f"{name}-{at}", steps(script()))) for at in range(2)]
    seen = me.good("batch_get", [made[0], UNKNOWN, made[1]])
    assert {one["pipelineId"] for one in seen} == set(made)
    assert all(one["model"]["stages"] for one in seen)
    me.do("batch_get", []).refused(400)
    me.do("batch_get", [UNKNOWN] * 101).refused(400, 2101007)
    assert me.good("batch_get", [f"p-{at:032x}" for at in range(100)]) == []


@VERSIONS
def test_upload_and_update_bring_the_setting(manager: Caller, name: str, version: int) -> None:
    me = manager.but(version=version)
    setting = {"pipelineName": name, "desc": "from the setting", "runLockType": "SINGLE", "maxQueueSize": 3}
    pipeline = me.good("upload", {"model": model(name, steps(script())), "setting": setting})["id"]
    kept = me.good("setting", pipelineId=pipeline)
    assert (kept["runLockType"], kept["maxQueueSize"], kept["pipelineId"], kept["projectId"]) == (
        "SINGLE",
        3,
        pipeline,
        "demo",
    )
    assert me.good("status", pipelineId=pipeline)["pipelineDesc"] == "from the setting"
    changed = setting | {"runLockType": "MULTIPLE", "pipelineId": UNKNOWN, "projectId": "nowhere"}
    result = me.good(
        "update", {"model": model(name, steps(script())), "setting": changed}, pipelineId=pipeline
    )
    assert (result["pipelineId"], result["pipelineName"], result["version"]) == (pipeline, name, 2)
    kept = me.good("setting", pipelineId=pipeline)
    assert (kept["runLockType"], kept["pipelineId"], kept["projectId"]) == ("MULTIPLE", pipeline, "demo")
    for part in ("model", "setting"):
        whole = {"model": model(f"{name}-2"), "setting": setting}
        del whole[part]
        me.do("upload", whole).refused(400)
        me.do("update", whole, pipelineId=pipeline).refused(400)


def test_a_new_pipelines_setting(v4: Caller, name: str) -> None:
    pipeline = v4.make(model(name, steps(script())))
    seen = v4.good("setting", pipelineId=pipeline)
    expected = {
        "projectId": "demo",
        "pipelineId": pipeline,
        "pipelineName": name,
        "version": 1,
        "labels": [],
        "runLockType": "MULTIPLE",
        "waitQueueTimeMinute": 10,
        "maxQueueSize": 10,
        "concurrencyGroup": "${{ci.pipeline_id}}",
        "concurrencyCancelInProgress": False,
        "failIfVariableInvalid": False,
        "buildCancelPolicy": "RESTRICTED",
        "maxPipelineResNum": 50,
        "cleanVariablesWhenRetry": False,
    }
    assert {key: seen.get(key) for key in expected} == expected
    v4.do("setting", pipelineId=UNKNOWN).refused(404, 2101038)


@VERSIONS
def test_a_setting_is_changed(manager: Caller, name: str, version: int) -> None:
    me = manager.but(version=version)
    pipeline = me.make(model(name, steps(script())))
    given = {"pipelineName": f"{name}-new", "desc": "said", "waitQueueTimeMinute": 1440, "maxQueueSize": 0}
    assert me.good("setting_update", given, pipelineId=pipeline) is True
    seen = me.good("setting", pipelineId=pipeline)
    assert {key: seen[key] for key in given} == given
    assert seen["version"] == 2
    # What a parsed setting leaves out has the defaults of parsing, not those of a new pipeline.
    assert (seen["runLockType"], seen["buildCancelPolicy"]) == ("SINGLE_LOCK", "EXECUTE_PERMISSION")
    got = me.good("get", pipelineId=pipeline)
    assert (got["name"], got["desc"]) == (f"{name}-new", "said")
    me.do("setting_update", given, pipelineId=UNKNOWN).refused(404, 2101038)


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"waitQueueTimeMinute": 0}, 2100004),
        ({"waitQueueTimeMinute": 1441}, 2100004),
        ({"maxQueueSize": -1}, 2100004),
        ({"maxQueueSize": 201}, 2100004),
        ({"runLockType": "NOBODY"}, 400),
        ({"successSubscriptionList": [{"types": ["EMAIL"]}]}, 2101231),
        ({"failSubscriptionList": [{"types": ["EMAIL"], "content": ""}]}, 2101231),
    ],
)
def test_a_setting_that_is_refused(manager: Caller, name: str, wrong: dict[str, Any], status: int) -> None:
    pipeline = manager.make(model(name, steps(script())))
    manager.do("setting_update", {"pipelineName": name} | wrong, pipelineId=pipeline).refused(400, status)
    whole = {"model": model(f"{name}-2", steps(script())), "setting": {"pipelineName": f"{name}-2"} | wrong}
    manager.do("upload", whole).refused(400, status)


@pytest.mark.parametrize(
    "wrong",
    [
        {"maxConRunningQueueSize": 0},
        {"maxConRunningQueueSize": 201},
        {"concurrencyGroup": ""},
        {"concurrencyGroup": "x" * 129},
        {"buildNumRule": "ä"},
        {"maxPipelineResNum": 0},
    ],
)
def test_more_that_a_setting_may_not_say(manager: Caller, name: str, wrong: dict[str, Any]) -> None:
    pipeline = manager.make(model(name, steps(script())))
    given = {"pipelineName": name, "runLockType": "GROUP_LOCK"} | wrong
    assert manager.do("setting_update", given, pipelineId=pipeline).http == 400


def test_a_copy_is_a_new_pipeline_with_the_same_model_and_setting(manager: Caller, name: str) -> None:
    remote = {"@type": "remoteTrigger", "name": "R", "id": "T-1-1-2", "remoteToken": "secret"}
    first = trigger(elements=[{"@type": "manualTrigger", "name": "M", "id": "T-1-1-1"}, remote])
    pipeline = manager.make(model(name, steps(script(id="e-kept")), first=first))
    manager.good("setting_update", {"pipelineName": name, "maxQueueSize": 7}, pipelineId=pipeline)
    body = {"name": f"{name}-copy", "desc": "copied"}
    copied = manager.good("copy", body, pipelineId=pipeline)["id"]
    got = manager.good("get", pipelineId=copied)
    assert (got["name"], got["desc"], got["latestVersion"]) == (f"{name}-copy", "copied", 1)
    assert [one["id"] for one in got["stages"]] == ["stage-1", "stage-2"]
    assert got["stages"][1]["containers"][0]["elements"][0]["id"] == "e-kept"
    assert got["stages"][0]["containers"][0]["elements"][1].get("remoteToken", "") == ""
    assert manager.good("setting", pipelineId=copied)["maxQueueSize"] == 7
    assert manager.run(copied)[1]["status"] == "SUCCEED"
    manager.do("copy", {"name": "x"}, pipelineId=UNKNOWN).refused(404, 2101038)
    manager.do("copy", {}, pipelineId=pipeline).refused(400)
    assert manager.do("copy", {"name": "x" * 129}, pipelineId=pipeline).http == 400
    assert manager.do("copy", {"name": "x", "desc": "x" * 256}, pipelineId=pipeline).http == 400
    manager.do("rename", {}, pipelineId=pipeline).refused(400)


def test_a_pipeline_is_disabled_and_enabled(v4: Caller, name: str) -> None:
    pipeline = v4.make(model(name, steps(script())))
    build, _ = v4.run(pipeline)
    assert v4.good("lock", pipelineId=pipeline, enable=False) is True
    assert v4.good("status", pipelineId=pipeline)["lock"] is True
    v4.do("start", {}, pipelineId=pipeline).refused(400, 2101047)
    v4.do("start_info", pipelineId=pipeline).refused(400, 2101047)
    v4.do("retry", pipelineId=pipeline, buildId=build).refused(400, 2101047)
    assert v4.good("lock", pipelineId=pipeline, enable=True) is True
    assert v4.good("status", pipelineId=pipeline)["lock"] is False
    assert v4.run(pipeline)[1]["status"] == "SUCCEED"


def test_search_and_counts(v4: Caller, name: str) -> None:
    made = {v4.make(model(f"{name}-{at}", steps(script()))) for at in range(3)}
    found = v4.good("search", pipelineName=name)
    assert {one["pipelineId"] for one in found} == made
    assert all(set(one) == {"pipelineId", "pipelineName", "channelCode"} for one in found)
    assert {one["channelCode"] for one in found} == {"BS"}
    page = v4.good("paging_search", pipelineName=name, page=1, pageSize=2)
    assert (page["count"], page["totalPages"], len(page["records"])) == (3, 2, 2)
    assert {one["pipelineId"] for one in page["records"]} < made
    everything = v4.good("paging_search", pipelineName=name, page=1, pageSize=-1)
    assert (everything["totalPages"], len(everything["records"])) == (1, 3)
    counts = v4.good("count")
    assert set(counts) == {
        "totalCount",
        "myFavoriteCount",
        "myPipelineCount",
        "recycleCount",
        "recentUseCount",
    }
    assert all(type(count) is int for count in counts.values())
    assert v4.good("delete", pipelineId=made.pop()) is True
    after = v4.good("count")
    assert (after["totalCount"], after["recycleCount"]) == (
        counts["totalCount"] - 1,
        counts["recycleCount"] + 1,
    )


@VERSIONS
def test_labels_and_their_groups(manager: Caller, name: str, version: int) -> None:
    me = manager.but(version=version)

    def groups() -> dict[str, Any]:
        return {one["name"]: one for one in me.good("groups")}

    group = f"{version} kinds"
    assert me.good("group_add", {"projectId": "demo", "name": group}) is True
    me.do("group_add", {"projectId": "demo", "name": group}).refused(400, 2101180)
    me.do("group_add", {"projectId": "demo"}).refused(400)
    made = groups()[group]
    assert {
        "id",
        "projectId",
        "name",
        "createTime",
        "updateTime",
        "createUser",
        "updateUser",
        "labels",
    } == set(made)
    assert (type(made["id"]), type(made["createTime"]), made["labels"]) == (str, int, [])
    for label in ("red", "blue"):
        assert me.good("label_add", {"groupId": made["id"], "name": label}) is True
    me.do("label_add", {"groupId": made["id"], "name": "red"}).refused(400, 2101181)
    me.do("label_add", {"groupId": made["id"], "name": "x" * 21}).refused(400, 2101162)
    labels = {one["name"]: one for one in groups()[group]["labels"]}
    red, blue = labels["red"], labels["blue"]
    assert set(red) == {"id", "groupId", "name", "createTime", "uptimeTime", "createUser", "updateUser"}

    pipeline = me.make(model(name, steps(script()), labels=[red["id"], blue["id"]]))
    assert sorted(me.good("get", pipelineId=pipeline)["labels"]) == sorted([red["id"], blue["id"]])
    shown = me.good("status", pipelineId=pipeline)["groupLabel"]
    assert [(one["groupName"], sorted(one["labelName"])) for one in shown] == [(group, ["blue", "red"])]
    copied = me.good("copy", {"name": f"{name}-copy", "labels": [red["id"]]}, pipelineId=pipeline)["id"]
    assert me.good("status", pipelineId=copied)["groupLabel"] == [{"groupName": group, "labelName": ["red"]}]

    setting = {"pipelineName": name, "labels": [blue["id"]]}
    assert me.good("setting_update", setting, pipelineId=pipeline) is True
    assert me.good("setting", pipelineId=pipeline)["labelNames"] == ["blue"]
    assert me.good("label_change", blue | {"name": "green"}) is True
    assert me.good("status", pipelineId=pipeline)["groupLabel"] == [
        {"groupName": group, "labelName": ["green"]}
    ]
    assert me.good("group_change", {"id": made["id"], "projectId": "demo", "name": f"{group}!"}) is True
    assert me.good("status", pipelineId=pipeline)["groupLabel"][0]["groupName"] == f"{group}!"
    assert me.good("label_delete", labelId=red["id"]) is True
    assert "groupLabel" not in me.good("status", pipelineId=copied)
    assert me.good("group_delete", groupId=made["id"]) is True
    assert "groupLabel" not in me.good("status", pipelineId=pipeline)
    assert f"{group}!" not in groups()


def test_limits_of_labels(manager: Caller) -> None:
    for at in range(10 - len(manager.good("groups"))):
        assert manager.good("group_add", {"projectId": "demo", "name": f"limit {at}"}) is True
    manager.do("group_add", {"projectId": "demo", "name": "one more"}).refused(400, 2101160)
    mine = [one for one in manager.good("groups") if one["name"].startswith("limit")]
    for at in range(12):
        assert manager.good("label_add", {"groupId": mine[0]["id"], "name": f"l{at}"}) is True
    manager.do("label_add", {"groupId": mine[0]["id"], "name": "one more"}).refused(400, 2101161)
    for one in mine:
        assert manager.good("group_delete", groupId=one["id"]) is True


def test_views(v4: Caller, name: str) -> None:
    pipeline = v4.make(model(name, steps(script())))
    body = {
        "name": name,
        "projected": True,
        "viewType": 2,
        "logic": "AND",
        "filters": [],
        "pipelineIds": [pipeline],
    }
    made = v4.good("view_create", body)
    view = made["id"] if isinstance(made, dict) else made
    assert view in {one["id"] for one in v4.good("views", isProject=True)}
    page = v4.good("view_pipelines", viewId=view, page=1, pageSize=10)
    assert [one["pipelineId"] for one in page["records"]] == [pipeline]
    assert name in v4.good("status", pipelineId=pipeline)["viewNames"]
    assert v4.good("view", viewId=view, isProject=True)["name"] == name
    other = v4.make(model(f"{name}-2", steps(script())))
    added = {"pipelineIds": [other], "viewIds": [view]}
    assert v4.good("view_add", added) is True
    assert v4.good("view_pipelines", viewId=view, page=1, pageSize=10)["count"] == 2
    removed = {"pipelineIds": [pipeline], "viewId": view}
    assert v4.good("view_remove", removed) is True
    page = v4.good("view_pipelines", viewId=view, page=1, pageSize=-1)
    assert ([one["pipelineId"] for one in page["records"]], page["totalPages"]) == ([other], 1)
    assert v4.good("view_change", body | {"name": f"{name}!", "pipelineIds": [other]}, viewId=view) is True
    assert v4.good("status", pipelineId=other)["viewNames"] == [f"{name}!"]
    assert v4.good("view_delete", viewId=view) is True
    assert "viewNames" not in v4.good("status", pipelineId=other)


def by_name(text: str, condition: str = "LIKE") -> dict[str, Any]:
    """A filter of a view."""
    return {"@type": "filterByName", "condition": condition, "pipelineName": text}


def by_creator(*users: str, condition: str = "INCLUDE") -> dict[str, Any]:
    """The same, for who made it."""
    return {"@type": "filterByCreator", "condition": condition, "userIds": list(users)}


def test_a_dynamic_view_lists_what_its_filters_find(v4: Caller, name: str) -> None:
    """The table of operations, views: the documents of version 4 name the filters."""
    maker = v4.but(user="maker")
    assert v4.good("group_add", {"projectId": "demo", "name": f"{name}"[:20]}) is True
    (group,) = [one["id"] for one in v4.good("groups") if one["name"] == f"{name}"[:20]]
    assert v4.good("label_add", {"groupId": group, "name": "web"}) is True
    (label,) = [one["labels"][0]["id"] for one in v4.good("groups") if one["id"] == group]
    shop = v4.make(model(f"{name} Shop", steps(script())) | {"labels": [label]})
    bank = maker.make(model(f"{name} bank", steps(script())))
    made = {"shop": shop, "bank": bank}
    by_label = {"@type": "filterByLabel", "condition": "INCLUDE", "groupId": group, "labelIds": [label]}
    by_repo = {"@type": "filterByPacRepo", "condition": "INCLUDE", "repoHashId": "r", "directory": ".ci"}
    ours, whole = by_name(name), f"{name} bank"
    for at, (logic, filters, expected) in enumerate(
        [
            ("AND", [ours], {"shop", "bank"}),
            ("AND", [by_name(f"{name} SHOP")], {"shop"}),
            ("AND", [ours, by_name("shop", "NOT_LIKE")], {"bank"}),
            ("AND", [by_name(whole, "EQUAL")], {"bank"}),
            ("AND", [by_name(f"{name} ban", "EQUAL")], set()),
            ("AND", [ours, by_name(whole, "NOT_EQUAL")], {"shop"}),
            ("AND", [ours, by_name("ban", "INCLUDE")], {"bank"}),
            ("AND", [ours, by_creator("maker")], {"bank"}),
            ("AND", [ours, by_creator("maker", "manager")], {"shop", "bank"}),
            ("AND", [ours, by_creator("mak")], set()),
            ("AND", [ours, by_creator("mak", condition="LIKE")], {"bank"}),
            ("AND", [ours, by_creator("maker", condition="NOT_INCLUDE")], {"shop"}),
            ("AND", [ours, by_label], {"shop"}),
            ("AND", [ours, by_label | {"condition": "NOT_INCLUDE"}], {"bank"}),
            ("AND", [ours, by_repo], set()),
            ("OR", [by_name(f"{name} bank"), by_label], {"shop", "bank"}),
            ("OR", [by_name(f"{name} bank"), by_name("nowhere")], {"bank"}),
            ("OR", [], set()),
        ]
    ):
        body = {"name": f"{name} {at}", "projected": True, "viewType": 1, "logic": logic, "filters": filters}
        view = v4.good("view_create", body | {"pipelineIds": [shop, bank]})["id"]
        page = v4.good("view_pipelines", viewId=view, page=1, pageSize=10)
        assert {one["pipelineId"] for one in page["records"]} == {made[one] for one in expected}, filters
        assert page["count"] == len(expected)
        read = v4.good("view", viewId=view)
        assert (read["viewType"], read["logic"], read["filters"]) == (1, logic, filters)
        assert set(read["pipelineIds"]) == {made[one] for one in expected}
        (summary,) = [one for one in v4.good("views") if one["id"] == view]
        assert summary["pipelineCount"] == len(expected)
        for one, pipeline in made.items():
            shown = v4.good("status", pipelineId=pipeline)
            assert (body["name"] in shown.get("viewNames", [])) == (one in expected), (filters, one)
            assert "staticViews" not in shown["model"] or view not in shown["model"]["staticViews"]
        assert v4.good("view_delete", viewId=view) is True


def test_a_dynamic_view_finds_what_comes_later_and_loses_what_no_longer_fits(v4: Caller, name: str) -> None:
    body = {"name": name, "projected": True, "viewType": 1, "logic": "AND", "filters": [by_name(f"{name} a")]}
    view = v4.good("view_create", body)["id"]

    def held() -> list[str]:
        page = v4.good("view_pipelines", viewId=view, page=1, pageSize=10)
        return [one["pipelineId"] for one in page["records"]]

    assert held() == []
    first, second = (v4.make(model(f"{name} a{at}", steps(script()))) for at in (1, 2))
    assert held() == [second, first]
    assert v4.good("status", pipelineId=first)["viewNames"] == [name]
    assert v4.good("rename", {"name": f"{name} b"}, pipelineId=first) is True
    assert held() == [second]
    assert "viewNames" not in v4.good("status", pipelineId=first)
    v4.do("view_add", {"pipelineIds": [first], "viewIds": [view]}).refused(400)
    v4.do("view_remove", {"pipelineIds": [second], "viewId": view}).refused(400)
    assert v4.good("delete", pipelineId=second) is True
    assert held() == []
    assert v4.good("view_change", body | {"filters": [by_name(f"{name} b")]}, viewId=view) is True
    assert held() == [first]
    assert v4.good("view_change", body | {"viewType": 2, "filters": []}, viewId=view) is True
    assert held() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"filters": [{"@type": "filterByMoon", "condition": "LIKE"}]},
        {"filters": [{"condition": "LIKE", "pipelineName": "x"}]},
        {"filters": [{"@type": "filterByName", "condition": "NEAR", "pipelineName": "x"}]},
        {"filters": [{"@type": "filterByName", "condition": "LIKE"}]},
        {"filters": [{"@type": "filterByCreator", "condition": "INCLUDE", "userIds": "ann"}]},
        {"filters": ["x"]},
        {"logic": "XOR"},
    ],
)
def test_a_filter_that_is_none_is_refused(v4: Caller, name: str, wrong: dict[str, Any]) -> None:
    """1.5: what lacks something, and unknown words."""
    body = {"name": name, "projected": True, "viewType": 1, "logic": "AND", "filters": []}
    v4.do("view_create", body | wrong).refused(400)


def test_a_count_of_every_element(manager: Caller, name: str) -> None:
    whole = model(
        name,
        stage(job(script(), script()), job(script(), name="other")),
        steps(script()),
        params=(param("x"),),
    )
    pipeline = manager.make(whole)
    assert manager.good("status", pipelineId=pipeline)["taskCount"] == 5
