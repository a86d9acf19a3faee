"""A stop of the server leaves running steps alone, and the next start finds them again (START-5; promise 2)."""

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from ferryman.testing.server import Started, started

PIPELINES = "/ms/openapi/api/apigw/v3/projects/demo/pipelines"
UID = {"X-DEVOPS-UID": "operator"}


def model(script: str) -> dict[str, Any]:
    """One script behind a manual trigger."""
    trigger = {
        "@type": "trigger",
        "name": "Trigger",
        "elements": [{"@type": "manualTrigger", "name": "Manual", "id": "T-1-1-1"}],
        "params": [],
    }
    step = {"@type": "linuxScript", "name": "Bash", "scriptType": "SHELL", "script": script}
    job = {"@type": "vmBuild", "name": "Job", "baseOS": "LINUX", "elements": [step]}
    return {"name": "waits", "stages": [{"containers": [trigger]}, {"containers": [job]}]}


def good(server: Started, method: str, path: str, body: Any = None) -> Any:
    """The data of an answer that is no refusal."""
    answer = server.ask(method, path, json=body, headers=UID)
    assert (answer.status, answer.json["status"]) == (200, 0), answer.body
    return answer.json.get("data")


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_a_step_that_runs_goes_on_and_is_found_again(how: str, tmp_path: Path) -> None:
    """Opening one end of a pipe waits for the other: nothing here waits for time."""
    begun, go = tmp_path / "begun", tmp_path / "go"
    os.mkfifo(begun)
    os.mkfifo(go)
    with started(data=tmp_path / "data") as server:
        pipeline = good(
            server, "POST", PIPELINES, model(f"echo once >> '{tmp_path}/count'; echo > '{begun}'; cat '{go}'")
        )
        builds = f"{PIPELINES}/{pipeline['id']}/builds"
        build = f"{builds}/{good(server, 'POST', f'{builds}/start', {})['id']}"
        begun.read_text()
        assert good(server, "GET", f"{build}/status")["status"] == "RUNNING"
        if how == "stopped":
            assert server.stop() == 0
        else:
            server.kill()
    with started(data=tmp_path / "data") as server:
        assert any("taken up: 1" in line for line in server.said)
        assert good(server, "GET", f"{build}/status")["status"] == "RUNNING"
        threading.Thread(target=go.write_text, args=("on\n",), daemon=True).start()
        while (found := good(server, "GET", f"{build}/status"))["status"] == "RUNNING":
            continue
        assert found["status"] == "SUCCEED"
    assert (tmp_path / "count").read_text() == "once\n"
