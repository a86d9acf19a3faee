"""`if` and `check-in` to run conditions and reviews (pipeline-yaml 6, 6.1, 9); back in `writing.gates`."""

from collections.abc import Mapping
from types import MappingProxyType

from ferryman.definition.model.files.fields import read_fields
from ferryman.definition.model.files.ids import digest
from ferryman.definition.model.files.tables import REVIEW, pairs
from ferryman.definition.model.files.values import (
    Json,
    Tree,
    flag,
    mapping,
    mappings,
    split_commas,
    text,
    texts,
    whole,
)
from ferryman.definition.model.files.words import CONDITION_MODES, EXPRESSION, REVIEW_TYPES

DEFAULT_HOURS = 24
"""The time limit of a review."""
EMPTY_VALUES: Mapping[str, Json] = MappingProxyType({"BOOLEAN": False, "CHECKBOX": False, "MULTIPLE": []})
"""What a review variable is at first when the file gives no default; text is empty."""
_NO_WORDS: Mapping[str, str] = MappingProxyType({})


def condition(written: Json, *, default: str, words: Mapping[str, str] = _NO_WORDS) -> Tree:
    """The run condition of an `if`; `words` are those that stand for a condition here."""
    if isinstance(written, dict):
        mode = CONDITION_MODES.get(text(written.get("mode")), CONDITION_MODES["RUN_WHEN_ALL_PARAMS_MATCH"])
        return {"runCondition": mode, "customVariables": pairs(written.get("params"))}
    if written is None:
        return {"runCondition": default}
    told = text(written)
    if told in words:
        return {"runCondition": words[told]}
    return {"runCondition": EXPRESSION, "customCondition": told}


def check_in(written: Json, stage: str) -> Tree:
    """The checkIn of a stage; without flows it asks nobody."""
    gate = mapping(written)
    reviews = mapping(gate.get("reviews"))
    flows = mappings(reviews.get("flows"))
    found: Tree = {"manualTrigger": bool(flows), "timeout": whole(gate.get("timeout-hours"), DEFAULT_HOURS)}
    if not flows:
        return found
    found["reviewGroups"] = [
        _group(flow, f"{stage}/check-in/{position}") for position, flow in enumerate(flows)
    ]
    variables = mapping(reviews.get("variables"))
    if variables:
        found["reviewParams"] = [_param(key, mapping(variable)) for key, variable in variables.items()]
    return found | read_fields(REVIEW, reviews)


def _group(flow: Tree, place: str) -> Tree:
    reviewers = [name for entry in texts(flow.get("reviewers")) for name in split_commas(entry)]
    group: Tree = {"id": digest(place), "name": text(flow.get("name")), "reviewers": reviewers}
    if texts(flow.get("groups")):
        group["groups"] = texts(flow["groups"])
    return group


def _param(key: str, variable: Tree) -> Tree:
    kind = REVIEW_TYPES.get(text(variable.get("type")), REVIEW_TYPES["INPUT"])
    value = variable.get("default")
    if value is None or kind == "CHECKBOX":
        value = EMPTY_VALUES.get(kind, "")
    elif kind == "BOOLEAN":
        value = flag(value)
    found: Tree = {"key": key, "value": value, "valueType": kind, "required": flag(variable.get("required"))}
    found["desc"] = text(variable.get("description"))
    if text(variable.get("label")):
        found["chineseName"] = text(variable["label"])
    values = texts(variable.get("values"))
    if values:
        found["options"] = [{"key": value, "value": value} for value in values]
    return found
