"""Retry, skip, restart (bkci-v3 3.3, 23 and 32; semantics 12)."""

from pathlib import Path
from typing import Any

import pytest

from .caller import Caller, named
from .models import held, job, model, options, review, script, stage, steps

VERSIONS = pytest.mark.parametrize("version", [3, 4])


def shows(me: Caller, pipeline: str, build: str, *names: str) -> list[tuple[str | None, int]]:
    """Status and execution of parts of a build."""
    whole = me.detail(pipeline, build)["model"]
    return [(named(whole, name).get("status"), named(whole, name).get("executeCount", 1)) for name in names]


@pytest.fixture
def broken(manager: Caller, name: str, gate: Path) -> tuple[str, str]:
    """A pipeline, and a build of it in which two jobs failed for want of the gate."""
    doubt = f"[ -e '{gate}' ]"
    pipeline = manager.make(
        model(
            name,
            steps(script(name="first"), name="FIRST"),
            stage(
                job(script(name="good"), name="A"),
                job(script(name="before"), script(doubt, "bad", id="e-bad", stepId="step_bad"), name="B"),
                job(script(doubt, "other"), name="C"),
            ),
            steps(script(name="last"), name="LAST"),
        )
    )
    build, seen = manager.run(pipeline)
    assert seen["status"] == "FAILED"
    return pipeline, build


@VERSIONS
def test_the_whole(manager: Caller, broken: tuple[str, str], gate: Path, version: int) -> None:
    me = manager.but(version=version)
    pipeline, build = broken
    gate.touch()
    again = me.good("retry", pipelineId=pipeline, buildId=build)
    assert (again["id"], again["executeCount"], again["num"]) == (build, 2, 1)
    seen = me.wait(pipeline, build)
    assert (seen["status"], seen["buildNum"], seen["retry"]) == ("SUCCEED", 1, True)
    assert seen["variables"]["BK_CI_RETRY_COUNT"] == "1"
    assert shows(me, pipeline, build, "first", "good", "bad", "last") == [("SUCCEED", 2)] * 4
    assert me.detail(pipeline, build)["executeCount"] == 2
    me.do("retry", pipelineId=pipeline, buildId=build, taskId="stage-3").refused(400, 2101114)
    if version == 4:
        earlier = me.detail(pipeline, build, executeCount=1)
        assert earlier["executeCount"] == 1
        assert named(earlier["model"], "bad")["status"] == "FAILED"


@VERSIONS
@pytest.mark.parametrize("task", ["e-bad", "step_bad"])
def test_an_element(manager: Caller, broken: tuple[str, str], gate: Path, version: int, task: str) -> None:
    me = manager.but(version=version)
    pipeline, build = broken
    gate.touch()
    assert me.good("retry", pipelineId=pipeline, buildId=build, taskId=task)["executeCount"] == 2
    # The other failed job stays as it is, so the stage fails again.
    assert me.wait(pipeline, build)["status"] == "FAILED"
    assert shows(me, pipeline, build, "good", "before", "bad", "other") == [
        ("SUCCEED", 1),
        ("SUCCEED", 1),
        ("SUCCEED", 2),
        ("FAILED", 1),
    ]


def test_a_job(manager: Caller, broken: tuple[str, str], gate: Path) -> None:
    pipeline, build = broken
    gate.touch()
    own = named(manager.detail(pipeline, build)["model"], "B")
    assert manager.good("retry", pipelineId=pipeline, buildId=build, taskId=own["id"])["executeCount"] == 2
    manager.wait(pipeline, build)
    assert shows(manager, pipeline, build, "before", "bad", "other") == [
        ("SUCCEED", 2),
        ("SUCCEED", 2),
        ("FAILED", 1),
    ]


def test_a_stage(manager: Caller, broken: tuple[str, str], gate: Path) -> None:
    pipeline, build = broken
    gate.touch()
    manager.good("retry", pipelineId=pipeline, buildId=build, taskId="stage-3")
    assert manager.wait(pipeline, build)["status"] == "SUCCEED"
    assert shows(manager, pipeline, build, "first", "good", "bad", "other", "last") == [
        ("SUCCEED", 1),
        ("SUCCEED", 2),
        ("SUCCEED", 2),
        ("SUCCEED", 2),
        ("SUCCEED", 2),
    ]


def test_the_failed_jobs_of_a_stage(manager: Caller, broken: tuple[str, str], gate: Path) -> None:
    pipeline, build = broken
    gate.touch()
    manager.good("retry", pipelineId=pipeline, buildId=build, taskId="stage-3", failedContainer=True)
    assert manager.wait(pipeline, build)["status"] == "SUCCEED"
    assert shows(manager, pipeline, build, "good", "bad", "other") == [
        ("SUCCEED", 1),
        ("SUCCEED", 2),
        ("SUCCEED", 2),
    ]


def test_a_build_by_its_number(v4: Caller, broken: tuple[str, str], gate: Path) -> None:
    pipeline, build = broken
    gate.touch()
    assert v4.good("retry", pipelineId=pipeline, buildNumber=1)["id"] == build


def test_a_skip(manager: Caller, name: str) -> None:
    by_hand = options(continueWhenFailed=True, manualSkip=True)
    pipeline = manager.make(
        model(name, steps(script("false", "bad", id="e-bad", **by_hand), script(name="after")))
    )
    build, seen = manager.run(pipeline)
    assert seen["status"] == "FAILED"
    element = named(manager.detail(pipeline, build)["model"], "bad")
    assert (element["canRetry"], element["canSkip"]) == (True, True)
    manager.do("retry", pipelineId=pipeline, buildId=build, skip=True).refused(400, 2100002)
    again = manager.good("retry", pipelineId=pipeline, buildId=build, taskId="e-bad", skip=True)
    assert again["executeCount"] == 2
    assert manager.wait(pipeline, build)["status"] == "SUCCEED"
    whole = manager.detail(pipeline, build)["model"]
    assert [named(whole, part)["status"] for part in ("bad", "after")] == ["SKIP", "SUCCEED"]


def test_marks_and_refusals(manager: Caller, broken: tuple[str, str]) -> None:
    pipeline, build = broken
    whole = manager.detail(pipeline, build)["model"]
    # Without options nothing is offered for an element (semantics 7.4), but the job and the stage may run again.
    assert (named(whole, "B")["canRetry"], named(whole, "stage-3")["canRetry"]) == (True, True)
    assert "canRetry" not in named(whole, "good")
    ids = {"pipelineId": pipeline, "buildId": build}
    manager.do("retry", **ids, taskId="e-bad", skip=True).refused(400, 2101221)
    manager.do("retry", **ids, taskId="nobody").refused(400, 2101081)
    manager.do("retry", **ids, taskId=named(whole, "good")["id"]).refused(400, 2101277)
    manager.do("retry", **ids, taskId="stage-2").refused(400, 2101114)


@pytest.mark.parametrize(
    ("given", "retry", "skip"),
    [
        ({}, True, None),
        ({"manualRetry": False}, False, None),
        ({"continueWhenFailed": True, "manualSkip": True, "manualRetry": False}, False, True),
    ],
)
def test_what_is_offered(
    manager: Caller, name: str, given: dict[str, bool], retry: bool, skip: bool | None
) -> None:
    pipeline = manager.make(model(name, steps(script("false", "bad", **options(**given)))))
    build, _ = manager.run(pipeline)
    element = named(manager.detail(pipeline, build)["model"], "bad")
    assert (element.get("canRetry"), element.get("canSkip")) == (retry, skip)


def test_what_still_runs(manager: Caller, name: str, gate: Path) -> None:
    pipeline = manager.make(
        model(name, stage(job(script("false", "bad"), name="A"), job(held(gate), name="B")), steps(script()))
    )
    build = manager.start(pipeline)
    manager.part(pipeline, build, "A", "FAILED")
    manager.part(pipeline, build, "held", "RUNNING")
    ids = {"pipelineId": pipeline, "buildId": build}
    whole = manager.detail(pipeline, build)["model"]
    manager.do("retry", **ids).refused(400, 2100002)
    manager.do("retry", **ids, taskId=named(whole, "held")["id"]).refused(400, 2101110)


def test_a_review_is_asked_again(manager: Caller, name: str, gate: Path) -> None:
    pipeline = manager.make(model(name, steps(script(f"[ -e '{gate}' ]")) | review(("manager",))))
    build = manager.start(pipeline)
    ids: dict[str, Any] = {"pipelineId": pipeline, "buildId": build}
    manager.wait(pipeline, build, "STAGE_SUCCESS")
    manager.do("retry", **ids).refused(400, 2101129)
    manager.good("review", {"reviewParams": []}, **ids, stageId="stage-2")
    assert manager.wait(pipeline, build)["status"] == "FAILED"
    gate.touch()
    manager.good("retry", **ids)
    manager.wait(pipeline, build, "STAGE_SUCCESS")
    check = manager.detail(pipeline, build)["model"]["stages"][1]["checkIn"]
    assert (check["status"], "status" in check["reviewGroups"][0]) == ("REVIEWING", False)
    manager.good("review", {"reviewParams": []}, **ids, stageId="stage-2")
    assert manager.wait(pipeline, build)["status"] == "SUCCEED"


def test_after_28_days(late: Caller, minutes: Any, name: str) -> None:
    pipeline = late.make(model(name, steps(script("false", "bad", **options()))))
    build, _ = late.run(pipeline)
    minutes(22 * 24 * 60)
    assert "canRetry" not in named(late.detail(pipeline, build)["model"], "bad")
    minutes(7 * 24 * 60)
    late.do("retry", pipelineId=pipeline, buildId=build).refused(400, 2101258)


@VERSIONS
def test_restart(manager: Caller, name: str, gate: Path, version: int) -> None:
    me = manager.but(version=version)
    pipeline = me.make(model(name, steps(held(gate))))
    build = me.start(pipeline, {"word": "kept"})
    me.part(pipeline, build, "held", "RUNNING")
    new = me.good("restart", pipelineId=pipeline, buildId=build)
    assert isinstance(new, str)
    assert new.startswith("b-")
    assert new != build
    assert me.wait(pipeline, build)["status"] == "CANCELED"
    gate.touch()
    seen = me.wait(pipeline, new)
    assert (seen["status"], seen["buildNum"], seen["variables"]["word"], seen["retry"]) == (
        "SUCCEED",
        2,
        "kept",
        False,
    )
    third = me.good("restart", pipelineId=pipeline, buildId=new)
    assert me.wait(pipeline, third)["buildNum"] == 3


def test_a_second_restart_of_what_still_runs(manager: Caller, name: str, gate: Path) -> None:
    even = options(runCondition="PRE_TASK_FAILED_EVEN_CANCEL")
    pipeline = manager.make(model(name, steps(held(gate, **even))))
    build = manager.start(pipeline)
    manager.part(pipeline, build, "held", "RUNNING")
    manager.good("restart", pipelineId=pipeline, buildId=build)
    manager.do("restart", pipelineId=pipeline, buildId=build).refused(400, 2101141)
