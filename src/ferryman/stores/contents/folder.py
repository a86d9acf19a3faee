"""The folder of contents.

A file is written under a name of its own in `new/`, flushed, then renamed to its digest: whatever stands under a digest
is whole, also after a power cut. What a crash leaves in `new/` is removed at the next opening. Should the disk damage
what is kept, it is told when somebody wants it, and mended when the same is kept again.
"""

import hashlib
import os
import re
import secrets
from pathlib import Path

from ferryman.ports.contents import Damaged, Stopped, Stopping

PIECE = 1 << 20
"""Bytes read at once."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_FRESH = "new"


class ContentFolder:
    """Contents below one folder, which one process writes."""

    def __init__(self, folder: Path) -> None:
        """Nothing is touched before `open`."""
        self._folder = folder

    def open(self) -> None:
        """Make the folder, and remove what an earlier process did not finish."""
        fresh = self._folder / _FRESH
        # By itself: folders that are made on the way to another one are open to all that the umask lets in.
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh.mkdir(mode=0o700, exist_ok=True)
        for left in fresh.iterdir():
            left.unlink(missing_ok=True)

    def take(self, source: int, *, stopping: Stopping) -> tuple[str, int]:
        """Keep what is read from this descriptor up to its end, durably: its digest and size."""
        fresh = self._folder / _FRESH / secrets.token_hex(16)
        try:
            with open(fresh, "xb", buffering=0, opener=_private) as target:
                digest, size = _copy(source, target.fileno(), stopping)
                place = self._place(digest)
                is_kept = _is_whole(place, digest, size, stopping)
                if not is_kept:
                    os.fsync(target.fileno())
            if not is_kept:
                if not place.parent.exists():
                    place.parent.mkdir(mode=0o700, exist_ok=True)
                    _sync_folder(self._folder)
                os.replace(fresh, place)
                _sync_folder(place.parent)
            return digest, size
        finally:
            fresh.unlink(missing_ok=True)

    def give(self, digest: str, target: int, *, stopping: Stopping) -> int:
        """Write what is kept to this descriptor, looking at the digest on the way: its size."""
        if not _DIGEST.fullmatch(digest):
            raise Damaged(f"{digest!r} is no digest")
        try:
            source = open(self._place(digest), "rb", buffering=0)  # noqa: SIM115
        except FileNotFoundError as missing:
            raise Damaged(f"the content with digest {digest} is gone") from missing
        with source:
            found, size = _copy(source.fileno(), target, stopping)
        if found != digest:
            raise Damaged(f"the content with digest {digest} is damaged on the disk: it is {found} now")
        return size

    def _place(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest[2:]


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _copy(source: int, target: int, stopping: Stopping) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    while True:
        if stopping():
            raise Stopped
        piece = os.read(source, PIECE)
        if not piece:
            return digest.hexdigest(), size
        digest.update(piece)
        size += len(piece)
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(target, rest) :]


def _is_whole(place: Path, digest: str, size: int, stopping: Stopping) -> bool:
    """Whether the content stands there as it was kept: to read it costs less than to flush another one."""
    try:
        with open(place, "rb", buffering=0) as kept:
            if os.fstat(kept.fileno()).st_size != size:
                return False
            found = hashlib.sha256()
            while piece := kept.read(PIECE):
                if stopping():
                    raise Stopped
                found.update(piece)
    except FileNotFoundError:
        return False
    return found.hexdigest() == digest


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
