"""Text to nodes: what is read, what is refused with one problem, and where (pipeline-yaml 2; CFG-9)."""

import pytest

from ferryman.definition.file.limits import Limits
from ferryman.definition.file.nodes import Mapping, Scalar, Sequence
from ferryman.definition.file.reader import MOST_READ_TWICE, Reading, read_tree

LIMITS = Limits()


def _plain(node: Mapping | Sequence | Scalar) -> object:
    match node:
        case Mapping():
            return {entry.key: _plain(entry.node) for entry in node}
        case Sequence():
            return [_plain(item) for item in node.items]
        case Scalar():
            return node.value


def _read(text: str | bytes, limits: Limits = LIMITS) -> object:
    reading = read_tree(text, limits)
    assert reading.problems == ()
    assert reading.tree is not None
    return _plain(reading.tree)


def _refusal(text: str | bytes, limits: Limits = LIMITS) -> Reading:
    reading = read_tree(text, limits)
    assert reading.tree is None
    assert len(reading.problems) == 1
    return reading


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("on: {push: yes}", {"on": {"push": True}}, id="on is a key"),
        pytest.param('a: "yes"', {"a": "yes"}, id="quoted words are text"),
        pytest.param("a: ! yes", {"a": "yes"}, id="a lone tag sign makes text"),
        pytest.param("a: !!str 5", {"a": "5"}, id="a tag makes text"),
        pytest.param('a: !!int "5"', {"a": 5}, id="a tag makes a number of quoted text"),
        pytest.param("1: a\nyes: b", {"1": "a", "yes": "b"}, id="keys are text as written"),
        pytest.param("a: &x [1]\nb: *x", {"a": [1], "b": [1]}, id="an alias"),
        pytest.param("a: &x 1\nb: &x 2\nc: *x", {"a": 1, "b": 2, "c": 2}, id="an anchor named again"),
        pytest.param(
            "a: &x {p: 1, q: 2}\nb: {<<: *x, q: 3}",
            {"a": {"p": 1, "q": 2}, "b": {"q": 3, "p": 1}},
            id="own keys win over merged ones",
        ),
        pytest.param(
            "b: {<<: [{p: 1}, {p: 2, q: 3}]}", {"b": {"p": 1, "q": 3}}, id="of merged mappings the first wins"
        ),
        pytest.param("b: {'<<': 1}", {"b": {"<<": 1}}, id="a quoted merge sign is a key"),
        pytest.param("b: {<<: {}}", {"b": {}}, id="merging nothing"),
        pytest.param("---\na: 1\n...\n", {"a": 1}, id="document marks"),
        pytest.param(
            "a: {image: base:1, at: [08:30, https://host/x?y=1], 'b:c': 1}\nd:e: {yes: &x [a::b], off: *x}\n",
            {
                "a": {"image": "base:1", "at": ["08:30", "https://host/x?y=1"], "b:c": 1},
                "d:e": {"yes": ["a::b"], "off": ["a::b"]},
            },
            id="colons in unquoted text between brackets",
        ),
    ],
)
def test_what_a_text_says(text: str, value: object) -> None:
    found = _read(text)
    assert found == value
    assert _read(text.encode()) == value
    assert _read("\ufeff" + text) == value


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        pytest.param("", 1, "empty", id="an empty file"),
        pytest.param("- a", 1, "not a mapping", id="a list"),
        pytest.param("a: 1\n---\nb: 2", 2, "more than one document", id="two documents"),
        pytest.param(
            "a: 1\nb: [\n  1\nc: 2", 2, "flow sequence", id="an open bracket is told where it opens"
        ),
        pytest.param("a: 'x\nb: 'y'\nc: 1", 1, "line", id="an open quote is told where it opens"),
        pytest.param("a: 1\nb 2\nc: 3\nd: 4", 2, "noticed on line 3", id="a colon left out"),
        pytest.param("a:\n  b: 1\n    c: 2\n  d: 3", 3, "not allowed", id="a line moved to the right"),
        pytest.param("a:\n\t- b", 2, "cannot start any token", id="a tab"),
        pytest.param("a: 1\nb: \x07", 2, "#x0007", id="a control character"),
        pytest.param("a: 1\nb: \ud800", 2, "UTF-8", id="half a surrogate pair"),
        pytest.param(b"a: 1\nb: \xff\xfe", 2, "UTF-8", id="other bytes than UTF-8"),
        pytest.param("a: *b", 1, "no anchor 'b'", id="an unknown anchor"),
        pytest.param("a: &b [*b]", 1, "holds itself", id="an anchor that holds itself"),
        pytest.param("a: 1\n? {b: 1}\n: c", 2, "a key must be text", id="a mapping as key"),
        pytest.param("{" * 5000, 1, "a key must be text", id="mappings as keys of mappings, without end"),
        pytest.param("a: 1\n~: c", 2, "a key is empty", id="an empty key"),
        pytest.param("a: 1\nb: {c:d, e: 1}", 2, 'inside the key "c:d"', id="a blank left out behind a colon"),
        pytest.param("a: {b: c:d}\ne: [", 2, "flow", id="a fault behind a colon between brackets"),
        pytest.param(
            "a: {b: c:d}\n" + "{" * 5000, 2, "", id="a colon between brackets, then brackets without end"
        ),
        pytest.param("a: 1\n<<: 5", 2, "merge key", id="merging what is no mapping"),
        pytest.param("a: !!binary aGk=", 1, "tag", id="a tag nobody knows"),
        pytest.param("a: !!set {b}", 1, "tag", id="a tag of a mapping"),
        pytest.param("a: !!int x", 1, "not what its tag", id="a tag that does not fit"),
        pytest.param("a: !!int yes", 1, "not what its tag", id="a boolean is no number"),
    ],
)
def test_what_is_refused(text: str | bytes, line: int, words: str) -> None:
    problem = _refusal(text).problems[0]
    assert words in problem.message
    assert problem.line == line
    assert problem.code == 2100130


def test_keys_that_stand_twice_are_all_told_and_the_first_counts() -> None:
    reading = read_tree("a: 1\nb: {c: 1, c: 2}\na: 3", LIMITS)
    assert reading.tree is not None
    assert _plain(reading.tree) == {"a": 1, "b": {"c": 1}}
    assert [(problem.path, problem.line, problem.key) for problem in reading.problems] == [
        ("b.c", 2, "c"),
        ("a", 3, "a"),
    ]
    assert "lines 1 and 3" in reading.problems[1].message


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "limits", "words"),
    [
        pytest.param("a: " + "x" * 100, Limits(size=50), "larger than 50 bytes", id="size"),
        pytest.param("a: é", Limits(size=4), "larger than 4 bytes", id="size counts bytes"),
        pytest.param("a: {b: {c: 1}}", Limits(depth=2), "2 levels", id="depth"),
        pytest.param("a: " + "[" * 100_000, LIMITS, "50 levels", id="depth by default"),
        pytest.param(
            "a: &a {b: {c: 1}}\nd: {e: *a}", Limits(depth=3), "3 levels", id="depth behind an alias"
        ),
        pytest.param("a: [1, 2, 3]", Limits(nodes=5), "5 keys and values", id="nodes"),
        pytest.param("a: &a [1, 2]\nb: *a", Limits(nodes=8), "8 keys and values", id="nodes behind an alias"),
        pytest.param(BOMB, LIMITS, "10000 keys and values", id="an alias bomb"),
    ],
)
def test_limits(text: str, limits: Limits, words: str) -> None:
    problem = _refusal(text, limits).problems[0]
    assert words in problem.message
    assert problem.code == 2100150


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        pytest.param("a: é", Limits(size=5), id="size"),
        pytest.param("a: {b: {c: 1}}", Limits(depth=3), id="depth"),
        pytest.param("a: &a {b: {c: 1}}\nd: {e: *a}", Limits(depth=4), id="depth behind an alias"),
        pytest.param("a: &a {b: 1}\nd: *a", Limits(depth=2), id="an alias of the deepest level"),
        pytest.param("a: [1, 2, 3]", Limits(nodes=6), id="nodes"),
        pytest.param("a: &a [1, 2]\nb: *a", Limits(nodes=9), id="nodes behind an alias"),
    ],
)
def test_just_within_the_limits(text: str, limits: Limits) -> None:
    _read(text, limits)


def test_places_inside_a_text_are_exact() -> None:
    """Problems inside a script or a condition point at the character."""
    text = 'a: |\n  one\n    two X\nb: "say X"\nc: plain X\nd: >-\n  folded\n  X\n'
    reading = read_tree(text, LIMITS)
    assert reading.tree is not None
    places = {}
    for entry in reading.tree:
        assert isinstance(entry.node, Scalar)
        places[entry.key] = tuple(entry.node.place(entry.node.text.index("X")))
    assert places == {"a": (3, 9), "b": (4, 9), "c": (5, 10), "d": (6, 4)}


def test_a_long_text_is_not_read_by_the_slow_parser() -> None:
    """A million characters took it two seconds, in which a server answers nobody."""
    colon = "a: [b:c]\n"
    assert _read(colon + "#" * (MOST_READ_TWICE - len(colon))) == {"a": ["b:c"]}
    problem = _refusal(colon + "#" * MOST_READ_TWICE).problems[0]
    assert problem.line == 1
    assert problem.hint == "put text with a colon in quotes inside [ ] and { }"
