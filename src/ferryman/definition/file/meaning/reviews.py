"""Reviews before a stage: somebody decides, and forms begin with one of their choices (pipeline-yaml 6.1)."""

from functools import partial

from ferryman.definition.file import codes, paths
from ferryman.definition.file.findings import suggestion
from ferryman.definition.file.meaning.subject import Plain, Subject


def check(subject: Subject) -> None:
    """Check the reviews of every stage."""
    for stage in subject.stages:
        reviews = (stage.body.get("check-in") or {}).get("reviews") or {}
        path = paths.key(paths.key(stage.path, "check-in"), "reviews")
        for index, flow in enumerate(reviews.get("flows") or ()):
            if flow is not None:
                _check_flow(subject, flow, paths.item(paths.key(path, "flows"), index))
        for name, variable in (reviews.get("variables") or {}).items():
            if variable is not None:
                _check_default(subject, variable, paths.key(paths.key(path, "variables"), name))


def _check_flow(subject: Subject, flow: Plain, path: str) -> None:
    if "reviewers" in flow and "groups" in flow:
        message = "reviewers and groups exclude each other"
        where = paths.key(path, "groups")
        subject.findings.add(where, message, codes.UNKNOWN_KEY, key="groups", hint="keep one of them")
    if "reviewers" not in flow and "groups" not in flow:
        message, hint = "nobody is named who could decide", "write reviewers or groups"
        subject.findings.add(path, message, codes.MISSING, key="reviewers", hint=hint)


def _check_default(subject: Subject, variable: Plain, path: str) -> None:
    values, default = variable.get("values"), variable.get("default")
    if variable.get("type") not in {"SELECTOR", "SELECTOR-MULTIPLE"} or not values or default is None:
        return
    parts = default if isinstance(default, list) else [default]
    if variable["type"] == "SELECTOR-MULTIPLE" and isinstance(default, str):
        parts = [part.strip() for part in default.split(",")]
    for part in parts:
        if part and part not in values and "${{" not in part:
            message = f'"{part[:60]}" is not one of the values'
            hint = partial(suggestion, part, [value for value in values if value])
            subject.findings.add(paths.key(path, "default"), message, codes.VARIABLE_VALUE, hint=hint)
