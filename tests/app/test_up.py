"""A house that answers over HTTP, put together as `ferryman up` does it."""

import asyncio
from pathlib import Path

from ferryman.testing.server import serving


def test_a_server_answers_and_says_so_in_its_log(tmp_path: Path) -> None:
    async def story() -> None:
        async with serving(data=tmp_path) as server:
            answer = await server.ask(
                "GET", "/ms/openapi/api/apigw/v3/nowhere", headers={"X-DEVOPS-UID": "operator"}
            )
            assert (answer.status, answer.json["status"]) == (404, 404)
            assert [line["status"] for line in server.lines if line["event"] == "request"] == [404]

    asyncio.run(story())
