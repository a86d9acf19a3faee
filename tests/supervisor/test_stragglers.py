"""The tests' own look at what they leave running."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests import stragglers

MARK = {"FERRYMAN_ATTEMPT": "x"}


@pytest.mark.parametrize(
    ("where", "environment", "found"),
    [
        ("output", MARK, True),
        ("environment", MARK, True),
        ("folder", MARK, True),
        ("output", {}, False),
        ("nowhere", MARK, False),
    ],
)
def test_a_step_is_found_by_its_mark_and_its_folder(
    where: str, environment: Mapping[str, str], found: bool, tmp_path: Path
) -> None:
    with (
        (tmp_path / "output").open("wb") as output,
        subprocess.Popen(
            ["/bin/sh", "-c", "(echo ready >&2); read -r line"],
            stdin=subprocess.PIPE,
            stdout=output if where == "output" else subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**environment, "PLACE": f"{tmp_path}/work" if where == "environment" else ""},
            cwd=_below(tmp_path) if where == "folder" else "/",
        ) as process,
    ):
        # Before its program stands a process has no environment that anybody could read. A shell of its own says that
        # it does: the output of the one that is looked for would lead elsewhere while it speaks.
        assert process.stderr is not None
        assert process.stderr.readline() == b"ready\n"
        assert (process.pid in stragglers.stragglers(tmp_path)) is found
        assert process.stdin is not None
        process.stdin.close()


def test_one_that_does_not_end_is_ended_and_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(stragglers, "SECONDS", 0)
    with subprocess.Popen(
        ["/bin/cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, env=MARK, cwd=_below(tmp_path)
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"ready")
        assert process.stdout.read(5) == b"ready"
        assert stragglers.end(tmp_path) == {process.pid: "/bin/cat "}
        assert process.wait() == -9
    assert stragglers.end(tmp_path) == {}


def _below(folder: Path) -> Path:
    os.mkdir(folder / "below")
    return folder / "below"
