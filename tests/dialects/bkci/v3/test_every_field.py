"""Each field of an answer tells of something: that is changed over the API, and the field changes with it (RULINGS 30).

One story, action by action; before and after each the same four answers are read: the pipeline's status (bkci-v3 4.1),
its newest build in the history (4.3), the build's status (4.4) and its detail (4.6). `CHANGES` says what each action
shows where; `FIXED` are fields that are always the same, with the line that says so.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
import pytest

from ferryman.dialects.bkci import conversion
from ferryman.dialects.bkci.v3.wire.builds import BuildHistory, BuildHistoryWithVars, ModelRecord
from ferryman.dialects.bkci.v3.wire.pipelines import Pipeline
from ferryman.domain.work import Work
from ferryman.services import Caller
from ferryman.testing.server import InProcess, serving
from ferryman.testing.told import ToldExecutor

Tree = dict[str, Any]
API = "/ms/openapi/api/apigw"
V3 = f"{API}/v3/projects/demo"
V4 = f"{API}/v4/projects/demo"
OPERATOR = {"X-DEVOPS-UID": "operator"}
OWNER = {"X-Bkapi-Authorization": '{"access_token": "owner-token"}'}


def script(step: str) -> Tree:
    """A task."""
    task = {"@type": "linuxScript", "name": step, "id": f"e-{step}", "stepId": step}
    return {**task, "scriptType": "SHELL", "script": "true"}


def model(*steps: str, by_hand: bool = True, numbered: bool = False) -> Tree:
    """A pipeline with these tasks behind its trigger."""
    trigger: Tree = {"@type": "manualTrigger", "name": "Manual", "id": "T-1-1-1"}
    if not by_hand:
        trigger["additionalOptions"] = {"enable": False}
    start: Tree = {"@type": "trigger", "name": "Trigger", "elements": [trigger]}
    start["params"] = [{"id": "color", "required": True, "type": "STRING", "defaultValue": "red"}]
    if numbered:
        start["buildNo"] = {"buildNo": 7, "buildNoType": "EVERY_BUILD_INCREMENT", "required": False}
    job = {"@type": "vmBuild", "name": "Job", "baseOS": "LINUX", "jobId": "job"}
    job["elements"] = [script(step) for step in steps]  # type: ignore[assignment]
    return {"name": "told", "stages": [{"containers": [start]}, {"containers": [job]}]}


class Hands(ToldExecutor):
    """Remembers which attempt of which step it was given last."""

    def __init__(self) -> None:
        super().__init__()
        self.given: dict[str, tuple[str, str]] = {}
        self.changed = asyncio.Event()

    async def start(self, work: Work) -> None:
        """Begin an attempt."""
        await super().start(work)
        self.given[work.key.partition("#")[0].rpartition("/")[2]] = (work.run, work.key)
        self.changed.set()

    async def at(self, step: str, run: str) -> None:
        """Return when a run is at this step."""
        while self.given.get(step, ("",))[0] != run:
            self.changed.clear()
            await self.changed.wait()


class World:
    """The server, and what the story is at."""

    def __init__(self, server: InProcess, hands: Hands) -> None:
        self.server = server
        self.hands = hands
        self.pipeline = ""
        self.project = "demo"
        self.build = self.earlier = ""
        self.reader = OPERATOR

    async def do(self, method: str, path: str, body: Any = None, by: Mapping[str, str] = OPERATOR) -> Any:
        """What came of it."""
        answer = await self.server.ask(method, path, json=body, headers=by)
        assert answer.status == 200, (method, path, answer.body)
        return answer.json.get("data")

    @property
    def builds(self) -> str:
        """Where builds are."""
        return f"{V3}/pipelines/{self.pipeline}/builds"

    @property
    def run(self) -> str:
        """The build, as the server calls it inside."""
        return self.build.removeprefix("b-")

    async def start(self, step: str = "one", values: Tree | None = None, **more: Any) -> None:
        """A build, up to its first task."""
        self.build = (await self.do("POST", f"{self.builds}/start", values or {}, **more))["id"]
        if step:
            await self.hands.at(step, self.run)

    async def end(self) -> None:
        """All that is left of the build ends well."""
        self.hands.let_go(self.run)
        await self.ended()

    async def ended(self) -> None:
        """Return when the build has ended."""
        services = self.server.house.services
        assert services is not None
        async for _ in services.runs.watch(Caller(name="operator", project="demo"), run=self.run):
            pass

    async def edit(self, document: Tree, by: Mapping[str, str] = OPERATOR) -> None:
        """Save another version."""
        await self.do("PUT", f"{V3}/pipelines/{self.pipeline}", document, by=by)

    async def set(self, **setting: Any) -> None:
        """Save another setting."""
        path = f"{V3}/pipelines/{self.pipeline}/setting_update"
        await self.do("PUT", path, {"pipelineName": "told", **setting})

    async def seen(self) -> dict[type, Tree]:
        """The four answers; those of builds are empty where there is none."""
        path = f"{API}/v3/projects/{self.project}/pipelines/{self.pipeline}/status"
        found: dict[type, Tree] = {BuildHistory: {}, BuildHistoryWithVars: {}, ModelRecord: {}}
        found[Pipeline] = await self.do("GET", path, by=self.reader)
        if self.build and self.project == "demo":
            one = f"{self.builds}/{self.build}"
            records = (await self.do("GET", f"{self.builds}/history"))["records"]
            found[BuildHistory] = next(each for each in records if each["id"] == self.build)
            found[BuildHistoryWithVars] = await self.do("GET", f"{one}/status")
            found[ModelRecord] = await self.do("GET", f"{one}/detail")
        return found


# the story


async def first_start(world: World) -> None:
    """The first build of all."""
    await world.start(values={"color": "blue", "BK_CI_BUILD_MSG": "because"})


async def a_task_ends(world: World) -> None:
    """On to the second task."""
    world.hands.end(*world.hands.given["one"])
    await world.hands.at("two", world.run)


async def the_build_fails(world: World) -> None:
    """The second task fails."""
    world.hands.end(*world.hands.given["two"], "failed")
    await world.ended()


async def a_remark(world: World) -> None:
    """Somebody remarks on it."""
    await world.do("POST", f"{V4}/update_remark?buildId={world.build}", {"remark": "look"})


async def a_retry(world: World) -> None:
    """Somebody else runs it again."""
    world.hands.given.clear()
    await world.do("POST", f"{world.builds}/{world.build}/retry", by=OWNER)
    await world.hands.at("one", world.run)
    await world.end()


async def another_build(world: World) -> None:
    """A second one, by somebody else."""
    await world.start(values={"color": "green"}, by=OWNER)


async def a_stop(world: World) -> None:
    """It is stopped."""
    await world.do("POST", f"{world.builds}/{world.build}/stop")
    world.hands.end(*world.hands.given["one"], "failed")
    await world.ended()


async def by_hand(world: World) -> None:
    """A third one, started at the desk."""
    services = world.server.house.services
    assert services is not None
    caller = Caller(name="operator", project="demo")
    started = await services.requests.start(caller, pipeline=world.pipeline)
    world.build = f"b-{started.id}"
    await world.end()


async def an_edit(world: World) -> None:
    """Somebody else adds a task."""
    await world.edit(model("one", "two", "three"), by=OWNER)


async def a_build_of_the_new_version(world: World) -> None:
    """A fourth one."""
    await world.start()
    await world.end()


async def a_setting(world: World) -> None:
    """Description, rule of numbers, labels."""
    groups = f"{V3}/pipelineGroups"
    await world.do("POST", f"{groups}/groups", {"projectId": "demo", "name": "area"})
    (group,) = await world.do("GET", f"{groups}/groups")
    await world.do("POST", f"{groups}/labels", {"groupId": group["id"], "name": "shop"})
    (group,) = await world.do("GET", f"{groups}/groups")
    labels = [label["id"] for label in group["labels"]]
    await world.set(desc="sells", buildNumRule="r-${BUILD}", labels=labels)


async def a_view(world: World) -> None:
    """It is put into a view of the project."""
    body = {"name": "all", "projected": True, "pipelineIds": [world.pipeline]}
    await world.do("POST", f"{V4}/pipelineView", body)


async def a_group_of_builds(world: World) -> None:
    """One build of the group at a time."""
    await world.set(runLockType="GROUP_LOCK", concurrencyGroup="g", maxQueueSize=3)
    await world.start()


async def a_build_that_waits(world: World) -> None:
    """The next one waits for its turn."""
    world.earlier = world.build
    await world.start(step="")
    await world.server.pass_time(500)


async def its_turn(world: World) -> None:
    """The build before it ends."""
    world.hands.let_go(world.earlier.removeprefix("b-"))
    await world.hands.at("one", world.run)


async def a_recommended_version(world: World) -> None:
    """A model that counts its builds."""
    await world.end()
    await world.edit(model("one", numbered=True))
    await world.start()
    await world.end()


async def a_rule_of_numbers(world: World) -> None:
    """Builds are called by a rule of their own."""
    await world.set(buildNumRule="r${{BK_CI_BUILD_NO}}-${BK_CI_BUILD_NUM}")
    await world.start()
    await world.end()


async def another_name(world: World) -> None:
    """It is renamed, and built."""
    await world.do("POST", f"{V3}/pipelines/{world.pipeline}/rename", {"name": "other"})
    await world.start()
    await world.end()


async def no_start_by_hand(world: World) -> None:
    """The manual trigger is disabled."""
    await world.edit({**model("one", by_hand=False), "name": "other"})


async def a_lock(world: World) -> None:
    """The pipeline is disabled."""
    await world.do("POST", f"{V4}/pipelines/pipeline_lock?pipelineId={world.pipeline}&enable=false")


async def another_reader(world: World) -> None:
    """A visitor looks at it."""
    world.reader = {"X-DEVOPS-UID": "visitor"}


async def elsewhere(world: World) -> None:
    """Another pipeline in another project, of somebody else."""
    world.project, world.reader = "other", {"X-DEVOPS-UID": "stranger"}
    path = f"{API}/v3/projects/other/pipelines"
    world.pipeline = (await world.do("POST", path, model("one"), by=world.reader))["id"]


ACTIONS: tuple[Callable[[World], Awaitable[None]], ...] = (
    first_start,
    a_task_ends,
    the_build_fails,
    a_remark,
    a_retry,
    another_build,
    a_stop,
    by_hand,
    an_edit,
    a_build_of_the_new_version,
    a_setting,
    a_view,
    a_group_of_builds,
    a_build_that_waits,
    its_turn,
    a_recommended_version,
    a_rule_of_numbers,
    another_name,
    no_start_by_hand,
    a_lock,
    another_reader,
    elsewhere,
)


# what it shows


def later(before: Any, after: Any) -> bool:
    """A moment behind the one before, or the first one."""
    return isinstance(after, int) and after > (before or 0)


def other(before: Any, after: Any) -> bool:
    """Something else, and something."""
    return after not in (None, before)


def statuses(*expected: str) -> Callable[[Any, Any], bool]:
    """These statuses of stages."""
    return lambda before, after: [stage.get("status") for stage in after] == list(expected)


def holds(**expected: Any) -> Callable[[Any, Any], bool]:
    """An object with these fields."""
    return lambda before, after: expected.items() <= after.items()


def held(path: str, expected: Any) -> Callable[[Any, Any], bool]:
    """A tree with this at a place."""

    def reached(before: Any, after: Any) -> bool:
        for part in path.split("."):
            after = after[int(part)] if part.isdigit() else after[part]
        return bool(after == expected)

    return reached


TASK = "stages.1.containers.0.elements"
BOTH = (BuildHistory, BuildHistoryWithVars)
ALL = (*BOTH, ModelRecord)

CHANGES: tuple[tuple[Callable[[World], Awaitable[None]], tuple[type, ...], Tree], ...] = (
    (
        first_start,
        (Pipeline,),
        {
            "buildCount": 1,
            "runningBuildCount": 1,
            "latestBuildStartTime": later,
            "latestBuildStatus": "RUNNING",
            "latestBuildNum": 1,
            "latestBuildTaskName": "one",
            "latestBuildId": other,
            "latestBuildUserId": "operator",
            "latestBuildStageStatus": statuses("SUCCEED", "RUNNING"),
            "lastBuildMsg": "because",
            "lastBuildTotalCount": 3,
            "lastBuildFinishCount": 1,
            "startType": "remoteTrigger",
            "trigger": "Openapi start",
            "currentTimestamp": later,
        },
    ),
    (a_task_ends, (Pipeline,), {"latestBuildTaskName": "two", "lastBuildFinishCount": 2}),
    (a_task_ends, (ModelRecord,), {"model": held(f"{TASK}.0.status", "SUCCEED"), "currentTimestamp": later}),
    (
        the_build_fails,
        (Pipeline,),
        {"latestBuildEndTime": later, "latestBuildStatus": "FAILED", "runningBuildCount": 0},
    ),
    (
        the_build_fails,
        ALL,
        {
            "endTime": later,
            "status": "FAILED",
            "stageStatus": statuses("SUCCEED", "FAILED"),
            "executeTime": later,
            "errorInfoList": held("0.taskId", "e-two"),
            "currentTimestamp": later,
        },
    ),
    (the_build_fails, BOTH, {"totalTime": later}),
    (the_build_fails, (BuildHistory,), {"updateTime": later}),
    (a_remark, ALL, {"remark": "look"}),
    (a_remark, (BuildHistoryWithVars,), {"variables": holds(BK_CI_BUILD_REMARK="look")}),
    (a_retry, BOTH, {"retry": True, "status": "SUCCEED"}),
    (a_retry, (BuildHistory,), {"executeCount": 2}),
    (
        a_retry,
        (ModelRecord,),
        {
            "executeCount": 2,
            "startUserList": ["operator", "owner"],
            "recordList": held("1.startUser", "owner"),
        },
    ),
    (a_retry, (BuildHistoryWithVars,), {"variables": holds(BK_CI_RETRY_COUNT="1")}),
    (another_build, (Pipeline,), {"latestBuildUserId": "owner", "latestBuildNum": 2}),
    (
        another_build,
        ALL,
        {
            "id": other,
            "userId": "owner",
            "buildNum": 2,
            "startTime": later,
            "queueTime": later,
            "buildMsg": "Openapi start",
        },
    ),
    (another_build, BOTH, {"buildParameters": held("0.value", "green")}),
    (another_build, (ModelRecord,), {"triggerUser": "owner", "latestBuildNum": 2}),
    (a_stop, ALL, {"status": "CANCELED"}),
    (a_stop, (ModelRecord,), {"cancelUserId": "operator"}),
    (by_hand, (Pipeline,), {"startType": "manualTrigger", "trigger": "manual"}),
    (by_hand, ALL, {"trigger": "manual"}),
    (by_hand, BOTH, {"startType": "manualTrigger"}),
    (
        an_edit,
        (Pipeline,),
        {
            "taskCount": 4,
            "pipelineVersion": 2,
            "updater": "owner",
            "updateTime": later,
            "deploymentTime": later,
            "model": held(f"{TASK}.2.name", "three"),
        },
    ),
    (an_edit, (ModelRecord,), {"latestVersion": 2}),
    (a_build_of_the_new_version, BOTH, {"pipelineVersion": 2}),
    (a_build_of_the_new_version, (ModelRecord,), {"curVersion": 2, "model": held("latestVersion", 2)}),
    (a_build_of_the_new_version, (Pipeline,), {"lastBuildTotalCount": 4}),
    (
        a_setting,
        (Pipeline,),
        {
            "pipelineDesc": "sells",
            "buildNumRule": "r-${BUILD}",
            "groupLabel": [{"groupName": "area", "labelName": ["shop"]}],
        },
    ),
    (a_view, (Pipeline,), {"viewNames": ["all"]}),
    (a_group_of_builds, (BuildHistory,), {"concurrencyGroup": "g"}),
    (a_build_that_waits, (BuildHistoryWithVars,), {"currentQueuePosition": 1, "startTime": 0}),
    (a_build_that_waits, (ModelRecord,), {"queueTimeCost": later, "status": "QUEUE"}),
    (its_turn, (BuildHistoryWithVars,), {"currentQueuePosition": 0, "startTime": later}),
    (a_recommended_version, BOTH, {"recommendVersion": "0.0.0.8"}),
    (a_rule_of_numbers, BOTH, {"buildNumAlias": lambda _, after: after.startswith("r9-")}),
    (a_rule_of_numbers, (Pipeline,), {"latestBuildNumAlias": lambda _, after: after.startswith("r9-")}),
    (another_name, (Pipeline,), {"pipelineName": "other"}),
    (another_name, (ModelRecord,), {"pipelineName": "other"}),
    (no_start_by_hand, (Pipeline,), {"canManualStartup": False}),
    (a_lock, (Pipeline,), {"lock": True}),
    (another_reader, (Pipeline,), {"permissions": holds(canView=True, canExecute=False, canEdit=False)}),
    (
        elsewhere,
        (Pipeline,),
        {"projectId": "other", "pipelineId": other, "creator": "stranger", "createTime": later},
    ),
)
"""After this action these answers show this: a value, or what is true of the values before and after."""

FIXED: dict[type, dict[str, str]] = {
    Pipeline: {
        "latestBuildEstimatedExecutionSeconds": "bkci-v3 4.1: constant 1",
        "hasPermission": "bkci-v3 2.3: every role may list; policies, see client/test_access",
        "hasCollect": "bkci-v3 4.1: no favorites are kept",
        "instanceFromTemplate": "bkci-v3 4.1: optional; there are no templates",
        "delete": "bkci-v3 4.1: false",
        "latestVersionStatus": "bkci-v3 4.1: RELEASED",
        "yamlExist": "bkci-v3 4.1: false",
    },
    BuildHistory: {
        "mobileStart": "bkci-v3 4.3: false",
        "isMobileStart": "bkci-v3 4.3: false; 12, row 6",
    },
    BuildHistoryWithVars: {
        "mobileStart": "bkci-v3 4.3: false",
        "isMobileStart": "bkci-v3 4.3: false; 12, row 6",
    },
    ModelRecord: {
        "debug": "bkci-v3 4.6: false",
        "pipelineId": "bkci-v3 4.6: the pipeline that is asked about",
    },
}


@pytest.mark.parametrize("answer", FIXED, ids=lambda answer: answer.__name__)
def test_each_field_changes_or_is_known_to_be_fixed(answer: type[msgspec.Struct]) -> None:
    changing = {name for _, answers, fields in CHANGES if answer in answers for name in fields}
    assert changing | FIXED[answer].keys() == conversion.fields_of(answer).keys()
    assert not changing & FIXED[answer].keys()


def wrong(name: str, expected: Any, before: Tree, after: Tree) -> str:
    """What is wrong with a field after an action; empty where it told of the change."""
    old, new = before.get(name), after.get(name)
    fits = expected(old, new) if callable(expected) else new == expected
    return "" if fits and new != old else f"{name}: {old!r} → {new!r}"


def test_each_field_tells_of_what_was_changed() -> None:
    async def story() -> None:
        hands = Hands()
        async with serving(virtual=True, executor=hands) as server:
            world = World(server, hands)
            world.pipeline = (await world.do("POST", f"{V3}/pipelines", model("one", "two")))["id"]
            before = await world.seen()
            first = {answer: dict[str, Any]() for answer in FIXED}
            for action in ACTIONS:
                await server.pass_time(1_000)
                async with asyncio.timeout(60):
                    await action(world)
                await server.pass_time(1)
                after = await world.seen()
                amiss = [
                    f"{answer.__name__}.{told}"
                    for done, answers, fields in CHANGES
                    if done is action
                    for answer in answers
                    for name, expected in fields.items()
                    if (told := wrong(name, expected, before[answer], after[answer]))
                ]
                assert not amiss, (action.__name__, amiss)
                for answer, fixed in FIXED.items():
                    first[answer] = first[answer] or after[answer]
                    for name in fixed if after[answer] else ():
                        assert after[answer].get(name) == first[answer].get(name), (action.__name__, name)
                before = after

    asyncio.run(story())
