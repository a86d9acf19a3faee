"""What tests of models share: a small model that is right, and ways to put things into it."""

import copy
from typing import Any

Tree = dict[str, Any]

SCRIPT: Tree = {"@type": "linuxScript", "name": "make", "scriptType": "SHELL", "script": "make"}


def script(**fields: Any) -> Tree:
    """A script element with these fields."""
    return {**SCRIPT, **fields}


def job(*elements: Tree, **fields: Any) -> Tree:
    """A job with a machine; one script unless elements are given."""
    return {"@type": "vmBuild", "elements": list(elements) or [script()], **fields}


def stage(*jobs: Tree, **fields: Any) -> Tree:
    """A stage; one job unless jobs are given."""
    return {"containers": list(jobs) or [job()], **fields}


def model(
    *stages: Tree, setting: Tree | None = None, params: list[Tree] | None = None, **fields: Any
) -> Tree:
    """A document with these stages behind the trigger stage."""
    trigger: Tree = {"@type": "trigger", "elements": [{"@type": "manualTrigger"}]}
    if params is not None:
        trigger["params"] = params
    whole: Tree = {"model": {"name": "demo", "stages": [{"containers": [trigger]}, *stages], **fields}}
    return whole if setting is None else {**whole, "setting": setting}


def param(**fields: Any) -> Tree:
    """A parameter of the start."""
    return {"id": "a", "required": True, "type": "STRING", "defaultValue": "", **fields}


def at(document: Any, path: tuple[str | int, ...]) -> Any:
    """What stands at a path."""
    for part in path:
        document = document[part]
    return document


def with_value(document: Tree, path: tuple[str | int, ...], value: Any) -> Tree:
    """A copy of the document with another value at a path."""
    changed = copy.deepcopy(document)
    at(changed, path[:-1])[path[-1]] = value
    return changed
