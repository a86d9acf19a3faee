"""What every call has in common: paths, envelope, errors, JSON (bkci-v3 1)."""

import json
from typing import Any

import pytest

from .caller import FRONTS, WAYS, Caller, enveloped
from .models import job, model, script, stage, steps, trigger

APIS = ("apigw", "apigw-user", "apigw-app")
UNKNOWN_PIPELINE, UNKNOWN_BUILD = "p-" + "0" * 32, "b-" + "0" * 32


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("slash", [False, True])
@pytest.mark.parametrize("front", FRONTS)
@pytest.mark.parametrize("api", APIS)
def test_aliases_reach_the_same_operation(
    address: str, api: str, front: str, slash: bool, version: int
) -> None:
    me = Caller(address, "visitor", api=api, front=front, slash=slash, version=version)
    page = me.good("list", page=1, pageSize=1)
    assert set(page) == {"count", "page", "pageSize", "totalPages", "records"}


@pytest.mark.parametrize("api", APIS)
def test_version_4_of_the_gateway_begins_with_the_version(manager: Caller, api: str) -> None:
    me = manager.but(api=api)
    me.ask("GET", f"/v4/{api}/projects/demo/pipelines/pipeline_list", None, me.proof).good()


@pytest.mark.parametrize(
    "path",
    [
        "/ms/openapi/api/apigw-other/v3/projects/demo/pipelines",
        "/ms/openapi/v3/projects/demo/pipelines",
        "/api/v3/projects/demo/pipelines",
    ],
)
def test_a_path_without_a_type_is_refused(manager: Caller, path: str) -> None:
    assert manager.raw("GET", path, None, manager.proof).http in {400, 404}


@pytest.mark.parametrize("version", [3, 4])
def test_routes_and_methods(manager: Caller, version: int) -> None:
    front = f"/ms/openapi/api/apigw/v{version}/projects/demo"
    manager.ask("GET", f"{front}/nothing/here").refused(404)
    manager.ask("PATCH", f"{front}/pipelines" + ("/pipeline" if version == 4 else "")).refused(405)


def test_an_operation_of_version_4_alone_is_no_route_of_version_3(manager: Caller) -> None:
    manager.ask("GET", "/api/apigw/v3/projects/demo/pipelines/p-1/setting").refused(404)


@pytest.mark.parametrize("operation", [name for name, way in WAYS.items() if way.v4 is not None])
def test_each_operation_is_there_in_version_4(v4: Caller, operation: str) -> None:
    """With nothing given an operation refuses, and in the envelope; that the route is missing, it does not say: to the
    wrong method a known route answers 405."""
    method, path = v4.path(operation, {})
    assert enveloped(v4.raw("PATCH", path, None, v4.proof)).http == 405
    if method != "GET":
        assert enveloped(v4.raw(method, path, None, v4.proof)).http in {400, 404}


@pytest.mark.parametrize("operation", [name for name, way in WAYS.items() if way.v3 is not None])
def test_each_operation_is_there_in_version_3(manager: Caller, operation: str) -> None:
    ids = {
        "pipelineId": "p-1",
        "buildId": "b-1",
        "stageId": "stage-2",
        "elementId": "e-1",
        "groupId": "1",
        "labelId": "1",
    }
    _, path = manager.path(operation, ids)
    assert enveloped(manager.raw("PATCH", path.partition("?")[0], None, manager.proof)).http == 405


@pytest.mark.parametrize("body", [b"", b"{", b"nonsense", b'{"name": "x", "stages": [}'])
def test_a_body_that_is_no_json(manager: Caller, body: bytes) -> None:
    headers = manager.proof | {"Content-Type": "application/json"}
    reply = enveloped(manager.raw("POST", "/api/apigw/v3/projects/demo/pipelines", body, headers))
    reply.refused(400)


def test_a_body_that_does_not_say_json(manager: Caller, name: str) -> None:
    body = json.dumps(model(name, steps(script()))).encode()
    path = "/api/apigw/v3/projects/demo/pipelines"
    assert manager.raw("POST", path, body, manager.proof | {"Content-Type": "text/plain"}).http == 415
    assert manager.raw("POST", path, body, manager.proof).http == 415
    charset = {"Content-Type": "application/json; charset=utf-8"}
    assert manager.raw("POST", path, body, manager.proof | charset).http == 200


def test_data_beside_an_error_is_technical_text_or_absent(manager: Caller) -> None:
    reply = manager.do("create", {"name": "x", "stages": [{"containers": [{"@type": "nobody"}]}]})
    reply.refused(400)
    assert reply.data is None or isinstance(reply.data, str)
    reply = manager.do("get", pipelineId=UNKNOWN_PIPELINE)
    reply.refused(404, 2101038)
    assert reply.data is None


@pytest.mark.parametrize(
    ("operation", "query"),
    [
        ("get", {}),
        ("status", {}),
        ("start", {}),
        ("stop", {}),
        ("detail", {}),
        ("review", {"buildId": UNKNOWN_BUILD}),
        ("lock", {"pipelineId": UNKNOWN_PIPELINE}),
    ],
)
def test_a_required_parameter_that_is_missing(v4: Caller, operation: str, query: dict[str, Any]) -> None:
    v4.do(operation, **query).refused(400)


def test_required_values_that_are_blank(v4: Caller) -> None:
    v4.do("get", pipelineId=" ").refused(400)
    v4.do("build_status", buildId="").refused(400)


@pytest.mark.parametrize(
    ("operation", "wrong"),
    [("history", {"page": "x"}), ("start", {"buildNo": "many"}), ("retry", {"skip": "perhaps"})],
)
def test_parameters_of_the_wrong_kind(
    manager: Caller, name: str, operation: str, wrong: dict[str, str]
) -> None:
    pipeline = manager.make(model(name, steps(script())))
    reply = manager.do(operation, None, pipelineId=pipeline, buildId=UNKNOWN_BUILD, **wrong)
    assert reply.http in {400, 404}


def test_success_is_200_for_a_creation_too(manager: Caller, name: str) -> None:
    assert manager.do("create", model(name)).http == 200


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ({}, (1, 20)),
        ({"page": 0}, (1, 20)),
        ({"page": -3, "pageSize": 5}, (1, 5)),
        ({"page": 2, "pageSize": 3}, (2, 3)),
        ({"pageSize": 101}, (1, 100)),
        ({"pageSize": 0}, (1, 10)),
        ({"page": "", "pageSize": ""}, (1, 20)),
    ],
)
def test_pages(manager: Caller, given: dict[str, int | str], used: tuple[int, int]) -> None:
    page = manager.good("list", **given)
    assert (page["page"], page["pageSize"]) == used
    assert page["totalPages"] == -(-page["count"] // page["pageSize"])
    assert len(page["records"]) <= page["pageSize"]


def test_the_limit_of_a_page_is_lifted_by_a_header(manager: Caller) -> None:
    _, path = manager.path("list", {"pageSize": 150})
    headers = manager.proof | {"X-DEVOPS-TEMPORARY-PAGE-SIZE-NOT-LIMIT": "1"}
    assert manager.ask("GET", path, None, headers).good()["pageSize"] == 150


def test_unknown_fields_are_ignored_and_scalars_converted(manager: Caller, name: str) -> None:
    odd = model(
        name,
        stage(job(script(additionalOptions={"timeout": "7", "retryWhenFailed": "true"})), fastKill="true"),
        nobodyKnows={"this": 1},
    )
    pipeline = manager.make(odd)
    got = manager.good("get", pipelineId=pipeline)
    assert got["stages"][1]["fastKill"] is True
    element = got["stages"][1]["containers"][0]["elements"][0]
    assert element["additionalOptions"]["timeout"] == 7
    assert element["additionalOptions"]["retryWhenFailed"] is True


def test_an_empty_text_for_an_object_is_null(manager: Caller, name: str) -> None:
    pipeline = manager.make(model(name, stage(job(script(additionalOptions="")), checkIn="")))
    got = manager.good("get", pipelineId=pipeline)
    assert "checkIn" not in got["stages"][1]
    assert got["stages"][1]["containers"][0]["elements"][0]["elementEnable"] is True


def test_the_type_is_the_first_key(manager: Caller, name: str) -> None:
    pipeline = manager.make(model(name, steps(script()), first=trigger()))
    for container in manager.good("get", pipelineId=pipeline)["stages"]:
        for part in (container["containers"][0], *container["containers"][0]["elements"]):
            assert next(iter(part)) == "@type"
            assert part["classType"] == part["@type"]


def test_both_names_of_what_runs_on_a_telephone(manager: Caller, name: str) -> None:
    pipeline = manager.make(model(name, steps(script())))
    _, seen = manager.run(pipeline)
    assert (seen["mobileStart"], seen["isMobileStart"]) == (False, False)


def test_a_project_nobody_has(manager: Caller) -> None:
    for operation in ("list", "create", "count"):
        manager.but(project="nobody").do(operation, model("x")).refused(404)


def test_another_channel_finds_nothing(manager: Caller, name: str) -> None:
    pipeline = manager.make(model(name, steps(script())))
    assert manager.good("status", pipelineId=pipeline, channelCode="BS")["pipelineId"] == pipeline
    assert manager.do("get", pipelineId=pipeline, channelCode="GIT").http == 404
    assert manager.good("list", checkPermission=False)["count"] >= 1


@pytest.mark.parametrize("language", ["en", "zh-cn", "ja", "xx"])
def test_a_language_changes_no_number(manager: Caller, language: str) -> None:
    _, path = manager.path("get", {"pipelineId": UNKNOWN_PIPELINE})
    cookie = {"Cookie": f"blueking_language={language}"}
    manager.ask("GET", path, None, manager.proof | cookie).refused(404, 2101038)
