"""Applies the tables to a file: the one walk that finds every fault of shape (pipeline-yaml 2 and 13).

What comes out beside the problems is the plain tree: text where text is wanted, lists where one item may
stand for a list, null keys left out. A value that was refused stays as None, so that later checks know the
key was written and do not complain of its absence.
"""

import re
from collections.abc import Set
from typing import Any

from ferryman.definition.file import codes, paths
from ferryman.definition.file.findings import Findings, near, suggestion
from ferryman.definition.file.nodes import Entry, Mapping, Node, Scalar, Sequence, kind
from ferryman.definition.file.scalars import as_text
from ferryman.definition.file.shapes import (
    Anything,
    Flag,
    Forms,
    Key,
    Keys,
    Listing,
    Minutes,
    Refusal,
    Shape,
    Text,
    Whole,
    Word,
    bounds,
    find_refusal,
    wanted,
)

PLACEHOLDER = "${{"
"""Where a text begins to hold an expression; what it becomes is only known at run time."""

Plain = Any
"""A plain tree: dict, list, str, int, float, bool or None."""


def check(tree: Mapping, shape: Keys, findings: Findings, *, accept_vendor_keys: bool) -> dict[str, Plain]:
    """Check a whole file against the table of its top level."""
    findings.place("", tree.mark, tree)
    walk = _Walk(findings, accept_vendor_keys)
    return walk.mapping(tree, shape, "")


class _Walk:
    """One walk over one file."""

    def __init__(self, findings: Findings, accept_vendor_keys: bool) -> None:
        self._findings = findings
        self._accept_vendor_keys = accept_vendor_keys

    def value(self, node: Node, shape: Shape, path: str) -> Plain:
        """The plain value of a node, None when it is refused."""
        match shape:
            case Anything():
                return self._anything(node, path)
            case Forms():
                return self._form(node, shape, path)
            case Listing():
                return self._listing(node, shape, path)
            case Keys():
                if isinstance(node, Mapping):
                    return self.mapping(node, shape, path)
                return self._wrong_type(node, shape, path)
        if not isinstance(node, Scalar):
            return self._wrong_type(node, shape, path)
        match shape:
            case Text():
                return self._text(node, shape, path)
            case Word():
                return self._word(node, shape, path)
            case Flag():
                return node.value if isinstance(node.value, bool) else self._wrong_type(node, shape, path)
            case Whole():
                return self._whole(node, shape, path)
            case Minutes():
                return self._minutes(node, shape, path)

    def _wrong_type(self, node: Node, shape: Shape, path: str) -> Plain:
        """Tell that another type was wanted, with the likely remedy."""
        hint = ""
        if isinstance(node, Scalar):
            if isinstance(shape, Text) and isinstance(node.value, bool):
                hint = "put it in quotes if the text is meant"
            elif isinstance(shape, Flag) and node.text.lower() in {"true", "false", "yes", "no", "on", "off"}:
                hint = "write true or false without quotes"
            elif isinstance(shape, Listing) and node.value is not None:
                hint = f"write [{node.text}]" if len(node.text) < 40 and "\n" not in node.text else ""
        self._findings.add(path, f"wants {wanted(shape)}, found {kind(node)}", codes.WRONG_TYPE, hint=hint)
        return None

    def _anything(self, node: Node, path: str) -> Plain:
        match node:
            case Scalar():
                return node.value
            case Sequence():
                return [self._anything(item, here) for here, item in self._placed(node, path)]
            case Mapping():
                plain = {}
                for entry in node:
                    here = self._place(entry, path)
                    plain[entry.key] = self._anything(entry.node, here)
                return plain

    def _form(self, node: Node, shape: Forms, path: str) -> Plain:
        match node:
            case Scalar():
                form = shape.scalar
            case Sequence():
                form = shape.listing
            case Mapping():
                form = shape.mapping
        if form is None or (_is_nothing(node) and not _takes_nothing(form)):
            return self._wrong_type(node, shape, path)
        return self.value(node, form, path)

    def _placed(self, node: Sequence, path: str) -> list[tuple[str, Node]]:
        placed = [(paths.item(path, index), item) for index, item in enumerate(node.items)]
        for here, item in placed:
            self._findings.place(here, item.mark, item)
        return placed

    def _place(self, entry: Entry, path: str) -> str:
        here = paths.key(path, entry.key)
        self._findings.place(here, entry.mark, entry.node)
        return here

    def _listing(self, node: Node, shape: Listing, path: str) -> Plain:
        if not isinstance(node, Sequence):
            is_item = shape.single and not _is_nothing(node)
            if not is_item or isinstance(node, Mapping) != isinstance(shape.item, Keys):
                return self._wrong_type(node, shape, path)
            return [self.value(node, shape.item, path)]
        if len(node.items) < shape.least:
            self._findings.add(path, "the list is empty", codes.MISSING)
        if shape.most is not None and len(node.items) > shape.most:
            message = f"has {len(node.items)} entries, at most {shape.most} are allowed"
            self._findings.add(path, message, codes.TOO_MUCH)
        return [self.value(item, shape.item, here) for here, item in self._placed(node, path)]

    def mapping(self, node: Mapping, shape: Keys, path: str) -> dict[str, Plain]:
        """The plain mapping of a node, with what is known, required and refused by its table."""
        plain: dict[str, Plain] = {}
        known = {key.name: key for key in shape.keys}
        absent = known.keys() - {entry.key for entry in node}
        for entry in node:
            here = self._place(entry, path)
            refusal = find_refusal(entry.key, shape.refusals)
            if refusal is not None:
                if not self._refuse(entry.key, refusal, here):
                    plain[entry.key] = None
                    plain.setdefault(refusal.instead or entry.key, None)
            elif entry.key in known:
                self._known(plain, known[entry.key], entry.node, here, shape)
            elif shape.rest is not None:
                self._name_length(entry.key, shape, here)
                plain[entry.key] = self.value(entry.node, shape.rest, here)
            else:
                self._unknown(plain, entry.key, known, absent, here)
        for key in shape.keys:
            if key.required and key.name not in plain:
                message = f'{shape.what} needs the key "{key.name}"'
                self._findings.add(path, message, codes.MISSING, key=key.name)
        self._count(node, shape, path)
        return plain

    def _known(self, plain: dict[str, Plain], key: Key, node: Node, here: str, shape: Keys) -> None:
        """Take a key of the table; a single value that is empty counts as absent."""
        if not (is_single(key.shape) and _is_nothing(node)) or _takes_nothing(key.shape):
            plain[key.name] = self.value(node, key.shape, here)
        elif key.required:
            message, hint = f'the key "{key.name}" of {shape.what} is empty', "give it a value"
            self._findings.add(here, message, codes.MISSING, key=key.name, hint=hint)
            plain[key.name] = None

    def _refuse(self, name: str, refusal: Refusal, here: str) -> bool:
        """Tell what is wrong with a key or word; answers whether the reader accepts it nevertheless."""
        accepted = refusal.vendor and self._accept_vendor_keys
        self._findings.add(
            here,
            refusal.message,
            codes.UNKNOWN_KEY,
            key=name,
            hint=refusal.hint,
            severity="warning" if accepted else "error",
        )
        return accepted

    def _unknown(
        self, plain: dict[str, Plain], name: str, known: dict[str, Key], absent: Set[str], here: str
    ) -> None:
        """Tell an unknown key; the key it was meant to be is then not missed as well."""
        meant = near(name, (candidate for candidate in known if candidate in absent))
        if meant:
            plain.setdefault(meant, None)
        hint = f'did you mean "{meant}"?' if meant else suggestion(name, known) or _known_keys(known)
        self._findings.add(here, f'unknown key "{name}"', codes.UNKNOWN_KEY, key=name, hint=hint)

    def _name_length(self, name: str, shape: Keys, here: str) -> None:
        if shape.longest_name is not None and len(name) > shape.longest_name:
            message = f"the name has {len(name)} characters, at most {shape.longest_name} are allowed"
            self._findings.add(here, message, shape.longest_name_code, key=name)

    def _count(self, node: Mapping, shape: Keys, path: str) -> None:
        if len(node.entries) < shape.least:
            self._findings.add(path, f"{shape.what} holds nothing", codes.MISSING)
        if shape.most is not None and len(node.entries) > shape.most:
            message = f"has {len(node.entries)} entries, at most {shape.most} are allowed"
            self._findings.add(path, message, shape.most_code)

    def _text(self, node: Scalar, shape: Text, path: str) -> Plain:
        if (node.value is None and not shape.nothing) or (
            isinstance(node.value, bool) and not shape.booleans
        ):
            return self._wrong_type(node, shape, path)
        text = as_text(node.value, node.text)
        if shape.longest is not None and len(text) > shape.longest:
            message = f"has {len(text)} characters, at most {shape.longest} are allowed"
            self._findings.add(path, message, shape.longest_code)
            return None
        if len(text) < shape.shortest:
            self._findings.add(path, "may not be empty", codes.PATTERN)
            return None
        if shape.pattern and not re.fullmatch(shape.pattern, text):
            self._findings.add(path, f"{_shown(text)} is not {shape.rule}", shape.pattern_code)
            return None
        return text

    def _word(self, node: Scalar, shape: Word, path: str) -> Plain:
        if shape.flags and isinstance(node.value, bool):
            return node.value
        if node.value is None:
            return self._wrong_type(node, shape, path)
        text = as_text(node.value, node.text)
        if text in shape.words:
            return text
        refusal = find_refusal(text, shape.refusals)
        if refusal is not None:
            return text if self._refuse(text, refusal, path) else None
        if isinstance(node.value, str):
            hint = suggestion(text, shape.words)
            self._findings.add(path, f"{_shown(text)} is not {wanted(shape)}", codes.UNKNOWN_WORD, hint=hint)
            return None
        return self._wrong_type(node, shape, path)

    def _whole(self, node: Scalar, shape: Whole, path: str) -> Plain:
        if isinstance(node.value, bool) or not isinstance(node.value, int):
            return self._wrong_type(node, shape, path)
        return self._in_range(node.value, shape.least, shape.most, path)

    def _in_range(self, number: int, least: int | None, most: int | None, path: str) -> Plain:
        if (least is not None and number < least) or (most is not None and number > most):
            message = f"{number} is out of range, wants a whole number{bounds(least, most)}"
            self._findings.add(path, message, codes.RANGE)
            return None
        return number

    def _minutes(self, node: Scalar, shape: Minutes, path: str) -> Plain:
        if isinstance(node.value, bool | float) or node.value is None:
            return self._wrong_type(node, shape, path)
        text = str(node.value).strip()
        if re.fullmatch(r"[-+]?[0-9]{1,18}", text, re.ASCII):
            return self._in_range(int(text), shape.least, shape.most, path)
        if PLACEHOLDER in text:
            return text
        self._findings.add(path, f"{_shown(text)} is not {wanted(shape)}", codes.PATTERN)
        return None


def is_single(shape: Shape) -> bool:
    """Whether only a single value fits a shape; an empty one then means that the key is absent."""
    return isinstance(shape, Text | Word | Flag | Whole | Minutes | Anything)


def _is_nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _takes_nothing(shape: Shape) -> bool:
    return isinstance(shape, Anything) or (isinstance(shape, Text) and shape.nothing)


def _known_keys(known: dict[str, Key]) -> str:
    names = [key.name for key in known.values() if key.standing != "X"]
    return f"known here: {', '.join(names)}" if names else "no key is known here"


def _shown(text: str) -> str:
    """A text of the writer, short enough for a message."""
    line = text.split("\n", 1)[0]
    return f'"{line[:57]}…"' if len(line) > 60 or line != text else f'"{text}"'
