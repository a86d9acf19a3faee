"""Where a server is found, written where others may write too."""

import os
from pathlib import Path

import msgspec
import pytest

from ferryman.app.whereabouts import Whereabouts, write

FOUND = Whereabouts(
    address="http://127.0.0.1:1", host="127.0.0.1", port=1, pid=2, data="/srv/ferryman", version="1"
)


@pytest.mark.parametrize("left", ["place", "part"])
def test_a_link_that_somebody_has_put_there_leads_nowhere(tmp_path: Path, left: str) -> None:
    """In a folder for all, its name can be guessed."""
    place, other = tmp_path / "ready.json", tmp_path / "other"
    other.write_text("precious")
    (place if left == "place" else tmp_path / "ready.json.part").symlink_to(other)
    write(place, FOUND)
    assert other.read_text() == "precious"
    assert not place.is_symlink()
    assert msgspec.json.decode(place.read_bytes(), type=Whereabouts) == FOUND


def test_only_its_owner_can_change_it(tmp_path: Path) -> None:
    """Whoever reads it goes where it says, also where it was written under a lax mask."""
    before = os.umask(0)
    try:
        write(tmp_path / "ready.json", FOUND)
    finally:
        os.umask(before)
    assert (tmp_path / "ready.json").stat().st_mode & 0o777 == 0o644
