"""From errors to sentences and codes, and the page of the command line (CLI-3, ERR-1, STYLE 8)."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from ferryman.app.doctor import Finding
from ferryman.cli import pages
from ferryman.cli.exits import MEANINGS, OF_ERROR, Exit, of_error
from ferryman.cli.main import ferryman, words
from ferryman.domain import access_views as seen
from ferryman.domain import errors, views
from ferryman.settings import Shown
from tests.cli.conftest import ROOT, Ran
from tests.cli.workshop import SECONDS

PAGE = ROOT / "docs" / "cli.md"
MATRIX = str(ROOT / "examples" / "matrix.yaml")


def test_every_code_is_explained() -> None:
    """CLI-3."""
    assert set(MEANINGS) == set(Exit)


def test_every_refusal_has_a_code_of_its_own_choosing() -> None:
    """CLI-3: the table knows the whole tree of refusals."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    refusals = [
        kind for kind in kinds if issubclass(kind, errors.FerrymanError) and kind is not errors.FerrymanError
    ]
    assert {kind for kind, _ in OF_ERROR} >= set(refusals)
    assert of_error(errors.NotFound("x")) is Exit.NOT_FOUND
    assert of_error(FileNotFoundError()) is Exit.NOT_FOUND
    assert of_error(RuntimeError()) is Exit.INTERNAL


def break_it(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let `schema` raise."""

    def broken() -> None:
        raise error

    monkeypatch.setattr(ferryman.commands["schema"], "callback", lambda **_: broken())


def test_a_fault_of_ours_is_one_sentence_with_no_place_in_our_code(
    ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ERR-1, ERR-4."""
    monkeypatch.delenv("FERRYMAN_DEBUG", raising=False)
    break_it(monkeypatch, RuntimeError("secret detail"))
    told = ran("schema")
    assert told.code == 70
    assert told.err.startswith("Error: this is a fault of Ferryman, not of what you asked (RuntimeError)")
    assert told.err.count("\n") == 1
    assert "Traceback" not in told.err


def test_a_fault_of_ours_can_be_looked_into(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one way to a stack trace is to ask for it."""
    monkeypatch.setenv("FERRYMAN_DEBUG", "1")
    break_it(monkeypatch, RuntimeError("detail"))
    told = ran("schema")
    assert told.code == 70
    assert "Traceback" in told.err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (errors.Conflict("it exists already"), 5, "Error: it exists already\n"),
        (errors.Unavailable("try later"), 6, "Error: try later\n"),
        (OSError(28, "No space left on device"), 1, "Error: no space left on device\n"),
        (PermissionError(13, "Permission denied", "data/work"), 4, "Error: data/work: permission denied\n"),
        (KeyboardInterrupt(), 130, "\ninterrupted\n"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_an_error_is_one_sentence_and_a_code(
    error: BaseException, code: int, said: str, ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CLI-3, ERR-1."""
    break_it(monkeypatch, error)
    assert ran("schema") == (code, "", said)


def test_nothing_in_an_error_acts_on_the_terminal(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    """LOG-8: what was typed comes back as it can be read, and several lines stay several."""
    odd = "\x1b]0;title\x07\u202e"
    assert "(\\u001b]0;title\\u0007\\u202e)" in ran("schema", odd).err
    break_it(monkeypatch, errors.NotFound(f"there is no run {odd}\nnor another"))
    assert ran("schema").err == "Error: there is no run \\u001b]0;title\\u0007\\u202e\nnor another\n"


@pytest.mark.parametrize(
    "words",
    [
        ("{}",),
        ("validate", "{}"),
        ("schema", "{}"),
        ("schema", "--output-file", "{}/x"),
        ("explain", MATRIX, "--with", "{}"),
        ("explain", MATRIX, "--fail", "{}"),
        ("run", MATRIX, "--approve", "{}"),
        ("runs", "--data", "{}"),
        ("logs", "latest", "--grep", "[{}"),
        ("config", "show", "--config", "{}"),
    ],
    ids=lambda words: " ".join(words).replace(MATRIX, "FILE"),
)
def test_what_is_far_too_long_is_cut_in_errors(
    words: tuple[str, ...], ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ERR-1: it is named so that it can be known again, not to fill the window."""
    # A path is named whole, so the folder it is looked up in is part of what is cut: the shortest there is.
    monkeypatch.chdir("/")
    told = ran(*(word.format("x" * 5000) for word in words))
    assert told.code != 0
    assert "x" * 90 in told.err
    assert "… (5,0" in told.err
    assert len(told.err) < 800, told.err


def test_what_is_no_text_is_told_and_a_file_may_be_called_anything(ran: Ran, tmp_path: Path) -> None:
    """CLI-3."""
    told = ran("show", os.fsdecode(b"a\xffb"))
    assert (told.code, told.err) == (
        2,
        "Error: 'a\\udcffb' is no text in UTF-8, and there is no file of that name\n",
    )
    place = tmp_path / os.fsdecode(b"p\xff.yaml")
    place.write_text("version: v3.0\n")
    assert "no text" not in ran("validate", str(place)).err


def test_the_page_says_what_the_commands_say() -> None:
    """STYLE 8: stale pages fail; `make docs` writes them anew."""
    text = PAGE.read_text(encoding="utf-8")
    assert text == pages.renew(text, pages.reference())
    for name, _ in words():
        assert f"## `ferryman {name}`" in text


def test_the_page_names_every_default_that_there_is() -> None:
    """CLI-1: numbers too; and where there is none, the cell is empty."""
    page = PAGE.read_text(encoding="utf-8")
    for name, command in words():
        part = page.partition(f"\n## `ferryman {name}`\n")[2].partition("\n## ")[0]
        assert "| `` |" not in part, name
        for option in command.params:
            if type(option.default) is int and not getattr(option, "show_default", None):
                row = next(line for line in part.splitlines() if line.startswith(f"| `{option.opts[0]}`"))
                assert f"| `{option.default}` |" in row, (name, row)


@pytest.mark.parametrize(
    "view",
    [
        views.RunView,
        views.Cause,
        views.Progress,
        views.Waiting,
        views.Ballot,
        views.Asked,
        views.StageView,
        views.JobView,
        views.StepView,
        views.RunLine,
        views.Entry,
        views.Explained,
        views.Line,
        views.SecretName,
    ],
    ids=lambda view: view.__name__,
)
def test_every_field_that_programs_read_stands_on_the_page(view: type) -> None:
    """CLI-2: documented, and stable."""
    page = PAGE.read_text(encoding="utf-8").partition("### What programs read")[2].partition("<!--")[0]
    assert [name for name in view.__struct_fields__ if f"`{name}" not in page] == []  # type: ignore[attr-defined]


LISTED: dict[str, type] = {
    "runs": views.RunLine,
    "events": views.Entry,
    "why": views.Explained,
    "logs": views.Line,
    "secrets list": views.SecretName,
    "projects list": seen.ProjectView,
    "people list": seen.PersonView,
    "people why": seen.VerdictView,
    "roles list": seen.MemberView,
    "keys list": seen.KeyView,
    "keys make": seen.KeyMade,
    "keys tokens": seen.TokenView,
    "keys make-token": seen.TokenMade,
    "policies list": seen.PolicyView,
    "policies show": seen.PolicyView,
    "audit": seen.AuditView,
    "config show": Shown,
    "doctor": Finding,
}
"""What each word gives to programs, besides runs as a whole."""
WHOLE_RUNS = {"run", "show", "watch", "recover"}
OFFLINE = {"validate", "explain", "evaluate"}
"""Told in sections of their own."""


@pytest.mark.parametrize("name", LISTED)
def test_what_a_word_gives_to_programs_stands_in_its_row(name: str) -> None:
    """CLI-2: every field of what this word gives, not of another one."""
    page = PAGE.read_text(encoding="utf-8").partition("### What programs read")[2].partition("<!--")[0]
    rows = [line.split("|", 2) for line in page.splitlines() if line.startswith("|")]
    told = " ".join(fields for _, command, fields in rows if f"`{name}`" in command)
    assert [field for field in LISTED[name].__struct_fields__ if f"`{field}" not in told] == []  # type: ignore[attr-defined]


def test_every_word_that_programs_read_is_told_of() -> None:
    """CLI-2."""
    readable = {
        name
        for name, command in words()
        if any(isinstance(one.type, click.Choice) and "json" in one.type.choices for one in command.params)
    }
    assert readable == set(LISTED) | WHOLE_RUNS | OFFLINE


def test_writing_renews_what_stands_between_the_marks_and_nothing_else(tmp_path: object) -> None:
    page = tmp_path / "cli.md"  # type: ignore[operator]
    page.write_text(f"above\n{pages.BEGIN}\nold\n{pages.END}\nbelow\n")
    pages.write(page)
    assert page.read_text() == f"above\n{pages.BEGIN}\n\n{pages.reference()}\n\n{pages.END}\nbelow\n"


def test_a_page_without_marks_is_not_touched() -> None:
    with pytest.raises(ValueError, match="has no part between"):
        pages.renew("a page", "new")


def test_ctrl_c_while_the_commands_are_read_in_is_one_word(tmp_path: Path) -> None:
    """ERR-1, CLI-3: it takes a while on a slow machine."""
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt\n")
    told = subprocess.run(
        [sys.executable, "-m", "ferryman", "--help"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT / "src")])},
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    assert (told.returncode, told.stdout, told.stderr) == (Exit.INTERRUPTED, "", "\ninterrupted\n")
