"""Reading and writing texts: every way a file can be odd ends in one sentence (ERR-1, CFG-9, LOG-8)."""

import json
import os
from pathlib import Path

import pytest

from ferryman.cli import texts
from tests.cli.conftest import Ran

GOOD = "version: v3.0\nname: good\nsteps: [{run: make}]\n"


def test_a_file_that_may_not_be_read_is_not_permitted(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    """CLI-3: 4. The system's refusal is made here, because the administrator may read everything."""

    def refuse(name: str, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", name)

    monkeypatch.setattr(texts, "open", refuse, raising=False)
    for command in ("validate", "explain", "convert"):
        told = ran(command, "secret.yaml")
        assert told.code == 4
        assert told.err == "Error: secret.yaml: permission denied\n"


def test_a_folder_is_not_a_file(ran: Ran, tmp_path: Path) -> None:
    """CLI-3: 2."""
    told = ran("convert", str(tmp_path))
    assert (told.code, told.err) == (2, f"Error: {tmp_path}: is a directory\n")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00",
        b"\xff\xfe\xff",
        b"version: v3.0\nname: \xe9\n",
        b"{",
        b"[" * 5000,
        b"{" * 200,
        b'{"model":' * 5000,
    ],
    ids=["empty", "zero", "half a mark", "latin-1", "brace", "deep list", "deep map", "deep json"],
)
@pytest.mark.parametrize("command", ["validate", "explain", "convert"])
def test_odd_bytes_are_problems_not_accidents(command: str, content: bytes, ran: Ran) -> None:
    """ERR-1, ERR-2."""
    told = ran(command, "-", text=content)
    assert told.code == 1
    assert "<stdin>" in told.out + told.err
    assert "fault of Ferryman" not in told.err


def test_a_huge_file_is_refused_after_a_bounded_look(
    ran: Ran, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """CFG-9."""
    monkeypatch.setattr(texts, "MOST_BYTES", 1024 * 1024)
    file = tmp_path / "huge.yaml"
    file.write_bytes(b"#" * (1024 * 1024 + 1))
    told = ran("validate", str(file))
    assert (told.code, told.err) == (1, f"Error: {file} is larger than 1 MiB\n")


def test_a_large_file_is_told_its_limit_with_a_place(ran: Ran, tmp_path: Path) -> None:
    """CFG-9: the limit of the format."""
    file = tmp_path / "large.yaml"
    file.write_text(GOOD + "#" * (1024 * 1024))
    told = ran("validate", str(file))
    assert told.code == 1
    assert f"{file}:1:1: error" in told.out


def test_a_name_that_is_no_text_is_shown_all_the_same(ran: Ran, tmp_path: Path) -> None:
    """ERR-1: names of files may hold any bytes."""
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff\x1b[31m.yaml")
    Path(name).write_text(GOOD)
    told = ran("validate", "--output", "json", name)
    assert told.code == 0
    assert json.loads(told.out)["files"][0]["file"].endswith("/\ufffd\\u001b[31m.yaml")


def test_texts_of_a_file_cannot_act_on_the_terminal(ran: Ran) -> None:
    """LOG-8: escape sequences and marks that turn a text around are shown as their number."""
    odd = 'version: v3.0\nname: "a\\e[2Jb\\u202ec\\nd"\nvariables: {x: "\\e]0;t\\a"}\nsteps: [{run: make}]\n'
    told = ran("explain", "-", text=odd)
    assert told.code == 0
    assert "a\\u001b[2Jb\\u202ec d would succeed" in told.out
    assert "x = \\u001b]0;t\\u0007" in told.out
    assert not set(told.out) & {"\x1b", "\x07", "\u202e"}


def test_output_goes_to_the_file_that_is_named(ran: Ran, tmp_path: Path) -> None:
    file = tmp_path / "schema.json"
    assert ran("schema", "--output-file", str(file)) == (0, "", "")
    assert file.read_text() == ran("schema").out


def test_a_folder_that_is_not_there_is_not_found(ran: Ran, tmp_path: Path) -> None:
    """CLI-3: 3."""
    file = tmp_path / "none" / "schema.json"
    assert ran("schema", "--output-file", str(file)) == (3, "", f"Error: {file}: no such file or directory\n")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 发", "plain é 发"),
        ("a\tb\r\nc", "a b  c"),
        ("\x9b31m", "\\u009b31m"),
        ("\u2066x", "\\u2066x"),
    ],
)
def test_what_acts_instead_of_being_seen_is_shown_as_its_number(text: str, shown: str) -> None:
    """LOG-8."""
    assert texts.plain(text) == shown
