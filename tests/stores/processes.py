"""Children: other processes over a data folder, each ended by its own handle."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextmanager
def child(word: str, folder: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that does this to a folder; killed at the end if it is still there."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.stores.child", word, str(folder), *more],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def next_line(process: subprocess.Popen[str]) -> str:
    """The next line a child says."""
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")
