"""Routes: a table of rows, found by method and path."""

import msgspec
import pytest

from ferryman.dialects.operation import Operation
from ferryman.dialects.rest import Found, Routes


class Nothing(msgspec.Struct):
    """Takes nothing."""


def row(name: str, *routes: str) -> Operation:
    """An operation that is only looked up."""
    return Operation(name, routes, Nothing, verb="runs.read")


ROUTES = Routes(
    [
        row("list", "GET /v3/projects/{projectId}/pipelines"),
        row("create", "POST /v3/projects/{projectId}/pipelines"),
        row("get", "GET /v3/projects/{projectId}/pipelines/{pipelineId}"),
        row("status", "GET /v3/projects/{projectId}/pipelines/{pipelineId}/status", "GET /v4/status"),
        row("upload", "POST /v3/projects/{projectId}/pipelines/pipeline_upload"),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "name", "values"),
    [
        pytest.param("GET", "/v3/projects/demo/pipelines", "list", {"projectId": "demo"}, id="a list"),
        pytest.param(
            "GET", "/v3/projects/demo/pipelines/", "list", {"projectId": "demo"}, id="slash at the end"
        ),
        pytest.param("GET", "/v4/status", "status", {}, id="another route of the same row"),
        pytest.param(
            "GET",
            "/v3/projects/a%2Fb/pipelines/p%20q/status/",
            "status",
            {"projectId": "a/b", "pipelineId": "p q"},
            id="an escaped slash stays in its segment",
        ),
        pytest.param(
            "GET",
            "/v3/projects/d/pipelines//status",
            "status",
            {"projectId": "d", "pipelineId": ""},
            id="blank",
        ),
        pytest.param(
            "POST", "/v3/projects/d/pipelines/pipeline_upload", "upload", {"projectId": "d"}, id="written"
        ),
        pytest.param(
            "GET",
            "/v3/projects/d/pipelines/pipeline_upload",
            "get",
            {"projectId": "d", "pipelineId": "pipeline_upload"},
            id="a written segment under another method does not hide the named one",
        ),
    ],
)
def test_a_path_leads_to_its_row(method: str, path: str, name: str, values: dict[str, str]) -> None:
    found = ROUTES.find(method, path)
    assert isinstance(found, Found)
    assert (found.operation.name, found.values) == (name, values)


def test_a_path_that_is_there_under_other_methods_is_told_from_one_that_is_not() -> None:
    """404 and 405 (bkci-v3 1.5)."""
    assert ROUTES.find("DELETE", "/v3/projects/demo/pipelines") == {"GET", "POST"}
    assert ROUTES.find("GET", "/v3/projects/demo/pipes") == frozenset()
    assert ROUTES.find("GET", "/v3/projects/demo/pipelines/p/status/more") == frozenset()
    assert ROUTES.find("GET", "") == frozenset()


def test_two_rows_may_not_claim_one_route() -> None:
    with pytest.raises(ValueError, match="both claim"):
        Routes([row("one", "GET /a/{x}"), row("two", "GET /a/{y}")])
