"""A model as it is shown: what is worked out from the rest, and the defaults that the reference names (bkci-v3 5).

Pure and idempotent: a model that is shown says the same when it is saved again. Fields without a value stay out.
"""

from collections.abc import Mapping
from typing import Any

from ferryman.definition.model.wire.jobs import IMAGE_BUILD_TYPES
from ferryman.definition.model.wire.shapes import Tree
from ferryman.definition.model.wire.words import AGENTLESS, MACHINE, STAGE_TAGS, TRIGGER

DEFAULT_TAG = next(iter(STAGE_TAGS))
"""The one tag of a stage that names none (bkci-v3 12, row 24)."""

_PAIRS: tuple[str, ...] = ()
_STAGE: Tree = {"fastKill": False, "finally": False}
_STAGE_OPTIONS: Tree = {
    "enable": True,
    "runCondition": "AFTER_LAST_FINISHED",
    "customVariables": _PAIRS,
    "manualTrigger": False,
}
_CHECK: Tree = {"manualTrigger": False, "timeout": 24, "markdownContent": False}
_GROUP: Tree = {"reviewers": (), "groups": ()}
_REVIEW_PARAMETER: Tree = {"key": "", "valueType": "STRING", "required": False, "desc": ""}
_PARAMETER: Tree = {"readOnly": False, "constant": False, "valueNotEmpty": False}
_BOXES: Mapping[str, Tree] = {
    TRIGGER: {"name": "", "params": ()},
    MACHINE: {
        "name": "",
        "vmNames": (),
        "maxQueueMinutes": 60,
        "maxRunningMinutes": 480,
        "showBuildResource": False,
        "enableExternal": False,
        "nfsSwitch": True,
        "matrixGroupFlag": False,
    },
    AGENTLESS: {
        "name": "",
        "enableSkip": False,
        "maxQueueMinutes": 60,
        "maxRunningMinutes": 1440,
        "matrixGroupFlag": False,
    },
}
_JOB_OPTIONS: Tree = {
    "enable": True,
    "runCondition": "STAGE_RUNNING",
    "customVariables": _PAIRS,
    "timeout": 900,
    "continueWhenFailed": False,
}
_MUTEX: Tree = {"mutexGroupName": "", "timeout": 0, "queue": 0}
_MATRIX: Tree = {"fastKill": False, "maxConcurrency": 5}
_STEP_OPTIONS: Tree = {
    "enable": True,
    "continueWhenFailed": False,
    "retryWhenFailed": False,
    "retryCount": 0,
    "manualRetry": True,
    "timeout": 900,
    "pauseBeforeExec": False,
    "subscriptionPauseUser": "",
    "customCondition": "",
    "enableCustomEnv": False,
}
REVIEW = "manualReviewUserTask"
_ELEMENTS: Mapping[str, Tree] = {
    "manualTrigger": {"canElementSkip": False, "useLatestParameters": False},
    "timerTrigger": {"noScm": False},
    "remoteTrigger": {"remoteToken": "", "canElementSkip": False},
    "linuxScript": {"enableArchiveFile": False},
    REVIEW: {"markdownContent": False, "suggestRequired": False},
    "subPipelineCall": {"subPipelineId": ""},
    **{kind: {"enableSubmodule": True} for kind in ("CODE_GIT", "CODE_GITLAB", "GITHUB")},
}
_INNER_NAMES: Mapping[str, str] = {
    REVIEW: "manualReviewTaskAtom",
    "subPipelineCall": "subPipelineCallAtom",
    "qualityGateInTask": "qualityGateInTaskAtom",
    "qualityGateOutTask": "qualityGateOutTaskAtom",
}
"""taskAtom; of all other types it is empty."""


def shown(model: Tree) -> Tree:
    """A saved model, completed. Nothing given is changed."""
    return {
        **_over({"labels": (), "instanceFromTemplate": False, "events": {}, "staticViews": ()}, model),
        "stages": [_stage(stage) for stage in model["stages"]],
    }


def _stage(stage: Tree) -> Tree:
    found = _over(_STAGE, stage)
    found["name"] = stage.get("name") or stage["id"]
    found["tag"] = stage.get("tag") or [DEFAULT_TAG]
    found["stageControlOption"] = _over(_STAGE_OPTIONS, stage.get("stageControlOption", {}))
    for key in ("checkIn", "checkOut"):
        if key in stage:
            found[key] = _check(stage[key])
    found["containers"] = [_box(box) for box in stage["containers"]]
    return found


def _check(check: Tree) -> Tree:
    found = _over({**_CHECK, "notifyType": ("RTX",)}, check)
    _each(found, "reviewGroups", _GROUP)
    _each(found, "reviewParams", _REVIEW_PARAMETER)
    return found


def _box(box: Tree) -> Tree:
    kind = box["@type"]
    found = {"@type": kind, "classType": kind, **_over(_BOXES.get(kind, {}), box)}
    _each(found, "params", _PARAMETER)
    _each(found, "templateParams", _PARAMETER)
    if isinstance(number := box.get("buildNo"), dict) and "buildNo" in number:
        found["buildNo"] = {"required": False, "currentBuildNo": number["buildNo"], **number}
    for key, defaults in (("jobControlOption", _JOB_OPTIONS), ("mutexGroup", _MUTEX)):
        if key in box:
            found[key] = _limited(_over(defaults, box[key]))
    if "matrixControlOption" in box:
        found["matrixControlOption"] = _over(_MATRIX, box["matrixControlOption"])
    dispatch = box.get("dispatchType")
    if isinstance(dispatch, dict) and dispatch.get("buildType") in IMAGE_BUILD_TYPES and "value" in dispatch:
        found["dispatchType"] = {**dispatch, "dockerBuildVersion": dispatch["value"]}
    found["elements"] = [_element(element) for element in box["elements"]]
    return found


def _element(element: Tree) -> Tree:
    kind = element["@type"]
    options = element.get("additionalOptions")
    found = {
        "@type": kind,
        "classType": kind,
        "atomCode": kind,
        "version": "1.*",
        "taskAtom": _INNER_NAMES.get(kind, ""),
        **_over(_ELEMENTS.get(kind, {}), element),
        "elementEnable": True,
    }
    if kind == REVIEW:
        _each(found, "params", _REVIEW_PARAMETER)
    if options is not None:
        found["additionalOptions"] = _limited(_over(_STEP_OPTIONS, options))
        found["elementEnable"] = found["additionalOptions"]["enable"]
    return found


def _limited(options: Tree) -> Tree:
    """Options with their limit as text, where they have one (bkci-v3 3.2, operation 5)."""
    return {**options, "timeoutVar": options.get("timeoutVar") or str(options["timeout"])}


def _each(part: Tree, key: str, defaults: Tree) -> None:
    if isinstance(part.get(key), list):
        part[key] = [_over(defaults, item) if isinstance(item, dict) else item for item in part[key]]


def _over(defaults: Tree, part: Tree) -> Tree:
    """The part with its defaults; what is there already counts. Every list is a new one."""
    return {**{key: _copied(value) for key, value in defaults.items()}, **part}


def _copied(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, dict) else value
