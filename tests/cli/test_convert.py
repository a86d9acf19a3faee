"""`ferryman convert` and `ferryman schema` (CFG-1, CFG-2)."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
from ruamel.yaml import YAML

from tests.cli.conftest import ROOT, Ran

EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_second_round_gives_the_same_bytes(path: Path, ran: Ran) -> None:
    """CFG-2: file → model → file → model."""
    model = ran("convert", str(path))
    assert (model.code, set(json.loads(model.out))) == (0, {"model", "setting"})
    file = ran("convert", "-", text=model.out)
    assert file.code == 0
    assert file.out.startswith("version: v3.0\n")
    again = ran("convert", "-", text=file.out)
    assert ran("convert", "-", text=again.out).out == file.out


def test_a_file_converted_to_itself_is_itself(ran: Ran) -> None:
    """CFG-3: comments and order are kept."""
    told = ran("convert", "--to", "yaml", "examples/release.yaml")
    assert told.out == (ROOT / "examples" / "release.yaml").read_text()


def test_what_the_other_form_cannot_say_is_listed_beside_it(ran: Ran, tmp_path: Path) -> None:
    """Losses go to the standard error, so that the output stays a file."""
    document = json.loads(ran("convert", "examples/matrix.yaml").out)
    document["model"]["labels"] = ["a"]
    file = tmp_path / "out.yaml"
    told = ran("convert", "-", "--output-file", str(file), text=json.dumps(document))
    assert (told.code, told.out) == (0, "")
    assert file.read_text().startswith("version: v3.0\n")
    assert all(line.startswith("<stdin>: warning: ") for line in told.err.splitlines())
    assert "a file cannot say" in told.err


def test_an_invalid_file_is_not_converted(ran: Ran, tmp_path: Path) -> None:
    """ERR-2; nothing is written."""
    file = tmp_path / "out.json"
    told = ran("convert", "tests/cli/files/faults.yaml", "--output-file", str(file))
    assert told.code == 1
    assert told.err.count(": error: ") == 3
    assert not file.exists()


def test_the_schema_is_one_that_the_examples_meet(ran: Ran) -> None:
    """CFG-1: published by a command; draft-07."""
    schema = json.loads(ran("schema").out)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    check = jsonschema_rs.validator_for(schema)
    for path in EXAMPLES:
        assert check.is_valid(YAML(typ="safe", pure=True).load(path.read_text()))
    assert not check.is_valid({"version": "v3.0", "nmae": 1})
