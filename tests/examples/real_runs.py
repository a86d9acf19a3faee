"""Runs a pipeline of the examples for real: `ferryman run` in a process of its own, with its own data folder."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HEADING = re.compile(r"^== (?P<path>[^#]+)#(?P<attempt>\S+)$", re.MULTILINE)


@dataclass
class Ended:
    """How a run ended: the log of each step that ran, by its path, and the names of the steps that failed."""

    logs: dict[str, str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


def perform(file: Path, folder: Path, number: int, **given: str) -> Ended:
    """Carry out the pipeline with these start values; the data folder in `folder` serves all runs of a test."""
    data = ["--data", str(folder / "data")]
    folder.mkdir(parents=True, exist_ok=True)
    values = [word for name, text in given.items() for word in ("--param", f"{name}={text}")]
    _ferryman("run", str(file), *data, "--approve", "production", *values)
    view = json.loads(_ferryman("show", f"#{number}", *data, "--output", "json"))
    told = _ferryman("logs", f"#{number}", *data)
    pieces = HEADING.split(told)
    logs = {path: text.strip("\n") for path, text in zip(pieces[1::3], pieces[3::3], strict=True)}
    return Ended(logs=logs, failed=[step["name"] for step in _steps(view) if step["outcome"] == "failed"])


def _steps(view: Any) -> list[dict[str, Any]]:
    return [step for stage in view["stages"] for job in stage["jobs"] for step in job["steps"]]


def _ferryman(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "ferryman", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout
