"""Run the command line as the process would, without starting one."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from ferryman.cli import main
from tests.cli.workshop import Workshop

ROOT = Path(__file__).resolve().parents[2]


class Result(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


Ran = Callable[..., Result]


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Ran:
    """Run a command from the project's folder: its exit code, its output, its errors."""
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments: str, text: str | bytes | None = None) -> Result:
        with CliRunner().isolation(input=text) as (out, err, _):
            code = main.run(list(arguments))
            return Result(code, out.getvalue().decode(), err.getvalue().decode())

    return run


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """A folder to work in, with real processes."""
    return Workshop(tmp_path)
