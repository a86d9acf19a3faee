"""Logs on BK-CI's wire: what a query means, and lines as they are told (bkci-v3 3.4, 4.2, 6.4, 8)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
import pytest

from ferryman.dialects.bkci.v3 import logs
from ferryman.dialects.bkci.v3.ids import build_id, run_of
from ferryman.dialects.bkci.v3.operations.logs import OPERATIONS
from ferryman.dialects.bkci.v3.wire.logs import (
    AfterQuery,
    DownloadQuery,
    InitQuery,
    LogQuery,
    LogType,
    MoreQuery,
)
from ferryman.domain import views
from ferryman.domain.errors import NotFound
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.run import JobState, Run, StageState
from ferryman.services.logs import LogDownload, LogPage

RUN = "0123456789abcdef" * 2
BUILD = f"b-{RUN}"


def step(id_: str, **more: Any) -> Step:
    return Step(id=id_, **{"kind": "shell", **more})


def job(path: str, define: Job, *, split: int = 0) -> JobState:
    children = tuple(JobState(f"{path}.{at}", define) for at in range(split))
    return JobState(path, define, is_group=bool(split), children=children)


BUILDING = Job(
    id="make",
    user_id="make",
    steps=(step("t1", user_id="compile", origin={"id": "e-1"}), step("t2", origin={"id": "e-2"})),
    origin={"containerHashId": "c-1"},
)
SPLIT = Job(
    id="test", user_id="test", steps=(step("t1", origin={"id": "e-3"}),), origin={"containerHashId": "c-2"}
)
BARE = Job(id="j3", steps=(step("t1"),))
RAN = Run(
    id=RUN,
    pipeline=Pipeline(stages=(Stage(id="s1", jobs=(BUILDING, SPLIT)), Stage(id="s2", jobs=(BARE,)))),
    index={},
    stages=(
        StageState("s1", (job("s1/make", BUILDING), job("s1/test", SPLIT, split=2))),
        StageState("s2", (job("s2/j3", BARE),)),
    ),
)
CHILD_ELEMENT = logs.split_id("e-3", "1")
CHILD_CONTAINER = logs.split_id("c-2", "1")


def query(**more: Any) -> LogQuery:
    return LogQuery(projectId="demo", buildId=BUILD, **more)


@pytest.mark.parametrize(
    ("asked", "paths"),
    [
        ({"tag": "e-1"}, {"s1/make/t1"}),
        ({"tag": "e-1", "stepId": "compile"}, {"s1/make/t1"}),
        ({"tag": "e-2", "stepId": "compile"}, set()),
        ({"stepId": "compile"}, {"s1/make/t1"}),
        ({"containerHashId": "c-1"}, {"s1/make", "s1/make/t1", "s1/make/t2"}),
        ({"containerHashId": "c-1", "tag": "e-2"}, {"s1/make/t2"}),
        ({"jobId": "make"}, {"s1/make", "s1/make/t1", "s1/make/t2"}),
        ({"jobId": "c-1"}, {"s1/make", "s1/make/t1", "s1/make/t2"}),
        ({"tag": "e-3"}, {"s1/test/t1", "s1/test.0/t1", "s1/test.1/t1"}),
        ({"tag": CHILD_ELEMENT}, {"s1/test.1/t1"}),
        ({"jobId": "test.1"}, {"s1/test.1", "s1/test.1/t1"}),
        ({"containerHashId": CHILD_CONTAINER}, {"s1/test.1", "s1/test.1/t1"}),
        ({"tag": "startVM-1"}, {"s1/make"}),
        ({"tag": "startVM-2001"}, {"s1/test.1"}),
        ({"tag": "startVM-3"}, {"s2/j3"}),
        ({"tag": "stopVM-1"}, set()),
        ({"tag": "T-1-1-1"}, set()),
        ({"tag": "s2/j3/t1"}, {"s2/j3/t1"}),
    ],
    ids=lambda value: str(sorted(value)) if isinstance(value, set) else str(value),
)
def test_a_query_means_steps(asked: dict[str, str], paths: set[str]) -> None:
    chosen = logs.meant(query(**asked))
    assert chosen is not None
    assert chosen(RAN) == paths


def test_a_query_that_names_nothing_means_everything() -> None:
    assert logs.meant(query(executeCount=2, debug=True)) is None


def test_what_is_split_has_ids_of_its_own_of_the_same_form() -> None:
    """Stable, different from each other and from the whole."""
    ids = {logs.split_id("e-3", str(at)) for at in range(3)}
    assert len(ids) == 3
    assert all(len(one) == 34 and one.startswith("e-") for one in ids)
    assert CHILD_CONTAINER.startswith("c-")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("plain", LogType.LOG),
        ("##[error]no", LogType.ERROR),
        ("\x1b[31m##[error]no", LogType.ERROR),
        ("##[warning]hm", LogType.WARN),
        ("##[debug]x", LogType.DEBUG),
        ("##[command]ls", LogType.LOG),
        ("##[group]g", LogType.LOG),
        (" ##[debug]not at its start", LogType.LOG),
        ("", LogType.LOG),
    ],
)
def test_marks_tell_the_kind_of_a_line(text: str, kind: LogType) -> None:
    assert logs.type_of(text) is kind


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        (query(), "LOG WARN ERROR"),
        (query(debug=True), "LOG DEBUG WARN ERROR"),
        (InitQuery(projectId="demo", buildId=BUILD, logType=LogType.ERROR), "ERROR"),
        (InitQuery(projectId="demo", buildId=BUILD, logType=LogType.DEBUG), "DEBUG"),
        (InitQuery(projectId="demo", buildId=BUILD, logType=LogType.LOG, debug=True), "LOG"),
        (InitQuery(projectId="demo", buildId=BUILD), "LOG WARN ERROR"),
    ],
    ids=["all", "debug too", "errors", "debug alone", "plain", "first"],
)
def test_debug_lines_are_left_out_unless_asked_for(asked: LogQuery, wanted: str) -> None:
    texts = {"LOG": "x", "DEBUG": "##[debug]x", "WARN": "##[warning]x", "ERROR": "##[error]x"}
    keep = logs.kept(asked)
    found = [kind for kind, text in texts.items() if keep(views.Line(key="k", number=1, at=1, text=text))]
    assert found == wanted.split()


@pytest.mark.parametrize(
    ("operation", "asked", "window"),
    [
        ("logs-init", {}, {"limit": 5000, "newest_first": False}),
        ("logs-init", {"reverse": True}, {"limit": 5000, "newest_first": True}),
        (
            "logs-more",
            {"start": 10, "end": 20},
            {"after": 9, "until": 20, "limit": 30_000, "newest_first": False},
        ),
        (
            "logs-more",
            {"start": 10, "end": 20, "fromStart": False, "num": 3},
            {"after": 9, "until": 20, "limit": 30_000, "newest_first": True},
        ),
        ("logs-after", {"start": 7}, {"after": 6, "limit": 30_000}),
        ("logs-after", {"start": 7, "executeCount": 2}, {"after": 6, "limit": 30_000, "execution": 2}),
        ("logs-after", {"start": 7, "executeCount": -2}, {"after": 6, "limit": 30_000}),
        ("logs-download", {}, {"execution": 1}),
        ("logs-download", {"executeCount": 3}, {"execution": 3}),
        ("logs-mode", {"tag": "e-1", "executeCount": 1}, {"limit": 0, "execution": 1}),
        ("logs-last-line-number", {}, {"limit": 0}),
    ],
    ids=str,
)
def test_each_operation_asks_for_its_window(
    operation: str, asked: dict[str, Any], window: dict[str, Any]
) -> None:
    row = next(row for row in OPERATIONS if row.name == operation)
    taken = msgspec.convert({"projectId": "demo", "pipelineId": "p-1", "buildId": BUILD, **asked}, row.takes)
    arguments = row.asks(taken)
    chosen = arguments.pop("chosen")
    assert (chosen is not None) == ("tag" in asked)
    arguments.pop("kept", None)
    assert arguments == {"run": RUN, "pipeline": "p-1", "execution": 0, **window}


@pytest.mark.parametrize("build", ["", "latest", "b-latest", RUN, "talk#1", f"b-{RUN}x", f"B-{RUN}", "b-#1"])
def test_what_is_no_build_id_is_no_build(build: str) -> None:
    """Words that people may use for a run mean none here."""
    with pytest.raises(NotFound) as refused:
        run_of(build)
    assert refused.value.reason == "run"


def test_ids_of_builds_and_runs_are_each_others_inverse() -> None:
    assert run_of(build_id(RUN)) == RUN
    assert build_id(run_of(BUILD)) == BUILD


def line(key: str, number: int, **more: Any) -> views.Line:
    return views.Line(**{"key": key, "number": number, "at": 1_717_147_800_125, "text": "text", **more})


def told(answer: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(answer))


PAGE = LogPage(run=RAN, pipeline="p-1", lines=[], finished=False, last=7)


@pytest.mark.parametrize(
    ("said", "wire"),
    [
        (
            line("s1/make/t1#2.1", 3),
            {"lineNo": 3, "tag": "e-1", "jobId": "make", "containerHashId": "c-1", "stepId": "compile"}
            | {"executeCount": 2},
        ),
        (line("s1/make/t2#1.3", 4), {"lineNo": 4, "tag": "e-2", "jobId": "make", "containerHashId": "c-1"}),
        (
            line("s1/test.1/t1#1.1", 5, text="******"),
            {"lineNo": 5, "tag": CHILD_ELEMENT, "jobId": "test.1", "containerHashId": CHILD_CONTAINER}
            | {"message": "******"},
        ),
        (
            line("s2/j3/t1#1.1", 6, at=5),
            {"lineNo": 6, "tag": "s2/j3/t1", "containerHashId": "s2/j3", "timestamp": 5},
        ),
        (line("s2/j3#1.1", 7), {"lineNo": 7, "tag": "startVM-3", "containerHashId": "s2/j3"}),
        (line("gone/t1#1.1", 8), {"lineNo": 8, "tag": "gone/t1"}),
    ],
    ids=["step", "no step id", "split", "never a model", "job", "unknown"],
)
def test_a_line_tells_who_said_it(said: views.Line, wire: dict[str, Any]) -> None:
    answer = told(logs.tells_lines(PAGE._replace(lines=[said]), query()))
    always = {
        "timestamp": 1_717_147_800_125,
        "message": "text",
        "priority": 0,
        "subTag": "",
        "executeCount": 1,
    }
    assert answer["logs"] == [always | wire]


@pytest.mark.parametrize(
    ("page", "wire"),
    [
        (PAGE, {"finished": False, "hasMore": False, "logs": [], "status": 0}),
        (
            PAGE._replace(finished=True, more=True),
            {"finished": True, "hasMore": True, "logs": [], "status": 0},
        ),
        (PAGE._replace(removed=True), {"finished": False, "hasMore": False, "logs": [], "status": 3}),
    ],
    ids=["empty", "whole and more", "cleaned"],
)
def test_a_page_tells_how_the_log_stands(page: LogPage, wire: dict[str, Any]) -> None:
    assert told(logs.tells_lines(page, query())) == {"buildId": BUILD, **wire}


@pytest.mark.parametrize("finished", [True, False])
def test_mode_and_last_line(finished: bool) -> None:
    page = PAGE._replace(finished=finished)
    assert told(logs.tells_mode(page, query())) == {
        "buildId": BUILD,
        "finished": finished,
        "logMode": "UPLOAD",
    }
    assert told(logs.tells_last(page, query())) == {"buildId": BUILD, "finished": finished, "lastLineNum": 7}


def test_a_download_is_one_line_for_each_with_its_time() -> None:
    async def pages() -> AsyncIterator[Sequence[views.Line]]:
        yield [line("s1/make/t1#1.1", 1, text="a"), line("s1/make/t1#1.1", 2, text="b: c", at=0)]
        yield []
        yield [line("s1/make/t2#1.1", 3, text="\udce9漢")]

    async def scenario() -> None:
        given = LogDownload(run=RAN, pipeline="p-1", pages=pages())
        file = logs.tells_file(given, DownloadQuery(projectId="demo", buildId=BUILD))
        assert (file.filename, file.media) == (f"p-1-{BUILD}-log.txt", "application/octet-stream")
        content = b"".join([piece async for piece in file.pieces]).decode()
        assert content == (
            "2024-05-31 09:30:00:125 : a\n1970-01-01 00:00:00:000 : b: c\n2024-05-31 09:30:00:125 : ?漢\n"
        )

    asyncio.run(scenario())


def test_every_operation_has_its_place_in_both_versions() -> None:
    """bkci-v3 3.1, rows 40 to 45."""
    v3 = "/v3/projects/{projectId}/pipelines/{pipelineId}/builds/{buildId}/logs"
    v4 = "/v4/projects/{projectId}/logs"
    assert [row.routes for row in OPERATIONS] == [
        (f"GET {v3}/{old}", f"GET {v4}/{new}")
        for old, new in (
            ("init", "init_logs"),
            ("more", "more_logs"),
            ("after", "after_line_logs"),
            ("download", "download_logs"),
            ("mode", "log_mode"),
            ("last_line_num", "last_line_num"),
        )
    ]


def test_numbers_asked_for_are_whole() -> None:
    """`more` and `after` cannot do without them."""
    ids = {"projectId": "demo", "buildId": BUILD}
    for takes in (MoreQuery, AfterQuery):
        with pytest.raises(msgspec.ValidationError, match="start"):
            msgspec.convert(ids, takes)
