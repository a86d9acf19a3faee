"""Texts of the model that hold YAML: axes, include and exclude of a matrix (pipeline-yaml 7.3)."""

from ferryman.definition.file.limits import Limits
from ferryman.definition.file.nodes import Mapping, Node, Scalar
from ferryman.definition.file.reader import read_tree
from ferryman.definition.file.writer import write_value
from ferryman.definition.model.files.values import Json, text

_KEY = "text"
_LIMITS = Limits(depth=40)
"""Shallower than a file, because what is found here is put some levels deep into one."""


def to_text(value: Json) -> str:
    """A map or list as YAML text; a text is taken as it is."""
    return value if isinstance(value, str) else write_value(value)


def from_text(value: Json) -> Json:
    """The map or list that a text says in YAML or JSON, else the text itself."""
    told = text(value)
    found = parse(told)
    return found if isinstance(found, dict | list) else told


def parse(value: str) -> Json:
    """What a text says in YAML; None when it is not YAML."""
    inside = value.strip("\n").removeprefix("---\n").replace("\n", "\n  ")
    tree = read_tree(f"{_KEY}:\n  {inside}\n", _LIMITS).tree
    entry = tree.find(_KEY) if tree is not None and len(tree.entries) == 1 else None
    return None if entry is None else plain(entry.node)


def plain(node: Node) -> Json:
    """The plain value of a node."""
    match node:
        case Scalar():
            return node.value
        case Mapping():
            return {entry.key: plain(entry.node) for entry in node}
        case _:
            return [plain(item) for item in node.items]
