"""A client of BK-CI's open API over plain HTTP, written from the API's reference and from nothing else.

It knows where each operation lives in version 3 and in version 4, how the three types prove who asks, and what every
answer looks like; whatever does not look so fails the test that asked.
"""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

DEADLINE = 120.0
"""Seconds after which what a client waits for counts as not coming."""

PAUSE = 0.015
"""Seconds between two looks."""

P, P4 = "/v3/projects/{project}/pipelines", "/v4/projects/{project}/pipelines"
B, B4 = P + "/{pipelineId}/builds", "/v4/projects/{project}"
L, L4 = B + "/{buildId}/logs", B4 + "/logs"
G, G4 = "/v3/projects/{project}/pipelineGroups", "/v4/projects/{project}/pipelineGroups"
V4 = "/v4/projects/{project}/pipelineView"


class Way(NamedTuple):
    """How one operation is called: a method and a path in each version that has it. Names in braces are parts of the
    path; what else is given goes into the query."""

    method: str
    v3: str | None
    v4: str | None


WAYS = {
    "create": Way("POST", P, P4 + "/pipeline"),
    "edit": Way("PUT", P + "/{pipelineId}", P4 + "/pipeline"),
    "upload": Way("POST", P + "/pipeline_upload", P4 + "/pipeline_with_setting"),
    "update": Way("PUT", P + "/{pipelineId}/pipeline_update", P4 + "/pipeline_with_setting"),
    "get": Way("GET", P + "/{pipelineId}", P4 + "/pipeline"),
    "batch_get": Way("POST", P + "/batchGet", P4 + "/pipeline_batch_get"),
    "list": Way("GET", P, P4 + "/pipeline_list"),
    "status": Way("GET", P + "/{pipelineId}/status", P4 + "/pipeline_status"),
    "delete": Way("DELETE", P + "/{pipelineId}", P4 + "/pipeline"),
    "copy": Way("POST", P + "/{pipelineId}/copy", P4 + "/pipeline_copying"),
    "rename": Way("POST", P + "/{pipelineId}/rename", P4 + "/pipeline_name"),
    "restore": Way("PUT", P + "/{pipelineId}/restore", P4 + "/pipeline_restore"),
    "setting_update": Way("PUT", P + "/{pipelineId}/setting_update", P4 + "/setting"),
    "setting": Way("GET", None, P4 + "/setting"),
    "search": Way("GET", None, P4 + "/search_by_name"),
    "paging_search": Way("GET", None, P4 + "/paging_search_by_name"),
    "count": Way("GET", None, P4 + "/pipeline_count"),
    "lock": Way("POST", None, P4 + "/pipeline_lock"),
    "start": Way("POST", B + "/start", B4 + "/build_start"),
    "start_info": Way("GET", B + "/manualStartupInfo", B4 + "/build_manual_startup_info"),
    "stop": Way("POST", B + "/{buildId}/stop", B4 + "/build_stop"),
    "retry": Way("POST", B + "/{buildId}/retry", B4 + "/build_retry"),
    "build_status": Way("GET", B + "/{buildId}/status", B4 + "/build_status"),
    "detail": Way("GET", B + "/{buildId}/detail", B4 + "/build_detail"),
    "history": Way("GET", B + "/history", B4 + "/build_histories"),
    "batch_status": Way("POST", None, B4 + "/batch_get_build_status"),
    "variables": Way("POST", B + "/{buildId}/variables", B4 + "/build_variables"),
    "pause": Way("POST", B + "/{buildId}/execute/pause", B4 + "/build_execute_pause"),
    "review": Way("POST", B + "/{buildId}/stages/{stageId}/manualStart", B4 + "/manual_start_build_stage"),
    "manual_review": Way("POST", B + "/{buildId}/elements/{elementId}/review", B4 + "/manual_review"),
    "quality": Way("POST", B + "/{buildId}/stages/{stageId}/qualityTrigger", B4 + "/quality_trigger"),
    "restart": Way("POST", B + "/{buildId}/build/restart", B4 + "/build_restart"),
    "light_history": Way("GET", None, B4 + "/build_histories/simple"),
    "failed_tasks": Way("GET", None, B4 + "/build_failed_tasks"),
    "remark": Way("POST", None, B4 + "/update_remark"),
    "start_options": Way("POST", None, B4 + "/build_manual_startup_options"),
    "unstick": Way("POST", None, B4 + "/try_fix_stuck_builds"),
    "log_init": Way("GET", L + "/init", L4 + "/init_logs"),
    "log_more": Way("GET", L + "/more", L4 + "/more_logs"),
    "log_after": Way("GET", L + "/after", L4 + "/after_line_logs"),
    "log_download": Way("GET", L + "/download", L4 + "/download_logs"),
    "log_mode": Way("GET", L + "/mode", L4 + "/log_mode"),
    "log_last": Way("GET", L + "/last_line_num", L4 + "/last_line_num"),
    "groups": Way("GET", G + "/groups", G4 + "/group"),
    "group_add": Way("POST", G + "/groups", G4 + "/group"),
    "group_change": Way("PUT", G + "/groups", G4 + "/group"),
    "group_delete": Way("DELETE", G + "/groups/{groupId}", G4 + "/group"),
    "label_add": Way("POST", G + "/labels", G4 + "/label"),
    "label_change": Way("PUT", G + "/labels", G4 + "/label"),
    "label_delete": Way("DELETE", G + "/labels/{labelId}", G4 + "/label"),
    "view_create": Way("POST", None, V4),
    "view": Way("GET", None, V4),
    "view_change": Way("PUT", None, V4),
    "view_delete": Way("DELETE", None, V4),
    "views": Way("GET", None, V4 + "/list"),
    "view_pipelines": Way("GET", None, V4 + "/listViewPipelines"),
    "view_add": Way("POST", None, V4 + "/bulkAdd"),
    "view_remove": Way("POST", None, V4 + "/bulkRemove"),
}
"""Section 3.1 of the reference, 12.11 and 12.12, line by line."""

FRONTS: dict[str, Callable[[str, str], str]] = {
    "public": lambda api, path: f"/ms/openapi/api/{api}{path}",
    "openapi": lambda api, path: f"/openapi/api/{api}{path}",
    "bare": lambda api, path: f"/api/{api}{path}",
    "prod": lambda api, path: f"/prod{path[:3]}/{api}{path[3:]}",
}
"""Section 1.1: the forms of one path; `path` begins with the version."""


class Reply(NamedTuple):
    """An answer in its envelope."""

    http: int
    status: int
    data: Any
    message: str | None
    """Texts are for people: tests look whether there is one, not what it says."""

    def good(self) -> Any:
        """Its data, when the call worked."""
        assert (self.http, self.status) == (200, 0), self
        return self.data

    def refused(self, http: int, status: int | None = None) -> None:
        """Assert that it is this refusal."""
        assert (self.http, self.status) == (http, http if status is None else status), self


class Refused(NamedTuple):
    """A raw answer: what the wire brought, for what is no envelope."""

    http: int
    headers: Mapping[str, str]
    body: bytes


class Caller:
    """One user at one server. `api` is one of the three types, `version` 3 or 4, `front` a form of the path."""

    def __init__(
        self,
        address: str,
        user: str,
        *,
        api: str = "apigw",
        version: int = 3,
        front: str = "public",
        slash: bool = False,
        project: str = "demo",
    ) -> None:
        """Nothing is sent yet."""
        self.address, self.user, self.api, self.version = address, user, api, version
        self.front, self.slash, self.project = front, slash, project

    def but(self, **other: Any) -> "Caller":
        """The same client with something else."""
        own = {name: getattr(self, name) for name in ("api", "version", "front", "slash", "project", "user")}
        return Caller(self.address, **(own | other))

    @property
    def proof(self) -> dict[str, str]:
        """The headers that say who asks, as the type wants them (2.2)."""
        if self.api == "apigw":
            return {"X-DEVOPS-UID": self.user}
        keys = {"bk_app_code": "app", "bk_app_secret": "app-secret"}
        if self.api == "apigw-user":
            keys["access_token"] = f"{self.user}-token"
            return {"X-Bkapi-Authorization": json.dumps(keys)}
        return {"X-Bkapi-Authorization": json.dumps(keys), "X-DEVOPS-UID": self.user}

    def path(self, operation: str, given: Mapping[str, Any]) -> tuple[str, str]:
        """The method, and the path with its query. An operation that only version 4 has is asked there."""
        way = WAYS[operation]
        form = way.v3 if self.version == 3 and way.v3 is not None else way.v4
        assert form is not None
        inside = {"project": self.project} | dict(given)
        query = [
            (name, str(value).lower() if isinstance(value, bool) else value)
            for name, value in given.items()
            if "{" + name + "}" not in form and value is not None
        ]
        path = form.format(**{name: quote(str(value), safe="") for name, value in inside.items()})
        path = FRONTS[self.front](self.api, path) + ("/" if self.slash else "")
        return way.method, path + (f"?{urlencode(query, doseq=True)}" if query else "")

    def raw(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Refused:
        """One request as it is given."""
        place = urlsplit(self.address)
        connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=DEADLINE)
        try:
            connection.request(method, path, body=body, headers=dict(headers))
            answer = connection.getresponse()
            return Refused(
                answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read()
            )
        finally:
            connection.close()

    def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Ask at a path; the answer must be an envelope."""
        sent = dict(self.proof if headers is None else headers)
        text = None
        if body is not None:
            text = body if isinstance(body, bytes) else json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        return enveloped(self.raw(method, path, text, sent))

    def do(self, operation: str, body: Any = None, /, **given: Any) -> Reply:
        """Do an operation; ids and query are given by the names the reference has for them."""
        method, path = self.path(operation, given)
        return self.ask(method, path, body)

    def good(self, operation: str, body: Any = None, /, **given: Any) -> Any:
        """Do it, and have the data of a call that worked."""
        return self.do(operation, body, **given).good()

    def fetch(self, operation: str, **given: Any) -> Refused:
        """Do an operation whose answer is a file."""
        method, path = self.path(operation, given)
        return self.raw(method, path, None, self.proof)

    # What a script written against the API does again and again.

    def make(self, model: Mapping[str, Any]) -> str:
        """Create a pipeline; its id."""
        return str(self.good("create", model)["id"])

    def start(self, pipeline: str, values: Mapping[str, str] | None = None, **query: Any) -> str:
        """Start a build; its id."""
        return str(self.good("start", dict(values or {}), pipelineId=pipeline, **query)["id"])

    def look(self, pipeline: str, build: str) -> Any:
        """A build's status."""
        return self.good("build_status", pipelineId=pipeline, buildId=build)

    def detail(self, pipeline: str, build: str, **query: Any) -> Any:
        """A build's detail."""
        return self.good("detail", pipelineId=pipeline, buildId=build, **query)

    def wait(self, pipeline: str, build: str, *statuses: str) -> Any:
        """The build's status, once it is one of these; without any, once the build has ended."""
        return self.until(
            lambda: self.look(pipeline, build),
            lambda seen: seen["status"] in statuses if statuses else "endTime" in seen,
        )

    def part(self, pipeline: str, build: str, name: str, *statuses: str) -> Any:
        """The stage, job or element of this name in the detail, once it has one of these statuses."""
        return self.until(
            lambda: named(self.detail(pipeline, build)["model"], name),
            lambda seen: seen.get("status") in statuses,
        )

    def run(self, pipeline: str, values: Mapping[str, str] | None = None) -> tuple[str, Any]:
        """Start a build and wait for its end; its id and its status."""
        build = self.start(pipeline, values)
        return build, self.wait(pipeline, build)

    def until(self, look: Callable[[], Any], enough: Callable[[Any], bool]) -> Any:
        """What a look shows, once it is enough."""
        deadline = time.monotonic() + DEADLINE
        waiting = threading.Event()
        while not enough(seen := look()):
            assert time.monotonic() < deadline, f"it did not come; last seen: {seen}"
            waiting.wait(PAUSE)
        return seen


def enveloped(answer: Refused) -> Reply:
    """An answer's envelope: 1.2 and 1.5 of the reference hold for every one."""
    assert answer.headers["content-type"] == "application/json; charset=utf-8", answer
    envelope = json.loads(answer.body)
    assert set(envelope) <= {"status", "message", "data"}, envelope
    status = envelope["status"]
    assert type(status) is int
    assert (answer.http == 200) == (status == 0), answer
    assert answer.http < 500, answer
    assert "message" not in envelope if status == 0 else isinstance(envelope["message"], str), answer
    nulls = list(null_fields(envelope))
    assert not nulls, f"fields that are null: {nulls}"
    return Reply(answer.http, status, envelope.get("data"), envelope.get("message"))


def null_fields(value: Any, at: str = "$") -> Iterator[str]:
    """Where a field is null, at any depth; a null in a list is no field."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        if part is None and isinstance(value, dict):
            yield f"{at}.{key}"
        yield from null_fields(part, f"{at}.{key}")


def parts(model: Mapping[str, Any]) -> Iterator[Any]:
    """Stages, jobs and elements of a model, each before what it holds; split jobs after their parent's elements."""
    for stage in model["stages"]:
        yield stage
        for job in stage["containers"]:
            for one in (job, *job.get("groupContainers", ())):
                yield one
                yield from one["elements"]


def named(model: Mapping[str, Any], name: str) -> Any:
    """The first part of this name."""
    return next(part for part in parts(model) if part.get("name") == name)
