"""Contents by digest: whole or not there, also after a crash in the middle."""

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.ports.contents import Damaged, Stopped
from ferryman.stores.contents import ContentFolder
from ferryman.stores.contents.folder import PIECE


def folder(path: Path) -> ContentFolder:
    contents = ContentFolder(path)
    contents.open()
    return contents


def take(contents: ContentFolder, text: bytes) -> tuple[str, int]:
    read, write = os.pipe()
    os.write(write, text)
    os.close(write)
    try:
        return contents.take(read, stopping=lambda: False)
    finally:
        os.close(read)


def give(contents: ContentFolder, digest: str, path: Path) -> int:
    with open(path, "wb") as target:
        return contents.give(digest, target.fileno(), stopping=lambda: False)


@given(st.binary(max_size=2000))
def test_what_was_taken_is_given(tmp_path_factory: pytest.TempPathFactory, text: bytes) -> None:
    path = tmp_path_factory.mktemp("contents")
    contents = folder(path / "c")
    digest, size = take(contents, text)
    assert (digest, size) == (hashlib.sha256(text).hexdigest(), len(text))
    assert give(contents, digest, path / "out") == size
    assert (path / "out").read_bytes() == text


def test_more_than_one_piece_is_kept_whole(tmp_path: Path) -> None:
    contents = folder(tmp_path / "c")
    (tmp_path / "big").write_bytes(os.urandom(PIECE + 7))
    with open(tmp_path / "big", "rb") as source:
        digest, _ = contents.take(source.fileno(), stopping=lambda: False)
    assert give(contents, digest, tmp_path / "out") == PIECE + 7
    assert (tmp_path / "out").read_bytes() == (tmp_path / "big").read_bytes()


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    digest, _ = take(folder(tmp_path / "c"), b"text")
    path = tmp_path / "c" / digest[:2] / digest[2:]
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_work_that_is_told_to_end_leaves_nothing(tmp_path: Path) -> None:
    contents = folder(tmp_path / "c")
    with open(os.devnull, "rb") as source, pytest.raises(Stopped):
        contents.take(source.fileno(), stopping=lambda: True)
    assert [path for path in (tmp_path / "c").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("damage", [b"tixt", b"", b"longer text"])
def test_what_the_disk_damaged_is_whole_again_once_the_same_is_kept(tmp_path: Path, damage: bytes) -> None:
    contents = folder(tmp_path / "c")
    digest, _ = take(contents, b"text")
    (tmp_path / "c" / digest[:2] / digest[2:]).write_bytes(damage)
    with pytest.raises(Damaged):
        give(contents, digest, tmp_path / "out")
    take(contents, b"text")
    give(contents, digest, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"text"


def test_what_is_there_already_is_not_flushed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mostly a build makes what the last one made, in many small files, and a flush is what costs."""
    contents = folder(tmp_path / "c")
    take(contents, b"text")
    monkeypatch.setattr(os, "fsync", lambda descriptor: pytest.fail("it was flushed"))
    digest, _ = take(contents, b"text")
    assert [path for path in (tmp_path / "c").rglob("*") if path.is_file()] == [
        tmp_path / "c" / digest[:2] / digest[2:]
    ]


def test_what_a_crash_left_unfinished_is_removed(tmp_path: Path) -> None:
    (tmp_path / "c/new").mkdir(parents=True)
    (tmp_path / "c/new/half").write_text("ha")
    folder(tmp_path / "c")
    assert list((tmp_path / "c/new").iterdir()) == []


def test_a_content_that_was_cut_short_is_put_right_by_keeping_it_again(tmp_path: Path) -> None:
    contents = folder(tmp_path / "c")
    digest, _ = take(contents, b"whole")
    (tmp_path / "c" / digest[:2] / digest[2:]).write_bytes(b"who")
    with pytest.raises(Damaged, match="is damaged on the disk"):
        give(contents, digest, tmp_path / "out")
    take(contents, b"whole")
    assert give(contents, digest, tmp_path / "out") == 5


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "0" * 63])
def test_what_is_no_digest_names_no_file(tmp_path: Path, digest: str) -> None:
    with pytest.raises(Damaged, match="is no digest"):
        give(folder(tmp_path / "c"), digest, tmp_path / "out")


def test_what_was_never_kept_is_gone(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="is gone"):
        give(folder(tmp_path / "c"), "0" * 64, tmp_path / "out")
