"""A project with pipelines, and with builds in every state that an operation waits for.

A scene is a handful of names that belong together (a build, its pipeline, the stage it waits at …), by wire name. Some
operations use a scene up: they are given one of their own each time.
"""

import asyncio
import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import apsw

from ferryman.dialects.bkci.v3 import places
from ferryman.domain.run import Run
from ferryman.domain.status import Phase
from ferryman.domain.work import Work
from ferryman.services import Caller
from ferryman.testing.server import InProcess, Threaded, threaded
from ferryman.testing.told import ToldExecutor

Tree = dict[str, Any]
Scene = dict[str, Any]

ROOT = "/ms/openapi/api/apigw"
P3 = f"{ROOT}/v3/projects/demo/pipelines"
G3 = f"{ROOT}/v3/projects/demo/pipelineGroups"
VIEWS = f"{ROOT}/v4/projects/demo/pipelineView"
UID = {"X-DEVOPS-UID": "operator"}
OWNER = Caller(name="operator", project="demo")
SLOW = 60.0
MOST_BEGUN = 100
"""Builds that scenes leave under way: a pipeline may have twice as many."""
"""Seconds after which a build that is not where it should be counts as stuck."""


class Hands(ToldExecutor):
    """Steps end well at once; those called `fail` end badly, those called `hold` go on until they are stopped."""

    async def start(self, work: Work) -> None:
        """Begin an attempt, and mostly end it."""
        await super().start(work)
        step = work.key.partition("#")[0].rpartition("/")[2]
        if step != "hold":
            self.end(work.run, work.key, "failed" if step == "fail" else "succeeded")

    async def stop(self, run: str, key: str, *, force: bool) -> None:
        """Obey at once."""
        self.end(run, key, "failed")


def script(step: str, **more: Any) -> Tree:
    """A script that this step's name decides about."""
    return {
        "@type": "linuxScript",
        "name": step,
        "id": f"e-{step}",
        "stepId": step,
        "scriptType": "SHELL",
        "script": "true",
        **more,
    }


def model(name: str, *elements: Tree, params: tuple[Tree, ...] = (), **stage: Any) -> Tree:
    """A model with one stage of one job behind the trigger."""
    start = {
        "@type": "trigger",
        "name": "Trigger",
        "elements": [{"@type": "manualTrigger", "name": "Manual", "id": "T-1-1-1", "canElementSkip": True}],
        "params": list(params),
    }
    job = {"@type": "vmBuild", "name": "Job", "baseOS": "LINUX", "jobId": "job", "elements": list(elements)}
    return {"name": name, "stages": [{"containers": [start]}, {"containers": [job], **stage}]}


COLOR = {
    "id": "color",
    "required": True,
    "type": "ENUM",
    "defaultValue": "red",
    "options": [{"key": "red", "value": "Red"}, {"key": "blue", "value": "Blue"}],
}
SECRET = {"id": "key", "required": False, "type": "PASSWORD", "defaultValue": "hush"}
REVIEWED: Tree = {
    "checkIn": {
        "manualTrigger": True,
        "reviewGroups": [{"name": "owners", "id": "g-1", "reviewers": ["operator"]}],
        "reviewParams": [{"key": "NOTE", "value": "old", "required": False}],
    }
}
QUESTION = {"@type": "manualReviewUserTask", "name": "ask", "id": "e-ask", "reviewUsers": ["operator"]}
MODELS: Mapping[str, Tree] = {
    "plain": model("plain", script("good"), params=(COLOR, SECRET)),
    "failing": model(
        "failing",
        script("fail", additionalOptions={"continueWhenFailed": True, "manualSkip": True}),
        script("good"),
    ),
    "holding": model("holding", script("hold"), script("good")),
    "asking": model(
        "asking", QUESTION, script("late", additionalOptions={"pauseBeforeExec": True}), **REVIEWED
    ),
    "ruled": model("ruled", script("good"), checkIn={"ruleIds": ["r-1"]}),
}


def is_finished(run: Run) -> bool:
    """Whether a run has ended."""
    return run.phase is Phase.FINISHED


def is_at_gate(run: Run) -> bool:
    """Whether the first stage waits for people, or for a verdict."""
    return bool(run.stages) and any(gate.phase.value == "open" for gate in run.stages[0].before)


def waits_at(element: str) -> Callable[[Run], bool]:
    """Whether a task waits for somebody."""

    def waits(run: Run) -> bool:
        return any(
            place.element_id == element and place.state.phase is Phase.WAITING
            for place in places.steps_of(run)
        )

    return waits


def works_at(element: str) -> Callable[[Run], bool]:
    """Whether a task is being done."""

    def works(run: Run) -> bool:
        return any(
            place.element_id == element and place.state.phase is Phase.RUNNING
            for place in places.steps_of(run)
        )

    return works


class Town:
    """The project as it is set up, and scenes of it."""

    def __init__(self, server: Threaded) -> None:
        """Set it up."""
        self.server = server
        self._made = 0
        self._begun: deque[str] = deque()
        self.pipelines = {name: self._do("POST", P3, each)["id"] for name, each in MODELS.items()}
        labels = self.label(), self.label()
        view = self.view()
        self.standing = [
            {**scene, **labels[at % 2], **view}
            for at, scene in enumerate(make() for make in self._makers().values() for _ in range(2))
        ]
        """Scenes that nobody uses up."""
        self._begun.clear()

    def name(self) -> str:
        """One that nothing has yet."""
        self._made += 1
        return f"n{self._made}"

    def scene(self, kind: str) -> Scene:
        """A scene of this kind that nobody has used."""
        return self._makers()[kind]()

    def retire(self, build: str) -> None:
        """Stop a build if it is under way, or pipelines would have as many builds as they may."""
        self.server.ask("POST", f"{ROOT}/v4/projects/demo/build_stop?buildId={build}", headers=UID)

    def _makers(self) -> dict[str, Callable[[], Scene]]:
        return {
            "finished": lambda: self._build("plain", is_finished),
            "failed": lambda: self._build("failing", is_finished),
            "working": lambda: self._build("holding", works_at("e-hold")),
            "review": lambda: self._build("asking", is_at_gate),
            "verdict": lambda: self._build("ruled", is_at_gate),
            "question": self._question,
            "pause": self._pause,
            "spare": self._spare,
        }

    def only(self, kind: str) -> Scene:
        """A scene of what operations on labels and views use up, or of a pipeline that is deleted."""
        return {"label": self.label, "view": self.view, "deleted": self._deleted}[kind]()

    def label(self) -> Scene:
        """A label in a group of its own; the group before it is deleted, where it is in the way of the limit."""
        groups = self._do("GET", f"{G3}/groups")
        if len(groups) > 8:
            self._do("DELETE", f"{G3}/groups/{groups[-1]['id']}")
        name = self.name()
        self._do("POST", f"{G3}/groups", {"projectId": "demo", "name": name})
        group = next(one["id"] for one in self._do("GET", f"{G3}/groups") if one["name"] == name)
        self._do("POST", f"{G3}/labels", {"groupId": group, "name": name})
        found = next(one for one in self._do("GET", f"{G3}/groups") if one["id"] == group)
        return {"groupId": group, "labelId": found["labels"][0]["id"]}

    def view(self) -> Scene:
        """A view with a pipeline in it."""
        name = self.name()
        body = {"name": name, "projected": True, "pipelineIds": [self.pipelines["plain"]]}
        return {"viewId": self._do("POST", VIEWS, body)["id"], "viewName": name}

    def _build(self, pipeline: str, is_so: Callable[[Run], bool]) -> Scene:
        id = self.pipelines[pipeline]
        build = self._do("POST", f"{P3}/{id}/builds/start", {})["id"]
        self._begun.append(build)
        if len(self._begun) > MOST_BEGUN:
            self.retire(self._begun.popleft())
        element = MODELS[pipeline]["stages"][1]["containers"][0]["elements"][0]["id"]
        scene = {
            "pipelineId": id,
            "buildId": build,
            "stageId": "stage-2",
            "elementId": element,
            "taskId": element,
            "containerId": "1",
        }
        self._until(scene, is_so)
        return scene

    def _question(self) -> Scene:
        scene = self._build("asking", is_at_gate)
        self._do("POST", f"{P3}/{scene['pipelineId']}/builds/{scene['buildId']}/stages/stage-2/manualStart")
        self._until(scene, waits_at("e-ask"))
        return scene

    def _pause(self) -> Scene:
        scene = self._question()
        path = f"{P3}/{scene['pipelineId']}/builds/{scene['buildId']}/elements/e-ask/review"
        self._do("POST", path, {"status": "PROCESS"})
        self._until(scene, waits_at("e-late"))
        return {**scene, "elementId": "e-late", "taskId": "e-late"}

    def _spare(self) -> Scene:
        made = self._do("POST", P3, {**MODELS["plain"], "name": self.name()})["id"]
        build = self._do("POST", f"{P3}/{made}/builds/start", {})["id"]
        scene = {"pipelineId": made, "buildId": build, "stageId": "stage-2", "containerId": "1"}
        self._until(scene, is_finished)
        return {**scene, "elementId": "e-good", "taskId": "e-good"}

    def _deleted(self) -> Scene:
        scene = self._spare()
        self._do("DELETE", f"{P3}/{scene['pipelineId']}")
        return scene

    def _do(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.server.ask(method, path, json=body, headers=UID)
        assert answer.status == 200, (method, path, answer.body)
        return answer.json.get("data")

    def _until(self, scene: Scene, is_so: Callable[[Run], bool]) -> None:
        async def wait(server: InProcess) -> None:
            services, run = server.house.services, scene["buildId"].removeprefix("b-")
            assert services is not None
            async with asyncio.timeout(SLOW):
                async for _ in services.runs.watch(OWNER, run=run):
                    if is_so((await services.runs.whole(OWNER, run=run)).run):
                        return
            raise AssertionError(f"the build of {scene} ended before")

        self.server.have(wait)

    def digests(self) -> dict[str, str]:
        """What the store holds, table by table, but for when a token was last used."""

        async def read(server: InProcess) -> dict[str, str]:
            return await server.house.store.read(_digests)

        return self.server.have(read)


def _digests(store: apsw.Connection) -> dict[str, str]:
    tables = [str(name) for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {}
    for table in sorted(tables):
        which = "WHERE kind <> 'use'" if table == "access" else ""
        digest = hashlib.sha256()
        for row in store.execute(f"SELECT * FROM {table} {which}"):
            digest.update(repr(row).encode())
        found[table] = digest.hexdigest()
    return found


@contextmanager
def town() -> Iterator[Town]:
    """A town with a server of its own."""
    with threaded(executor=Hands()) as server:
        yield Town(server)
