"""A new tree put into an old text (pipeline-yaml 12.1, CFG-3): comments and order stay where nothing changed."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.definition.file import read
from ferryman.definition.file.limits import Limits
from ferryman.definition.file.merge import merge
from ferryman.definition.file.nodes import Mapping, Node, Scalar
from ferryman.definition.file.reader import read_tree
from ferryman.definition.file.writer import write

OLD = """\
# the shop
version: v3.0   # the only one
name: shop

variables:
  # where to
  target: staging # or production
  PLACE: {value: here, const: true}

# what happens
jobs:
  build:
    steps:
      # first
      - run: make   # all
        name: Make
      - run: |
          make test
          # not a comment

      # last
      - {run: make clean}
  ship:
    env: {A: 1}
    steps: [{run: ship}]
"""


def _tree() -> dict[str, Any]:
    return deepcopy(read(OLD).value)


def _changed(*way: Any, to: Any) -> dict[str, Any]:
    """The old tree with one value changed; `to` None takes it away."""
    tree = _tree()
    holder: Any = tree
    for step in way[:-1]:
        holder = holder[step]
    if to is None:
        del holder[way[-1]]
    elif isinstance(holder, list) and way[-1] == len(holder):
        holder.append(to)
    else:
        holder[way[-1]] = to
    return tree


CHANGES: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "nothing": (_tree(), ("", "")),
    "a text keeps its comment": (
        _changed("variables", "target", to="production"),
        ("target: staging # or", "target: production # or"),
    ),
    "a key of the top": (_changed("name", to="other"), ("name: shop", "name: other")),
    "a key taken away": (_changed("name", to=None), ("name: shop\n", "")),
    "a key added at the end of its mapping": (
        _changed("variables", "more", to="x"),
        ("const: true}\n", "const: true}\n  more: x\n"),
    ),
    "the first key of an item": (
        _changed("jobs", "build", "steps", 0, "run", to="make all"),
        ("- run: make   # all", "- run: make all   # all"),
    ),
    "a block of text": (
        _changed("jobs", "build", "steps", 1, "run", to="make\ncheck\n"),
        ("          make test\n          # not a comment\n", "          make\n          check\n"),
    ),
    "an item in one line": (
        _changed("jobs", "build", "steps", 2, "run", to="make tidy"),
        ("- {run: make clean}", "- run: make tidy"),
    ),
    "an item added": (
        _changed("jobs", "build", "steps", 3, to={"run": "done"}),
        ("- {run: make clean}\n", "- {run: make clean}\n      - run: done\n"),
    ),
    "an item taken away": (
        _changed("jobs", "build", "steps", 1, to=None),
        ("      - run: |\n          make test\n          # not a comment\n", ""),
    ),
    "a mapping in one line": (
        _changed("jobs", "ship", "env", "A", to="2"),
        ("env: {A: 1}", "env:\n      A: '2'"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("tree", "change"), CHANGES.values(), ids=CHANGES)
def test_only_what_changed_is_written(tree: dict[str, Any], change: tuple[str, str]) -> None:
    """Everything else is the old text, byte for byte."""
    merged = merge(OLD, tree)
    assert merged == OLD.replace(*change, 1)
    assert read(merged).value == tree


def test_line_ends_stay() -> None:
    """A file of another system keeps its line ends."""
    old = OLD.replace("\n", "\r\n")
    assert merge(old, _changed("name", to="other")) == old.replace("name: shop", "name: other")


def test_anchors_stay_where_their_value_does() -> None:
    """An alias that no longer fits is written out; the anchor it pointed to stays."""
    old = "version: v3.0\na: &x\n  b: 1 # one\nc: *x\nd:\n  <<: *x\n  e: 2\n"
    tree = {"version": "v3.0", "a": {"b": 1}, "c": {"b": 1}, "d": {"e": 3, "b": 1}}
    assert merge(old, tree) == old.replace("d:\n  <<: *x\n  e: 2\n", "d:\n  e: 3\n  b: 1\n")
    assert merge(old, tree | {"c": {"b": 5}, "d": {"e": 2, "b": 1}}) == old.replace("c: *x", "c:\n  b: 5")


def test_a_changed_anchor_that_others_share_is_written_anew() -> None:
    """Changing it in place would change the others too."""
    old = "version: v3.0\na: &x\n  b: 1 # one\nc: *x\n"
    tree = {"version": "v3.0", "a": {"b": 2}, "c": {"b": 1}}
    assert merge(old, tree) == write(tree)


def test_short_forms_stay_when_they_mean_the_same() -> None:
    """`before` is the old text in the long form; what equals it is left alone."""
    old = "version: v3.0\n# one\nvariables:\n  a: 1 # short\n  b: 2\nsteps:\n  - run: x # do\n"
    stages = [{"name": "stage_1", "jobs": {"j": {"steps": [{"run": "x"}]}}}]
    before = {"version": "v3.0", "variables": {"a": {"value": "1"}, "b": {"value": "2"}}, "stages": stages}
    assert merge(old, before, before=before) == old
    after = deepcopy(before)
    after["variables"]["b"]["value"] = "3"
    assert merge(old, after, before=before) == old.replace("  b: 2\n", "  b:\n    value: '3'\n")
    after["stages"][0]["name"] = "other"
    merged = merge(old, after, before=before)
    assert "a: 1 # short" in merged
    assert "stages:" in merged
    assert "\nsteps:" not in merged


@pytest.mark.parametrize("old", ["", "[", "- a", "{version: v3.0}", "version: v3.0\rname: x", "a: 1\na: 2\n"])
def test_a_text_that_cannot_be_edited_is_written_anew(old: str) -> None:
    """Never another outcome than the tree."""
    tree = {"version": "v3.0", "name": "y"}
    assert read(merge(old, tree)).value == tree


WORDS = st.sampled_from(["a", "b", "c", "d e", "yes", "1", "x\ny\n", "# z", ""])
VALUES = st.recursive(
    WORDS | st.integers(0, 3) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS.filter(str.isalpha), inner, max_size=3),
    max_leaves=10,
)
TREES = st.dictionaries(WORDS.filter(str.isalpha), VALUES, min_size=1, max_size=4)


def _value(text: str) -> Any:
    tree = read_tree(text, Limits()).tree
    assert tree is not None
    return _plain(tree)


def _plain(node: Node) -> Any:
    match node:
        case Scalar():
            return node.value
        case Mapping():
            return {entry.key: _plain(entry.node) for entry in node}
        case _:
            return [_plain(item) for item in node.items]


def _loose(value: Any) -> Any:
    """What a file takes for the same: a text for its number, one item for a list of it."""
    match value:
        case dict():
            return {key: _loose(item) for key, item in value.items()}
        case [only]:
            return _loose(only)
        case list():
            return [_loose(item) for item in value]
        case bool():
            return str(value).lower()
        case _:
            return str(value)


@given(TREES, TREES)
def test_the_outcome_says_the_tree(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Whatever was there before; and merging once more changes nothing."""
    merged = merge(write(old), new)
    assert _loose(_value(merged)) == _loose(new)
    assert merge(merged, new) == merged
    assert merge(write(new), new) == write(new)
