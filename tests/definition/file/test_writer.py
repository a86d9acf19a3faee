"""A plain tree to YAML text and back (pipeline-yaml 2, 12.1)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.definition.file.limits import Limits
from ferryman.definition.file.nodes import Mapping, Node, Scalar
from ferryman.definition.file.reader import read_tree
from ferryman.definition.file.writer import write, write_value

SHOWN = {
    "a plain word": ({"version": "v3.0"}, "version: v3.0\n"),
    "the key on": ({"on": {"manual": "enabled"}}, "on:\n  manual: enabled\n"),
    "a list of mappings": (
        {"stages": [{"name": "a", "jobs": {"b": {"c": 1}}}, {"name": "d"}]},
        "stages:\n  - name: a\n    jobs:\n      b:\n        c: 1\n  - name: d\n",
    ),
    "a list of lists": ({"a": [["x", {"y": 1}], []]}, "a:\n  - - x\n    - y: 1\n  - []\n"),
    "a short list of words": ({"a": ["x", "y z", 1, True, None]}, "a: [x, y z, 1, true, null]\n"),
    "a list that needs quotes in a line": ({"a": ["x, y", "${{ z }}"]}, "a:\n  - x, y\n  - ${{ z }}\n"),
    "a long list": ({"a": ["x" * 40, "y" * 40]}, f"a:\n  - {'x' * 40}\n  - {'y' * 40}\n"),
    "nothing inside": ({"a": {}, "b": [], "c": "", "d": None}, "a: {}\nb: []\nc: ''\nd: null\n"),
    "several lines": ({"run": "one\n\n  two\n"}, "run: |\n  one\n\n    two\n"),
    "several lines without an end": ({"run": "one\ntwo"}, "run: |-\n  one\n  two\n"),
    "several lines with empty ones behind": (
        {"a": {"b": "one\n\n"}, "c": 1},
        "a:\n  b: |+\n    one\n\nc: 1\n",
    ),
    "one line with an end": ({"a": "one\n"}, 'a: "one\\n"\n'),
    "a placeholder": ({"a": "${{ variables.a }}"}, "a: ${{ variables.a }}\n"),
    "a cron text": ({"cron": "0 3 * * *"}, "cron: 0 3 * * *\n"),
    "a version": ({"uses": "run@1.*"}, "uses: run@1.*\n"),
    "an address": ({"a": "https://example.org/x?y=1#z"}, "a: https://example.org/x?y=1#z\n"),
    "numbers": ({"a": 1, "b": -1.5, "c": 1e20, "d": 1e-7}, "a: 1\nb: -1.5\nc: 1.0e+20\nd: 1.0e-07\n"),
    "a flag of a command": ({"a": "-x y"}, "a: -x y\n"),
    "an emoji": ({"a": "ship it \U0001f680"}, "a: ship it \U0001f680\n"),
}


@pytest.mark.parametrize(("tree", "text"), SHOWN.values(), ids=SHOWN)
def test_how_it_looks(tree: dict[str, Any], text: str) -> None:
    """Block style, quotes only where they are needed."""
    assert write(tree) == text


QUOTED = (
    "yes No on OFF true null ~ 12 012 0x1F 0b1 0o7 1_000 1.5 .5 1. 1e3 12:30 1:2:3 .inf -.INF .nan 2020-01-01 <<"
    " = - ? : -- --- ... *a &a !a %a @a `a |a >a {a [a ]a ,a #a 'a \"a a: "
)


@pytest.mark.parametrize("word", [*QUOTED.split(), " a", "a ", "a: b", "a #b", "a\tb", "...a"])
def test_what_is_quoted(word: str) -> None:
    """Words that a reader of YAML 1.1 takes for something else than text."""
    shown = write({"a": word})
    assert shown.startswith("a: '")
    assert _plain(shown) == {"a": word}


@pytest.mark.parametrize(
    "word", ["y", "n", "a:b", "a#b", "v1", "1.2.3", "x-y", "a'b", 'a"b', "-a", "a, b", "ü", "$a"]
)
def test_what_is_not_quoted(word: str) -> None:
    """Words that are text to every reader."""
    assert write({"a": word}) == f"a: {word}\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x00\x01", '"\\0\\x01"'), ("\x85", '"\\x85"'), ("\ufeff", '"\\ufeff"'), ("\u2028", '"\\u2028"'),
        ("a\r\nb", '"a\\r\\nb"'), ("\n", '"\\n"'), ("\ta\nb", '"\\ta\\nb"'), ("\U000fffff\x7f", '"\U000fffff\\x7f"'),
    ],
)  # fmt: skip
def test_unusual_characters_are_escaped(text: str, shown: str) -> None:
    """What cannot be shown comes back through its number."""
    assert write({"a": text}) == f"a: {shown}\n"
    assert _plain(write({"a": text})) == {"a": text}


def test_what_has_no_text_becomes_what_is_closest() -> None:
    """Numbers that are not finite, halves of surrogate pairs, keys that are no text."""
    assert write_value([float("inf"), "\ud800", {1: 2}]) == "- inf\n- \"\ufffd\"\n- '1': 2\n"


def test_a_key_beyond_the_longest_simple_one() -> None:
    """YAML wants a key of more than 1024 characters behind a question mark."""
    tree = {"k" * 2000: {"a": "b"}, "l" * 2000: "c"}
    assert _plain(write(tree)) == tree


def _plain(text: str) -> Any:
    reading = read_tree(text, Limits())
    assert reading.tree is not None, (text, reading.problems)
    assert reading.problems == ()
    return _value(reading.tree)


def _value(node: Node) -> Any:
    match node:
        case Scalar():
            return node.value
        case Mapping():
            return {entry.key: _value(entry.node) for entry in node}
        case _:
            return [_value(item) for item in node.items]


TEXTS = (
    st.sampled_from(
        [*QUOTED.split(), "a\nb", "a\n  b\n", "a\n \n", "\n a", "a\n\n\n  b", "a\n---\nb", "#\na", "- \na"]
    )
    | st.text(max_size=12)
    | st.text(alphabet=" \n\t:#-'\"\\,[]{}&*!|>%@`?ab01.~\x85\ufeff", max_size=10)
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4))
def test_reading_gives_the_tree_again(tree: dict[str, Any]) -> None:
    """The law of the writer: read(write(tree)) is tree, in the same order."""
    found = _plain(write(tree))
    assert found == tree
    assert list(found) == list(tree)
