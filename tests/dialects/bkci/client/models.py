"""Models a client sends, made of the reference's minimal form (section 5)."""

from pathlib import Path
from typing import Any

Json = dict[str, Any]


def script(text: str = "true", name: str = "step", **other: Any) -> Json:
    """A shell step; what else is given is put beside."""
    return {"@type": "linuxScript", "name": name, "scriptType": "SHELL", "script": text, **other}


def held(gate: Path, name: str = "held", **other: Any) -> Json:
    """A shell step that ends once there is a file."""
    return script(f"while [ ! -e '{gate}' ]; do sleep 0.02; done", name, **other)


def plugin(name: str = "plugin", **other: Any) -> Json:
    """A step of a plugin nobody has."""
    return {
        "@type": "marketBuild",
        "name": name,
        "atomCode": "nobodyHasIt",
        "version": "1.*",
        "data": {},
        **other,
    }


def job(*elements: Json, name: str = "Linux", **other: Any) -> Json:
    """A job with a build machine."""
    return {"@type": "vmBuild", "name": name, "baseOS": "LINUX", "elements": list(elements), **other}


def plain(*elements: Json, name: str = "Plain", **other: Any) -> Json:
    """A job without one."""
    return {"@type": "normal", "name": name, "elements": list(elements), **other}


def stage(*jobs: Json, **other: Any) -> Json:
    """A stage."""
    return {"containers": list(jobs), **other}


def steps(*elements: Json, **other: Any) -> Json:
    """A stage of one job with these steps."""
    return stage(job(*elements), **other)


def trigger(*params: Json, elements: list[Json] | None = None, **other: Any) -> Json:
    """The first stage."""
    own = [{"@type": "manualTrigger", "name": "Manual"}] if elements is None else elements
    return stage({"@type": "trigger", "name": "Trigger", "elements": own, "params": list(params), **other})


def param(id: str, default: Any = "", type: str = "STRING", **other: Any) -> Json:
    """A parameter of the start."""
    return {"id": id, "required": True, "type": type, "defaultValue": default, **other}


def model(
    name: str, *stages: Json, params: tuple[Json, ...] = (), first: Json | None = None, **other: Any
) -> Json:
    """A pipeline's model; `stages` are those behind the first."""
    return {"name": name, "stages": [first or trigger(*params), *stages], **other}


def options(**given: Any) -> Json:
    """An element's options, to be put beside it."""
    return {"additionalOptions": given}


def control(**given: Any) -> Json:
    """A job's options, to be put beside it."""
    return {"jobControlOption": given}


def review(*groups: tuple[str, ...], **other: Any) -> Json:
    """A review before a stage, with groups of reviewers."""
    own = [{"name": f"group {at}", "reviewers": list(group)} for at, group in enumerate(groups, 1)]
    return {"checkIn": {"manualTrigger": True, "reviewGroups": own, **other}}


def decided(key: str, value: Any, **other: Any) -> Json:
    """A value of a review."""
    return {"key": key, "value": value, "required": False, **other}
