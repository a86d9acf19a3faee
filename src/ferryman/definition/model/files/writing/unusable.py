"""Settings of a step that a model may have and a file refuses. The step fails when it is reached; an export tells of it
and is a file that can be read all the same (pipeline-yaml 12.1)."""

import re

from ferryman.definition.model.files.values import Json, Tree
from ferryman.definition.model.files.writing.losses import Losses
from ferryman.domain.dialect import Dialect
from ferryman.steps import find_kind
from ferryman.steps.checking import check_settings
from ferryman.steps.faults import FaultCode

NOTHING = "${{ '' }}"
"""A placeholder of the empty text. Nobody judges one before it is replaced."""

_PART = re.compile(r"[^.\[\]]+")
_QUOTABLE = re.compile(r"[^'{}\r\n]+")


def write_unusable(code: str, settings: Tree, path: str, losses: Losses) -> Tree:
    """The settings of a step of this kind, with a placeholder for each that the kind refuses: nobody judges it before
    the step runs, and it is of no more use then. What the kind does not know is left out."""
    found = settings
    for fault in check_settings(code, settings, dialect=Dialect.CLASSIC):
        if fault.code is FaultCode.UNKNOWN_OR_EXCLUDED:
            losses.tell(path, f"the field {fault.path} of this step", key=fault.path)
            found = _without(found, _PART.findall(fault.path))
            continue
        losses.tell(
            path,
            f"settings that the step cannot use ({fault.path or 'one is missing'}: {fault.message}); a placeholder that"
            " gives nothing is written for them",
            key=fault.path,
        )
        places = _PART.findall(fault.path) or _needed(code)
        if places:
            found = _with_placeholder(found, places)
    return found


def _without(value: Json, places: list[str]) -> Json:
    first, *rest = places
    if isinstance(value, list):
        return [_without(each, rest) if first == str(at) else each for at, each in enumerate(value)]
    if not isinstance(value, dict) or first not in value:
        return value
    if rest:
        return value | {first: _without(value[first], rest)}
    return {name: each for name, each in value.items() if name != first}


def _needed(code: str) -> list[str]:
    """The first name of a choice that has to be made."""
    kind = find_kind(code)
    return [choice.names[0] for choice in kind.choices if choice.needed][:1] if kind is not None else []


def _with_placeholder(value: Json, places: list[str]) -> Json:
    if not places:
        return _placeholder(value)
    first, *rest = places
    if isinstance(value, list) and first.isdigit():
        at = int(first)
        return [_with_placeholder(each, rest) if at == other else each for other, each in enumerate(value)]
    if isinstance(value, dict):
        return value | {first: _with_placeholder(value.get(first), rest)}
    return NOTHING


def _placeholder(value: Json) -> Json:
    if isinstance(value, list):
        return [NOTHING]
    return f"${{{{ '{value}' }}}}" if isinstance(value, str) and _QUOTABLE.fullmatch(value) else NOTHING
