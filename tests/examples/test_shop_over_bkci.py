"""The release of the shop by way of a server: through BK-CI's API alone, and by both ways in turn.

A client written from the documents of that API needs nothing else of Ferryman but `convert`, which turns the file into
a model (bkci-v3 3.2, 3.3; issue 4, START-4).
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from ferryman.testing.http import ask
from ferryman.testing.server import serving, started

SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop"
FILE = SHOP / "release.yaml"
FERRYMAN = (sys.executable, "-m", "ferryman")
Tree = dict[str, Any]


class Client:
    """Speaks BK-CI's API, as a user whose name is believed."""

    def __init__(self, address: str, project: str, user: str) -> None:
        self._address = address
        self._pipelines = f"/ms/openapi/api/apigw/v3/projects/{project}/pipelines"
        self._headers = {"X-DEVOPS-UID": user}

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """The data of an answer."""
        answer = await ask(self._address, method, self._pipelines + path, json=body, headers=self._headers)
        assert answer.status == 200, answer.body
        return answer.json.get("data")

    async def until(self, path: str, is_so: Callable[[Tree], bool]) -> Tree:
        """What stands at a path, as soon as this is so."""
        async with asyncio.timeout(60):
            while not is_so(found := await self.call("GET", path)):
                await asyncio.sleep(0.05)
        assert isinstance(found, dict)
        return found


def model_of(file: Path) -> Tree:
    """The file as `ferryman convert` writes it."""
    told = subprocess.run([*FERRYMAN, "convert", str(file)], capture_output=True, text=True, check=True)
    assert not told.stderr
    found = msgspec.json.decode(told.stdout)
    assert isinstance(found, dict)
    return found


def serves(target: Path, environment: str) -> str:
    """The version that an environment is switched to."""
    return (target / environment / "current").readlink().name.rpartition("-")[0]


def test_the_shop_is_saved_started_reviewed_and_followed_over_bkci_alone(tmp_path: Path) -> None:
    target = tmp_path / "a target"

    async def story() -> None:
        async with serving(data=tmp_path / "data") as server:
            client = Client(server.address, "demo", "operator")
            document = model_of(FILE)
            made = (await client.call("POST", "", document["model"]))["id"]
            kept = await client.call("GET", f"/{made}")
            assert [stage["name"] for stage in kept["stages"]] == [
                stage["name"] for stage in document["model"]["stages"]
            ]
            values = {"source": str(SHOP), "target": str(target), "version": "2.0.0"}
            build = f"/{made}/builds/" + (await client.call("POST", f"/{made}/builds/start", values))["id"]
            waits = await client.until(f"{build}/status", lambda told: told["status"] == "STAGE_SUCCESS")
            assert "endTime" not in waits
            assert (serves(target, "staging"), (target / "production").exists()) == ("2.0.0", False)
            detail = await client.call("GET", f"{build}/detail")
            stage = detail["model"]["stages"][3]
            assert (stage["name"], stage["status"]) == ("Production", "PAUSE")
            assert stage["checkIn"]["reviewGroups"][0]["reviewers"] == ["operator"]
            assert (
                await client.call("POST", f"{build}/stages/{stage['id']}/manualStart", {"reviewParams": []})
                is True
            )
            ended = await client.until(f"{build}/status", lambda told: "endTime" in told)
            assert ended["status"] == "SUCCEED"
            assert serves(target, "production") == "2.0.0"
            pipeline = await client.call("GET", f"/{made}/status")
            assert (pipeline["latestBuildStatus"], pipeline["latestBuildNum"]) == ("SUCCEED", 1)
            log = await client.call("GET", f"{build}/logs/init")
            assert any("serves http://127.0.0.1:" in line["message"] for line in log["logs"])

    asyncio.run(story())


def test_the_server_moves_what_the_command_line_started(tmp_path: Path) -> None:
    """The command is killed while the release waits for its review; BK-CI's API tells of the same run to its end."""
    target, data = tmp_path / "target", tmp_path / "data"
    given = {"source": SHOP, "target": target, "version": "3.0.0"}
    where = ["--data", str(data)]
    command = [*FERRYMAN, "run", str(FILE), *where]
    command += [word for name, value in given.items() for word in ("--param", f"{name}={value}")]
    # A user without a name is told as their number.
    actor = subprocess.run(["id", "-un"], capture_output=True, text=True, check=False).stdout.strip()
    with started(data=data, seed=None) as server:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=dict(os.environ)
        )
        assert process.stdout is not None
        with process.stdout:
            assert any("production  waits for owners" in line for line in process.stdout)
            process.kill()
            process.wait()

        async def story() -> None:
            client = Client(server.address, "local", "owner")
            build = (await client.call("GET", "/shop/builds/history"))["records"][0]
            assert (build["status"], build["userId"]) == ("STAGE_SUCCESS", actor)
            place = f"/shop/builds/{build['id']}"
            assert "endTime" not in build
            subprocess.run([*FERRYMAN, "approve", "latest", "production", *where], check=True)
            ended = await client.until(f"{place}/status", lambda told: "endTime" in told)
            assert ended["status"] == "SUCCEED"

        asyncio.run(story())
        assert server.stop() == 0
    assert serves(target, "production") == "3.0.0"
