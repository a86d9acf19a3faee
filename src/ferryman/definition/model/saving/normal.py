"""What saving changes in a model (bkci-v3 7, last paragraph): identifiers filled in, odd numbers folded into range.

    clean     what only the server knows is dropped, scalars get their types
    normal    old forms become new ones, limits are folded
    naming    every stage, job, element and review group has its identifier

Saving twice changes nothing more. All of it is worked out from the document alone: the same document gives the same
identifiers.
"""

from ferryman.definition.model.saving.clean import cleaned
from ferryman.definition.model.saving.naming import named
from ferryman.definition.model.wire.document import DOCUMENT, FORMER_REVIEW
from ferryman.definition.model.wire.shapes import WHOLE, Json, Tree, fit_scalar
from ferryman.definition.model.wire.words import (
    AGENTLESS,
    CANCEL_POLICY_WHEN_NEW,
    CANCEL_POLICY_WHEN_PARSED,
    DEPEND_BY_NAME,
    FORMER_REVIEW_NAME,
    LOCK_WHEN_NEW,
    LOCK_WHEN_PARSED,
    MARKET,
    MARKET_AGENTLESS,
    STAGE_CONDITIONS,
    TRIGGER,
    WITHOUT_OPTIONS,
)
from ferryman.domain.policies import LONGEST_MINUTES

DEFAULT_MINUTES = 900
"""Time limit of a job or element that names none (semantics 18)."""
DEFAULT_HOURS = 24
LONGEST_HOURS = 720
MOST_PARALLEL = 50
MOST_WAITING = 50


def normalized(document: Tree) -> Tree:
    """The document as it is kept: a new one, equal to itself when normalized again.

    Expects one without errors (`checks`). A bare `{"model": …}` gets the setting of a new pipeline.
    """
    found: Tree = cleaned(document, DOCUMENT)
    found["setting"] = new_setting(found.get("setting"))
    stages = found["model"]["stages"]
    trigger, *working = stages
    found["model"]["stages"] = [_trigger_stage(trigger), *(_stage(stage) for stage in working)]
    named(found["model"])
    for stage in found["model"]["stages"]:
        _forget_unknown_needs(stage)
    return found


def new_setting(setting: Tree | None) -> Tree:
    """A setting with the words that it does not say: those of a new pipeline where there is none at all."""
    if setting is None:
        return {"runLockType": LOCK_WHEN_NEW, "buildCancelPolicy": CANCEL_POLICY_WHEN_NEW}
    return {"runLockType": LOCK_WHEN_PARSED, "buildCancelPolicy": CANCEL_POLICY_WHEN_PARSED, **setting}


def _trigger_stage(stage: Tree) -> Tree:
    return {**stage, "containers": [_trigger(box) for box in stage["containers"]]}


def _trigger(box: Tree) -> Tree:
    found = {**box, "elements": [_element(element, agentless=False) for element in box["elements"]]}
    for key in ("params", "templateParams"):
        if key in found:
            found[key] = [_parameter(parameter) for parameter in found[key]]
    return found


def _parameter(parameter: Tree) -> Tree:
    if parameter.get("options") and parameter.get("type") in WITHOUT_OPTIONS:
        return {**parameter, "options": []}
    return parameter


def _stage(stage: Tree) -> Tree:
    found = _new_review_form(stage)
    found["stageControlOption"] = {
        "enable": True,
        "runCondition": next(iter(STAGE_CONDITIONS)),
        **found.get("stageControlOption", {}),
    }
    for key in ("checkIn", "checkOut"):
        if key in found:
            found[key] = _gate(found[key])
    found["containers"] = [_job(box) for box in stage["containers"]]
    return found


def _new_review_form(stage: Tree) -> Tree:
    """A review in the old form becomes a checkIn where there is none (semantics 4.1)."""
    options = stage.get("stageControlOption", {})
    if not any(key in options for key in FORMER_REVIEW):
        return dict(stage)
    kept = {key: value for key, value in options.items() if key not in FORMER_REVIEW}
    found = {**stage, "stageControlOption": kept}
    if options.get("manualTrigger") and "checkIn" not in stage:
        moved = ("timeout", "reviewParams", "reviewDesc")
        group = {"name": FORMER_REVIEW_NAME, "reviewers": options.get("triggerUsers", [])}
        review = {"manualTrigger": True, "reviewGroups": [group]}
        found["checkIn"] = review | {key: options[key] for key in moved if key in options}
    return found


def _gate(gate: Tree) -> Tree:
    if not 1 <= gate.get("timeout", DEFAULT_HOURS) <= LONGEST_HOURS:
        gate = {**gate, "timeout": DEFAULT_HOURS}
    if not all("name" in group for group in gate.get("reviewGroups", ())):
        gate = {
            **gate,
            "reviewGroups": [{"name": FORMER_REVIEW_NAME, **group} for group in gate["reviewGroups"]],
        }
    return gate


def _job(box: Tree) -> Tree:
    found = dict(box)
    if "jobControlOption" in box:
        found["jobControlOption"] = _limited(box["jobControlOption"], DEFAULT_MINUTES)
    if "mutexGroup" in box:
        mutex = _limited(box["mutexGroup"], 0, least=0)
        found["mutexGroup"] = {**mutex, "queue": min(max(mutex.get("queue", 0), 0), MOST_WAITING)}
    if "matrixControlOption" in box:
        found["matrixControlOption"] = _matrix(box["matrixControlOption"])
    agentless = box["@type"] == AGENTLESS
    found["elements"] = [_element(element, agentless=agentless) for element in box["elements"]]
    return found


def _matrix(matrix: Tree) -> Tree:
    parallel = matrix.get("maxConcurrency")
    if parallel is None or 1 <= parallel <= MOST_PARALLEL:
        return matrix
    if parallel > MOST_PARALLEL:
        return {**matrix, "maxConcurrency": MOST_PARALLEL}
    return {key: value for key, value in matrix.items() if key != "maxConcurrency"}


def _element(element: Tree, *, agentless: bool) -> Tree:
    found = dict(element)
    found.setdefault("name", element["@type"])
    if element["@type"] == MARKET_AGENTLESS and not agentless:
        found["@type"] = MARKET
    options = element.get("additionalOptions")
    if options is None:
        return found
    options = _limited(options, DEFAULT_MINUTES)
    if options.get("retryWhenFailed"):
        options["retryCount"] = min(max(options.get("retryCount", 1), 1), 5)
    if options.get("customEnv") is not None and options.get("enableCustomEnv", True):
        moved = options.pop("customEnv")
        found.setdefault("customEnv", [pair for pair in moved if not _is_sample(pair)])
    found["additionalOptions"] = options
    return found


def _is_sample(pair: Tree) -> bool:
    """The entry that the product's editor puts into every list, and drops when it moves one (bkci-v3 5.11)."""
    return pair.get("key") == "param1" and not pair.get("value")


def _limited(options: Tree, default: int, *, least: int = 1) -> Tree:
    """The options with their time limit in range, and its text saying the same unless it holds a variable."""
    given = options.get("timeoutVar", "")
    told: int | None = fit_scalar(given, WHOLE)
    minutes: int = options.get("timeout", default if told is None else told)
    if least == 0 and told is not None:
        # Of a mutex the text counts whenever there is one (semantics 6.1).
        minutes = told
    if minutes > LONGEST_MINUTES or minutes < least:
        minutes = LONGEST_MINUTES if least or minutes > 0 else 0
    return {**options, "timeout": minutes, "timeoutVar": given if "${" in given else str(minutes)}


def _forget_unknown_needs(stage: Tree) -> None:
    """Dependencies on jobs that the stage does not have are dropped."""
    known = {box.get("jobId") for box in stage["containers"]}
    for box in stage["containers"]:
        options: Json = box.get("jobControlOption", {})
        if (
            box["@type"] == TRIGGER
            or options.get("dependOnType") == DEPEND_BY_NAME
            or "dependOnId" not in options
        ):
            continue
        kept = [name for name in options["dependOnId"] if name in known]
        if kept != options["dependOnId"]:
            box["jobControlOption"] = {**options, "dependOnId": kept}
