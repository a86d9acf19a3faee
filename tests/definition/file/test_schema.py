"""The JSON Schema made from the tables (pipeline-yaml 14; CFG-1)."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from ferryman.definition.file import read, schema
from ferryman.definition.file.limits import Limits
from ferryman.definition.file.nodes import Mapping, Node, Scalar, Sequence
from ferryman.definition.file.reader import read_tree

HERE = Path(__file__).parent
GOOD = sorted(HERE.glob("good/*.yaml"))
VALIDATOR = jsonschema_rs.Draft7Validator(schema())

SHAPE_FAULTS = [
    "extends-with-variables",
    "missing-keys",
    "near-names",
    "not-one-of-the-words",
    "nothing-to-run",
    "numbers-out-of-range",
    "one-fault-in-a-shared-part",
    "finally",
    "own-events",
    "own-hosted-platform",
    "own-quality-gates",
    "own-stores",
    "own-templates",
    "own-variable-template",
    "own-words-of-other-formats",
    "texts-that-do-not-match",
    "too-long-too-many",
    "too-much-env",
    "unknown-keys",
    "wrong-types",
    "wrong-version",
    "job-id-too-long",
]


def _as_editors_see(path: Path) -> Any:
    """A file as a reader of YAML gives it, before the format turns anything into text."""
    tree = read_tree(path.read_bytes(), Limits()).tree
    assert tree is not None
    return _plain(tree)


def _plain(node: Node) -> Any:
    match node:
        case Mapping():
            return {entry.key: _plain(entry.node) for entry in node}
        case Sequence():
            return [_plain(item) for item in node.items]
        case Scalar():
            return node.value


def test_the_schema_is_a_schema() -> None:
    jsonschema_rs.meta.validate(schema())
    assert schema()["$id"].startswith("urn:")
    assert schema()["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_the_schema_is_a_fresh_copy_each_time() -> None:
    changed = schema()
    changed["properties"].clear()
    assert schema()["properties"]


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_it_accepts_the_good_files_as_written_and_as_read(path: Path) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(_as_editors_see(path))] == []
    assert [error.message for error in VALIDATOR.iter_errors(read(path.read_bytes()).value)] == []


@pytest.mark.parametrize("name", SHAPE_FAULTS)
def test_it_refuses_faults_of_shape(name: str) -> None:
    assert not VALIDATOR.is_valid(_as_editors_see(HERE / "bad" / f"{name}.yaml"))


def _closed_or_chosen(made: Any) -> None:
    if isinstance(made, dict):
        if made.get("type") == "object":
            assert "additionalProperties" in made
        for inner in made.values():
            _closed_or_chosen(inner)
    elif isinstance(made, list):
        for inner in made:
            _closed_or_chosen(inner)


def test_every_mapping_is_closed_or_says_what_the_writer_may_choose() -> None:
    _closed_or_chosen(schema())


def test_every_key_has_a_sentence_for_editors() -> None:
    def check(made: Any) -> None:
        if isinstance(made, dict):
            for one in made.get("properties", {}).values():
                assert one.get("description", "").endswith(".")
            for inner in made.values():
                check(inner)
        elif isinstance(made, list):
            for inner in made:
                check(inner)

    check(schema())


def test_it_is_json() -> None:
    assert json.loads(json.dumps(schema())) == schema()
