"""A new tree put into an old text: what did not change stays as its writer left it (pipeline-yaml 12.1, CFG-3).

Only the lines of changed keys and items are written anew; comments, anchors, quotes and the order of keys around them
are not touched. Going down stops where lines no longer belong to one key (flow collections, aliases, merged keys):
there the whole value is written anew. The outcome is read again; where it does not say what it should, because an
anchor was changed that others share, the text is written from scratch.
"""

import re
from typing import Any

from ferryman.definition.file.limits import Limits
from ferryman.definition.file.nodes import Entry, Mapping, Node, Scalar, Sequence
from ferryman.definition.file.reader import read_tree
from ferryman.definition.file.scalars import as_text
from ferryman.definition.file.writer import write, write_value

Plain = Any
"""A plain tree: dict, list, str, int, float, bool or None."""

_UNKNOWN: Plain = object()
"""Where nobody said what the old text comes to."""
_BOM = "\ufeff"
_OTHER_BREAKS = re.compile("[\r\x85\u2028\u2029]")
_SHORT_FORMS = ("jobs", "steps")
_LIMITS = Limits()


def merge(old_text: str, tree: dict[str, Plain], *, before: dict[str, Plain] | None = None) -> str:
    """The old text with the least changes that make it say `tree`.

    `before` is what the old text says in the long form in which `tree` is written. Where both say the same the old
    text stays, however it is spelled; without `before` a short form is taken for a change.
    """
    text = old_text.removeprefix(_BOM).replace("\r\n", "\n")
    known = _UNKNOWN if before is None else before
    if _OTHER_BREAKS.search(text):
        return write(tree)
    edits = _Edits(text)
    merged = edits.apply() if edits.plan(tree, known) else None
    if merged is None or not _Edits(merged).agree(tree, known):
        return write(tree)
    return merged.replace("\n", "\r\n") if "\r\n" in old_text else merged


class _Edits:
    """The changes to one text: ranges of lines with what stands there instead."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._root = read_tree(text, _LIMITS)
        self._edits: list[tuple[int, int, list[str]]] = []

    def plan(self, tree: dict[str, Plain], before: Plain) -> bool:
        """Collect the changes; False when the text cannot be read or edited."""
        root = self._root.tree
        if root is None or self._root.problems or not self._is_block(root, 0, len(self._lines)):
            return False
        dropped = _SHORT_FORMS if _part(before, "stages") != tree.get("stages", _UNKNOWN) else ()
        self._mapping(root, tree, before, len(self._lines), dropped)
        return True

    def agree(self, tree: dict[str, Plain], before: Plain) -> bool:
        """Whether the text needs no change to say a tree."""
        return self.plan(tree, before) and not self._edits

    def apply(self) -> str:
        """The text with the changes in it."""
        lines = list(self._lines)
        for begin, end, new in sorted(self._edits, key=lambda edit: edit[:2], reverse=True):
            lines[begin:end] = new
        return "\n".join(lines)

    def _mapping(
        self, node: Mapping, new: dict[str, Plain], before: Plain, end: int, dropped: tuple[str, ...] = ()
    ) -> None:
        """Change the entries of a block mapping whose lines go up to `end`."""
        column = node.entries[0].mark.column - 1
        ends = self._ends([entry.mark.line for entry in node.entries], end, column)
        for entry, last in zip(node.entries, ends, strict=True):
            begin = entry.mark.line - 1
            if entry.key in new:
                self._entry(entry, new[entry.key], _part(before, entry.key), last)
            elif before is _UNKNOWN or _part(before, entry.key) is not _UNKNOWN or entry.key in dropped:
                self._edits.append((begin, last, []))
        place = node.entries[0].mark.line - 1
        known = dict(zip((entry.key for entry in node.entries), ends, strict=True))
        for key, value in new.items():
            if key in known:
                place = known[key]
            elif _part(before, key) is _UNKNOWN or not _equal(_part(before, key), value):
                self._edits.append((place, place, self._text({key: value}, column)))

    def _entry(self, entry: Entry, new: Plain, before: Plain, end: int) -> None:
        """Change what stands behind a key, going down where its parts have lines of their own."""
        if _says(entry.node, new) or _equal(before, new):
            return
        begin, column = entry.mark.line - 1, entry.mark.column - 1
        match entry.node, new:
            case Mapping() as node, dict() if self._may_change(node, new, begin + 1, end):
                self._mapping(node, new, before, end)
            case Sequence() as node, list() if new and self._is_block(node, begin + 1, end):
                self._sequence(node, new, before, end)
            case node, _:
                lines = self._text({entry.key: new}, column, prefix=self._lines[begin][:column])
                if len(lines) == 1:
                    lines[0] += self._comment(node, begin)
                self._edits.append((begin, end, lines))

    def _sequence(self, node: Sequence, new: list[Plain], before: Plain, end: int) -> None:
        """Keep the items in front and behind that did not change, and change, add or remove those between."""
        column = self._lines[node.items[0].mark.line - 1].index("-")
        ends = self._ends([item.mark.line for item in node.items], end, column)
        told = before if isinstance(before, list) and len(before) == len(ends) else [_UNKNOWN] * len(ends)

        def is_kept(old: int, young: int) -> bool:
            return _says(node.items[old], new[young]) or _equal(told[old], new[young])

        front, most = 0, min(len(new), len(ends))
        while front < most and is_kept(front, front):
            front += 1
        back = 0
        while back < most - front and is_kept(-1 - back, -1 - back):
            back += 1
        changed, wanted = range(front, len(ends) - back), new[front : len(new) - back]
        for position, value in zip(changed, wanted, strict=False):
            self._item(node.items[position], value, told[position], ends[position], column)
        for position in changed[len(wanted) :]:
            self._edits.append((node.items[position].mark.line - 1, ends[position], []))
        place = ends[changed[-1]] if changed else ends[front - 1] if front else node.items[0].mark.line - 1
        added = [line for value in wanted[len(changed) :] for line in self._text([value], column)]
        if added:
            self._edits.append((place, place, added))

    def _item(self, item: Node, new: Plain, before: Plain, end: int, column: int) -> None:
        """Change an item of a list, key by key where it is a mapping that allows it."""
        begin = item.mark.line - 1
        match item, new:
            case Mapping() as node, dict() if self._may_change(node, new, begin, end, behind_dash=True):
                self._mapping(node, new, before, end)
            case _:
                self._edits.append((begin, end, self._text([new], column)))

    def _may_change(
        self, node: Mapping, new: dict[str, Plain], begin: int, end: int, *, behind_dash: bool = False
    ) -> bool:
        """Whether a mapping can be changed key by key: some key must stay, behind a dash the first one."""
        staying = [entry.key in new for entry in node]
        return any(staying[:1] if behind_dash else staying) and self._is_block(node, begin, end)

    def _is_block(self, node: Mapping | Sequence, begin: int, end: int) -> bool:
        """Whether each key or item of a collection has lines of its own, from `begin` up to `end`."""
        parts = [part.mark for part in (node.entries if isinstance(node, Mapping) else node.items)]
        lines = [mark.line - 1 for mark in parts]
        if not lines or lines != sorted(set(lines)) or not begin <= lines[0] <= lines[-1] < end:
            return False
        if isinstance(node, Mapping):
            opened = self._lines[node.mark.line - 1][node.mark.column - 1 : node.mark.column]
            return len({mark.column for mark in parts}) == 1 and opened != "{"
        return all(self._lines[line].lstrip().startswith("- ") for line in lines)

    def _ends(self, begins: list[int], end: int, column: int) -> list[int]:
        """Where the lines of each part end; comments and empty lines before the next part belong to that one."""
        ends = []
        for begin, last in zip(begins, [*(line - 1 for line in begins[1:]), end], strict=True):
            while last > begin and self._is_between(self._lines[last - 1], column):
                last -= 1
            ends.append(last)
        return ends

    def _is_between(self, line: str, column: int) -> bool:
        told = line.lstrip(" ")
        return not told or (told[0] == "#" and len(line) - len(told) <= column) or line == "..."

    def _text(self, value: Plain, column: int, prefix: str | None = None) -> list[str]:
        """A value as lines of a column; the first may follow a dash."""
        blanks = " " * column
        first, *rest = write_value(value).removesuffix("\n").split("\n")
        return [
            (blanks if prefix is None else prefix) + first,
            *(blanks + line if line else "" for line in rest),
        ]

    def _comment(self, node: Node, line: int) -> str:
        """The comment behind a value of one line."""
        if not isinstance(node, Scalar) or node.mark.line - 1 != line or node.style in ("|", ">"):
            return ""
        column = node.mark.column - 1
        width = len(node.text) + (2 if node.style else 0)
        behind = self._lines[line][column + width :]
        return behind if behind.lstrip().startswith("#") else ""


def _part(tree: Plain, key: str) -> Plain:
    return tree.get(key, _UNKNOWN) if isinstance(tree, dict) else _UNKNOWN


def _equal(left: Plain, right: Plain) -> bool:
    """Whether two plain values are the same; a number is not a boolean."""
    if isinstance(left, dict) and isinstance(right, dict):
        return list(left) == list(right) and all(_equal(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_equal, left, right))
    return type(left) is type(right) and bool(left == right)


def _says(node: Node, value: Plain) -> bool:
    """Whether a node of the text says a plain value, in whatever spelling; the order of keys does not matter."""
    match node:
        case Mapping():
            return (
                isinstance(value, dict)
                and len(value) == len(node.entries)
                and all(entry.key in value and _says(entry.node, value[entry.key]) for entry in node)
            )
        case Sequence():
            return (
                isinstance(value, list)
                and len(value) == len(node.items)
                and all(map(_says, node.items, value))
            )
        case Scalar():
            if isinstance(value, list) and len(value) == 1:
                return _says(node, value[0])
            return _equal(node.value, value) or value == as_text(node.value, node.text)
