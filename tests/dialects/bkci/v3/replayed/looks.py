"""Compares what a transcript tells with what a client sees, and what the calls say of one build with one another."""

from collections.abc import Iterator, Mapping
from typing import Any

from ferryman.domain.pipeline import Pipeline
from tests.dialects.bkci.v3.replayed import shown
from tests.dialects.bkci.v3.replayed.client import Answers
from tests.dialects.bkci.v3.replayed.told import Looked, Told

MOVES = frozenset({"RUNNING", "REVIEWING"})
"""Words of a build that counts as running (bkci-v3 4.1, 11): one in the queue or in a review does not."""


def wrong(told: Told, define: Pipeline, seen: Answers, *, beginning: int) -> list[str]:
    """Everything that is seen otherwise; `beginning` is when the transcript began, in milliseconds since 1970."""
    found = [f"null at {hole}" for answer in seen for hole in shown.holes(answer)]
    found += _differ(told.words(), shown.words_of(define, seen.detail))
    found += _variables(told, seen.status["variables"])
    found += [text for each in told.looked for text in _looked(each, define, seen.detail, beginning)]
    return found + [
        f"{name} is {is_!r}, not {wanted!r}" for name, is_, wanted in _facts(told, seen) if is_ != wanted
    ]


def _differ(wanted: Mapping[str, str], there: Mapping[str, str]) -> Iterator[str]:
    for path in sorted({*wanted, *there}):
        if wanted.get(path) != there.get(path):
            yield f"{path} is {there.get(path, 'nothing')}, not {wanted.get(path, 'nothing')}"


def _variables(told: Told, there: Mapping[str, str]) -> Iterator[str]:
    for name, text in told.variables.items():
        if there.get(name) != text:
            yield f"variable {name} is {there.get(name)!r}, not {text!r}"


def _looked(looked: Looked, define: Pipeline, detail: Any, beginning: int) -> Iterator[str]:
    """Executions and moments: of the build all, of others when they started."""
    if looked.path == "run":
        node, fields = detail, {"queued": "queueTime", "started": "startTime", "ended": "endTime"}
    else:
        nodes = dict(shown.nodes_of(define, detail["model"]))
        if looked.path not in nodes:
            # A gate, or a step of a job that was split.
            return
        node, fields = nodes[looked.path], {"started": "startEpoch"}
    wanted = {fields[name]: beginning + at for name, at in looked.moments.items() if name in fields}
    for name, value in {"executeCount": looked.execution, **wanted}.items():
        if node.get(name) != value:
            yield f"{looked.path}: {name} is {node.get(name)}, not {value}"


def _facts(told: Told, seen: Answers) -> Iterator[tuple[str, Any, Any]]:
    """What is said, what it is, and what it must be (bkci-v3 9, 11)."""
    status, detail, record, pipeline = seen.status, seen.detail, seen.record, seen.pipeline
    stages = [each.get("status") for each in detail["model"]["stages"]]
    yield "trigger", stages[0], told.trigger or None
    yield "cancelUserId", detail.get("cancelUserId"), _canceler(told) or detail.get("cancelUserId")
    yield "executeCount of the history", record["executeCount"], detail["executeCount"]
    for name, one in (("status", status), ("detail", detail), ("history", record)):
        yield f"{name}: status", one["status"], told.build
        yield f"{name}: has endTime", "endTime" in one, told.has_ended
        moments = [one[each] for each in ("queueTime", "startTime", "endTime") if one.get(each)]
        if detail["executeCount"] == 1:
            yield f"{name}: order of times", moments, sorted(moments)
    for name, one in (("status", status), ("history", record)):
        yield f"{name}: stageStatus", [each.get("status") for each in one["stageStatus"]], stages
    records = seen.history["records"]
    newest = max(records, key=lambda each: int(each["buildNum"]))
    yield "latestBuildStatus", pipeline["latestBuildStatus"], newest["status"]
    yield "latestBuildId", pipeline["latestBuildId"], newest["id"]
    yield "latestBuildNum", pipeline["latestBuildNum"], newest["buildNum"]
    yield "latestBuildEndTime", pipeline["latestBuildEndTime"], newest.get("endTime", 0)
    yield "runningBuildCount", pipeline["runningBuildCount"], sum(each["status"] in MOVES for each in records)


def _canceler(told: Told) -> str:
    """Whom a build names as the one who ended it."""
    outcome, _, reason = told.texts["run"].partition(" ")
    if outcome != "canceled" or not reason.startswith("canceled-by by "):
        return ""
    return reason.removeprefix("canceled-by by ").partition(",")[0]
