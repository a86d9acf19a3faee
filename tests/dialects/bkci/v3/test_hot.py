"""The status of a pipeline from kept bytes: what the row says, and never old (bkci-v3 3.2, 8; RULINGS 32)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ferryman.dialects.bkci import envelope
from ferryman.dialects.bkci.binding import Bound
from ferryman.dialects.bkci.v3.hot import STATUS
from ferryman.dialects.bkci.v3.wire.pipelines import OfPipeline
from ferryman.domain.access import Role
from ferryman.services import Caller
from ferryman.testing.server import SEED, InProcess, Threaded, threaded
from ferryman.testing.told import ToldExecutor
from tests.dialects.bkci.v3.test_pipelines_http import API, P3, P4, SCRIPT, model

DAY = 24 * 3_600_000
READER_ONLY = (
    '{"Version": "1", "Statement": [{"Effect": "Allow", "Action": ["ferryman:ListPipelines", '
    '"ferryman:GetPipeline"], "Resource": "*"}]}'
)
PEOPLE = f"""{SEED}
[[policy]]
name = "reader"
document = '{READER_ONLY}'
[[principal]]
name = "careful"
roles = {{ demo = "admin" }}
policies = ["reader"]
"""
READERS = ("owner", "operator", "visitor", "careful")
OWNER = Caller(name="owner")


class Place:
    """A server, a pipeline in it that things happen to, and everybody who looks at it."""

    def __init__(self, server: Threaded, executor: ToldExecutor) -> None:
        """With a label and a view, and a pipeline that nobody has run."""
        self.server, self.executor = server, executor
        self.count = 0
        self.runs: list[str] = []
        groups, labels = "/v3/projects/demo/pipelineGroups/groups", "/v3/projects/demo/pipelineGroups/labels"
        if not self.do("GET", groups):
            self.do("POST", groups, {"projectId": "demo", "name": "kind"})
            (group,) = self.do("GET", groups)
            self.do("POST", labels, {"groupId": group["id"], "name": "web"})
            self.do("POST", "/v4/projects/demo/pipelineView", {"name": "ours", "projected": True})
        (self.group,) = self.do("GET", groups)
        (self.label,) = self.group["labels"]
        (self.view,) = self.do("GET", "/v4/projects/demo/pipelineView/list")
        self.pipeline = str(self.do("POST", P3, model(f"new-{id(self)}"))["id"])

    def name(self) -> str:
        """One that was not there before."""
        self.count += 1
        return f"{id(self)}-{self.count}"

    def do(self, method: str, path: str, body: Any = None) -> Any:
        """What came of it; what is not possible now is told in 4xx, and nothing comes of it."""
        answer = self.server.ask(method, API + path, json=body, headers={"X-DEVOPS-UID": "owner"})
        assert answer.status < 500, answer.body
        return answer.json.get("data") if answer.status == 200 else None

    def read(self, reader: str) -> tuple[int, Any]:
        """What the server tells: HTTP status and body."""
        path = f"{API}{P3}/{self.pipeline}/status"
        answer = self.server.ask("GET", path, headers={"X-DEVOPS-UID": reader})
        return answer.status, answer.json

    def told(self, reader: str) -> Any:
        """The same by the general path: the row, bound as any other."""

        async def ask(server: InProcess) -> bytes:
            services = server.house.services
            assert services is not None
            caller = server.house.access.asking.by_name(reader, project="demo")
            caller = msgspec.structs.replace(caller, actions=STATUS.actions)
            taken = OfPipeline(projectId="demo", pipelineId=self.pipeline)
            return envelope.success(await Bound(STATUS, services).ask(caller, taken))

        return msgspec.json.decode(self.server.have(ask))

    def stamp(self) -> Any:
        """What the catalog says of changes."""

        async def ask(server: InProcess) -> Any:
            assert server.house.services is not None
            return server.house.services.catalog.stamp("demo", self.pipeline)

        return self.server.have(ask)

    def agrees(self) -> None:
        """Everybody is told twice what the row says now; runs may move meanwhile, then it is looked at again."""
        for reader in READERS:
            for _ in range(2):
                while True:
                    before = self.stamp()
                    status, answer = self.read(reader)
                    told = self.told(reader)
                    if before == self.stamp():
                        break
                assert (status, answer) == (200, told)

    # what may happen

    def edit(self) -> None:
        self.do(
            "PUT", f"{P3}/{self.pipeline}", model(self.name(), desc=self.name(), labels=[self.label["id"]])
        )

    def grow(self) -> None:
        job = {"@type": "vmBuild", "name": "Linux", "baseOS": "LINUX", "elements": [SCRIPT] * 2}
        changed = model(self.name())
        changed["stages"].append({"containers": [job]})
        self.do("PUT", f"{P3}/{self.pipeline}", changed)

    def rename(self) -> None:
        self.do("POST", f"{P3}/{self.pipeline}/rename", {"name": self.name()})

    def lock(self) -> None:
        self.do("POST", f"{P4}/pipeline_lock?pipelineId={self.pipeline}&enable=false")

    def unlock(self) -> None:
        self.do("POST", f"{P4}/pipeline_lock?pipelineId={self.pipeline}&enable=true")

    def change_setting(self) -> None:
        sent = {"pipelineName": self.name(), "desc": self.name(), "runLockType": "MULTIPLE"}
        self.do("PUT", f"{P3}/{self.pipeline}/setting_update", sent)

    def delete(self) -> None:
        self.do("DELETE", f"{P3}/{self.pipeline}")

    def restore(self) -> None:
        self.do("PUT", f"{P3}/{self.pipeline}/restore")

    def rename_label(self) -> None:
        sent = {"id": self.label["id"], "groupId": self.group["id"], "name": self.name()[-20:]}
        self.do("PUT", "/v3/projects/demo/pipelineGroups/labels", sent)

    def collect(self) -> None:
        sent = {"pipelineIds": [self.pipeline], "viewIds": [self.view["id"]]}
        self.do("POST", "/v4/projects/demo/pipelineView/bulkAdd", sent)

    def take_out(self) -> None:
        sent = {"pipelineIds": [self.pipeline], "viewId": self.view["id"]}
        self.do("POST", "/v4/projects/demo/pipelineView/bulkRemove", sent)

    def start(self) -> None:
        begun = self.do("POST", f"{P3}/{self.pipeline}/builds/start", {})
        if begun:
            self.runs.append(begun["id"])

    def stop(self) -> None:
        for run in self.runs[-1:]:
            self.do("POST", f"{P3}/{self.pipeline}/builds/{run}/stop")

    def retry(self) -> None:
        for run in self.runs[-1:]:
            self.do("POST", f"{P3}/{self.pipeline}/builds/{run}/retry")

    def succeed(self) -> None:
        self._end("succeeded")

    def fail(self) -> None:
        self._end("failed")

    def _end(self, outcome: str) -> None:
        """All attempts of the newest run that are under way."""

        async def end(server: InProcess) -> None:
            for run, key in sorted(self.executor._running):
                if f"b-{run}" in self.runs:
                    self.executor.end(run, key, outcome)

        self.server.have(end)

    def wait(self) -> None:
        self._pass(1_500)

    def wait_long(self) -> None:
        self._pass(22 * DAY)

    def _pass(self, ms: int) -> None:
        async def move(server: InProcess) -> None:
            await server.pass_time(ms)

        self.server.have(move)

    def promote(self) -> None:
        self._grant(Role.DEVELOPER)

    def demote(self) -> None:
        self._grant(Role.VISITOR)

    def _grant(self, role: Role) -> None:
        async def grant(server: InProcess) -> None:
            await server.house.access.people.grant(OWNER, name="visitor", role=role, project="demo")

        self.server.have(grant)


HAPPENINGS = tuple(
    name
    for name, thing in vars(Place).items()
    if callable(thing) and thing.__doc__ is None and not name.startswith("_")
)


@contextmanager
def place() -> Iterator[tuple[Threaded, ToldExecutor]]:
    """A server whose time stands still."""
    executor = ToldExecutor()
    with threaded(seed=PEOPLE, virtual=True, executor=executor) as server:
        yield server, executor


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[Threaded, ToldExecutor]]:
    """One for all laws."""
    with place() as found:
        yield found


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=st.lists(st.sampled_from(HAPPENINGS), min_size=3, max_size=10))
def test_no_answer_is_older_than_what_happened(
    world: tuple[Threaded, ToldExecutor], history: list[str]
) -> None:
    """RULINGS 32: whatever happens, in any order, shows at the very next request, to everybody."""
    here = Place(*world)
    here.agrees()
    for each in history:
        getattr(here, each)()
        here.agrees()
    here.delete()


@pytest.mark.parametrize("happening", HAPPENINGS)
@pytest.mark.parametrize("state", ["new", "running", "succeeded", "failed"])
def test_each_happening_shows_in_each_state(
    world: tuple[Threaded, ToldExecutor], state: str, happening: str
) -> None:
    """The same, for each thing that may happen to a pipeline whose answer is kept."""
    here = Place(*world)
    steps = {"new": [], "running": ["start"], "succeeded": ["start", "succeed"], "failed": ["start", "fail"]}
    for each in steps[state]:
        getattr(here, each)()
    here.agrees()
    getattr(here, happening)()
    here.agrees()
    here.delete()
