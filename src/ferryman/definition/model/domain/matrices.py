"""The texts of a matrix: YAML or JSON in the model, axes and cases in the domain (semantics 6.2, RULINGS 1).

A text is read once, when the model is loaded; placeholders in it are filled leaf by leaf when the job begins. Every
value is text, as it was written. A text that is an expression stays one.
"""

import json
import re
from typing import Any

from ferryman.definition.file.limits import Limits
from ferryman.definition.file.nodes import Mapping, Node, Scalar, Sequence
from ferryman.definition.file.reader import read_tree
from ferryman.definition.file.scalars import as_text

Axes = dict[str, list[str] | str] | str
Cases = list[dict[str, str]] | str

_KEY = "text"
_NOT_PRINTED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""Characters that JSON takes as they are and YAML does not."""
_LIMITS = Limits(depth=8)


class Unreadable(ValueError):
    """A text that is neither an expression nor YAML of the wanted form; its message says what is wrong."""


def axes_and_cases(text: str) -> tuple[Axes, Cases, Cases]:
    """Axes, and the include and exclude cases that may stand among them; Unreadable for anything else."""
    if is_expression(text):
        return text, "", ""
    node = _node(text)
    if node is None or (isinstance(node, Scalar) and node.value is None):
        return {}, "", ""
    if not isinstance(node, Mapping):
        raise Unreadable("wants a map of names to lists of values, or an expression fromJSON(...)")
    kept: dict[str, Cases] = {"include": "", "exclude": ""}
    axes: dict[str, list[str] | str] = {}
    for entry in node:
        if entry.key in kept and (isinstance(entry.node, Scalar) or _holds_cases(entry.node)):
            kept[entry.key] = _cases(entry.node)
        else:
            axes[entry.key] = _values(entry.node, entry.key)
    return axes, kept["include"], kept["exclude"]


def cases(text: str) -> Cases:
    """A list of cases, or the expression that gives one; Unreadable for anything else."""
    if is_expression(text):
        return text
    node = _node(text)
    return "" if node is None else _cases(node)


def matrix_text(value: Axes | Cases) -> str:
    """The text that is read as this value."""
    if isinstance(value, str):
        return value
    told = json.dumps(value, ensure_ascii=False)
    return _NOT_PRINTED.sub(lambda found: f"\\u{ord(found.group()):04x}", told)


def is_expression(text: str) -> bool:
    """Whether a text is one expression whose value only a run knows."""
    told = text.strip()
    return told.startswith(("${", "fromJSON(")) and "\n" not in told


def _node(text: str) -> Node | None:
    """The node of a text; None when it is blank."""
    if not text.strip():
        return None
    inside = text.strip("\r\n").removeprefix("---\n").replace("\n", "\n  ")
    reading = read_tree(f"{_KEY}:\n  {inside}\n", _LIMITS)
    told: Any = reading.tree.entries if reading.tree is not None and not reading.problems else ()
    if len(told) != 1:
        problem = reading.problems[0].message if reading.problems else "it is not one map or list"
        raise Unreadable(f"cannot be read as YAML: {problem}")
    node: Node = told[0].node
    return node


def _holds_cases(node: Node) -> bool:
    return isinstance(node, Sequence) and all(isinstance(item, Mapping) for item in node.items)


def _values(node: Node, name: str) -> list[str] | str:
    match node:
        case Sequence():
            return [_scalar(item, name) for item in node.items]
        case Scalar() if is_expression(node.text):
            return node.text
        case _:
            raise Unreadable(f'"{name[:40]}" wants a list of values, or an expression fromJSON(...)')


def _cases(node: Node) -> Cases:
    match node:
        case Scalar(value=None):
            return ""
        case Scalar() if is_expression(node.text):
            return node.text
        case Sequence() if _holds_cases(node):
            return [_case(item) for item in node.items if isinstance(item, Mapping)]
        case _:
            raise Unreadable("wants a list of maps, or an expression fromJSON(...)")


def _case(node: Mapping) -> dict[str, str]:
    return {entry.key: _scalar(entry.node, entry.key) for entry in node}


def _scalar(node: Node, name: str) -> str:
    if not isinstance(node, Scalar):
        raise Unreadable(f'a value of "{name[:40]}" is not a single value')
    return as_text(node.value, node.text)
