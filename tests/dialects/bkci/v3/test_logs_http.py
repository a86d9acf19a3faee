"""Logs over real HTTP, under the paths of both versions, of runs that really moved (bkci-v3 3.1, 3.4, 12 row 17)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

from ferryman.app.front import Front
from ferryman.app.server import answering, listen
from ferryman.dialects.bkci.app import BkCi
from ferryman.dialects.bkci.v3.ids import build_id
from ferryman.dialects.bkci.v3.operations.logs import OPERATIONS
from ferryman.drivers.embedded.clock import SystemClock
from ferryman.executors.scripted import Fail, Hang, Succeed
from ferryman.secrets import KeyFile
from ferryman.services import Caller, RunLogs, Services
from ferryman.services.access import Access, read_seed
from ferryman.stores.memory.store import MemoryStore
from ferryman.testing.http import Answered, ask
from tests.services.stand import Stand, stand

SEED = """
[[project]]
name = "demo"
[[principal]]
name = "operator"
roles = { demo = "visitor" }
[[principal]]
name = "stranger"
"""
TEXT = """version: v3.0
name: talk
stages:
  - name: Build
    id: build
    jobs:
      make:
        steps: [{id: one, run: make one}, {id: two, run: make two}]
"""
TABLE = {
    "*/one": (Succeed(output="a\n##[debug]b\n##[error]c\n"),),
    "*/two": (Fail(output="d\n"), Succeed(output="e\n")),
}
ANN = Caller(name="ann", project="demo")
API = "/ms/openapi/api/apigw"


class Place(NamedTuple):
    """A server, and the stand it speaks for."""

    address: str
    at: Stand

    async def get(self, path: str, *, user: str = "operator") -> Answered:
        """Ask it."""
        return await ask(self.address, "GET", API + path, headers={"X-DEVOPS-UID": user})

    async def run(self) -> str:
        """The id of a run that begins to move."""
        saved = await self.at.ask("pipelines.save", ANN, text=TEXT)
        started = await self.at.ask("runs.start", ANN, pipeline=saved.pipeline)
        return str(started.id)

    async def until(self, run: str, is_so: Callable[[Any], bool]) -> None:
        """Wait until this is so of the run."""
        async for view in self.at.desk.stream(ANN, "runs.watch", {"run": run}):
            if is_so(view):
                return


@asynccontextmanager
async def serving(table: Any) -> AsyncIterator[Place]:
    """Answer the rows of logs."""
    with TemporaryDirectory() as folder:
        keys = KeyFile(Path(folder) / "keys")
        keys.open()
    people = MemoryStore()
    await people.open()
    access = Access(rows=people.access, audit=people.audit, keys=keys, clock=SystemClock())
    await access.open()
    await access.furnishing.apply(read_seed(SEED))
    async with stand(table) as at:
        services = cast(Services, SimpleNamespace(logs=RunLogs(book=at.logs, runs=at.runs)))
        front = Front([BkCi(services, access, operations=OPERATIONS)], log=_quiet, fault=_raise)
        async with answering(front, listen("127.0.0.1", 0)) as listening:
            yield Place(listening.address, at)


def _quiet(level: str, event: str, /, **facts: Any) -> None:
    """Nobody reads it."""


def _raise(fault: BaseException) -> None:
    raise AssertionError("a fault") from fault


def told(story: Callable[[Place], Awaitable[None]], table: Any = TABLE) -> None:
    """Tell a story to a server."""

    async def run() -> None:
        async with serving(table) as place:
            await story(place)

    asyncio.run(run())


def numbers(answer: Answered) -> list[int]:
    return [line["lineNo"] for line in answer.json["data"]["logs"]]


def test_both_versions_tell_the_same_lines() -> None:
    async def story(place: Place) -> None:
        run = await place.run()
        await place.until(run, lambda view: view.phase == "finished")
        await place.at.ask("runs.retry", ANN, run=run)
        await place.until(run, lambda view: view.phase == "finished" and view.execution == 2)
        build = build_id(run)
        v3 = f"/v3/projects/demo/pipelines/talk/builds/{build}/logs"
        v4 = "/v4/projects/demo/logs"
        for old, new, query, expected in (
            ("init", "init_logs", "", [1, 3, 4, 5, 7, 8]),
            ("init", "init_logs", "debug=true", [1, 2, 3, 4, 5, 6, 7, 8]),
            ("init", "init_logs", "logType=ERROR", [3, 7]),
            ("init", "init_logs", "reverse=true", [8, 7, 5, 4, 3, 1]),
            ("init", "init_logs", "executeCount=2", [5, 7, 8]),
            ("init", "init_logs", "tag=unknown", []),
            ("init", "init_logs", "stepId=two", [4, 8]),
            ("init", "init_logs", "jobId=make&executeCount=1", [1, 3, 4]),
            ("more", "more_logs", "start=2&end=5", [3, 4, 5]),
            ("more", "more_logs", "start=2&end=5&fromStart=false&num=1", [5, 4, 3]),
            ("more", "more_logs", "start=9&end=2", []),
            ("after", "after_line_logs", "start=4", [4, 5, 7, 8]),
            ("after", "after_line_logs", "start=-9223372036854775808", [1, 3, 4, 5, 7, 8]),
            ("after", "after_line_logs", "start=9223372036854775807", []),
        ):
            for path in (
                f"{v3}/{old}?{query}",
                f"{v4}/{new}?buildId={build}&{query}",
                f"{v4}/{new}?pipelineId=talk&buildId={build}&{query}",
            ):
                answer = await place.get(path)
                assert (answer.status, answer.json["status"]) == (200, 0), path
                data = answer.json["data"]
                assert (data["buildId"], data["finished"], data["hasMore"], data["status"]) == (
                    build,
                    True,
                    False,
                    0,
                )
                assert numbers(answer) == expected, path
        lines = (await place.get(f"{v3}/init")).json["data"]["logs"]
        tags = {line["stepId"]: line["tag"] for line in lines}
        assert all(tag.startswith("e-") for tag in tags.values())
        assert numbers(await place.get(f"{v3}/init?tag={tags['two']}")) == [4, 8]
        assert numbers(await place.get(f"{v3}/init?containerHashId={lines[0]['containerHashId']}")) == [
            1,
            3,
            4,
            5,
            7,
            8,
        ]
        for old, new, expected in (
            ("mode", "log_mode", {"finished": True, "logMode": "UPLOAD"}),
            ("last_line_num", "last_line_num", {"finished": True, "lastLineNum": 8}),
        ):
            for path in (f"{v3}/{old}?tag={tags['one']}", f"{v4}/{new}?buildId={build}"):
                assert (await place.get(path)).json == {"status": 0, "data": {"buildId": build, **expected}}
        for path in (
            f"{v3}/download?executeCount=2&debug=true",
            f"{v4}/download_logs?buildId={build}&executeCount=2",
        ):
            answer = await place.get(path)
            assert answer.headers["content-type"] == "application/octet-stream"
            assert answer.headers["content-disposition"].startswith("attachment")
            assert f"talk-{build}-log.txt" in answer.headers["content-disposition"]
            texts = [line.split(" : ", 1)[1] for line in answer.body.decode().splitlines()]
            assert texts == [
                text
                for text in ("a", "##[debug]b", "##[error]c", "e")
                if "debug=" in path or "debug" not in text
            ]

    told(story)


def test_refusals() -> None:
    """bkci-v3 1.5, 10, 12 row 17."""

    async def story(place: Place) -> None:
        run = await place.run()
        await place.until(run, lambda view: view.phase == "finished")
        build = build_id(run)
        v4 = "/v4/projects/demo/logs"
        for path, http, code in (
            (f"{v4}/init_logs?buildId=b-{'0' * 32}", 404, 2101163),
            (f"{v4}/last_line_num?buildId=latest", 404, 2101163),
            (f"{v4}/download_logs?buildId=talk%231", 404, 2101163),
            (f"{v4}/init_logs?pipelineId=other&buildId={build}", 400, 2101058),
            (f"/v3/projects/demo/pipelines/other/builds/{build}/logs/init", 400, 2101058),
            (f"{v4}/init_logs", 400, 400),
            (f"{v4}/more_logs?buildId={build}&start=1", 400, 400),
            (f"{v4}/after_line_logs?buildId={build}&start=x", 400, 400),
            (f"{v4}/init_logs?buildId={build}&logType=LOUD", 400, 400),
        ):
            answer = await place.get(path)
            assert (answer.status, answer.json["status"]) == (http, code), path
            assert "data" not in answer.json or http == 400
        stranger = await place.get(f"{v4}/init_logs?buildId={build}", user="stranger")
        assert stranger.status in (403, 404)
        place.at.logs._store.remove([(run, f"build/make/{step}#1.1") for step in ("one", "two")], at=9)
        answer = await place.get(f"{v4}/download_logs?buildId={build}")
        assert (answer.status, answer.json["status"]) == (400, 2108008)
        answer = await place.get(f"{v4}/init_logs?buildId={build}")
        assert (answer.json["data"]["logs"], answer.json["data"]["status"]) == ([], 3)

    told(story)


def test_a_task_is_finished_while_its_build_goes_on() -> None:
    """bkci-v3 3.4: what a client polls until it is true."""

    async def story(place: Place) -> None:
        run = await place.run()
        await place.until(run, lambda view: view.stages[0].jobs[0].steps[1].phase == "running")
        query = f"/v4/projects/demo/logs/after_line_logs?buildId={build_id(run)}&start=1"
        assert not (await place.get(query)).json["data"]["finished"]
        assert (await place.get(f"{query}&stepId=one")).json["data"]["finished"]
        assert not (await place.get(f"{query}&stepId=two")).json["data"]["finished"]

    told(story, {"*/one": (Succeed(output="a\n"),), "*/two": (Hang(),)})


def test_long_logs_come_page_by_page() -> None:
    """At most 5,000 lines at first and 30,000 later; a client that goes on behind the last line misses none."""

    async def story(place: Place) -> None:
        run = await place.run()
        await place.until(run, lambda view: view.phase == "finished")
        query = f"/v4/projects/demo/logs/{{}}?buildId={build_id(run)}"
        answer = await place.get(query.format("init_logs"))
        assert (len(numbers(answer)), answer.json["data"]["hasMore"]) == (5000, True)
        seen = numbers(answer)
        while answer.json["data"]["hasMore"]:
            answer = await place.get(f"{query.format('after_line_logs')}&start={seen[-1] + 1}")
            assert len(numbers(answer)) <= 30_000
            seen += numbers(answer)
        assert seen == list(range(1, 40_002))
        newest = await place.get(query.format("init_logs") + "&reverse=true")
        assert numbers(newest) == list(range(40_001, 35_001, -1))
        whole = await place.get(query.format("download_logs"))
        assert whole.body.count(b"\n") == 40_001

    told(story, {"*/one": (Succeed(output="line\n" * 40_001),)})
