"""Elements of a job to its steps (pipeline-yaml 8, 12.1); back in `reading.steps`."""

from ferryman.definition.model.calls import KIND as CALL
from ferryman.definition.model.calls import named_once
from ferryman.definition.model.files.fields import write_fields
from ferryman.definition.model.files.reading.steps import CHECKOUT, ELEMENT_FIELDS, RUN
from ferryman.definition.model.files.tables import ENV, STEP_CONTROL, from_pairs
from ferryman.definition.model.files.values import (
    Json,
    Tree,
    flag,
    mapping,
    ordered,
    split_commas,
    text,
    whole,
)
from ferryman.definition.model.files.words import (
    CODE_DEFAULT_VERSION,
    ELEMENT_DEFAULTS,
    STEP_CONDITIONS,
    STEP_DEFAULT,
)
from ferryman.definition.model.files.writing.gates import write_condition
from ferryman.definition.model.files.writing.limits import write_limit
from ferryman.definition.model.files.writing.losses import Losses
from ferryman.definition.model.files.writing.unusable import write_unusable

_KEYS = (
    "name id enable if uses with namespace run shell checkout env timeout-minutes continue-on-error"
    " retry-times can-manually-retry can-pause-before-run pause-notice-receivers"
)
_PLUGINS = ("marketBuild", "marketBuildLess")
_GATES = ("qualityGateInTask", "qualityGateOutTask")
_NO_STEPS = {
    **dict.fromkeys(_GATES, "quality rules"),
    "stepTemplate": "a template of a step",
    "matrixStatus": "the state of a split job",
}
_MOST_RETRIES = 5
_LONGEST_ID = 64
_REPOSITORY = ("repositoryType", "repositoryUrl", "repositoryHashId", "repositoryName")


def write_steps(elements: list[Tree], path: str, losses: Losses, *, shell: str) -> list[Tree]:
    """The steps of a job; `shell` is what a script of the job gets when it names none."""
    steps: list[Tree] = []
    ids: set[str] = set()
    for position, element in enumerate(elements):
        place, kind = f"{path}.elements[{position}]", text(element.get("@type"))
        options = mapping(element.get("additionalOptions"))
        if kind in _NO_STEPS:
            losses.tell(place, _NO_STEPS[kind], key="@type")
            continue
        if mapping(options.get("elementPostInfo")):
            losses.tell(place, "a step that the server put behind another", key="elementPostInfo")
            continue
        step = _step(element, kind, options, place, losses, shell=shell)
        own = text(step.get("id"))
        if own in ids or len(own) > _LONGEST_ID:
            losses.tell(f"{place}.stepId", f'a second or longer step id "{own}"', key="stepId")
            del step["id"]
        ids.update([own] if own else [])
        steps.append(step)
    return steps


def _step(element: Tree, kind: str, options: Tree, path: str, losses: Losses, *, shell: str) -> Tree:
    usual_name, work = _work(element, kind, path, losses, shell=shell)
    name = text(element.get("name"))
    receivers = split_commas(options.get("subscriptionPauseUser"))
    found: Tree = {
        "name": "" if name == usual_name else name,
        "id": text(element.get("stepId")),
        "if": write_condition(options, path, losses, default=STEP_DEFAULT, words=STEP_CONDITIONS),
        **work,
        "env": write_fields(ENV, element).get("env") or _old_env(options),
        **write_limit(options, path, losses),
        "pause-notice-receivers": receivers if flag(options.get("pauseBeforeExec")) else [],
    }
    found = {key: value for key, value in found.items() if key == RUN or value not in (None, "", [], {})}
    return ordered(
        found | write_fields(STEP_CONTROL, options) | _after_failure(options), tuple(_KEYS.split())
    )


def _after_failure(options: Tree) -> Tree:
    """Going on, retrying, pausing. A model that does not speak of retries by hand allows them (16.3)."""
    found: Tree = {}
    if flag(options.get("continueWhenFailed")):
        found["continue-on-error"] = "manual" if flag(options.get("manualSkip")) else True
    if flag(options.get("retryWhenFailed")):
        found["retry-times"] = min(max(whole(options.get("retryCount")), 1), _MOST_RETRIES)
    if flag(options.get("manualRetry"), True):
        found["can-manually-retry"] = True
    if flag(options.get("pauseBeforeExec")):
        found["can-pause-before-run"] = True
    return found


def _old_env(options: Tree) -> Tree:
    """Environment variables where older models keep them; an empty param1 is a leftover of a form."""
    env = from_pairs(options.get("customEnv")) if flag(options.get("enableCustomEnv")) else {}
    return {key: value for key, value in env.items() if key != "param1" or value}


def _work(element: Tree, kind: str, path: str, losses: Losses, *, shell: str) -> tuple[str, Tree]:
    """The usual name of a step of this kind, and the keys that say what it does."""
    version = text(element.get("version")) or CODE_DEFAULT_VERSION
    if kind in ELEMENT_DEFAULTS:
        fields = _own_inputs(named_once(element) if kind == CALL else element, kind)
        own = write_unusable(kind, fields, path, losses)
        return kind, {"uses": f"{kind}@{version}", "with": own}
    code = text(element.get("atomCode")) or kind
    if kind not in _PLUGINS:
        losses.tell(path, f"a step of the kind {kind}; it is written as a plugin of that name", key="@type")
        own = write_unusable(code, _own_inputs(element, kind), path, losses)
        return code, {"uses": f"{code}@{version}", "with": own}
    content = mapping(element.get("data"))
    inputs = mapping(content.get("input"))
    namespace = {"namespace": text(content.get("namespace"))}
    repository = _repository(inputs) if code == CHECKOUT else None
    if repository is not None:
        inputs = {key: value for key, value in inputs.items() if key not in _REPOSITORY}
        if version == CODE_DEFAULT_VERSION:
            return CHECKOUT, {"with": inputs, "checkout": repository, **namespace}
        inputs |= repository if isinstance(repository, dict) else {"repository": repository}
    usable = write_unusable(code, inputs, path, losses)
    if version == CODE_DEFAULT_VERSION and code == RUN and usable.get("shell") == inputs.get("shell"):
        return RUN, _run(usable, shell) | namespace
    return code, {"uses": f"{code}@{version}", "with": usable, **namespace}


def _own_inputs(element: Tree, kind: str) -> Tree:
    """The fields of an element that are its own, without those that say what they say anyway."""
    defaults = ELEMENT_DEFAULTS.get(kind, {})
    return {
        key: value
        for key, value in element.items()
        if key not in ELEMENT_FIELDS and value is not None and (key not in defaults or value != defaults[key])
    }


def _run(inputs: Tree, shell: str) -> Tree:
    rest = {
        key: value
        for key, value in inputs.items()
        if key not in ("script", "shell") and (key, value) != ("charsetType", "DEFAULT")
    }
    own = text(inputs.get("shell")) or "auto"
    return {"with": rest, "run": text(inputs.get("script")), "shell": "" if own == shell else own}


def _repository(inputs: Tree) -> Json:
    """Which repository is checked out; None when the inputs do not say it in one of the known ways."""
    match text(inputs.get("repositoryType")):
        case "SELF":
            return "self"
        case "URL":
            return text(inputs.get("repositoryUrl")) or None
        case "ID":
            return {"repo-id": told} if (told := text(inputs.get("repositoryHashId"))) else None
        case "NAME":
            return {"repo-name": told} if (told := text(inputs.get("repositoryName"))) else None
        case _:
            return None
