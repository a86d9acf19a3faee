"""What a start may and what scripts know of it, against a real server (bkci-v3 3.3, 4.4, 9, 12)."""

import asyncio
from pathlib import Path

from ferryman.services import Caller
from ferryman.settings import File, Runs
from tests.dialects.bkci.v3.test_builds_over_http import Client, box, model, script, told


def test_a_pipeline_is_not_started_too_often(tmp_path: Path) -> None:
    """2101020 (12, row 14), while one start is all that may be under way."""

    async def story(asked: Client) -> None:
        builds = await asked.create(model({"containers": [box(script("true"))]}))
        came = await asyncio.gather(*(asked.call("POST", f"{builds}/start", {}) for _ in range(10)))
        refused = [(http, code) for http, code, _ in came if code]
        assert set(refused) == {(400, 2101020)}
        numbers = sorted(data["num"] for _, code, data in came if not code)
        assert numbers == list(range(1, len(numbers) + 1))
        for _, code, data in came:
            if not code:
                await asked.end(f"{builds}/{data['id']}")

    told(tmp_path, story, file=File(runs=Runs(starts_at_once=1)))


def test_scripts_know_the_build_as_the_wire_does(tmp_path: Path) -> None:
    """BK_CI_BUILD_ID and ci.build_id (4.4) are the id that the API takes back, however the build was started."""
    text = 'echo "::set-remark $BK_CI_BUILD_ID ${{ ci.build_id }} ${BK_CI_BUILD_ID}"'

    async def story(asked: Client) -> None:
        builds = await asked.create(model({"containers": [box(script(text))]}))
        build = await asked.start(builds)
        ident = build.rpartition("/")[2]
        status = await asked.end(build)
        assert status["remark"].split() == [ident] * 3
        assert status["variables"]["BK_CI_BUILD_ID"] == status["variables"]["ci.build_id"] == ident
        assert (await asked.good("GET", f"{builds}/{status['remark'].split()[0]}/status"))["id"] == ident
        again = await asked.good("POST", f"{build}/build/restart")
        assert (await asked.end(f"{builds}/{again}"))["remark"].split() == [again] * 3
        by_hand = await asked.server.house.services.requests.start(
            Caller(name="operator", project="demo"), pipeline=builds.split("/")[-2]
        )
        status = await asked.end(f"{builds}/b-{by_hand.id}")
        assert status["remark"].split() == [f"b-{by_hand.id}"] * 3

    told(tmp_path, story)
