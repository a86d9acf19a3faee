"""A step of a file to an element of the model (pipeline-yaml 8, 8.1); back in `writing.steps`."""

from ferryman.definition.model.files.fields import read_fields
from ferryman.definition.model.files.reading.gates import condition
from ferryman.definition.model.files.tables import ENV, STEP_CONTROL, minutes_fields
from ferryman.definition.model.files.values import Json, Tree, flag, join_commas, mapping, text, whole
from ferryman.definition.model.files.words import (
    CODE_DEFAULT_VERSION,
    ELEMENT_DEFAULTS,
    STEP_CONDITIONS,
    STEP_DEFAULT,
)

RUN = "run"
CHECKOUT = "checkout"
ELEMENT_FIELDS = frozenset(
    (
        *("@type", "classType", "id", "name", "version", "atomCode", "atomName", "taskAtom", "stepId"),
        *("additionalOptions", "customEnv", "elementEnable", "templateModify", "originVersion"),
        *(
            "status",
            "executeCount",
            "canRetry",
            "canSkip",
            "elapsed",
            "startEpoch",
            "timeCost",
            "progressRate",
        ),
        *("errorType", "errorCode", "errorMsg", "retryCount", "retryCountManual", "retryCountAuto"),
        *("classifyCode", "classifyName", "asyncStatus", "subPipelineBuildInfo", "externalLink"),
        "actualReviewUsers",
    )
)
"""Fields of every element, and those a run leaves in it; none of them is an input."""


def element(step: Tree, *, agentless: bool, shell: str) -> Tree:
    """The element of a step in a job without a machine or with one; `shell` is for scripts that name none."""
    found = _kind(step, agentless=agentless, shell=shell)
    if text(step.get("name")):
        found["name"] = text(step["name"])
    if text(step.get("id")):
        found["stepId"] = text(step["id"])
    found["additionalOptions"] = _options(step)
    return found | read_fields(ENV, step)


def _kind(step: Tree, *, agentless: bool, shell: str) -> Tree:
    inputs = mapping(step.get("with"))
    if "run" in step:
        script = {"script": text(step["run"]), "shell": text(step.get("shell")) or shell}
        return _plugin(
            step, RUN, CODE_DEFAULT_VERSION, {**script, "charsetType": "DEFAULT", **_without(inputs, script)}
        )
    if "checkout" in step:
        repository = _repository(step["checkout"])
        return _plugin(step, CHECKOUT, CODE_DEFAULT_VERSION, {**_without(inputs, repository), **repository})
    code, _, version = text(step.get("uses")).partition("@")
    version = version or CODE_DEFAULT_VERSION
    if code not in ELEMENT_DEFAULTS:
        return _plugin(step, code, version, dict(inputs), agentless=agentless)
    found: Tree = {"@type": code, "name": code, "version": version}
    if text(step.get("namespace")):
        found["namespace"] = text(step["namespace"])
    own = _without(inputs, ELEMENT_FIELDS)
    return found | own | _without(dict(ELEMENT_DEFAULTS[code]), own)


def _plugin(step: Tree, code: str, version: str, inputs: Tree, *, agentless: bool = False) -> Tree:
    content: Tree = {"input": inputs}
    if text(step.get("namespace")):
        content["namespace"] = text(step["namespace"])
    return {
        "@type": "marketBuildLess" if agentless else "marketBuild",
        "name": code,
        "atomCode": code,
        "version": version,
        "data": content,
    }


def _without(inputs: Tree, names: Tree | frozenset[str]) -> Tree:
    return {key: value for key, value in inputs.items() if key not in names}


def _repository(checkout: Json) -> Tree:
    """Which repository a checkout brings."""
    if isinstance(checkout, dict):
        if text(checkout.get("repo-id")):
            return {"repositoryType": "ID", "repositoryHashId": text(checkout["repo-id"])}
        return {"repositoryType": "NAME", "repositoryName": text(checkout.get("repo-name"))}
    if checkout == "self":
        return {"repositoryType": "SELF"}
    return {"repositoryType": "URL", "repositoryUrl": text(checkout)}


def _options(step: Tree) -> Tree:
    """additionalOptions; manualRetry is always written, because a model without it means true."""
    going_on = step.get("continue-on-error")
    retries = whole(step.get("retry-times"))
    found: Tree = {
        **read_fields(STEP_CONTROL, step),
        **condition(step.get("if"), default=STEP_DEFAULT, words=STEP_CONDITIONS),
        "continueWhenFailed": going_on in (True, "true", "auto", "manual"),
        "retryWhenFailed": retries > 0,
        "retryCount": retries,
        "manualRetry": flag(step.get("can-manually-retry")),
        **minutes_fields(step.get("timeout-minutes")),
        "pauseBeforeExec": flag(step.get("can-pause-before-run")),
    }
    if going_on == "manual":
        found["manualSkip"] = True
    receivers = join_commas(step.get("pause-notice-receivers"))
    return found | ({"subscriptionPauseUser": receivers} if receivers else {})
