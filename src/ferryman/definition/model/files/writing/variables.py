"""params and buildNo to variables, recommended-version (pipeline-yaml 5, 3.3); see `reading.variables`."""

import re

from ferryman.definition.model.files.fields import write_fields
from ferryman.definition.model.files.tables import PROPS, VARIABLE
from ferryman.definition.model.files.values import Json, Tree, flag, mapping, mappings, ordered, text, whole
from ferryman.definition.model.files.words import (
    BUILD_NUMBER_TYPES,
    DEFAULT_VARIABLE_TYPE,
    VARIABLE_TYPES,
    VERSION_PARAMS,
    reverse,
)
from ferryman.definition.model.files.writing.losses import Losses

_CONSTANT_NAME = re.compile(r"[A-Z][A-Z0-9_]*", re.ASCII)
_LONGEST_NAME = 64
_RESERVED = "template"
_CHOSEN = ("ENUM", "MULTIPLE")
"""Types of which a file wants the value to be one of the options."""
_KEYS = (
    "value",
    "readonly",
    "allow-modify-at-startup",
    "const",
    "as-instance-input",
    "sensitive",
    "if",
    "props",
)
_PROPS_KEYS = (
    "type label options description group required repo-id relative-path scm-type container-type filter-rule"
    " version-control metadata payload fields"
)


def write_parameters(trigger: Tree, path: str, losses: Losses) -> Tree:
    """The variables of the trigger job, without those that a recommended version brings with it."""
    if trigger.get("templateParams"):
        losses.tell(f"{path}.templateParams", "params of a template", key="templateParams")
    version = set(VERSION_PARAMS.values()) if mapping(trigger.get("buildNo")) else set()
    variables: Tree = {}
    for position, param in enumerate(mappings(trigger.get("params"))):
        name, place = text(param.get("id")), f"{path}.params[{position}]"
        if name in version:
            continue
        if not name or name == _RESERVED or len(name) > _LONGEST_NAME or name in variables:
            losses.tell(place, f'a variable of the name "{name[:_LONGEST_NAME]}"', key="id")
            continue
        variables[name] = write_parameter(param, place, losses)
    return variables


def write_parameter(param: Tree, path: str, losses: Losses) -> Tree:
    """One variable in its long form."""
    kind = text(param.get("type")) or "STRING"
    found: Tree = {"value": _value(param.get("defaultValue"), kind)}
    shown = flag(param.get("required"), True)
    if flag(param.get("constant")) and _CONSTANT_NAME.fullmatch(text(param.get("id"))):
        found["const"] = True
        shown = False
    else:
        if flag(param.get("constant")):
            losses.tell(
                path, "a constant whose name is not in capitals; it is written as read only", key="constant"
            )
            shown = False
        if flag(param.get("readOnly")) or flag(param.get("constant")):
            found["readonly"] = True
        if not shown:
            found["allow-modify-at-startup"] = False
    if param.get("asInstanceInput") is not None and flag(param["asInstanceInput"]) != shown:
        found["as-instance-input"] = flag(param["asInstanceInput"])
    found |= write_fields(VARIABLE, param)
    if kind == "PASSWORD":
        found["sensitive"] = True
    props = _props(param, kind, path, losses)
    if props != {"type": DEFAULT_VARIABLE_TYPE}:
        found["props"] = props
    return ordered(found, _KEYS)


def write_version(trigger: Tree) -> Tree:
    """The recommended version of a buildNo, its parts read from the params of their names."""
    number = mapping(trigger.get("buildNo"))
    if not number:
        return {}
    values = {text(param.get("id")): param.get("defaultValue") for param in mappings(trigger.get("params"))}
    found: Tree = {"enabled": True}
    if not flag(number.get("required")):
        found["allow-modify-at-startup"] = False
    found |= {key: whole(values[name]) for key, name in VERSION_PARAMS.items() if whole(values.get(name))}
    if number.get("asInstanceInput") is not None:
        found["as-instance-input"] = flag(number["asInstanceInput"])
    strategy = reverse(BUILD_NUMBER_TYPES).get(text(number.get("buildNoType")), "plus1-everytime")
    counting: Tree = {"initial-value": whole(number["buildNo"])} if whole(number.get("buildNo")) else {}
    if strategy != "plus1-everytime":
        counting["strategy"] = strategy
    return {"recommended-version": found | ({"build-no": counting} if counting else {})}


def _props(param: Tree, kind: str, path: str, losses: Losses) -> Tree:
    word = reverse(VARIABLE_TYPES).get(kind, "")
    if not word:
        losses.tell(path, f"the variable type {kind}; it is written as text", key="type")
        word = DEFAULT_VARIABLE_TYPE
    if kind == "STRING" and param.get("propertyType") == "tips":
        word = "tips"
    found: Tree = {"type": word, **write_fields(PROPS, param)}
    if "label" in found and found["label"] == param.get("id"):
        del found["label"]
    options = [_option(option) for option in mappings(param.get("options"))]
    if kind in _CHOSEN and "payload" not in found:
        for value in _values(param, kind):
            if value and all(option["id"] != value for option in options):
                what = (
                    f'the value "{value[:_LONGEST_NAME]}" that is none of its options; it is written as one'
                )
                losses.tell(path, what, key="options")
                options.append({"id": value})
    if options:
        found["options"] = options
    machine = mapping(param.get("containerType"))
    if machine:
        found["container-type"] = {
            "build-type": text(machine.get("buildType")),
            "os": text(machine.get("os")),
        }
    fields = mappings(param.get("fields"))
    if fields:
        found["fields"] = {
            text(field.get("id")): write_parameter(field, f"{path}.fields[{position}]", losses)
            for position, field in enumerate(fields)
        }
    return ordered(found, tuple(_PROPS_KEYS.split()))


def _values(param: Tree, kind: str) -> list[str]:
    """What is chosen when nobody chooses; a placeholder chooses nothing yet."""
    chosen = text(param.get("defaultValue"))
    if "${{" in chosen:
        return []
    return [value.strip() for value in chosen.split(",")] if kind == "MULTIPLE" else [chosen]


def _value(value: Json, kind: str) -> Json:
    if kind == "BOOLEAN":
        return flag(value)
    return value if isinstance(value, dict | list) else text(value)


def _option(option: Tree) -> Tree:
    key, label = text(option.get("key")), text(option.get("value"))
    found: Tree = {"id": key}
    if label not in ("", key):
        found["label"] = label
    if text(option.get("description")):
        found["description"] = text(option["description"])
    return found
