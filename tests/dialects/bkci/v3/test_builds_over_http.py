"""Operations 20 to 37 against a real server: what they do, and the codes of what they refuse (bkci-v3 3.3, 10)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from ferryman.dialects.bkci.v3.ids import run_of
from ferryman.ports.access import AuditSearch
from ferryman.testing.server import SEED, InProcess, serving

PIPELINES = "/api/apigw/v3/projects/demo/pipelines"
V4 = "/api/apigw/v4/projects/demo"
NOBODY = f"b-{'0' * 32}"
PEOPLE = (
    SEED
    + """
[[principal]]
name = "dev"
roles = { demo = "developer" }
[[principal]]
name = "second"
roles = { demo = "deployer" }
"""
)
Tree = dict[str, Any]


def script(text: str, **more: Any) -> Tree:
    """A script element."""
    return {"@type": "linuxScript", "name": "Bash", "scriptType": "SHELL", "script": text, **more}


def box(*elements: Tree, **more: Any) -> Tree:
    """A job on a machine."""
    return {"@type": "vmBuild", "name": "Job", "baseOS": "LINUX", "elements": list(elements), **more}


def model(*stages: Tree, params: list[Tree] | None = None, **trigger: Any) -> Tree:
    """A model with a manual trigger."""
    start = {
        "@type": "trigger",
        "name": "Trigger",
        "elements": [{"@type": "manualTrigger", "name": "Manual", "id": "T-1-1-1", "canElementSkip": True}],
        "params": params or [],
        **trigger,
    }
    return {"name": "demo", "stages": [{"containers": [start]}, *stages]}


def review(*groups: str) -> Tree:
    """A checkIn with these groups of one."""
    return {
        "manualTrigger": True,
        "reviewGroups": [{"name": name, "id": f"g-{name}", "reviewers": [name]} for name in groups],
        "reviewParams": [{"key": "NOTE", "value": "old", "required": False}],
    }


class Client:
    """Speaks as a client of this wire does, from the reference alone."""

    def __init__(self, server: InProcess) -> None:
        self.server = server

    async def call(
        self, method: str, path: str, body: Any = None, *, by: str = "operator"
    ) -> tuple[int, int, Any]:
        """HTTP status, status of the envelope, data."""
        answer = await self.server.ask(method, path, json=body, headers={"X-DEVOPS-UID": by})
        told = msgspec.json.decode(answer.body)
        assert b"null" not in answer.body or "null" in str(body)
        return answer.status, told["status"], told.get("data")

    async def good(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """The data of an answer that is no refusal."""
        http, status, data = await self.call(method, path, body, **more)
        assert (http, status) == (200, 0), (http, status, data)
        return data

    async def refused(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, int]:
        """HTTP status and code of a refusal."""
        http, status, data = await self.call(method, path, body, **more)
        assert status, data
        return http, status

    async def create(self, definition: Tree, setting: Tree | None = None) -> str:
        """A pipeline; the path of its builds."""
        if setting is None:
            made = await self.good("POST", PIPELINES, definition)
        else:
            body = {"model": definition, "setting": setting}
            made = await self.good("POST", f"{PIPELINES}/pipeline_upload", body)
        return f"{PIPELINES}/{made['id']}/builds"

    async def start(self, builds: str, values: Tree | None = None, query: str = "", **more: Any) -> str:
        """A build; its path."""
        made = await self.good("POST", f"{builds}/start{query}", values or {}, **more)
        return f"{builds}/{made['id']}"

    async def until(self, build: str, is_so: Callable[[Any], bool]) -> Any:
        """The status of a build as soon as this is so."""
        async with asyncio.timeout(60):
            while not is_so(found := await self.good("GET", f"{build}/status")):
                await asyncio.sleep(0.02)
        return found

    async def end(self, build: str) -> Any:
        """The status of a build at its end."""
        return await self.until(build, lambda found: "endTime" in found)

    async def element(self, build: str, at: int = 0, stage: int = 1) -> Any:
        """An element of the first job of a stage, as the detail shows it."""
        detail = await self.good("GET", f"{build}/detail")
        return detail["model"]["stages"][stage]["containers"][0]["elements"][at]

    async def until_element(self, build: str, word: str, at: int = 0) -> Any:
        """The element as soon as it has this status."""
        async with asyncio.timeout(60):
            while (found := await self.element(build, at)).get("status") != word:
                await asyncio.sleep(0.02)
        return found


@asynccontextmanager
async def client(folder: Path, **given: Any) -> AsyncIterator[Client]:
    """A client of a server of its own."""
    async with serving(**{"data": folder, "seed": PEOPLE, **given}) as server:
        yield Client(server)


def told(folder: Path, story: Callable[[Client], Awaitable[None]], **given: Any) -> None:
    """Tell a story to a server; more is given to it."""

    async def whole() -> None:
        async with client(folder, **given) as asked:
            await story(asked)

    asyncio.run(whole())


def v4(build: str) -> str:
    """The build as version 4 names it."""
    return f"buildId={build.rpartition('/')[2]}"


def test_the_log_says_which_run_a_request_was_about(tmp_path: Path) -> None:
    """LOG-10: by its own id, so that lines about a run are found together; also of the start, in both versions."""

    async def story(asked: Client) -> None:
        builds = await asked.create(model({"containers": [box(script("true"))]}))
        build = await asked.start(builds)
        await asked.end(build)
        await asked.good("GET", f"{V4}/build_status?{v4(build)}")
        await asked.refused("GET", f"{builds}/nothing/status")
        of_build = {"build-start", "build-status"}
        lines = [line for line in asked.server.lines if line.get("operation") in of_build]
        run = build.rpartition("/")[2].removeprefix("b-")
        assert {line["operation"] for line in lines if line.get("run") == run} == of_build
        assert [line.get("run") for line in lines[-2:]] == [run, None]

    told(tmp_path, story)


def test_start_values_follow_the_declarations(tmp_path: Path) -> None:
    """Operation 20; 12, row 23: undeclared ones are kept, constants are not moved, what is not asked for is."""
    params = [
        {"id": "who", "required": True, "type": "STRING", "defaultValue": "world"},
        {"id": "quiet", "required": False, "type": "STRING", "defaultValue": "no"},
        {"id": "fixed", "required": True, "type": "STRING", "defaultValue": "f", "constant": True},
        {"id": "flag", "required": True, "type": "BOOLEAN", "defaultValue": False},
        {"id": "must", "required": True, "type": "STRING", "defaultValue": "", "valueNotEmpty": True},
    ]

    async def story(asked: Client) -> None:
        builds = await asked.create(model({"containers": [box(script("true"))]}, params=params))
        assert await asked.refused("POST", f"{builds}/start") == (400, 2101254)
        given = {
            "must": "x",
            "quiet": "yes",
            "fixed": "g",
            "flag": True,
            "more": 5,
            "BK_CI_BUILD_MSG": "because",
        }
        build = await asked.start(builds, given)
        status = await asked.end(build)
        known = status["variables"]
        assert [known[name] for name in ("who", "quiet", "fixed", "flag", "more")] == [
            "world",
            "yes",
            "f",
            "true",
            "5",
        ]
        assert (status["buildMsg"], status["trigger"], status["startType"], status["buildNum"]) == (
            "because",
            "Openapi start",
            "remoteTrigger",
            1,
        )
        assert known["BK_CI_START_TYPE"] == known["pipeline.start.type"] == "SERVICE"
        assert known["ci.build_id"] == known["BK_CI_BUILD_ID"] == status["id"]
        assert known["variables.who"] == "world"
        names = ["who", "variables.more", "ci.actor", "nobody"]
        assert await asked.good("POST", f"{build}/variables", names) == {
            "who": "world",
            "variables.more": "5",
            "ci.actor": "operator",
            "nobody": "",
        }
        assert await asked.refused("POST", f"{build}/variables", []) == (400, 400)
        assert await asked.refused("POST", f"{build}/variables", ["a"] * 51) == (400, 400)
        info = await asked.good("GET", f"{builds}/manualStartupInfo")
        assert (info["canManualStartup"], info["canElementSkip"]) == (True, True)
        assert [each["id"] for each in info["properties"]] == [
            "BK_CI_BUILD_MSG",
            "who",
            "quiet",
            "flag",
            "must",
        ]
        assert [each["value"] for each in info["properties"]][1:] == ["world", "no", True, "x"]
        assert await asked.refused("POST", f"{PIPELINES}/p-none/builds/start", {}) == (404, 2101038)
        assert await asked.refused("POST", f"{builds}/start", {}, by="visitor") == (403, 2101008)

    told(tmp_path, story)


def test_an_element_is_switched_off_for_one_build(tmp_path: Path) -> None:
    async def story(asked: Client) -> None:
        builds = await asked.create(
            model({"containers": [box(script("true", id="e-one"), script("true", id="e-two"))]})
        )
        build = await asked.start(builds, {"devops_container_condition_skip_atoms_e-one": "true"})
        await asked.end(build)
        assert [(await asked.element(build, at))["status"] for at in (0, 1)] == ["SKIP", "SUCCEED"]
        again = await asked.start(builds)
        await asked.end(again)
        assert (await asked.element(again))["status"] == "SUCCEED"

    told(tmp_path, story)


def test_recommended_numbers_count(tmp_path: Path) -> None:
    """Semantics 14; a number given with the start replaces the one that is kept."""
    number = {"buildNo": 10, "buildNoType": "EVERY_BUILD_INCREMENT"}

    async def story(asked: Client) -> None:
        builds = await asked.create(model({"containers": [box(script("true"))]}, buildNo=number))
        seen = []
        for query in ("", "", "?buildNo=40", ""):
            status = await asked.end(await asked.start(builds, query=query))
            seen.append((status["variables"]["BK_CI_BUILD_NO"], status["recommendVersion"]))
        assert seen == [("11", "0.0.0.11"), ("12", "0.0.0.12"), ("41", "0.0.0.41"), ("42", "0.0.0.42")]
        info = await asked.good("GET", f"{builds}/manualStartupInfo")
        assert info["buildNo"]["currentBuildNo"] == 42

    told(tmp_path, story)


def test_a_failed_build_is_retried_skipped_and_begun_anew(tmp_path: Path) -> None:
    """Operations 23, 32, 34; the codes of a retry in their order."""
    options = {"continueWhenFailed": True, "manualSkip": True}

    async def story(asked: Client) -> None:
        stage = {"containers": [box(script("exit 3", id="e-bad", additionalOptions=options))]}
        builds = await asked.create(model(stage))
        other = await asked.create({**model(stage), "name": "other"})
        build = await asked.start(builds, {"who": "me"})
        assert (await asked.end(build))["status"] == "FAILED"
        bad = await asked.element(build)
        assert (bad["status"], bad["errorType"], bad["errorCode"]) == ("FAILED", "USER", 2199011)
        assert (bad["canRetry"], bad["canSkip"]) == (True, True)
        (failed,) = await asked.good("GET", f"{V4}/build_failed_tasks?{v4(build)}")
        assert (failed["taskId"], failed["matrixFlag"]) == ("e-bad", False)

        strange = build.replace(builds, other)
        assert await asked.refused("POST", f"{builds}/{NOBODY}/retry") == (404, 2101163)
        assert await asked.refused("POST", f"{strange}/retry") == (400, 2101058)
        assert await asked.refused("POST", f"{build}/retry?skip=true") == (400, 2100002)
        assert await asked.refused("POST", f"{build}/retry?taskId=nothing") == (400, 2101081)
        again = await asked.good("POST", f"{build}/retry?taskId=e-bad", by="second")
        assert (again["executeCount"], again["num"], again["id"]) == (2, 1, build.rpartition("/")[2])
        status = await asked.until(build, lambda found: found["retry"] and "endTime" in found)
        assert status["variables"]["BK_CI_RETRY_COUNT"] == "1"
        first = await asked.good("GET", f"{V4}/build_detail?{v4(build)}&executeCount=1")
        second = await asked.good("GET", f"{build}/detail")
        assert (first["executeCount"], second["executeCount"]) == (1, 2)
        assert second["startUserList"] == ["operator", "second"]
        records = second["recordList"]
        assert [each["startUser"] for each in records] == ["operator", "second"]
        # What an execution has cost stays what it was at its end.
        assert records[0] == first["recordList"][0]
        assert records[0]["timeCost"]["executeCost"] > 0
        assert records[1]["timeCost"] == second["model"]["timeCost"]
        await asked.good("POST", f"{build}/retry?taskId=e-bad&skip=true")
        assert (await asked.until(build, lambda found: found["status"] == "SUCCEED"))["buildNum"] == 1
        assert await asked.refused("POST", f"{build}/retry?taskId=e-bad") == (400, 2101277)
        assert await asked.refused("POST", f"{build}/retry?taskId=stage-2") == (400, 2101114)
        new = await asked.good("POST", f"{build}/build/restart")
        status = await asked.end(f"{builds}/{new}")
        assert (status["buildNum"], status["variables"]["who"], status["retry"]) == (2, "me", False)
        locked = f"{V4}/pipelines/pipeline_lock?pipelineId={builds.split('/')[-2]}&enable=false"
        await asked.good("POST", locked)
        assert await asked.refused("POST", f"{build}/retry") == (400, 2101047)
        assert await asked.refused("POST", f"{builds}/start") == (400, 2101047)
        assert await asked.refused("GET", f"{builds}/manualStartupInfo") == (400, 2101047)

    told(tmp_path, story)


def test_a_running_build_is_stopped_once(tmp_path: Path) -> None:
    """Operation 22: codes in their order; who may under RESTRICTED (2.3)."""

    async def story(asked: Client) -> None:
        builds = await asked.create(model({"containers": [box(script("sleep 30", id="e-long"))]}))
        other = await asked.create({**model({"containers": [box(script("true"))]}), "name": "other"})
        build = await asked.start(builds, by="dev")
        await asked.until_element(build, "RUNNING")
        assert await asked.refused("POST", f"{builds}/{NOBODY}/stop") == (404, 2101163)
        assert await asked.refused("POST", f"{build.replace(builds, other)}/stop") == (400, 2101058)
        assert await asked.refused("POST", f"{build}/stop", by="second") == (400, 2101340)
        assert await asked.refused("POST", f"{build}/stop", by="visitor") == (403, 2101008)
        assert await asked.refused("POST", f"{build}/retry") == (400, 2100002)
        assert await asked.refused("POST", f"{build}/retry?taskId=1") == (400, 2101110)
        assert await asked.good("POST", f"{build}/stop", by="dev") is True
        status = await asked.end(build)
        assert status["status"] == "CANCELED"
        assert (await asked.good("GET", f"{build}/detail"))["cancelUserId"] == "dev"
        assert await asked.refused("POST", f"{build}/stop") == (400, 2101182)

    told(tmp_path, story)


def test_a_second_stop_comes_too_soon_and_a_second_restart_is_refused(tmp_path: Path) -> None:
    trap = "trap '' TERM; echo ready; sleep 3"

    async def story(asked: Client) -> None:
        builds = await asked.create(model({"containers": [box(script(trap))]}))
        build = await asked.start(builds)
        await asked.until_element(build, "RUNNING")
        await asked.good("POST", f"{build}/stop")
        assert await asked.refused("POST", f"{build}/stop") == (400, 2101019)
        other = await asked.start(builds)
        await asked.until_element(other, "RUNNING")
        new = await asked.good("POST", f"{other}/build/restart")
        assert await asked.refused("POST", f"{other}/build/restart") == (400, 2101141)
        assert (await asked.good("GET", f"{builds}/{new}/status"))["buildNum"] == 3

    told(tmp_path, story)


def test_builds_wait_in_the_queue_of_their_pipeline(tmp_path: Path) -> None:
    """Semantics 13: place in the queue, the oldest pushed out, and no room at all."""

    async def story(asked: Client) -> None:
        setting = {"runLockType": "SINGLE", "maxQueueSize": 1}
        builds = await asked.create(model({"containers": [box(script("sleep 30"))]}), setting)
        first = await asked.start(builds)
        second = await asked.start(builds)
        status = await asked.good("GET", f"{second}/status")
        assert (status["status"], status["startTime"], status["currentQueuePosition"]) == ("QUEUE", 0, 1)
        third = await asked.start(builds)
        pushed = await asked.end(second)
        assert pushed["status"] == "CANCELED"
        pipeline = f"{PIPELINES}/{builds.split('/')[-2]}"
        stands = await asked.good("GET", f"{pipeline}/status")
        assert (stands["runningBuildCount"], stands["buildCount"], stands["latestBuildNum"]) == (1, 2, 3)
        await asked.good(
            "PUT", f"{pipeline}/setting_update", {**setting, "maxQueueSize": 0, "pipelineName": "demo"}
        )
        assert await asked.refused("POST", f"{builds}/start") == (400, 2101049)
        for build in (third, first):
            await asked.good("POST", f"{build}/stop")
            await asked.end(build)
        assert (await asked.good("GET", f"{builds}/history"))["count"] == 3
        fourth = await asked.start(builds)
        assert (await asked.good("GET", f"{fourth}/status"))["buildNum"] == 4
        await asked.good("POST", f"{fourth}/stop")

    told(tmp_path, story)


def test_a_stage_waits_for_its_reviewers(tmp_path: Path) -> None:
    """Operation 30: codes in their order, values, and a refusal (part 9)."""

    async def story(asked: Client) -> None:
        stage = {"containers": [box(script("true"))], "checkIn": review("dev", "second")}
        builds = await asked.create(model(stage, {"containers": [box(script("true"))]}))
        build = await asked.start(builds)
        status = await asked.good("GET", f"{build}/status")
        assert (status["status"], "endTime" in status) == ("STAGE_SUCCESS", False)
        stands = await asked.good("GET", f"{PIPELINES}/{builds.split('/')[-2]}/status")
        assert (stands["runningBuildCount"], stands["latestBuildStatus"]) == (0, "STAGE_SUCCESS")
        gate = f"{build}/stages/stage-2/manualStart"
        elsewhere = gate.replace(builds, f"{PIPELINES}/p-none/builds")
        assert await asked.refused("POST", elsewhere, by="dev") == (404, 2101038)
        unknown = gate.replace(build, f"{builds}/{NOBODY}")
        assert await asked.refused("POST", unknown, by="dev") == (404, 2101163)
        assert await asked.refused("POST", gate.replace("stage-2", "stage-9"), by="dev") == (404, 2101166)
        assert await asked.refused("POST", gate.replace("stage-2", "stage-3"), by="dev") == (400, 2101167)
        wrong = {"reviewParams": [], "id": "g-second"}
        assert await asked.refused("POST", gate, wrong, by="dev") == (403, 2101073)
        assert await asked.refused("POST", gate, by="second") == (403, 2101008)
        long = {"reviewParams": [{"key": "NOTE", "value": "x" * 4000}]}
        assert await asked.refused("POST", gate, long, by="dev") == (400, 2101082)
        # Whose turn it is, and who may answer, is looked at before what they say.
        assert await asked.refused("POST", gate, long, by="second") == (403, 2101008)
        assert await asked.refused("POST", gate, {**long, "id": "g-second"}, by="dev") == (403, 2101073)
        closed = gate.replace("stage-2", "stage-3")
        assert await asked.refused("POST", closed, long, by="dev") == (400, 2101167)
        assert await asked.refused("POST", f"{build}/retry") == (400, 2101129)
        yes = {"reviewParams": [{"key": "NOTE", "value": "new"}], "suggest": "fine"}
        assert await asked.good("POST", gate, yes, by="dev") is True
        detail = await asked.good("GET", f"{build}/detail")
        first, second = detail["model"]["stages"][1]["checkIn"]["reviewGroups"]
        assert (first["status"], first["operator"], first["suggest"]) == ("PROCESS", "dev", "fine")
        assert "status" not in second
        await asked.good("POST", gate, by="second")
        status = await asked.end(build)
        assert (status["status"], status["variables"]["NOTE"]) == ("SUCCEED", "new")
        build = await asked.start(builds)
        await asked.good("POST", f"{build}/stages/stage-2/manualStart?cancel=true", by="dev")
        assert (await asked.end(build))["status"] == "STAGE_SUCCESS"

    told(tmp_path, story)


def test_a_task_asks_people(tmp_path: Path) -> None:
    """Operation 31, and its path of version 3 (12, row 12)."""
    task = {
        "@type": "manualReviewUserTask",
        "id": "e-ask",
        "name": "Ask",
        "reviewUsers": ["dev"],
        "params": [
            {
                "key": "where",
                "value": "east",
                "valueType": "ENUM",
                "required": True,
                "options": [{"key": "east", "value": "East"}, {"key": "west", "value": "West"}],
            }
        ],
    }

    async def story(asked: Client) -> None:
        builds = await asked.create(model({"containers": [box(task, script("true"))]}))
        build = await asked.start(builds)
        assert (await asked.element(build))["status"] == "REVIEWING"
        path, west = f"{build}/elements/e-ask/review", [{"key": "where", "value": "west"}]
        assert await asked.refused("POST", path, {"status": "PROCESS"}, by="second") == (400, 2101018)
        gone = path.replace("e-ask", "e-none")
        assert await asked.refused("POST", gone, {"status": "PROCESS"}, by="dev") == (400, 2101279)
        odd = {"status": "PROCESS", "params": [{"key": "where", "value": "north"}]}
        assert await asked.refused("POST", path, odd, by="dev") == (400, 400)
        blank = {"status": "PROCESS", "params": [{"key": "where", "value": ""}]}
        assert await asked.refused("POST", path, blank, by="dev") == (400, 400)
        assert await asked.refused("POST", path, {"status": "MAYBE"}, by="dev") == (400, 400)
        await asked.good("POST", path, {"status": "PROCESS", "params": west, "suggest": "go"}, by="dev")
        assert (await asked.end(build))["variables"]["where"] == "west"
        assert await asked.refused("POST", path, {"status": "PROCESS"}, by="dev") == (400, 2101279)
        build = await asked.start(builds)
        no = {"status": "ABORT"}
        await asked.good("POST", f"{V4}/manual_review?{v4(build)}&elementId=e-ask", no, by="dev")
        assert (await asked.end(build))["status"] == "FAILED"
        detail = await asked.good("GET", f"{build}/detail")
        assert detail["cancelUserId"] == "dev"
        assert (await asked.element(build))["status"] == "REVIEW_ABORT"

    told(tmp_path, story)


def test_a_task_is_paused_before_it_runs(tmp_path: Path) -> None:
    """Operation 29, under either name of its flag."""

    async def story(asked: Client) -> None:
        paused = script("true", id="e-stop", stepId="halt", additionalOptions={"pauseBeforeExec": True})
        builds = await asked.create(model({"containers": [box(paused)]}))
        build = await asked.start(builds)
        assert (await asked.element(build))["status"] == "PAUSE"
        path, where = f"{build}/execute/pause", {"stageId": "stage-2", "containerId": "1"}
        assert await asked.refused("POST", path, {**where, "taskId": "e-stop"}) == (400, 400)
        assert await asked.good("POST", path, {**where, "taskId": "e-none", "isContinue": True}) is False
        assert await asked.good("POST", path, {**where, "taskId": "e-stop", "isContinue": True}) is True
        assert (await asked.end(build))["status"] == "SUCCEED"
        again = {**where, "taskId": "e-stop", "isContinue": True}
        assert await asked.refused("POST", path, again) == (400, 2101012)
        build = await asked.start(builds)
        body = {**where, "stepId": "halt", "continue": False}
        await asked.good("POST", f"{V4}/build_execute_pause?{v4(build)}", body)
        assert (await asked.end(build))["status"] == "CANCELED"

    told(tmp_path, story)


def test_rules_wait_for_a_verdict(tmp_path: Path) -> None:
    """12, row 11."""

    async def story(asked: Client) -> None:
        stage = {"containers": [box(script("true"))], "checkIn": {"ruleIds": ["r1"]}}
        builds = await asked.create(model(stage))
        build = await asked.start(builds)
        assert (await asked.good("GET", f"{build}/status"))["status"] == "REVIEWING"
        path = f"{build}/stages/stage-2/qualityTrigger"
        assert await asked.refused("POST", path, {"position": "ASIDE", "pass": True}) == (403, 2101074)
        assert await asked.refused("POST", path, {"position": "AFTER", "pass": True}) == (403, 2101074)
        assert await asked.good("POST", path, {"position": "BEFORE", "pass": False, "checkTimes": 1}) is True
        status = await asked.end(build)
        detail = await asked.good("GET", f"{build}/detail")
        part = detail["model"]["stages"][1]
        assert (status["status"], part["status"], part["checkIn"]["status"]) == (
            "FAILED",
            "FAILED",
            "QUALITY_CHECK_FAIL",
        )
        body = {"position": "BEFORE", "pass": True}
        assert await asked.refused("POST", path, body) == (400, 2101167)
        query = f"{V4}/quality_trigger?{v4(await asked.start(builds))}&stageId=stage-2"
        assert await asked.good("POST", query, body) is True

    told(tmp_path, story)


def test_a_step_starts_a_build_and_follows_it(tmp_path: Path) -> None:
    """Part 9: the child has a start type, a number and values of its own, and is the person's who started its parent; a
    cancel of its parent cancels it."""

    async def story(asked: Client) -> None:
        params = [{"id": "who", "required": True, "type": "STRING", "defaultValue": "nobody"}]
        child = await asked.create(
            {**model({"containers": [box(script("sleep ${long}"))]}, params=params), "name": "child"}
        )
        call = {
            "@type": "subPipelineCall",
            "name": "Call",
            "id": "e-call",
            "subPipelineId": child.split("/")[-2],
            "asynchronous": False,
            "parameters": {"who": "${name}", "long": "${long}"},
        }
        builds = await asked.create(model({"containers": [box(call)]}))
        build = await asked.start(builds, {"name": "ann", "long": "0"}, by="dev")
        assert (await asked.end(build))["status"] == "SUCCEED"
        (one,) = (await asked.good("GET", f"{child}/history"))["records"]
        status = await asked.good("GET", f"{child}/{one['id']}/status")
        assert (status["startType"], status["buildNum"], status["status"]) == ("remoteTrigger", 1, "SUCCEED")
        assert (status["variables"]["BK_CI_START_TYPE"], status["variables"]["who"]) == ("PIPELINE", "ann")
        assert (status["userId"], status["variables"]["BK_CI_START_USER_NAME"]) == ("dev", "dev")
        begun = await asked.server.house.store.audit.page(
            AuditSearch(subject=f"run/{run_of(one['id'])}", action="ferryman:StartRun")
        )
        assert [(row.entry.by, row.entry.after["for"]) for row in begun] == [
            (f"run {run_of(build.rpartition('/')[2])}", "dev")
        ]
        build = await asked.start(builds, {"name": "bob", "long": "30"})
        async with asyncio.timeout(60):
            while (found := (await asked.good("GET", f"{child}/history"))["records"])[0][
                "status"
            ] != "RUNNING":
                await asyncio.sleep(0.02)
        await asked.good("POST", f"{build}/stop")
        assert (await asked.end(build))["status"] == "CANCELED"
        assert (await asked.end(f"{child}/{found[0]['id']}"))["status"] == "CANCELED"

    told(tmp_path, story)


def test_history_is_filtered_sorted_and_paged(tmp_path: Path) -> None:
    """Operations 26, 27, 33, 35."""

    async def story(asked: Client) -> None:
        builds = await asked.create(model({"containers": [box(script("exit ${code}"))]}))
        pipeline = builds.split("/")[-2]
        ended = []
        for code, by in (("0", "operator"), ("1", "dev"), ("0", "dev")):
            build = await asked.start(builds, {"code": code, "BK_CI_BUILD_MSG": f"exit {code}"}, by=by)
            ended.append(await asked.end(build))
        whole = await asked.good("GET", f"{builds}/history")
        assert [each["buildNum"] for each in whole["records"]] == [3, 2, 1]
        assert (whole["count"], whole["page"], whole["pageSize"], whole["totalPages"]) == (3, 1, 20, 1)
        assert (whole["pipelineVersion"], whole["hasDownloadPermission"]) == (1, True)
        oldest = await asked.good("GET", f"{builds}/history?updateTimeDesc=false&pageSize=2")
        assert [each["buildNum"] for each in oldest["records"]] == [1, 2]
        assert oldest["totalPages"] == 2
        await asked.good("POST", f"{V4}/update_remark?buildId={ended[0]['id']}", {"remark": "the first"})
        for query, numbers in (
            ("status=FAILED", [2]),
            ("status=FAILED&status=SUCCEED", [3, 2, 1]),
            ("status=QUEUE", []),
            ("startUser=dev", [3, 2]),
            ("trigger=SERVICE", [3, 2, 1]),
            ("trigger=MANUAL", []),
            ("buildMsg=exit%201", [2]),
            ("remark=first", [1]),
            ("buildNoStart=2&buildNoEnd=2", [2]),
            (f"queueTimeStartTime={ended[2]['queueTime']}", [3]),
            ("totalTimeMin=999999", []),
            ("materialAlias=x", []),
        ):
            found = await asked.good("GET", f"{V4}/build_histories?pipelineId={pipeline}&{query}")
            assert [each["buildNum"] for each in found["records"]] == numbers, query
            assert found["count"] == len(numbers)
        strange = f"{V4}/build_histories?pipelineId={pipeline}&status=ODD"
        assert await asked.refused("GET", strange) == (400, 400)
        assert await asked.refused("GET", f"{PIPELINES}/p-none/builds/history") == (404, 2101038)
        light = await asked.good("GET", f"{V4}/build_histories/simple?pipelineId={pipeline}&pageSize=1")
        assert (light["count"], light["records"][0]["status"]) == (3, "SUCCEED")
        several = f"{V4}/batch_get_build_status?pipelineId={pipeline}"
        ids = [ended[0]["id"], NOBODY, "nonsense"]
        (one,) = await asked.good("POST", several, ids)
        assert (one["id"], one["remark"]) == (ended[0]["id"], "the first")
        assert await asked.refused("POST", several, ["x"] * 101) == (400, 2101282)

    told(tmp_path, story)


def test_a_build_of_another_pipeline_is_not_there(tmp_path: Path) -> None:
    """Operations 24 and 25; what is no build id is no build."""

    async def story(asked: Client) -> None:
        builds = await asked.create(model({"containers": [box(script("true"))]}))
        other = await asked.create({**model({"containers": [box(script("true"))]}), "name": "other"})
        build = await asked.start(builds)
        strange = build.replace(builds, other)
        for path in (
            f"{strange}/status",
            f"{strange}/detail",
            f"{builds}/{NOBODY}/status",
            f"{builds}/x/detail",
        ):
            assert await asked.refused("GET", path) == (404, 2101163)
        assert (await asked.call("GET", f"{build}/status", by="stranger"))[0] == 404
        assert await asked.refused("POST", f"{build}/review?approve=true") == (400, 2101169)
        assert (
            await asked.good("POST", f"{V4}/try_fix_stuck_builds?pipelineId={builds.split('/')[-2]}", [])
            is True
        )
        await asked.end(build)

    told(tmp_path, story)
