"""W7: kill -9 of the moving process in the middle of 50 runs, until all of them move again.

Time runs from the exec of the next process. A run moves again when its next entry is on the disk: a step of it that
went on alone has been found and its end kept. Lost is a run that does not succeed, repeated a line that stands in the
witness file twice. This is a figure, not the proof: that is in `tests/crash`. By hand: `python benchmarks/w7.py`.
"""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any, NamedTuple

from _table import load, show

MOVER = Path(__file__).with_name("_mover.py")
MOMENTS = (0.1, 0.25, 0.4, 0.55, 0.7)
"""Seconds after the last start at which the process is killed."""
STEPS = 50 * 12


class Killed(NamedTuple):
    """What one kill came to."""

    done: int
    """Steps that had done their work when it came."""
    ready: float
    moving: float
    runs: int
    lost: int
    repeated: int
    missing: int


def mover(folder: Path, witness: Path, *words: str) -> "subprocess.Popen[bytes]":
    """A process that moves runs."""
    command = [sys.executable, str(MOVER), str(folder), str(witness), *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def heard(process: "subprocess.Popen[bytes]") -> list[Any]:
    """The next thing that it tells."""
    if process.stdout is None:
        raise AssertionError("nothing can be heard")
    answer: list[Any] = json.loads(process.stdout.readline())
    return answer


def killed(after: float) -> Killed:
    """Kill once, so many seconds after all runs have begun, and take up."""
    with TemporaryDirectory() as name:
        folder, witness = Path(name), Path(name) / "witness"
        witness.touch()
        with mover(folder, witness, "begin") as first:
            heard(first)
            sleep(after)
            first.kill()
        done = len(witness.read_text().splitlines())
        since = perf_counter()
        with mover(folder, witness) as second:
            _, ready, moving, runs = heard(second)
            _, outcomes = heard(second)
        lines = Counter(witness.read_text().splitlines())
    lost = sum(outcome != "succeeded" for outcome in outcomes)
    return Killed(
        done, ready - since, moving - since, runs, lost, lines.total() - len(lines), STEPS - len(lines)
    )


def main() -> None:
    """Print the table."""
    kills = [killed(moment) for moment in MOMENTS]
    rows = [
        (
            f"after {moment:.2f} s",
            f"{kill.done} of {STEPS}",
            f"{kill.runs}",
            f"{kill.ready:.2f} s",
            f"{kill.moving:.2f} s",
            "≤ 2 s",
            f"{kill.lost}",
            f"{kill.repeated}",
            f"{kill.missing}",
        )
        for moment, kill in zip(MOMENTS, kills, strict=True)
    ]
    ready, moving = median(kill.ready for kill in kills), median(kill.moving for kill in kills)
    rows.append(("median", "", "", f"{ready:.2f} s", f"{moving:.2f} s", "≤ 2 s", "", "", ""))
    head = ("killed", "steps done", "runs open", "ready", "all move", "reach", "lost", "repeated", "missing")
    show(f"W7: kill -9 in the middle of 50 runs ({load()})", head, rows)


if __name__ == "__main__":
    main()
