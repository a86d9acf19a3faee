"""Requests: sound ones by the wire models and a scene, and what clients do wrong to them."""

import copy
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from ferryman.dialects.bkci import conversion
from ferryman.dialects.operation import Operation
from tests.definition.model.mutate_models import spots
from tests.dialects.bkci.fuzz.town import MODELS, REVIEWED, Scene, Town

BODY = "body"
PREFIXES = ("/ms/openapi/api/{type}/{rest}", "/openapi/api/{type}/{rest}", "/api/{type}/{rest}")
APP = {"X-DEVOPS-APP-CODE": "app", "X-DEVOPS-APP-SECRET": "app-secret"}
GATEWAY = {"bk_app_code": "app", "bk_app_secret": "app-secret"}
UID = {"X-DEVOPS-UID": "operator"}


class Asker(NamedTuple):
    """Who asks, as one of the three types of caller says it."""

    type: str
    headers: Mapping[str, str]
    query: Mapping[str, str] = {}


def _gateway(**more: str) -> dict[str, str]:
    return {"X-Bkapi-Authorization": msgspec.json.encode({**GATEWAY, **more}).decode()}


SOUND = (
    Asker("apigw", UID),
    Asker("apigw", {}, {"access_token": "operator-token"}),
    Asker("apigw-app", {**APP, **UID}),
    Asker("apigw-app", {**_gateway(), **UID}),
    Asker("apigw-user", _gateway(access_token="operator-token")),
)
WRONG = (
    Asker("apigw", {}),
    Asker("apigw", {"X-DEVOPS-UID": "nobody"}),
    Asker("apigw", {"X-DEVOPS-UID": "stranger"}),
    Asker("apigw", {"X-DEVOPS-UID": "visitor"}),
    Asker("apigw", UID, {"access_token": "wrong"}),
    Asker("apigw-app", UID),
    Asker("apigw-app", {**APP, "X-DEVOPS-APP-SECRET": "wrong", **UID}),
    Asker("apigw-app", APP),
    Asker("apigw-user", {**APP, **UID}),
    Asker("apigw-user", {"X-Bkapi-Authorization": "{not json"}),
    Asker("apigw-user", _gateway(access_token="wrong")),
)


class Call(NamedTuple):
    """A request as it goes out."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None

    def __str__(self) -> str:
        """Enough of it to ask again."""
        return f"{self.method} {self.path} {self.headers} {(self.body or b'')[:400]!r}"


# sound values

texts = st.text(max_size=12)
WORDS: Mapping[str, st.SearchStrategy[Any]] = {
    "page": st.integers(-1, 3),
    "pageSize": st.integers(-1, 200),
    "executeCount": st.integers(0, 2),
    "enable": st.booleans(),
    "cancel": st.booleans(),
    "start": st.integers(0, 50),
    "end": st.integers(0, 100),
    "num": st.integers(1, 100),
    "channelCode": st.sampled_from(["BS", "AM"]),
    "logType": st.sampled_from(["LOG", "DEBUG", "WARN", "ERROR"]),
    "version": st.integers(0, 2),
    "trigger": st.lists(st.sampled_from(["SERVICE", "MANUAL"]), max_size=2),
    "startBeginTime": st.just("2020-01-01 00:00:00"),
    "endBeginTime": st.just("2099-01-01 00:00:00"),
    "projected": st.booleans(),
    "isProject": st.just(True),
    "group": st.sampled_from(["MANAGER", "DEVELOPER", "UNHEARD"]),
    "userId": st.sampled_from(["operator", "visitor", "nobody"]),
    "action": st.sampled_from(["pipeline_execute", "view", "share"]),
    "resourceType": st.just("pipeline"),
    "resourceCode": st.sampled_from(["*", "p-1"]),
    "position": st.just("BEFORE"),
    "suggest": texts,
    "remark": texts,
    "search": texts,
    "viewType": st.sampled_from([1, 2]),
    "logic": st.sampled_from(["AND", "OR"]),
    "filters": st.just([]),
    "buildNo": st.just(None),
    "buildNumber": st.just(0),
}
"""Values of fields that a scene does not know, where not every one is sound."""
STATUSES: Mapping[str, st.SearchStrategy[Any]] = {
    "build-history": st.lists(st.sampled_from(["FAILED", "SUCCEED", "RUNNING", "CANCELED"]), max_size=2),
    "build-manual-review": st.sampled_from(["PROCESS", "ABORT"]),
}
LISTS = {"pipelineIds": "pipelineId", "viewIds": "viewId", "labels": "labelId", "staticViews": "viewId"}


def models(town: Town) -> st.SearchStrategy[Any]:
    """Models that are sound: what the town has, with more of what a model can say."""
    more: dict[str, st.SearchStrategy[Any]] = {
        "desc": texts,
        "labels": st.just([]),
        "events": st.just({}),
        "latestVersion": st.integers(0, 9),
        "tips": texts,
        "whatever": st.just({"a": [1, {}]}),
    }
    stage: dict[str, st.SearchStrategy[Any]] = {
        "fastKill": st.booleans(),
        "finally": st.just(False),
        "customBuildEnv": st.just({"A": "b"}),
        "stageControlOption": st.just({"enable": True, "runCondition": "AFTER_LAST_FINISHED"}),
        "checkIn": st.just(REVIEWED["checkIn"]),
        "status": st.just("FAILED"),
    }
    job: dict[str, st.SearchStrategy[Any]] = {
        "jobControlOption": st.builds(lambda n: {"enable": True, "timeout": n}, st.integers(-1, 99_999)),
        "mutexGroup": st.just({"enable": True, "mutexGroupName": "m", "queueEnable": True, "queue": 3}),
        "matrixGroupFlag": st.just(True),
        "matrixControlOption": st.just({"strategyStr": '{"os": ["a", "b"]}'}),
        "dispatchType": st.just({"buildType": "DOCKER", "value": "image"}),
        "baseOS": st.sampled_from(["LINUX", "ALL"]),
    }
    element: dict[str, st.SearchStrategy[Any]] = {
        "additionalOptions": st.fixed_dictionaries(
            {},
            optional={
                "enable": st.booleans(),
                "runCondition": st.sampled_from(["PRE_TASK_SUCCESS", "PRE_TASK_FAILED_ONLY"]),
                "timeout": st.integers(-1, 99_999),
                "retryWhenFailed": st.booleans(),
                "retryCount": st.integers(0, 9),
            },
        ),
        "version": st.just("1.*"),
    }

    def made(name: str, over: Any, stage_: Any, job_: Any, element_: Any) -> Any:
        found = copy.deepcopy(MODELS[name])
        last = found["stages"][1]
        last["containers"][0]["elements"][-1].update(element_)
        last["containers"][0].update(job_)
        last.update(stage_)
        return {**found, "name": town.name(), **over}

    return st.builds(
        made,
        st.sampled_from(sorted(MODELS)),
        *(st.fixed_dictionaries({}, optional=each) for each in (more, stage, job, element)),
    )


def settings_of(town: Town) -> st.SearchStrategy[Any]:
    """Settings that are sound."""
    return st.fixed_dictionaries(
        {"pipelineName": st.builds(town.name)},
        optional={
            "desc": texts,
            "runLockType": st.sampled_from(["MULTIPLE", "SINGLE", "SINGLE_LOCK", "GROUP_LOCK"]),
            "waitQueueTimeMinute": st.integers(1, 1440),
            "maxQueueSize": st.integers(0, 200),
            "concurrencyGroup": st.just("g"),
            "concurrencyCancelInProgress": st.booleans(),
            "maxConRunningQueueSize": st.integers(1, 200),
            "failIfVariableInvalid": st.booleans(),
            "labels": st.just([]),
            "buildNumRule": st.just("${BUILD}"),
        },
    )


def _bodies(operation: Operation, scene: Scene, town: Town) -> st.SearchStrategy[Any] | None:
    """Bodies whose wire model is any object, or any list of texts."""
    whole = st.builds(lambda a, b: {"model": a, "setting": b}, models(town), settings_of(town))
    values = st.dictionaries(st.sampled_from(["color", "more", "BK_CI_BUILD_MSG"]), st.just("blue"))
    params = st.just([{"key": "NOTE", "value": "new"}])
    task = {name: scene.get(name) for name in ("taskId", "stageId", "containerId")}
    return {
        "pipeline-create": models(town),
        "pipeline-edit": models(town),
        "pipeline-upload": whole,
        "pipeline-update": whole,
        "setting-update": settings_of(town),
        "pipeline-batch-get": st.just([scene.get("pipelineId"), "unknown"]),
        "build-start": values,
        "build-batch-status": st.just([scene.get("buildId"), "unknown"]),
        "build-variables": st.lists(st.sampled_from(["color", "ci.actor", "no"]), min_size=1, max_size=50),
        "build-pause": st.builds(lambda on: {**task, "isContinue": on}, st.booleans()),
        "build-stage-review": st.none() | st.builds(lambda p: {"reviewParams": p, "id": "g-1"}, params),
    }.get(operation.name)


def _sound(name: str, told: inspect.Type, operation: Operation, scene: Scene, town: Town) -> Any:
    """A strategy for a field."""
    if name == "projectId":
        return st.just("demo")
    if name == "name":
        return st.builds(town.name)
    if name in LISTS:
        return st.just([scene[LISTS[name]]] if LISTS[name] in scene else [])
    if name == "id":
        return st.just(scene.get("groupId" if operation.name.startswith("label-group") else "labelId", ""))
    if name == "status" and operation.name in STATUSES:
        return STATUSES[operation.name]
    if name in scene:
        return st.just(scene[name])
    return WORDS[name] if name in WORDS else of_type(told, operation, scene, town)


def of_type(told: inspect.Type, operation: Operation, scene: Scene, town: Town) -> Any:
    """A strategy for what a wire model takes."""
    match told:
        case inspect.Metadata(type=inner):
            return of_type(inner, operation, scene, town)
        case inspect.UnionType(types=choices):
            return st.one_of([of_type(each, operation, scene, town) for each in choices])
        case inspect.StructType(cls=kind):
            fields = conversion.fields_of(kind)
            each = {name: _sound(name, field.type, operation, scene, town) for name, field in fields.items()}
            return st.fixed_dictionaries(
                {name: each[name] for name, field in fields.items() if field.required},
                optional={name: each[name] for name, field in fields.items() if not field.required},
            )
        case inspect.ListType(item_type=inner):
            return st.lists(of_type(inner, operation, scene, town), max_size=3)
        case inspect.DictType():
            return st.dictionaries(texts, texts, max_size=3)
        case inspect.BoolType():
            return st.booleans()
        case inspect.IntType():
            return st.integers(0, 2**40)
        case inspect.NoneType():
            return st.none()
        case inspect.EnumType(cls=kind):
            return st.sampled_from([one.value for one in kind])
        case _:
            return texts


# what clients do wrong

ODD: tuple[Any, ...] = (
    *(None, "", " ", "x", "é\u2028", "\x00", "../..", "%2e", "1", "-1", "true", "null"),
    *("p-" + "0" * 32, "b-" + "0" * 32),
    *(0, -1, 1, 2**31, 2**63, 10**40, 1.5, 1e308, True, False, [], {}, [None], [[]], ["a", "a"], [{}], {"": None}),
    *({"@type": "vmBuild"}, {"key": None}, "${{ x }}", "a" * 5_000, ["x"] * 3_000, {str(n): n for n in range(500)}),
)  # fmt: skip


def deep(levels: int) -> Any:
    """Lists in lists."""
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


odd = st.sampled_from([*ODD, deep(50), deep(190), deep(400)])


def broken(draw: Callable[[Any], Any], body: Any) -> Any:
    """A body with one thing wrong, anywhere in it."""
    places = list(spots(body)) if isinstance(body, dict | list) else []
    if not places or draw(st.integers(0, 9)) == 0:
        return draw(odd)
    found = copy.deepcopy(body)
    *way, last = draw(st.sampled_from(places))
    holder = found
    for part in way:
        holder = holder[part]
    match draw(st.integers(0, 5)):
        case 0:
            del holder[last]
        case 1:
            holder[last] = None
        case 2 if isinstance(holder, dict):
            holder[draw(texts)] = draw(odd)
        case 3 if isinstance(holder[last], int | float | bool):
            holder[last] = str(holder[last])
        case 4 if isinstance(holder[last], str) and holder[last].isascii():
            holder[last] = [holder[last]]
        case _:
            holder[last] = draw(odd)
    return found


def _in_query(value: Any) -> list[str]:
    """A value as a query says it: a list by naming it again and again."""
    if isinstance(value, list):
        return [_in_query(one)[0] for one in value[:20] if not isinstance(one, list)]
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return [str(value)[:300]]


def call(draw: Callable[[Any], Any], operation: Operation, scene: Scene, town: Town) -> Call:
    """A request: four of ten are sound, the others have one to three things wrong."""
    method, _, template = draw(st.sampled_from(operation.routes)).partition(" ")
    fields = conversion.fields_of(operation.takes)
    asker = draw(st.sampled_from(SOUND))
    values: dict[str, Any] = {}
    for name, field in fields.items():
        known = name in scene and name != "executeCount"
        if name == BODY or not (field.required or known or draw(st.integers(0, 3)) == 0):
            continue
        values[name] = draw(_sound(name, field.type, operation, scene, town))
    body: Any = None
    if method != "GET":
        told = fields[BODY].type if BODY in fields else None
        own = _bodies(operation, scene, town)
        if own is not None:
            body = draw(own)
        elif told is not None and not isinstance(told, inspect.AnyType):
            body = draw(of_type(told, operation, scene, town))
    headers = {"Content-Type": "application/json"} if body is not None else {}
    raw: bytes | None = None
    for _ in range(draw(st.sampled_from([0, 0, 0, 0, 1, 1, 1, 1, 2, 3]))):
        match draw(st.integers(0, 7)):
            case 0 | 1 | 2 if body is not None:
                body = broken(draw, body)
            case 3:
                asker = draw(st.sampled_from(WRONG))
            case 4:
                headers = draw(st.sampled_from([{}, {"Content-Type": "text/plain"}]))
            case 5 if method != "GET":
                raw = draw(st.binary(max_size=40) | st.just(b"{" * 5_000) | st.just(b'{"a": '))
            case 6 if values:
                values.pop(draw(st.sampled_from(sorted(values))))
            case _:
                values[draw(st.sampled_from(sorted(set(fields) - {BODY})))] = draw(odd)
    path = template
    pairs = list(asker.query.items())
    for name, value in values.items():
        if f"{{{name}}}" in path:
            path = path.replace(
                f"{{{name}}}", quote(_in_query(value)[0] if _in_query(value) else "", safe="")
            )
        elif value is not None:
            pairs += [(name, text) for text in _in_query(value)]
    if draw(st.integers(0, 9)) == 0:
        pairs += draw(st.lists(st.tuples(st.sampled_from([*sorted(fields), "x", ""]), texts), max_size=3))
    for name in fields:
        path = path.replace(f"{{{name}}}", "unknown" if name == "projectId" else "")
    address = draw(st.sampled_from(PREFIXES)).format(type=asker.type, rest=path.lstrip("/"))
    if draw(st.integers(0, 9)) == 0:
        address += "/"
    query = f"?{urlencode(pairs)}" if pairs else ""
    if raw is None and body is not None:
        raw = _json(body)
    return Call(method, address + query, {**headers, **asker.headers}, raw)


def _json(body: Any) -> bytes:
    try:
        return msgspec.json.encode(body)
    except (OverflowError, msgspec.MsgspecError):
        # A number that other clients' encoders write as it is.
        return json.dumps(body).encode()
