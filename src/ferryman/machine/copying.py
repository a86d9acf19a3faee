"""Between frozen nodes and drafts: all fields there, all fields back, for every event that is folded.

The functions are written out as code, as `dataclasses` does it: a loop over names takes three to six times as long,
which was a twelfth of all the time that a step without work costs.
"""

from collections.abc import Callable
from typing import Any

import msgspec

Node = type[msgspec.Struct]


def copier(kind: Node) -> Callable[[Any, Any], None]:
    """A function `copy(node, draft)` that gives a draft all fields of a node of this kind."""
    lines = "".join(f"\n    draft.{name} = node.{name}" for name in kind.__struct_fields__)
    made: dict[str, Any] = {}
    exec(f"def copy(node, draft):{lines}", made)
    return made["copy"]  # type: ignore[no-any-return]


def freezer(kind: Node) -> Callable[[Any], Any]:
    """A function `freeze(draft)` that makes a node of this kind from the fields of a draft."""
    fields = ", ".join(f"{name}=draft.{name}" for name in kind.__struct_fields__)
    made: dict[str, Any] = {"kind": kind}
    exec(f"def freeze(draft):\n    return kind({fields})", made)
    return made["freeze"]  # type: ignore[no-any-return]
