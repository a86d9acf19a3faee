"""What a client sees: compared with what a transcript tells, and the answers about one build with one another."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from ferryman.domain.pipeline import Pipeline
from tests.dialects.bkci.v3.replayed import shown
from tests.dialects.bkci.v3.replayed.client import Answers
from tests.dialects.bkci.v3.replayed.told import Looked, Told

Compared = Iterator[tuple[str, Any, Any]]
"""What is looked at, what it is, what it must be."""

MOVES = frozenset({"RUNNING", "REVIEWING"})
"""Words of a build that counts as running (bkci-v3 4.1, 11): one in the queue or in a review does not."""
FAULTS: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "failed exit": ("USER", 2199011),
        "failed timed-out": ("USER", 2199006),
        "errored job-timeout": ("USER", 2199005),
        "canceled fast-kill": ("USER", 2199010),
        "failed review-rejected": ("USER", 2199004),
    }
)
"""What a transcript says of an element → its errorType and errorCode (bkci-v3 6.9, 9)."""
WITHOUT = ("pending", "running", "succeeded", "skipped", "unreached", "canceled canceled-by")
"""What a transcript says of elements that have none."""
NUMBERS: Mapping[str, int] = MappingProxyType(
    {"SYSTEM": 0, "USER": 1, "THIRD_PARTY": 2, "PLUGIN": 3, "BUILD_MACHINE": 4}
)
"""errorType is a word on an element and a number in errorInfoList (bkci-v3 11)."""


# What is told


def otherwise(told: Told, define: Pipeline, seen: Answers, *, beginning: int) -> list[str]:
    """Everything that is not as told; `beginning` is when the transcript began, in milliseconds since 1970."""
    return [
        *_differing(_words(told, define, seen)),
        *_differing(_facts(told, seen)),
        *_differing(_faults(told, define, seen)),
        *_differing(row for each in told.looked for row in _looked(each, define, seen.detail, beginning)),
    ]


def _words(told: Told, define: Pipeline, seen: Answers) -> Compared:
    wanted, there = told.words(), shown.words_of(define, seen.detail)
    for path in sorted({*wanted, *there}):
        yield path, there.get(path, "nothing"), wanted.get(path, "nothing")
    for name, text in told.variables.items():
        yield f"variable {name}", seen.status["variables"].get(name), text


def _facts(told: Told, seen: Answers) -> Compared:
    """bkci-v3 9: of the trigger, the queue, the end, and whose doing it was."""
    detail = seen.detail
    yield "trigger", detail["model"]["stages"][0].get("status", "nothing"), told.trigger or "nothing"
    yield "queue position above 0", seen.status["currentQueuePosition"] > 0, told.words()["run"] == "QUEUE"
    yield "has endTime", "endTime" in detail, told.has_ended
    if told.canceler:
        yield "cancelUserId", detail.get("cancelUserId"), told.canceler


def _faults(told: Told, define: Pipeline, seen: Answers) -> Compared:
    for path, node in shown.nodes_of(define, seen.detail["model"]):
        if path.count("/") == 2:
            text = told.texts.get(path, "pending")
            fault = (node.get("errorType"), node.get("errorCode"))
            wanted = next((code for said, code in FAULTS.items() if text.startswith(said)), fault)
            yield f"fault of {path}", fault, (None, None) if text.startswith(WITHOUT) else wanted


def _looked(looked: Looked, define: Pipeline, detail: Any, beginning: int) -> Compared:
    """Executions and moments: of the build all, of others when they started."""
    nodes = {**dict(shown.nodes_of(define, detail["model"])), "run": detail}
    fields = {"started": "startEpoch"}
    if looked.path == "run":
        fields = {"queued": "queueTime", "started": "startTime", "ended": "endTime"}
    node = nodes.get(looked.path)
    if node is None:
        # A gate, or a step of a job that was split.
        return
    yield f"{looked.path}: executeCount", node["executeCount"], looked.execution
    for name, at in looked.moments.items():
        if name in fields:
            yield f"{looked.path}: {fields[name]}", node.get(fields[name]), beginning + at


# What must hold whatever is told


def disagreements(define: Pipeline, seen: Answers) -> list[str]:
    """Nulls, and whatever the answers about one build say otherwise than one another (bkci-v3 9, 11)."""
    holes = [f"null at {hole}" for answer in seen for hole in shown.holes(answer)]
    rows = [*_alike(seen), *_errors(define, seen), *_newest(seen)]
    if seen.detail["executeCount"] == 1:
        rows += _order(define, seen.detail)
    return holes + _differing(iter(rows))


def _alike(seen: Answers) -> Compared:
    detail = seen.detail
    stages = [each.get("status") for each in detail["model"]["stages"]]
    yield "history: executeCount", seen.record["executeCount"], detail["executeCount"]
    for name, one in (("status", seen.status), ("history", seen.record)):
        for field in ("status", "buildNum", "startTime", "endTime", "totalTime", "remark"):
            yield f"{name}: {field}", one.get(field), detail.get(field, one.get(field))
        yield f"{name}: has endTime", "endTime" in one, "endTime" in detail
        yield f"{name}: stageStatus", [each.get("status") for each in one["stageStatus"]], stages


def _errors(define: Pipeline, seen: Answers) -> Compared:
    """errorInfoList has the errors of the elements that are over."""
    nodes = shown.nodes_of(define, seen.detail["model"])
    wanted = sorted(
        (node["id"], NUMBERS[node["errorType"]], node["errorCode"])
        for path, node in nodes
        if path.count("/") == 2 and "errorCode" in node and node["status"] != "PAUSE"
    )
    for name, one in (("status", seen.status), ("history", seen.record)):
        listed = one.get("errorInfoList", ())
        there = sorted((each["taskId"], each["errorType"], each["errorCode"]) for each in listed)
        yield f"{name}: errorInfoList", there, wanted


def _newest(seen: Answers) -> Compared:
    """The status of the pipeline speaks of its newest build, and counts those that run."""
    records, pipeline = seen.history["records"], seen.pipeline
    newest = max(records, key=lambda each: int(each["buildNum"]))
    yield "latestBuildStatus", pipeline["latestBuildStatus"], newest["status"]
    yield "latestBuildId", pipeline["latestBuildId"], newest["id"]
    yield "latestBuildNum", pipeline["latestBuildNum"], newest["buildNum"]
    yield "latestBuildStartTime", pipeline["latestBuildStartTime"], newest["startTime"]
    yield "latestBuildEndTime", pipeline["latestBuildEndTime"], newest.get("endTime", 0)
    yield "runningBuildCount", pipeline["runningBuildCount"], sum(each["status"] in MOVES for each in records)
    yield (
        "buildCount",
        pipeline["buildCount"],
        sum("endTime" in each or each["status"] in MOVES for each in records),
    )


def _order(define: Pipeline, detail: Any) -> Compared:
    """The order of an ordinary build on the wire (bkci-v3 9)."""
    moments = [detail[each] for each in ("queueTime", "startTime", "endTime") if detail.get(each)]
    yield "order of times", moments, sorted(moments)
    for path, node in shown.nodes_of(define, detail["model"]):
        if "startEpoch" in node:
            yield f"{path} began in time", node["startEpoch"] >= detail["startTime"], True
        if "elementElapsed" in node:
            took = sum(each.get("elapsed", 0) for each in node["elements"])
            yield f"{path}: elementElapsed", node["elementElapsed"], took


def _differing(rows: Compared) -> list[str]:
    return [f"{name} is {there}, not {wanted}" for name, there, wanted in rows if there != wanted]
