"""The call that scripts written against BK-CI begin with: the status of a pipeline (bkci-v3 3.2, 11.1; RULINGS 22)."""

import asyncio
import json
import re
from pathlib import Path

from ferryman.dialects.bkci.v3.operations import OPERATIONS
from ferryman.testing.server import serving

STATUS = "/ms/openapi/api/{}/v3/projects/demo/pipelines/p-{:032}/status"


def test_the_status_of_an_unknown_pipeline_is_a_success_without_data(tmp_path: Path) -> None:
    """Each type of caller; nobody's proof stands in the log."""
    app = {"X-Bkapi-Authorization": json.dumps({"bk_app_code": "app", "bk_app_secret": "app-secret"})}
    user = {
        "X-Bkapi-Authorization": json.dumps(
            {"bk_app_code": "app", "bk_app_secret": "app-secret", "access_token": "visitor-token"}
        )
    }

    async def story() -> None:
        async with serving(data=tmp_path) as server:
            for kind, query, headers, actor in (
                ("apigw", "", {"X-DEVOPS-UID": "operator"}, "operator"),
                ("apigw", "?access_token=operator-token", {}, "operator"),
                ("apigw-app", "", {"X-DEVOPS-UID": "visitor", **app}, "visitor"),
                ("apigw-user", "", user, "visitor"),
            ):
                answer = await server.ask("GET", STATUS.format(kind, 1) + query, headers=headers)
                assert (answer.status, answer.json) == (200, {"status": 0})
                assert server.lines[-1]["actor"] == actor
            told = str(server.lines)
            assert not any(word in told for word in ("operator-token", "visitor-token", "app-secret"))

    asyncio.run(story())


def test_who_is_no_member_learns_of_no_project(tmp_path: Path) -> None:
    """API-10: 404 as for a project that is not there, not 403."""

    async def story() -> None:
        async with serving(data=tmp_path) as server:
            stranger = await server.ask(
                "GET", STATUS.format("apigw", 1), headers={"X-DEVOPS-UID": "stranger"}
            )
            nowhere = await server.ask(
                "GET",
                STATUS.format("apigw", 1).replace("demo", "nowhere"),
                headers={"X-DEVOPS-UID": "stranger"},
            )
            for answer, project in ((stranger, "demo"), (nowhere, "nowhere")):
                assert (answer.status, answer.json["status"]) == (404, 404)
                message = answer.json["message"].partition(" [request")[0]
                assert message.replace(project, "P") == "there is no project P"

    asyncio.run(story())


ASKING = {"is-project-user", "validate-permission"}
"""Operations that tell anybody whether they are a member (bkci-v3 3.1)."""
ROUTES = [
    (row.name, *route.split(" ", 1)) for row in OPERATIONS if row.name not in ASKING for route in row.routes
]


def test_a_request_that_does_not_fit_tells_no_stranger_of_a_project(tmp_path: Path) -> None:
    """API-10, bkci-v3 2.3: membership is the first gate, before anything of the request is looked at."""

    async def story() -> None:
        async with serving(data=tmp_path) as server:
            for name, method, path in ROUTES:
                told = []
                for project in ("demo", "nowhere"):
                    place = re.sub(r"\{\w+\}", "x", path.replace("{projectId}", project))
                    answer = await server.ask(
                        method,
                        f"/ms/openapi/api/apigw{place}?page=x&channelCode=GIT",
                        headers={"X-DEVOPS-UID": "stranger", "Content-Type": "text/plain"},
                        body=b"{" if method != "GET" else None,
                    )
                    told.append((answer.status, answer.json["message"].partition(" [request")[0]))
                assert told == [(404, f"there is no project {one}") for one in ("demo", "nowhere")], name

    asyncio.run(story())
