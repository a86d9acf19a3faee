"""Text to a tree of nodes with marks (pipeline-yaml 2).

The tree is put together from the events of libyaml, so that every bound is checked while the tree grows: a
text that names one anchor a million times is refused before anything is copied. A text that is not YAML
gives one problem; keys that stand twice are told beside a tree that keeps the first of them.

Libyaml refuses a colon inside unquoted text between `[ ]` or `{ }` (an address, an image with its tag, a time
of day), which YAML allows. A text that it refuses for that is read again by the parser written in Python, unless it is
so long that this would take a second.

The parser is imported when the first text is read, for a server that is idle does without it (RULINGS 20); so its
events are told apart by the names of their classes.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from ferryman.definition.file import codes, paths
from ferryman.definition.file.blame import blamed
from ferryman.definition.file.limits import Limits
from ferryman.definition.file.nodes import Entry, Mapping, Mark, Node, Scalar, ScalarValue, Sequence
from ferryman.definition.file.scalars import resolve
from ferryman.domain.errors import Problem

if TYPE_CHECKING:
    from ruamel.yaml.error import MarkedYAMLError

MOST_READ_TWICE = 128 * 1024
"""Characters of a text that the slow parser may read: a server answers nobody else meanwhile."""

_BOM = "\ufeff"
_TAG = "tag:yaml.org,2002:"
_MERGE = "<<"
_SHOWN_KEY = 80
_FAR_FROM_CAUSE = (
    "while scanning a quoted",
    "while scanning a simple",
    "while parsing a flow seq",
    "while parsing a flow map",
)


class Reading(msgspec.Struct, frozen=True):
    """What a text came to: a tree, unless a problem says why there is none."""

    tree: Mapping | None
    problems: tuple[Problem, ...] = ()


def read_tree(text: str | bytes, limits: Limits) -> Reading:
    """Read one YAML document that is a mapping. Never raises, whatever the text."""
    try:
        source = _decode(text, limits)
        try:
            return _read(_Composer(source, limits))
        except _ColonInText:
            if len(source) > MOST_READ_TWICE:
                raise
            return _read(_Composer(source, limits, colons=True))
    except _NotYaml as fault:
        return Reading(None, (fault.problem,))


def _read(composer: "_Composer") -> Reading:
    return Reading(composer.document(), tuple(composer.duplicates))


class _NotYaml(Exception):
    """The text cannot be read; ends the reading with one problem."""

    def __init__(self, message: str, mark: Mark, *, path: str = "", hint: str = "", code: int = codes.SYNTAX):
        super().__init__(message)
        self.problem = Problem(
            path=path, message=message, code=code, line=mark.line, column=mark.column, hint=hint
        )


class _ColonInText(_NotYaml):
    """Refused by libyaml alone: unquoted text between brackets holds a colon."""


_START = Mark(1, 1)


def _decode(text: str | bytes, limits: Limits) -> str:
    """The text without a byte order mark; refused when it is too large or not UTF-8."""
    try:
        raw = text.encode() if isinstance(text, str) else text
        if len(raw) > limits.size:
            raise _NotYaml(
                f"the file is larger than {limits.size} bytes", _START, hint="cut it", code=codes.TOO_MUCH
            )
        return raw.decode().removeprefix(_BOM)
    except UnicodeError as error:
        before = text[: error.start] if isinstance(error, UnicodeEncodeError | UnicodeDecodeError) else text
        shown = before.decode(errors="replace") if isinstance(before, bytes) else before
        raise _NotYaml("the file is not text in UTF-8", _mark_behind(shown)) from None


def _mark_behind(text: str) -> Mark:
    return Mark(text.count("\n") + 1, len(text) - (text.rfind("\n") + 1) + 1)


class _Anchor(msgspec.Struct, frozen=True):
    """A node that has a name, with what it weighs at each place that names it."""

    node: Node
    nodes: int
    height: int


class _Composer:
    """Builds the tree of one text from its events."""

    def __init__(self, text: str, limits: Limits, *, colons: bool = False) -> None:
        """`colons`: unquoted text between brackets may hold them, which reads up to a hundred times as slowly."""
        self.duplicates: list[Problem] = []
        self._limits = limits
        self._colons = colons
        self._events = self._parse(text)
        self._lines = text.split("\n")
        self._anchors: dict[str, _Anchor] = {}
        self._open: set[str] = set()
        self._nodes = 0
        self._deepest = 0
        self._run_on: tuple[Mark, int] | None = None

    def document(self) -> Mapping:
        """The only document of the text, which must be a mapping."""
        for event in self._events:
            if _kind(event) == "DocumentStartEvent":
                root = self._node(next(self._events), "", 1)
                break
        else:
            raise _NotYaml("the file is empty", _START, hint="a pipeline begins with `version: v3.0`")
        for event in self._events:
            if _kind(event) == "DocumentStartEvent":
                raise _NotYaml("the file holds more than one document", _mark(event.start_mark))
        if not isinstance(root, Mapping):
            raise _NotYaml(
                "the file is not a mapping", root.mark, hint="a pipeline begins with `version: v3.0`"
            )
        return root

    def _parse(self, text: str) -> Iterator[Any]:
        """The events of the text, its syntax faults told as one problem."""
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError, YAMLError
        from ruamel.yaml.reader import ReaderError

        try:
            for event in YAML(typ="safe", pure=self._colons).parse(text):
                kind = _kind(event)
                if kind == "ScalarEvent" and event.style in {"'", '"'}:
                    self._note_run_on(event)
                if kind not in ("StreamStartEvent", "DocumentEndEvent"):
                    yield event
        except MarkedYAMLError as error:
            raise self._syntax_fault(error) from None
        except ReaderError as error:
            before = text.encode()[: error.position].decode(errors="ignore")
            message = f"the character #x{error.character:04x} is not allowed in a file"
            raise _NotYaml(message, _mark_behind(before)) from None
        except (YAMLError, ValueError) as error:
            raise _NotYaml(str(error), _START) from None

    def _note_run_on(self, event: Any) -> None:
        """Remember quoted text over several lines: a quote that was never closed looks like this."""
        if event.end_mark.line > event.start_mark.line:
            self._run_on = (_mark(event.start_mark), event.end_mark.line + 1)

    def _syntax_fault(self, error: "MarkedYAMLError") -> _NotYaml:
        """The parser's own text, placed at the cause where the parser only noticed it later."""
        noticed = _mark(error.problem_mark or error.context_mark)
        context = error.context or ""
        message = f"{context}, {error.problem}" if context else str(error.problem)
        if self._run_on and noticed.line <= self._run_on[1]:
            began, ended = self._run_on
            return _NotYaml(
                f"{message} (line {noticed.line})",
                began,
                hint=f"the quote opened here is closed on line {ended}; is one missing?",
            )
        if error.context_mark is not None and context.startswith(_FAR_FROM_CAUSE):
            began = _mark(error.context_mark)
            return _NotYaml(message + _noticed_elsewhere(began, noticed), began)
        line = blamed("\n".join(self._lines), noticed.line)
        cause = noticed if line == noticed.line else Mark(line, 1)
        message, is_colon = message + _noticed_elsewhere(cause, noticed), "unexpected ':'" in message
        if is_colon:
            return _ColonInText(message, cause, hint="put text with a colon in quotes inside [ ] and { }")
        return _NotYaml(message, cause)

    def _node(self, event: Any, path: str, level: int) -> Node:
        """The node that begins with this event, `level` levels deep."""
        mark = _mark(event.start_mark)
        self._count(1, mark, path)
        kind = _kind(event)
        if kind == "AliasEvent":
            return self._alias(event, mark, path, level)
        before, outer = self._nodes, self._deepest
        self._deepest = level - 1 if kind == "ScalarEvent" else level
        if event.anchor:
            self._open.add(event.anchor)
        match kind:
            case "ScalarEvent":
                node: Node = _scalar(event, mark, path, self._lines)
            case "SequenceStartEvent":
                self._check_level(level, mark, path)
                node = Sequence(mark, tuple(self._items(event, path, level)))
            case _:
                self._check_level(level, mark, path)
                node = Mapping(mark, tuple(self._entries(event, path, level)))
        if event.anchor:
            self._open.discard(event.anchor)
            self._anchors[event.anchor] = _Anchor(node, self._nodes - before + 1, self._deepest - level)
        self._deepest = max(outer, self._deepest)
        return node

    def _alias(self, event: Any, mark: Mark, path: str, level: int) -> Node:
        if event.anchor in self._open:
            raise _NotYaml(f"the anchor {event.anchor!r} holds itself", mark, path=path)
        anchor = self._anchors.get(event.anchor)
        if anchor is None:
            raise _NotYaml(f"there is no anchor {event.anchor!r} before this place", mark, path=path)
        self._count(anchor.nodes - 1, mark, path)
        self._check_level(level + anchor.height, mark, path)
        self._deepest = max(self._deepest, level + anchor.height)
        return anchor.node

    def _items(self, start: Any, path: str, level: int) -> list[Node]:
        _check_tag(start, "seq", path)
        items: list[Node] = []
        while _kind(event := next(self._events)) != "SequenceEndEvent":
            items.append(self._node(event, paths.item(path, len(items)), level + 1))
        return items

    def _entries(self, start: Any, path: str, level: int) -> list[Entry]:
        """The entries of a mapping: its own first in the file, then those it merges and does not name."""
        _check_tag(start, "map", path)
        own: dict[str, Entry] = {}
        merged: list[Entry] | None = None
        while _kind(event := next(self._events)) != "MappingEndEvent":
            mark = _mark(event.start_mark)
            name = self._key(event, path, between_brackets=bool(start.flow_style))
            here = paths.key(path, name)
            node = self._node(next(self._events), here, level + 1)
            if name in own:
                self._duplicate(own[name], Entry(name, mark, node), here)
                continue
            own[name] = Entry(name, mark, node)
            if name == _MERGE and not event.style:
                merged = _merged(node, here)
        if merged is None:
            return list(own.values())
        del own[_MERGE]
        return [*own.values(), *(entry for entry in merged if entry.key not in own)]

    def _key(self, event: Any, path: str, *, between_brackets: bool) -> str:
        """The text of a key, as written."""
        mark = _mark(event.start_mark)
        is_walked = _kind(event) in ("SequenceStartEvent", "MappingStartEvent")
        node = None if is_walked else self._node(event, path, 0)
        if not isinstance(node, Scalar):
            # Refused before it is walked into: a key inside a key inside a key would know no depth.
            raise _NotYaml("a key must be text, not a list or mapping", mark, path=path)
        if self._colons and between_brackets and not event.style and ":" in node.text:
            hint = "put a blank behind the colon, or the key in quotes"
            raise _NotYaml(f'a colon inside the key "{_short(node.text)}"', mark, path=path, hint=hint)
        if node.value is None:
            raise _NotYaml("a key is empty", mark, path=path, hint="put a name before the colon")
        return node.text

    def _duplicate(self, first: Entry, second: Entry, path: str) -> None:
        name = _short(second.key)
        problem = Problem(
            path=path,
            message=f'the key "{name}" stands twice, on lines {first.mark.line} and {second.mark.line}',
            code=codes.SYNTAX,
            key=second.key,
            line=second.mark.line,
            column=second.mark.column,
            hint="rename or remove one of them",
        )
        self.duplicates.append(problem)

    def _count(self, nodes: int, mark: Mark, path: str) -> None:
        self._nodes += nodes
        if self._nodes > self._limits.nodes:
            message = f"the file has more than {self._limits.nodes} keys and values"
            hint = "aliases count at each place that names them"
            raise _NotYaml(message, mark, path=path, hint=hint, code=codes.TOO_MUCH)

    def _check_level(self, level: int, mark: Mark, path: str) -> None:
        if level > self._limits.depth:
            message = f"the file is nested more than {self._limits.depth} levels deep"
            raise _NotYaml(message, mark, path=path, code=codes.TOO_MUCH)


def _noticed_elsewhere(cause: Mark, noticed: Mark) -> str:
    return "" if cause.line == noticed.line else f" (noticed on line {noticed.line})"


def _short(key: str) -> str:
    """A key as messages show it."""
    return key if len(key) <= _SHOWN_KEY else f"{key[:_SHOWN_KEY]}…"


def _kind(event: Any) -> str:
    """The name of an event's class."""
    return type(event).__name__


def _mark(mark: Any) -> Mark:
    return Mark(mark.line + 1, mark.column + 1)


def _merged(node: Node, path: str) -> list[Entry]:
    """The entries behind a merge key; of several mappings the earlier one wins."""
    sources = node.items if isinstance(node, Sequence) else (node,)
    entries: dict[str, Entry] = {}
    for source in sources:
        if not isinstance(source, Mapping):
            raise _NotYaml("the merge key << wants a mapping or a list of mappings", node.mark, path=path)
        for entry in source:
            entries.setdefault(entry.key, entry)
    return list(entries.values())


def _scalar(event: Any, mark: Mark, path: str, lines: list[str]) -> Scalar:
    style, text = event.style or "", event.value
    tag = (event.tag or "").removeprefix(_TAG)
    value: ScalarValue = resolve(text) if not style and tag in {"", "!"} else text
    if tag not in {"", "!", "str"}:
        value = _tagged(tag, text, mark, path)
    if tag in {"!", "str"}:
        value = text
    indent = _indent(text, lines[mark.line : mark.line + 1]) if style == "|" else 0
    return Scalar(mark, value, text, style, int(event.end_mark.line) + 1, indent)


def _indent(text: str, first: list[str]) -> int:
    """The blanks before the first line of a literal block."""
    return max(len(first[0].rstrip("\r")) - len(text.split("\n", 1)[0]), 0) if first else 0


_KINDS: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "null": (type(None),),
}


def _tagged(tag: str, text: str, mark: Mark, path: str) -> ScalarValue:
    """The value of a scalar whose kind the writer named."""
    value = resolve(text)
    if tag not in _KINDS:
        raise _NotYaml(f"the tag {tag!r} means nothing in a pipeline file", mark, path=path)
    if not isinstance(value, _KINDS[tag]) or (isinstance(value, bool) and tag != "bool"):
        raise _NotYaml(f"{text!r} is not what its tag {tag!r} says", mark, path=path)
    return value


def _check_tag(event: Any, expected: str, path: str) -> None:
    tag = (event.tag or "").removeprefix(_TAG)
    if tag not in {"", "!", expected}:
        raise _NotYaml(f"the tag {tag!r} means nothing here", _mark(event.start_mark), path=path)
