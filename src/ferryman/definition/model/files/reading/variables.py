"""variables, recommended-version to params and buildNo (pipeline-yaml 5, 3.3); see `writing.variables`."""

from ferryman.definition.model.files.fields import read_fields
from ferryman.definition.model.files.tables import PROPS, VARIABLE
from ferryman.definition.model.files.values import Json, Tree, flag, mapping, mappings, text, whole
from ferryman.definition.model.files.words import (
    BUILD_NUMBER_TYPES,
    DEFAULT_VARIABLE_TYPE,
    VARIABLE_TYPES,
    VERSION_PARAMS,
)


def parameters(tree: Tree) -> list[Tree]:
    """The params of a file in order, with those of a recommended version behind them."""
    found = [
        parameter(name, value) for name, value in mapping(tree.get("variables")).items() if name != "template"
    ]
    version = _version(tree)
    if version is not None:
        shown = flag(version.get("allow-modify-at-startup"), True)
        found += [
            {"id": name, "required": shown, "type": "STRING", "defaultValue": text(whole(version.get(key)))}
            for key, name in VERSION_PARAMS.items()
        ]
    return found


def parameter(name: str, written: Json) -> Tree:
    """One variable, in its short or long form."""
    variable = written if isinstance(written, dict) else {"value": written}
    props = mapping(variable.get("props"))
    word = text(props.get("type")) or DEFAULT_VARIABLE_TYPE
    kind = VARIABLE_TYPES.get(word, VARIABLE_TYPES[DEFAULT_VARIABLE_TYPE])
    constant = flag(variable.get("const"))
    found: Tree = {
        "id": name,
        "required": not constant and flag(variable.get("allow-modify-at-startup"), True),
        "type": kind,
        "defaultValue": _value(variable.get("value"), kind),
        "readOnly": constant or flag(variable.get("readonly")),
        **read_fields(VARIABLE, variable),
        **read_fields(PROPS, props),
    }
    if constant:
        found["constant"] = True
    if variable.get("as-instance-input") is not None:
        found["asInstanceInput"] = flag(variable["as-instance-input"])
    if word == "tips":
        found["propertyType"] = word
    if mappings(props.get("options")):
        found["options"] = [_option(option) for option in mappings(props["options"])]
    machine = mapping(props.get("container-type"))
    if machine:
        found["containerType"] = {"buildType": text(machine.get("build-type")), "os": text(machine.get("os"))}
    if mapping(props.get("fields")):
        found["fields"] = [parameter(key, field) for key, field in props["fields"].items()]
    return found


def build_number(tree: Tree) -> Tree | None:
    """The buildNo of an enabled recommended version."""
    version = _version(tree)
    if version is None:
        return None
    number = mapping(version.get("build-no"))
    found: Tree = {
        "buildNo": whole(number.get("initial-value")),
        "buildNoType": BUILD_NUMBER_TYPES.get(
            text(number.get("strategy")), BUILD_NUMBER_TYPES["plus1-everytime"]
        ),
        "required": flag(version.get("allow-modify-at-startup"), True),
    }
    if version.get("as-instance-input") is not None:
        found["asInstanceInput"] = flag(version["as-instance-input"])
    return found


def _version(tree: Tree) -> Tree | None:
    version = tree.get("recommended-version")
    return version if isinstance(version, dict) and flag(version.get("enabled"), True) else None


def _value(value: Json, kind: str) -> Json:
    """Text, save where the type wants something else (5)."""
    if kind == "BOOLEAN":
        return flag(value)
    return value if isinstance(value, dict | list) else text(value)


def _option(option: Tree) -> Tree:
    key = text(option.get("id"))
    found = {"key": key, "value": text(option.get("label")) or key}
    if text(option.get("description")):
        found["description"] = text(option["description"])
    return found
