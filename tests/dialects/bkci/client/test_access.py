"""Who may do what (bkci-v3 2)."""

import json
from typing import Any

import pytest

from .caller import Caller
from .models import held, model, param, review, script, steps

DENIED = (403, 2101008)


@pytest.fixture
def pipeline(manager: Caller, name: str) -> str:
    """A pipeline of the manager."""
    return manager.make(model(name, steps(script()), params=(param("word", "x"),)))


def test_the_user_is_needed(manager: Caller) -> None:
    _, path = manager.path("list", {})
    manager.ask("GET", path, None, {}).refused(400)


@pytest.mark.parametrize(
    ("api", "headers", "http"),
    [
        ("apigw-user", {}, {400, 403}),
        ("apigw-user", {"bk_app_code": "app", "bk_app_secret": "app-secret"}, {400}),
        (
            "apigw-user",
            {"bk_app_code": "app", "bk_app_secret": "no", "access_token": "manager-token"},
            {400, 403},
        ),
        ("apigw-user", {"bk_app_code": "app", "bk_app_secret": "app-secret", "access_token": "no"}, {400}),
        (
            "apigw-user",
            {"bk_app_code": "app", "bk_app_secret": "app-secret", "access_token": "expired-token"},
            {400},
        ),
        ("apigw-app", {}, {400, 403}),
        ("apigw-app", {"bk_app_code": "nobody", "bk_app_secret": "app-secret"}, {400}),
        ("apigw-app", {"bk_app_code": "app", "bk_app_secret": "no"}, {400}),
    ],
)
def test_proofs_that_do_not_hold(manager: Caller, api: str, headers: dict[str, str], http: set[int]) -> None:
    me = manager.but(api=api)
    _, path = me.path("list", {})
    sent = {"X-DEVOPS-UID": "manager"}
    if headers:
        sent["X-Bkapi-Authorization"] = json.dumps(headers)
    assert me.raw("GET", path, None, sent).http in http


def test_a_user_type_is_the_tokens_user_whatever_the_header_says(manager: Caller, pipeline: str) -> None:
    me = manager.but(api="apigw-user", user="visitor")
    _, path = me.path("start", {"pipelineId": pipeline})
    me.ask("POST", path, {}, me.proof | {"X-DEVOPS-UID": "manager"}).refused(*DENIED)


def test_an_application_brings_its_code_in_headers_too(manager: Caller) -> None:
    me = manager.but(api="apigw-app")
    _, path = me.path("list", {})
    keys = {"X-DEVOPS-APP-CODE": "app", "X-DEVOPS-APP-SECRET": "app-secret", "X-DEVOPS-UID": "manager"}
    me.ask("GET", path, None, keys).good()


def test_an_application_is_registered_for_projects(manager: Caller) -> None:
    assert manager.but(api="apigw-app", project="other").do("list").http == 403


def test_an_access_token_stands_for_the_user(manager: Caller, pipeline: str) -> None:
    _, path = manager.path("start", {"pipelineId": pipeline, "access_token": "visitor-token"})
    manager.ask("POST", path, {}, {"X-DEVOPS-UID": "manager"}).refused(*DENIED)
    _, path = manager.path("status", {"pipelineId": pipeline, "access_token": "visitor-token"})
    assert manager.ask("GET", path, None, {}).good()["pipelineId"] == pipeline
    for wrong in ("nobody-token", "expired-token"):
        _, path = manager.path("status", {"pipelineId": pipeline, "access_token": wrong})
        assert manager.raw("GET", path, None, manager.proof).http == 400


def test_who_is_no_member_sees_no_pipeline(manager: Caller, pipeline: str) -> None:
    stranger = manager.but(user="stranger")
    for operation in ("list", "get", "status", "start", "delete"):
        assert stranger.do(operation, pipelineId=pipeline).http in {403, 404}, operation


def test_a_visitor_may_view_and_not_start(manager: Caller, pipeline: str, name: str) -> None:
    visitor = manager.but(user="visitor")
    build, _ = manager.run(pipeline)
    ids: dict[str, Any] = {"pipelineId": pipeline, "buildId": build}
    for operation in ("get", "status", "history", "build_status", "detail", "log_init", "list"):
        visitor.good(operation, **ids)
    assert visitor.good("variables", ["word"], **ids) == {"word": "x"}
    whole = model(name, steps(script()))
    for operation, body in (
        ("edit", whole),
        ("update", {"model": whole, "setting": {"pipelineName": name}}),
        ("setting_update", {"pipelineName": name}),
        ("rename", {"name": f"{name}-new"}),
        ("delete", None),
        ("start", {}),
        ("start_info", None),
        ("retry", None),
        ("stop", None),
        ("restart", None),
        ("lock", None),
    ):
        reply = visitor.do(operation, body, **ids, **({"enable": False} if operation == "lock" else {}))
        reply.refused(*DENIED)
    assert visitor.do("create", model(f"{name}-2")).http == 403
    assert visitor.do("copy", {"name": f"{name}-3"}, **ids).http == 403


def test_an_operator_may_start_and_not_edit(manager: Caller, pipeline: str, name: str) -> None:
    runner = manager.but(user="runner")
    _, seen = runner.run(pipeline)
    assert seen["userId"] == "runner"
    assert runner.good("start_info", pipelineId=pipeline)["canManualStartup"] is True
    runner.do("edit", model(name, steps(script())), pipelineId=pipeline).refused(*DENIED)
    runner.do("delete", pipelineId=pipeline).refused(*DENIED)


def test_a_copy_needs_the_right_to_create(manager: Caller, pipeline: str, name: str) -> None:
    reply = manager.but(user="runner").do("copy", {"name": f"{name}-copy"}, pipelineId=pipeline)
    assert reply.http == 403


def test_restricted_stops(manager: Caller, name: str, gate: Any) -> None:
    """A new pipeline's policy (12.13): who started it, who made the pipeline, and who manages."""
    maker, other, runner = (manager.but(user=user) for user in ("maker", "maker-two", "runner"))
    pipeline = maker.make(model(name, steps(held(gate))))
    for stopper, may in ((maker, True), (manager, True), (runner, True), (other, False)):
        build = runner.start(pipeline)
        reply = stopper.do("stop", pipelineId=pipeline, buildId=build)
        if may:
            assert reply.good() is True
        else:
            reply.refused(400, 2101340)
            manager.good("stop", pipelineId=pipeline, buildId=build)
        assert runner.wait(pipeline, build)["status"] == "CANCELED"
    setting = manager.good("setting", pipelineId=pipeline) | {"buildCancelPolicy": "EXECUTE_PERMISSION"}
    assert manager.good("setting_update", setting, pipelineId=pipeline) is True
    build = runner.start(pipeline)
    assert other.good("stop", pipelineId=pipeline, buildId=build) is True


def test_a_reviewer_needs_no_permission_and_others_have_none(manager: Caller, name: str) -> None:
    pipeline = manager.make(model(name, steps(script()) | review(("visitor",))))
    build = manager.start(pipeline)
    manager.wait(pipeline, build, "STAGE_SUCCESS")
    ids = {"pipelineId": pipeline, "buildId": build, "stageId": "stage-2"}
    manager.do("review", {"reviewParams": []}, **ids).refused(*DENIED)
    assert manager.but(user="visitor").good("review", {"reviewParams": []}, **ids) is True
    assert manager.wait(pipeline, build)["status"] == "SUCCEED"


def test_restore_is_for_managers(manager: Caller, name: str) -> None:
    maker = manager.but(user="maker-two")
    pipeline = manager.make(model(name, steps(script())))
    assert manager.good("delete", pipelineId=pipeline) is True
    assert maker.do("restore", pipelineId=pipeline).http == 403
    assert manager.good("restore", pipelineId=pipeline) is True


@pytest.mark.parametrize("version", [3, 4])
def test_questions_about_members(manager: Caller, version: int) -> None:
    word = "isProjectUsers" if version == 3 else "check_project_users"
    path = f"/api/apigw/v{version}/auth/validate/projects/demo/{word}"
    for user, member in (("visitor", True), ("stranger", False)):
        me = manager.but(user=user)
        assert me.ask("GET", path).good() is member


def test_questions_about_permissions(v4: Caller, pipeline: str) -> None:
    path = "/api/apigw/v4/auth/validate/projects/demo/permission/validate"
    for user, action, may in (
        ("visitor", "pipeline_view", True),
        ("visitor", "pipeline_execute", False),
        ("runner", "pipeline_execute", True),
        ("runner", "pipeline_edit", False),
        ("maker", "pipeline_edit", True),
        ("manager", "pipeline_delete", True),
    ):
        query = f"?userId={user}&action={action}&resourceType=pipeline&resourceCode={pipeline}"
        assert v4.ask("GET", path + query).good() is may, (user, action)


@pytest.mark.parametrize("version", [3, 4])
def test_a_policy_that_lets_only_get_lets_get_the_status(
    manager: Caller, pipeline: str, version: int
) -> None:
    """Issue 4, the policy of its seed: the status of a pipeline is got, all of them are listed."""
    reader = manager.but(user="reader", version=version)
    seen = reader.good("status", pipelineId=pipeline)
    assert (seen["pipelineId"], seen["hasPermission"]) == (pipeline, False)
    assert reader.good("get", pipelineId=pipeline)["stages"]
    reader.do("list").refused(403, 2101008)
    reader.do("start", {}, pipelineId=pipeline).refused(403, 2101008)
    reader.do("delete", pipelineId=pipeline).refused(403, 2101008)


def test_who_made_a_pipeline_manages_it(manager: Caller, name: str) -> None:
    """2.3: a creator gets manage, and nobody else does for that; restoring is for who manages the project."""
    maker, other = manager.but(user="maker"), manager.but(user="maker-two")
    pipeline = maker.make(model(name, steps(script())))
    for _ in range(2):
        for user, manages in ((maker, True), (other, False), (manager, True), (maker, True)):
            status = user.good("status", pipelineId=pipeline)
            (listed,) = [
                one for one in user.good("list", pageSize=100)["records"] if one["pipelineId"] == pipeline
            ]
            (got,) = user.good("batch_get", [pipeline])
            assert [one["permissions"]["canManage"] for one in (status, listed, got)] == [manages] * 3, (
                user.user
            )
            assert status["permissions"]["canEdit"] is True
    path = "/api/apigw/v4/auth/validate/projects/demo/permission/validate"
    for user, code, manages in (
        ("maker", pipeline, True),
        ("maker-two", pipeline, False),
        ("manager", pipeline, True),
        ("maker", "p-nobody", False),
    ):
        query = f"?userId={user}&action=pipeline_manage&resourceType=pipeline&resourceCode={code}"
        assert manager.ask("GET", path + query).good() is manages, (user, code)
    assert maker.good("delete", pipelineId=pipeline) is True
    maker.do("restore", pipelineId=pipeline).refused(*DENIED)
    assert manager.good("restore", pipelineId=pipeline) is True


def test_the_flag_of_a_pipeline(manager: Caller, pipeline: str) -> None:
    seen = manager.but(user="visitor").good("status", pipelineId=pipeline)
    assert seen["hasPermission"] is True
    assert seen["permissions"]["canView"] is True
    assert seen["permissions"]["canExecute"] is False
    assert seen["permissions"]["canManage"] is False
