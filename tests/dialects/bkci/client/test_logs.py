"""Logs (bkci-v3 3.4)."""

from pathlib import Path
from typing import Any

import pytest

from .caller import Caller, named
from .models import held, job, model, script, stage, steps

VERSIONS = pytest.mark.parametrize("version", [3, 4])
LINE = {
    "lineNo": int,
    "timestamp": int,
    "message": str,
    "priority": int,
    "tag": str,
    "containerHashId": str,
    "executeCount": int,
}


@pytest.fixture(scope="module")
def told(address: str) -> dict[str, Any]:
    """A build that told some; its ids."""
    me = Caller(address, "manager")
    first = script("for at in 1 2 3 4 5; do echo line $at; done", "one", id="e-one", stepId="step_one")
    second = script(
        "echo '##[error]a fault'; echo '::warning::careful'; echo '##[debug]inner'; echo end >&2",
        "two",
        id="e-two",
    )
    pipeline = me.make(model("told", stage(job(first, second, jobId="teller"))))
    build, _ = me.run(pipeline)
    return {"pipelineId": pipeline, "buildId": build}


def own(answer: Any) -> list[str]:
    """The messages that the first step's script said."""
    return [line["message"] for line in answer["logs"] if line["message"].startswith("line ")]


FIVE = [f"line {at}" for at in range(1, 6)]


@VERSIONS
def test_the_first_lines(manager: Caller, told: dict[str, Any], version: int) -> None:
    me = manager.but(version=version)
    answer = me.good("log_init", **told)
    assert (answer["buildId"], answer["finished"], answer["hasMore"]) == (told["buildId"], True, False)
    assert own(answer) == FIVE
    numbers = [line["lineNo"] for line in answer["logs"]]
    assert numbers == sorted(set(numbers))
    assert numbers[0] == 1
    for line in answer["logs"]:
        assert {key: type(line.get(key)) for key in LINE} == LINE
    assert {line["executeCount"] for line in answer["logs"]} == {1}
    assert me.good("log_last", **told) == {
        "buildId": told["buildId"],
        "finished": True,
        "lastLineNum": numbers[-1],
    }


@VERSIONS
def test_filters(manager: Caller, told: dict[str, Any], version: int) -> None:
    me = manager.but(version=version)
    shown = me.detail(told["pipelineId"], told["buildId"])["model"]
    for given in (
        {"tag": "e-one"},
        {"stepId": "step_one"},
        {"jobId": "teller"},
        {"containerHashId": named(shown, "Linux")["containerHashId"]},
        {"executeCount": 1},
    ):
        assert own(me.good("log_init", **told, **given)) == FIVE, given
    for given in ({"tag": "e-two"}, {"tag": "nobody"}, {"executeCount": 2}, {"jobId": "nobody"}):
        assert own(me.good("log_init", **told, **given)) == [], given
    assert {line["tag"] for line in me.good("log_init", **told, tag="e-one")["logs"]} == {"e-one"}


@VERSIONS
def test_parts(manager: Caller, told: dict[str, Any], version: int) -> None:
    me = manager.but(version=version)
    everything = me.good("log_init", **told)["logs"]
    start = next(line["lineNo"] for line in everything if line["message"] == "line 2")
    answer = me.good("log_more", **told, start=start, end=start + 2)
    assert own(answer) == ["line 2", "line 3", "line 4"]
    backward = me.good("log_more", **told, start=start, end=start + 2, fromStart=False)
    assert own(backward) == ["line 4", "line 3", "line 2"]
    after = me.good("log_after", **told, start=start)
    assert own(after) == FIVE[1:]
    assert {line["lineNo"] >= start for line in after["logs"]} == {True}
    assert me.good("log_after", **told, start=10**6)["logs"] == []
    me.do("log_more", **told, start=1).refused(400)
    me.do("log_after", **told).refused(400)


@VERSIONS
def test_a_file(manager: Caller, told: dict[str, Any], version: int) -> None:
    me = manager.but(version=version)
    answer = me.fetch("log_download", **told)
    assert (answer.http, answer.headers["content-type"]) == (200, "application/octet-stream")
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment")
    assert f"{told['pipelineId']}-{told['buildId']}-log.txt" in disposition
    lines = answer.body.decode().splitlines()
    assert any(line.endswith((":line 1", ": line 1")) for line in lines)
    one = me.fetch("log_download", **told, tag="e-two").body.decode()
    assert "line 1" not in one


@VERSIONS
def test_where_a_log_is(manager: Caller, told: dict[str, Any], version: int) -> None:
    me = manager.but(version=version)
    answer = me.good("log_mode", **told, tag="e-one", executeCount=1)
    assert (answer["buildId"], answer["finished"]) == (told["buildId"], True)
    assert answer["logMode"] in {"UPLOAD", "LOCAL", "ARCHIVED"}


def test_marks_and_debug_lines(v4: Caller, told: dict[str, Any]) -> None:
    messages = [line["message"] for line in v4.good("log_init", **told, tag="e-two")["logs"]]
    assert "##[error]a fault" in messages
    assert "end" in messages
    assert not any("inner" in message for message in messages)
    messages = [line["message"] for line in v4.good("log_init", **told, tag="e-two", debug=True)["logs"]]
    assert any("inner" in message for message in messages)
    backward = v4.good("log_init", **told, reverse=True)["logs"]
    numbers = [line["lineNo"] for line in backward]
    assert numbers == sorted(numbers, reverse=True)
    errors = v4.good("log_init", **told, logType="ERROR")["logs"]
    assert [line["message"] for line in errors] == ["##[error]a fault"]


def test_a_build_that_has_said_nothing_yet(manager: Caller, name: str, gate: Path) -> None:
    body = {
        "model": model(name, steps(held(gate))),
        "setting": {"pipelineName": name, "runLockType": "SINGLE"},
    }
    pipeline = manager.good("upload", body)["id"]
    first = manager.start(pipeline)
    manager.wait(pipeline, first, "RUNNING")
    second = manager.start(pipeline)
    answer = manager.good("log_init", pipelineId=pipeline, buildId=second)
    assert (answer["logs"], answer["finished"]) == ([], False)


def test_lines_go_on_over_a_retry(manager: Caller, name: str, gate: Path) -> None:
    pipeline = manager.make(model(name, steps(script(f"echo line 1; [ -e '{gate}' ]", id="e-x"))))
    build, _ = manager.run(pipeline)
    ids = {"pipelineId": pipeline, "buildId": build}
    before = manager.good("log_last", **ids)["lastLineNum"]
    gate.touch()
    manager.good("retry", **ids)
    manager.wait(pipeline, build)
    second = manager.good("log_init", **ids, executeCount=2)
    assert own(second) == ["line 1"]
    assert min(line["lineNo"] for line in second["logs"]) > before
    assert own(manager.good("log_init", **ids)) == ["line 1"] * 2
    assert manager.fetch("log_download", **ids).body.decode().count("line 1") == 1
