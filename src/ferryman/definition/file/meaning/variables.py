"""Variables: names, constants, and values that fit their type (pipeline-yaml 5)."""

import re
from functools import partial

from ferryman.definition.file import codes, paths
from ferryman.definition.file.findings import suggestion
from ferryman.definition.file.meaning.subject import Plain, Subject

_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*")
_READABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_PLACEHOLDER = "${{"


def check(subject: Subject) -> None:
    """Check every variable of the file."""
    for name, variable in (subject.value.get("variables") or {}).items():
        path = paths.key("variables", name)
        _check_name(subject, name, path)
        if isinstance(variable, str) and _CONSTANT.fullmatch(name):
            message = f'"{name}" is a name of a constant and needs the long form'
            hint = f"write {name}: {{value: ...}}, or use small letters"
            subject.findings.add(path, message, codes.NO_FORM, key=name, hint=hint)
        if isinstance(variable, dict):
            _check_constant(subject, name, variable, path)
            _check_value(subject, variable, path)


def _check_name(subject: Subject, name: str, path: str) -> None:
    if not _READABLE.fullmatch(name):
        message = f'no expression can read a variable named "{name[:64]}"'
        hint = "use letters, digits and underscores"
        subject.findings.add(path, message, codes.PATTERN, key=name, hint=hint, severity="warning")


def _check_constant(subject: Subject, name: str, variable: Plain, path: str) -> None:
    def refuse(key: str, message: str, hint: str) -> None:
        subject.findings.add(paths.key(path, key), message, codes.UNKNOWN_KEY, key=key, hint=hint)

    if "const" in variable and not _CONSTANT.fullmatch(name):
        refuse(
            "const", "only a name in capitals may be a constant", f"name it {name.upper()}, or remove const"
        )
    if variable.get("const") is True:
        if variable.get("readonly") is False:
            refuse("readonly", "a constant is always readonly", "remove readonly")
        if "allow-modify-at-startup" in variable:
            refuse("allow-modify-at-startup", "a constant cannot be changed at a start", "remove it")


def _check_value(subject: Subject, variable: Plain, path: str) -> None:
    """A value has the form and one of the choices of its type."""
    props = variable.get("props") or {}
    type_name, value, where = props.get("type", "vuex-input"), variable.get("value"), paths.key(path, "value")
    if isinstance(value, dict | list):
        form, owner = ("a mapping", "repo-ref") if isinstance(value, dict) else ("a list", "form-list")
        if type_name not in {owner, None}:
            message = f"wants text, found {form}"
            subject.findings.add(where, message, codes.WRONG_TYPE, hint=f"only the type {owner} takes {form}")
        return
    if not isinstance(value, str) or _PLACEHOLDER in value:
        return
    if type_name == "boolean" and value not in {"true", "false"}:
        message = f'"{value[:60]}" is not true or false, which the type boolean wants'
        subject.findings.add(where, message, codes.VARIABLE_VALUE)
    if type_name in {"selector", "checkbox"} and "payload" not in props:
        _check_choice(subject, type_name, value, props.get("options") or [], where)


def _options(part: str, ids: list[str]) -> str:
    return suggestion(part, ids) or (f"options: {', '.join(ids)}" if ids else "it has no options")


def _check_choice(
    subject: Subject, type_name: str, value: str, options: list[Plain | None], where: str
) -> None:
    if any((option or {}).get("id") is None for option in options):
        return
    ids = [option["id"] for option in options if option]
    parts = [part.strip() for part in value.split(",")] if type_name == "checkbox" else [value]
    for part in parts:
        if part and part not in ids:
            message = f'"{part[:60]}" is not an option of the variable'
            hint = partial(_options, part, ids)
            subject.findings.add(where, message, codes.VARIABLE_VALUE, hint=hint)
