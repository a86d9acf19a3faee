"""A client of BK-CI's API who works with one pipeline: its calls, by what is meant, and the names that they take."""

from typing import Any, NamedTuple
from urllib.parse import urlencode

from ferryman.definition import Definition, to_model
from ferryman.dialects.bkci.v3.ids import build_id, run_of
from ferryman.dialects.bkci.v3.logs import split_id
from ferryman.domain.events import GateAnswered, Halted, Resumed, RetryRequested, SkipRequested, VerdictGiven
from ferryman.domain.pipeline import Pipeline
from ferryman.testing.server import InProcess
from tests.dialects.bkci.v3.replayed import shown

API = "/ms/openapi/api/apigw"
V3 = "/v3/projects/demo/pipelines"
V4 = "/v4/projects/demo"
OFF = "devops_container_condition_skip_atoms_"
"""Prefix of the start values that switch an element off."""


class Refusal(Exception):
    """A call was refused; its text is the answer."""


class Answers(NamedTuple):
    """What is answered of a build and of its pipeline."""

    status: Any
    detail: Any
    history: Any
    pipeline: Any

    @property
    def record(self) -> Any:
        """The build in the history."""
        (found,) = [each for each in self.history["records"] if each["id"] == self.status["id"]]
        return found


class Client:
    """Calls about one pipeline and one build of it. Every call raises `Refusal` where it is refused."""

    def __init__(self, server: InProcess, define: Pipeline, name: str, *, newer: bool) -> None:
        """Of this pipeline, saved under this name. What is read is read over v4 where that is wanted."""
        self._server, self._define, self._name, self._newer = server, define, name, newer
        self._elements: dict[str, str] = {}
        self._pipeline = self._build = ""

    async def ask(self, method: str, path: str, body: Any = None, *, by: str = "ann") -> Any:
        """What a call answers. A fault of the server is no refusal."""
        answer = await self._server.ask(method, API + path, json=body, headers={"X-DEVOPS-UID": by or "ann"})
        assert answer.status < 500, answer.body
        if answer.status != 200:
            raise Refusal(answer.body.decode())
        return answer.json.get("data")

    # The pipeline

    async def save(self) -> None:
        """Save it, with its setting."""
        document = to_model(Definition(pipeline=self._define))
        document["model"]["name"] = self._name
        document["setting"] |= {"pipelineName": self._name}
        self._pipeline = (await self.ask("POST", f"{V3}/pipeline_upload", document))["id"]
        model = await self.ask("GET", f"{V3}/{self._pipeline}")
        nodes = shown.nodes_of(self._define, model)
        self._elements = {path: node["id"] for path, node in nodes if path.count("/") == 2}

    async def start(self, values: dict[str, str], *, off: tuple[str, ...] = (), by: str) -> str:
        """Start a build; its run. `off` are paths of elements that are switched off."""
        body = values | {f"{OFF}{self.named(path)}": "true" for path in off}
        answer = await self.ask("POST", f"{V3}/{self._pipeline}/builds/start", body, by=by)
        return run_of(answer["id"])

    async def hold(self, mutex: str) -> str:
        """Start a build of another pipeline, whose only job holds this mutex; its run."""
        group = {"enable": True, "mutexGroupName": mutex, "queueEnable": True, "queue": 1, "timeout": 60}
        element = {"@type": "linuxScript", "name": "hold", "scriptType": "SHELL", "script": "true"}
        box = {"@type": "vmBuild", "name": "holds", "mutexGroup": group, "elements": [element]}
        trigger = {"@type": "trigger", "name": "T", "elements": [{"@type": "manualTrigger", "name": "M"}]}
        stages = [{"containers": [trigger]}, {"containers": [box]}]
        made = await self.ask("POST", V3, {"name": f"{self._name} holds {mutex}", "stages": stages})
        answer = await self.ask("POST", f"{V3}/{made['id']}/builds/start", {})
        return run_of(answer["id"])

    # The build

    def follow(self, run: str) -> None:
        """The calls below are about this build."""
        self._build = build_id(run)

    async def stop(self, by: str) -> None:
        """Stop it."""
        await self._do("stop", by=by)

    async def retry(self, event: RetryRequested | SkipRequested) -> None:
        """Run it again, or pass something over."""
        query = {"taskId": self.named(event.path)} if event.path else {}
        if isinstance(event, SkipRequested):
            query["skip"] = "true"
        elif event.failed_only:
            query["failedContainer"] = "true"
        await self._do(f"retry?{urlencode(query)}", by=event.by)

    async def answer(self, event: GateAnswered) -> None:
        """Answer at a stage, or at an element."""
        params = [{"key": name, "value": text} for name, text in event.values.items()]
        if "/" in event.path:
            word = "PROCESS" if event.yes else "ABORT"
            body = {"status": word, "suggest": event.comment, "params": params}
            await self._do(f"elements/{self.named(event.path)}/review", body, by=event.by)
        else:
            query = "" if event.yes else "?cancel=true"
            body = {"reviewParams": params, "suggest": event.comment, "id": event.group}
            await self._do(f"stages/{self.named(event.path)}/manualStart{query}", body, by=event.by)

    async def approve_first(self, run: str) -> None:
        """Let another build into its first stage, if that asks."""
        for gate in self._define.stages[0].before:
            path = f"{V3}/{self._pipeline}/builds/{build_id(run)}/stages/stage-2/manualStart"
            await self.ask("POST", path, by=gate.groups[0].reviewers[0])

    async def judge(self, event: VerdictGiven) -> None:
        """Tell the verdict on the quality rules of a stage."""
        (stage,) = [each for each in self._define.stages if each.id == event.path]
        where = event.where or ("before" if stage.before else "after")
        body = {"position": where.upper(), "pass": event.passed, "checkTimes": 1}
        await self._do(f"stages/{self.named(event.path)}/qualityTrigger", body, by=event.by)

    async def decide(self, event: Resumed | Halted) -> None:
        """Let a paused element go on, or end there. That there is no such element counts as refused."""
        body: dict[str, Any] = {
            "taskId": self.named(event.path),
            "stageId": self.named(event.path.partition("/")[0]),
            "containerId": self.named(event.path.rpartition("/")[0]),
            "isContinue": isinstance(event, Resumed),
        }
        if isinstance(event, Resumed) and event.settings:
            body["element"] = {"data": {"input": dict(event.settings)}}
        if not await self._do("execute/pause", body, by=event.by):
            raise Refusal("false")

    async def look(self) -> Answers:
        """Everything that is answered of it."""
        one = f"?pipelineId={self._pipeline}&buildId={self._build}"
        builds = f"{V3}/{self._pipeline}/builds"
        paths = (
            (
                f"{V4}/build_status{one}",
                f"{V4}/build_detail{one}",
                f"{V4}/build_histories?pipelineId={self._pipeline}&pageSize=50",
                f"{V4}/pipelines/pipeline_status?pipelineId={self._pipeline}",
            )
            if self._newer
            else (
                f"{builds}/{self._build}/status",
                f"{builds}/{self._build}/detail",
                f"{builds}/history?pageSize=50",
                f"{V3}/{self._pipeline}/status",
            )
        )
        return Answers(*[await self.ask("GET", path) for path in paths])

    async def _do(self, call: str, body: Any = None, *, by: str) -> Any:
        return await self.ask("POST", f"{V3}/{self._pipeline}/builds/{self._build}/{call}", body, by=by)

    # Names

    def named(self, path: str) -> str:
        """What clients call a node, by its path; what is nowhere keeps its name."""
        stages = [each.id for each in self._define.stages]
        boxes = [f"{each.id}/{job.id}" for each in self._define.stages for job in each.jobs]
        stage, *deeper = path.split("/")
        if not deeper:
            return f"stage-{stages.index(stage) + 2}" if stage in stages else path
        job, _, part = deeper[0].partition(".")
        box = f"{stage}/{job}"
        if len(deeper) == 1 and box in boxes:
            number = str(boxes.index(box) + 1)
            return f"{number}{int(part):03}" if part else number
        whole = self._elements.get("/".join((box, *deeper[1:])), path)
        return split_id(whole, part) if part else whole
