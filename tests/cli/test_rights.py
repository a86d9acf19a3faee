"""What Ferryman makes in the private part of a data folder is its owner's alone, whatever the user's mask says."""

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from ferryman.testing.server import started
from tests.cli.workshop import Workshop

KEEPS = """version: v3.0
name: keeps
steps:
  - run: echo content > a.txt
  - uses: ferrymanUploadArtifact@1.*
    with: {name: a, path: a.txt}
"""
WHILE_SERVING = {
    "contents",
    "ferryman.db",
    "ferryman.db-shm",
    "ferryman.db-wal",
    "inside.records",
    "lock",
    "logs.db",
    "logs.db-shm",
    "logs.db-wal",
    "secrets.key",
    "server.json",
    "socket",
    "supervisor",
}
"""All that stands directly in the private part while a server has a run behind it."""


@pytest.fixture(params=[0o000, 0o022], ids=["000", "022"])
def mask(request: pytest.FixtureRequest) -> Iterator[int]:
    """Processes that the test starts have this mask."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def _open_to_others(folder: Path) -> dict[str, str]:
    """Whatever in a folder anybody but its owner may touch, and its rights."""
    found = {}
    for path in folder.rglob("*"):
        # What is there for a moment only may be gone again.
        with contextlib.suppress(FileNotFoundError):
            found[str(path.relative_to(folder))] = stat.S_IMODE(path.lstat().st_mode)
    return {name: oct(rights) for name, rights in found.items() if rights & 0o077}


@pytest.mark.usefixtures("mask")
def test_nothing_in_the_private_part_is_open_to_others(workshop: Workshop) -> None:
    """By itself, and not only by the folder around it: files are copied and moved."""
    private, other = workshop.folder / "data" / "private", workshop.folder / "other"
    workshop.environment["FERRYMAN_DATA"] = str(private.parent)
    workshop.write("keeps.yaml", KEEPS)
    with started(data=private.parent, seed=None) as server:
        told = workshop.ran("run", "keeps.yaml")
        assert told.returncode == 0, told.stdout + told.stderr
        assert workshop.ran("secrets", "change-key").returncode == 0
        assert {path.name for path in private.iterdir()} == WHILE_SERVING
        assert _open_to_others(private) == {}
        assert workshop.ran("backup", "copy", "--with-key").returncode == 0
        assert _open_to_others(workshop.folder / "copy") == {}
        assert server.stop() == 0
    assert workshop.ran("restore", "copy", "--data", str(other)).returncode == 0
    assert _open_to_others(other / "private") == {}
