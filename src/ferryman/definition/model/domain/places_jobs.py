"""The fields of a job: where it runs, what it waits for, its lock and its matrix (bkci-v3 5.7 to 5.9)."""

import re

from ferryman.definition.model.domain.matrices import axes_and_cases, cases, matrix_text
from ferryman.definition.model.domain.places import Place, Places, found, plain, put, removed
from ferryman.definition.model.domain.places_common import condition, env, limit
from ferryman.definition.model.wire.jobs import IMAGE_BUILD_TYPES, NODE_BUILD_TYPE, POOL_BUILD_TYPE
from ferryman.definition.model.wire.shapes import Tree
from ferryman.definition.model.wire.words import (
    AGENTLESS,
    DEPEND_BY_ID,
    DEPEND_BY_NAME,
    JOB_CONDITIONS,
    MACHINE,
    MATCH,
    MATCH_NOT,
    REUSED,
    SYSTEMS,
    reverse,
)
from ferryman.domain.conditions import Matches
from ferryman.domain.policies import Limit, Matrix, Mutex, RunsOn

OPTIONS = "jobControlOption"
DEFAULT_PREPARE_MINUTES = 10

MATCHES = {MATCH: Matches(()), MATCH_NOT: Matches((), wanted=False)}

# needs

_MARK = re.compile(r"\$\{|[{},;]")
_TYPE, _IDS, _NAMES = ((OPTIONS, key) for key in ("dependOnType", "dependOnId", "dependOnName"))


def split_names(text: str) -> tuple[str, ...]:
    """The job ids of a list with commas or semicolons; those inside a placeholder are part of it."""
    pieces: list[str] = []
    start = depth = 0
    for mark in _MARK.finditer(text):
        match mark.group():
            case "}":
                depth = max(depth - 1, 0)
            case "," | ";":
                if not depth:
                    pieces.append(text[start : mark.start()])
                    start = mark.end()
            case opening:
                depth += 1 if depth or opening == "${" else 0
    return tuple(piece.strip() for piece in (*pieces, text[start:]) if piece.strip())


def _read_needs(part: Tree) -> tuple[str, ...]:
    if found(part, _TYPE) == DEPEND_BY_NAME:
        return split_names(found(part, _NAMES, ""))
    return tuple(found(part, _IDS, ()))


def _write_needs(part: Tree, value: tuple[str, ...]) -> Tree:
    if not value:
        return removed(part, (_TYPE, _IDS, _NAMES))
    by_id = found(part, _IDS) is not None and found(part, _TYPE) != DEPEND_BY_NAME
    if by_id and not any("${" in name for name in value):
        return put(put(part, _IDS, list(value)), _TYPE, DEPEND_BY_ID)
    return put(put(part, _NAMES, ",".join(value)), _TYPE, DEPEND_BY_NAME)


# runs_on

_PREPARE = (OPTIONS, "prepareTimeout")
_FORMER_PLACES = {
    "thirdPartyAgentEnvId": "pool",
    "thirdPartyAgentId": "node",
    "dockerBuildVersion": "container",
}
"""Fields that said where a job runs before there was a dispatchType (bkci-v3 5.7)."""
_OTHER_SYSTEMS = reverse(SYSTEMS)


def _read_runs_on(part: Tree) -> RunsOn:
    prepare = found(part, _PREPARE, DEFAULT_PREPARE_MINUTES)
    if part.get("@type") == AGENTLESS:
        return RunsOn(kind="agentless", prepare_minutes=prepare)
    dispatch = part.get("dispatchType") or _former_dispatch(part)
    kind, name, image = _machine(dispatch)
    return RunsOn(
        kind=kind,
        name=name,
        image=image,
        systems=SYSTEMS[part.get("baseOS", "ALL")],
        workspace=dispatch.get("workspace", ""),
        prepare_minutes=prepare,
    )


def _former_dispatch(part: Tree) -> Tree:
    workspace = {"workspace": part["thirdPartyWorkspace"]} if part.get("thirdPartyWorkspace") else {}
    for key, kind in _FORMER_PLACES.items():
        if part.get(key):
            return {"buildType": _BUILD_TYPES[kind], "value": part[key], **workspace}
    return workspace


_BUILD_TYPES = {"container": "DOCKER", "any": "DOCKER", "pool": POOL_BUILD_TYPE, "node": NODE_BUILD_TYPE}
_BUILD_TYPES["same-node"] = NODE_BUILD_TYPE


def _machine(dispatch: Tree) -> tuple[str, str, str]:
    """Kind, name and image of a place to run."""
    kind = dispatch.get("buildType", "DOCKER")
    value = dispatch.get("value", "")
    if kind in IMAGE_BUILD_TYPES:
        image = _joined(value or dispatch.get("imageCode", ""), dispatch.get("imageVersion", ""))
        return ("container" if image else "any"), "", image
    image = found(dispatch, ("dockerInfo", "image"), "")
    if kind not in (POOL_BUILD_TYPE, NODE_BUILD_TYPE):
        return "other", kind, ""
    if dispatch.get("agentType") == REUSED:
        return "same-node", value, image
    return ("pool" if kind == POOL_BUILD_TYPE else "node"), value, image


def _joined(image: str, tag: str) -> str:
    return f"{image}:{tag}" if image and tag else image


def _split(image: str) -> tuple[str, str]:
    """Name and tag: the tag follows the last colon after the last slash (pipeline-yaml 7.1)."""
    name, colon, tag = image.rpartition(":")
    if not colon or not name or not tag or "/" in tag or "}" in tag:
        return image, ""
    return name, tag


def _write_runs_on(part: Tree, value: RunsOn) -> Tree:
    part = _with(part, _PREPARE, value.prepare_minutes, DEFAULT_PREPARE_MINUTES)
    if value.kind == "agentless":
        return {**removed(part, (("dispatchType",), ("baseOS",), *_FORMER)), "@type": AGENTLESS}
    dispatch = dict(part.get("dispatchType") or _former_dispatch(part))
    part = {
        **removed(part, _FORMER),
        "@type": MACHINE,
        "baseOS": _OTHER_SYSTEMS.get(value.systems[:1], "ALL"),
    }
    if _machine(dispatch) != (value.kind, value.name, value.image):
        dispatch = _with_machine(dispatch, value)
    dispatch = _with(dispatch, ("workspace",), value.workspace, "")
    return {**part, "dispatchType": {"buildType": "DOCKER"} | dispatch} if dispatch else part


_FORMER = tuple((key,) for key in (*_FORMER_PLACES, "thirdPartyWorkspace"))


def _with(part: Tree, path: tuple[str, ...], value: object, default: object) -> Tree:
    if found(part, path, default) == value:
        return part
    return removed(part, (path,)) if value == default else put(part, path, value)


def _with_machine(dispatch: Tree, value: RunsOn) -> Tree:
    """The place to run, said anew; what belongs to a place of another kind goes with it."""
    keep = _machine(dispatch)[0] == value.kind
    base = dispatch if keep else {key: dispatch[key] for key in ("workspace",) if key in dispatch}
    match value.kind:
        case "any" | "container":
            name, tag = _split(value.image)
            base = removed(base, (("value",), ("imageVersion",), ("imageCode",), ("imageType",)))
            image = {"value": name, "imageType": "THIRD"} | ({"imageVersion": tag} if tag else {})
            return {"buildType": _BUILD_TYPES[value.kind]} | base | (image if value.image else {})
        case "other":
            return {**base, "buildType": value.name}
        case _:
            kind = {"buildType": _BUILD_TYPES.get(value.kind, NODE_BUILD_TYPE), "value": value.name}
            agent = REUSED if value.kind == "same-node" else "NAME"
            kept = {"buildType": base["buildType"], "agentType": base.get("agentType", agent)} if keep else {}
            return _with(base | {"agentType": agent} | kind | kept, ("dockerInfo", "image"), value.image, "")


# mutex and matrix


def _read_mutex(part: Tree) -> Mutex | None:
    group = part.get("mutexGroup", {})
    if not group.get("enable") or not group.get("mutexGroupName", "").strip():
        return None
    told = group.get("timeoutVar", "")
    return Mutex(
        group=group["mutexGroupName"],
        queue=group.get("queueEnable", False),
        length=group.get("queue", 0),
        limit=Limit(group.get("timeout", 0), told if "${" in told else ""),
    )


def _write_mutex(part: Tree, value: Mutex | None) -> Tree:
    group = part.get("mutexGroup", {})
    if value is None:
        return put(part, ("mutexGroup", "enable"), False)
    said = {
        "enable": True,
        "mutexGroupName": value.group,
        "queueEnable": value.queue,
        "queue": value.length,
        "timeout": value.limit.minutes,
        "timeoutVar": value.limit.text or str(value.limit.minutes),
    }
    return {**part, "mutexGroup": {**group, **said}}


_MATRIX = "matrixControlOption"


def _read_matrix(part: Tree) -> Matrix | None:
    if not part.get("matrixGroupFlag"):
        return None
    option = part.get(_MATRIX, {})
    axes, include, exclude = axes_and_cases(option.get("strategyStr", ""))
    return Matrix(
        axes=axes,
        include=cases(option.get("includeCaseStr", "")) or include,
        exclude=cases(option.get("excludeCaseStr", "")) or exclude,
        fast_kill=option.get("fastKill", False),
        parallel=option.get("maxConcurrency", 5),
    )


def _write_matrix(part: Tree, value: Matrix | None) -> Tree:
    if value is None:
        return {**part, "matrixGroupFlag": False}
    before = _read_matrix({**part, "matrixGroupFlag": True}) or Matrix(axes={})
    option = part.get(_MATRIX, {})
    if (before.axes, before.include, before.exclude) != (value.axes, value.include, value.exclude):
        option = {**option, "strategyStr": matrix_text(value.axes)}
        for key, text in (("includeCaseStr", value.include), ("excludeCaseStr", value.exclude)):
            option = _with(option, (key,), matrix_text(text) if text else "", "")
    option = _with(option, ("fastKill",), value.fast_kill, False)
    option = _with(option, ("maxConcurrency",), value.parallel, 5)
    return {**part, "matrixGroupFlag": True, _MATRIX: option}


JOB: Places = (
    Place(
        "runs_on",
        (("baseOS",), ("dispatchType",), _PREPARE),
        _read_runs_on,
        _write_runs_on,
    ),
    plain("name", "name", ""),
    plain("user_id", "jobId", ""),
    plain("enabled", f"{OPTIONS}.enable", True),
    condition(OPTIONS, JOB_CONDITIONS, matches=MATCHES, blank=False),
    Place("needs", (_TYPE, _IDS, _NAMES), _read_needs, _write_needs),
    env(former=("customBuildEnv",)),
    limit(OPTIONS),
    plain("continue_on_failure", f"{OPTIONS}.continueWhenFailed", False),
    Place("mutex", (("mutexGroup",),), _read_mutex, _write_mutex),
    Place("matrix", (("matrixGroupFlag",), (_MATRIX,)), _read_matrix, _write_matrix),
)
"""A job; `runs_on` comes first because it settles the type of the container."""
