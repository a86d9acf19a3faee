"""Run conditions and reviews to `if` and `check-in` (pipeline-yaml 6, 6.1, 9); back in `reading.gates`."""

from collections.abc import Mapping
from types import MappingProxyType

from ferryman.definition.model.files.fields import write_fields
from ferryman.definition.model.files.reading.gates import DEFAULT_HOURS, EMPTY_VALUES
from ferryman.definition.model.files.tables import REVIEW, from_pairs
from ferryman.definition.model.files.values import Json, Tree, flag, mapping, mappings, text, texts, whole
from ferryman.definition.model.files.words import (
    CONDITION_MODES,
    EXPRESSION,
    REVIEW_TYPES,
    STEP_DEFAULT,
    reverse,
)
from ferryman.definition.model.files.writing.losses import Losses

LONGEST_HOURS = 720
NEVER = "false"
"""The expression written for one that is empty, which counts as false too (6)."""
_NO_WORDS: Mapping[str, str] = MappingProxyType({})
_LOST_OF_PARAM = {"variableOption": "choices taken from a variable"}


def write_condition(
    control: Tree,
    path: str,
    losses: Losses,
    *,
    default: str,
    words: Mapping[str, str] = _NO_WORDS,
    only_words: bool = False,
) -> Json:
    """The `if` of a run condition; None when it is the default or cannot be said.

    An expression that reads like one of the words is put in parentheses, so that it stays one in both dialects. A
    blank one is false, save on steps, where it decides nothing (semantics 3.2).
    """
    kind = text(control.get("runCondition")) or default
    if kind == default:
        return None
    if kind in words.values():
        return reverse(words)[kind]
    if kind == EXPRESSION and not only_words:
        told = text(control.get("customCondition")).strip()
        if not told:
            return None if default == STEP_DEFAULT else NEVER
        return f"({told})" if told in words else told
    if kind in CONDITION_MODES.values() and not only_words:
        params = from_pairs(control.get("customVariables"))
        if len(params) < len(mappings(control.get("customVariables"))):
            losses.tell(path, "a variable that is compared twice, or has no name", key="customVariables")
        return {"mode": reverse(CONDITION_MODES)[kind], "params": params}
    losses.tell(path, f"the run condition {kind} here", key="runCondition")
    return None


def write_check_in(stage: Tree, path: str, losses: Losses) -> Tree:
    """The review before a stage; empty when nobody is asked."""
    gate = mapping(stage.get("checkIn")) or _old_review(mapping(stage.get("stageControlOption")))
    place = f"{path}.checkIn"
    if texts(gate.get("ruleIds")):
        losses.tell(place, "quality rules", key="ruleIds")
    groups = mappings(gate.get("reviewGroups"))
    if not flag(gate.get("manualTrigger")) or not groups:
        if groups or flag(gate.get("manualTrigger")):
            losses.tell(place, "a review that is switched off or asks nobody", key="checkIn")
        return {}
    reviews: Tree = {"flows": [_flow(group) for group in groups]}
    params = mappings(gate.get("reviewParams"))
    variables = {
        text(param.get("key")): _variable(param, f"{place}.reviewParams[{position}]", losses)
        for position, param in enumerate(params)
        if text(param.get("key"))
    }
    reviews |= ({"variables": variables} if variables else {}) | write_fields(REVIEW, gate)
    hours = whole(gate.get("timeout"), DEFAULT_HOURS)
    usual = hours == DEFAULT_HOURS or not 1 <= hours <= LONGEST_HOURS
    return {"reviews": reviews} | ({} if usual else {"timeout-hours": hours})


def _old_review(control: Tree) -> Tree:
    """The form of a review before checkIn existed (data model 5.3)."""
    if not flag(control.get("manualTrigger")):
        return {}
    group = {"name": "Flow 1", "reviewers": texts(control.get("triggerUsers"))}
    kept = {key: control[key] for key in ("timeout", "reviewParams", "reviewDesc") if control.get(key)}
    return {"manualTrigger": True, "reviewGroups": [group], **kept}


def _flow(group: Tree) -> Tree:
    """One group; a file names reviewers or user groups, and reviewers win where a model has both."""
    flow: Tree = {"name": text(group.get("name"))}
    if texts(group.get("reviewers")) or not texts(group.get("groups")):
        return flow | {"reviewers": texts(group.get("reviewers"))}
    return flow | {"groups": texts(group["groups"])}


def _variable(param: Tree, path: str, losses: Losses) -> Tree:
    losses.tell_fields(path, param, _LOST_OF_PARAM)
    kind = text(param.get("valueType")) or "STRING"
    found: Tree = {"label": text(param.get("chineseName")), "type": reverse(REVIEW_TYPES).get(kind, "INPUT")}
    value = param.get("value")
    if value not in (None, "") and value != EMPTY_VALUES.get(kind, "") and kind != "CHECKBOX":
        found["default"] = value
    options = mappings(param.get("options"))
    if options:
        found["values"] = [text(option.get("key")) for option in options]
    if any(text(option.get("key")) != text(option.get("value")) for option in options):
        losses.tell(f"{path}.options", "labels of choices that differ from their values", key="options")
    if flag(param.get("required")):
        found["required"] = True
    found["description"] = text(param.get("desc"))
    return {key: shown for key, shown in found.items() if shown != ""}
