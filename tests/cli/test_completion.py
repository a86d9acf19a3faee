"""Words that shells complete: commands, options and live names (CLI-14)."""

import shutil
import subprocess
import sys

import pytest

from tests.cli.workshop import SECONDS, Workshop


def completed(workshop: Workshop, *words: str) -> list[str]:
    """What a shell is told where the last of these words is completed."""
    told = subprocess.run(
        [sys.executable, "-m", "ferryman"],
        cwd=workshop.folder,
        env={
            **workshop.environment,
            "_FERRYMAN_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(("ferryman", *words)),
            "COMP_CWORD": str(len(words)),
        },
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    assert (told.returncode, told.stderr) == (0, "")
    return [line.partition(",")[2] for line in told.stdout.splitlines() if line]


def test_commands_options_and_live_names_are_completed(workshop: Workshop) -> None:
    """CLI-14: runs, and the parts of the run that is named."""
    assert completed(workshop, "sh") == ["show"]
    assert completed(workshop, "secrets", "ch") == ["change-key"]
    assert completed(workshop, "retry", "--fa") == ["--failed-only"]
    assert completed(workshop, "show", "") == [], "there is no data folder yet"
    workshop.steps("small", "true")
    assert workshop.ran("run", "small.yaml").returncode == 0
    assert completed(workshop, "show", "") == ["latest", "small#1"]
    assert completed(workshop, "show", "sm") == ["small#1"]
    assert completed(workshop, "retry", "small#1", "main/") == ["main/task", "main/task/s1"]
    assert completed(workshop, "why", "small#9", "") == [], "there is no such run"
    elsewhere = workshop.folder / "elsewhere"
    assert completed(workshop, "show", "--data", str(elsewhere), "") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(shell: str, workshop: Workshop) -> None:
    """CLI-14; where the shell is here it reads it."""
    told = workshop.ran("completion", shell)
    assert (told.returncode, told.stderr) == (0, "")
    assert f"_FERRYMAN_COMPLETE={shell}_complete" in told.stdout
    if program := shutil.which(shell):
        read = subprocess.run(
            [program, "-n"], input=told.stdout, encoding="utf-8", capture_output=True, check=False
        )
        assert (read.returncode, read.stderr) == (0, "")
