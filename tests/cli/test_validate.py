"""`ferryman validate`: forms, models, warnings (CLI-11, RULINGS 14). What it prints whole stands in transcripts/."""

import json
from pathlib import Path

import pytest

from ferryman.cli import problems
from ferryman.domain.errors import Problem
from tests.cli.conftest import Ran

PASTED = "version: v3.0\nname: p\nvariables: {who: kim}\nsteps: [{run: 'echo ${{ variables.who }}'}]\n"
VENDOR = "version: v3.0\nname: p\non: {story: {}}\nsteps: [{run: make}]\n"


def test_a_warning_is_shown_and_fails_only_when_asked_to(ran: Ran) -> None:
    """RULINGS 14: values pasted into a script are warned of, and refused under strict scripts."""
    told = ran("validate", "-", text=PASTED)
    assert told.code == 0
    assert "<stdin>:4:" in told.out
    assert "1 file checked: 1 warning" in told.out
    assert ran("validate", "--strict", "-", text=PASTED).code == 1
    strict = ran("validate", "--strict-scripts", "-", text=PASTED)
    assert strict.code == 1
    assert ": error: " in strict.out


def test_keys_of_other_servers_can_be_let_pass(ran: Ran) -> None:
    """pipeline-yaml 13: accept vendor keys turns them into warnings."""
    assert ran("validate", "-", text=VENDOR).code == 1
    told = ran("validate", "--accept-vendor-keys", "-", text=VENDOR)
    assert told.code == 0
    assert ": warning: " in told.out


def test_a_model_is_known_by_its_content(ran: Ran) -> None:
    """CLI-11: models are checked too; their problems have a path and no line."""
    model = ran("convert", "-", text="version: v3.0\nname: small\nsteps: [{run: make}]\n").out
    assert ran("validate", "-", text=model) == (0, "1 file checked: no fault\n", "")
    document = json.loads(model)
    for text in (json.dumps(document["model"]), "\ufeff  " + json.dumps(document)):
        assert ran("validate", "-", text=text).code == 0
    del document["model"]["name"]
    told = ran("validate", "-", text=json.dumps(document))
    assert told.code == 1
    assert told.out.startswith("<stdin>: error: ")


def test_a_file_may_be_written_as_json(ran: Ran) -> None:
    """CFG-1: a version makes it a file, whatever else it has."""
    text = json.dumps(
        {"version": "v3.0", "stages": [{"name": "s", "jobs": {"a": {"steps": [{"run": "make"}]}}}]}
    )
    assert ran("validate", "-", text=text).code == 0
    told = ran("validate", "-", text=text.replace("steps", "setps"))
    assert "<stdin>:1:" in told.out


def test_all_files_are_told_in_one_pass(ran: Ran, tmp_path: Path) -> None:
    """CLI-11, ERR-2."""
    names = []
    for number in range(3):
        file = tmp_path / f"{number}.yaml"
        file.write_text(f"version: v3.0\nnmae{number}: x\nsteps: [{{rum: make}}]\n")
        names.append(str(file))
    told = json.loads(ran("validate", "--output", "json", *names).out)
    assert [one["file"] for one in told["files"]] == names
    assert all(len(one["problems"]) >= 2 for one in told["files"])
    assert told["errors"] == sum(len(one["problems"]) for one in told["files"])


def test_the_fields_of_the_data_are_the_promised_ones(ran: Ran) -> None:
    """CLI-2: JSON is stable and documented."""
    told = json.loads(ran("validate", "--output", "json", "tests/cli/files/faults.yaml").out)
    assert list(told) == ["valid", "errors", "warnings", "files"]
    assert list(told["files"][0]) == ["file", "valid", "problems", "unreadable"]
    fields = {"path", "line", "column", "code", "key", "message", "hint", "severity"}
    assert set(told["files"][0]["problems"][0]) == fields
    page = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()
    assert [name for name in (*told, *told["files"][0], *fields) if f"`{name}" not in page] == []


def test_an_unreadable_file_is_told_in_the_data_too(ran: Ran) -> None:
    told = ran("validate", "--output", "json", "missing.yaml", "examples/matrix.yaml")
    data = json.loads(told.out)
    assert told.code == 3
    assert data["valid"] is False
    assert data["files"][0]["unreadable"] == "missing.yaml: no such file or directory"
    assert data["files"][1]["valid"] is True


def test_annotations_escape_what_means_something_to_the_server() -> None:
    """The workflow command form: % and line ends everywhere, colon and comma in settings too."""
    problem = Problem(path="name", message="100%\r\nof: it, here", code=1, line=3, column=4, hint="50%")
    told = problems.report([problems.FileReport(file="a,b:c%.yaml", valid=False, problems=(problem,))])
    assert list(problems.as_annotations(told)) == [
        "::error file=a%2Cb%3Ac%25.yaml,line=3,col=4,title=pipeline error 1::name: 100%25%0D%0Aof: it, here (50%25)"
    ]


@pytest.mark.parametrize("file", ["<stdin>", "model.json"])
def test_annotations_name_only_places_that_are_there(file: str) -> None:
    """A model has no lines, and the standard input is no file."""
    problem = Problem(path="", message="m", code=1, severity="warning")
    told = problems.report([problems.FileReport(file=file, valid=True, problems=(problem,))])
    place = "" if file == "<stdin>" else "file=model.json,"
    assert list(problems.as_annotations(told)) == [f"::warning {place}title=pipeline warning 1::m"]


def test_color_follows_the_option_and_no_color(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    """CLI-13."""
    arguments = ("validate", "tests/cli/files/faults.yaml")
    plain = ran(*arguments).out
    colored = ran(*arguments, "--color", "always").out
    assert "\x1b[31m" in colored
    assert "\x1b" not in plain
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[31m" in ran(*arguments, "--color", "always").out
    assert ran(*arguments, "--color", "never").out == plain
    assert "\x1b" not in ran(*arguments, "--color", "always", "--output", "json").out
