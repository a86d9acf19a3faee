"""What a start may and what scripts know of it, against a real server (bkci-v3 3.3, 4.4, 9, 12)."""

import asyncio
import json
from pathlib import Path

import msgspec

from ferryman.domain.work import Work
from ferryman.drivers.embedded.clock import SystemClock
from ferryman.executors.scripted import Hang, ScriptedExecutor
from ferryman.logs import Logs
from ferryman.services import Caller
from ferryman.settings import File, Runs
from ferryman.testing.logs import MemoryPieces
from ferryman.testing.server import SEED
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


class SlowlyPrepared(ScriptedExecutor):
    """Begins an attempt when the test lets it."""

    def __init__(self) -> None:
        super().__init__({"*": (Hang(),)}, logs=Logs(MemoryPieces()), clock=SystemClock())
        self.ready = asyncio.Event()

    async def start(self, work: Work) -> None:
        await self.ready.wait()
        await super().start(work)


def test_a_job_prepares_its_place_before_its_first_task(tmp_path: Path) -> None:
    """PREPARE_ENV with startVMStatus RUNNING, then RUNNING with SUCCEED (9; 5.7, 6.1)."""
    executor = SlowlyPrepared()
    first = script("a", additionalOptions={"continueWhenFailed": True})

    async def story(asked: Client) -> None:
        builds = await asked.create(model({"containers": [box(first, script("b"))]}))
        build = await asked.start(builds)

        async def looks() -> tuple[str, str, list[str]]:
            detail = await asked.good("GET", f"{build}/detail")
            job = detail["model"]["stages"][1]["containers"][0]
            words = [element.get("status", "") for element in job["elements"]]
            return job["status"], job.get("startVMStatus", ""), words

        await asked.until(build, lambda found: found["status"] == "RUNNING")
        assert await looks() == ("PREPARE_ENV", "RUNNING", ["QUEUE", ""])
        executor.ready.set()
        async with asyncio.timeout(60):
            while (seen := await looks())[0] == "PREPARE_ENV":
                await asyncio.sleep(0.01)
        assert seen == ("RUNNING", "SUCCEED", ["RUNNING", ""])
        executor.ready.clear()
        (attempt,) = executor.world.begun
        await executor.stop(*attempt, force=True)
        async with asyncio.timeout(60):
            while (seen := await looks())[2][0] != "FAILED":
                await asyncio.sleep(0.01)
        assert seen == ("RUNNING", "SUCCEED", ["FAILED", "RUNNING"])
        executor.ready.set()
        await asked.good("POST", f"{build}/stop")
        await asked.end(build)

    told(tmp_path, story, executor=executor)


def test_people_have_names_in_any_script(tmp_path: Path) -> None:
    """X-DEVOPS-UID, and bk_username of the gateway's header, in UTF-8 (2.1)."""
    seed = SEED + '[[principal]]\nname = "李雷"\nroles = { demo = "developer" }\n'
    gateway = {"bk_app_code": "app", "bk_app_secret": "app-secret", "bk_username": "李雷"}
    signs = (
        ("apigw", {"X-DEVOPS-UID": "李雷".encode()}),
        ("apigw-app", {"X-Bkapi-Authorization": json.dumps(gateway, ensure_ascii=False).encode()}),
    )

    async def story(asked: Client) -> None:
        builds = await asked.create(model({"containers": [box(script("true"))]}))
        for kind, headers in signs:
            path = builds.replace("/apigw/", f"/{kind}/")
            answer = await asked.server.ask("POST", f"{path}/start", json={}, headers=headers)
            build = msgspec.json.decode(answer.body)["data"]["id"]
            assert (await asked.end(f"{builds}/{build}"))["userId"] == "李雷"

    told(tmp_path, story, seed=seed)
