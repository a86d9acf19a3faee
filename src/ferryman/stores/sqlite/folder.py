"""The data folder: the names in it, their rights, and the one process that drives it.

Whoever drives holds a lock (flock) on the file `lock`, where its process id, the time and its command line stand for
whom it refuses (START-3). The system lets the lock go with the process, however that ends. The file's descriptor is
not handed down to programs that the process starts.
"""

import contextlib
import fcntl
import os
import shlex
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from ferryman.domain.errors import Unavailable
from ferryman.stores.files import other_than_file

ENDED = ("", "Z", "X")
"""States of a process that holds nothing any more, as the kernel names them, and none."""


class Holder(msgspec.Struct, frozen=True):
    """The process that drives a folder. `since` is when it took the folder, in seconds since 1970, and `began` when
    the process itself began, as the kernel counts from its boot: setting the clock moves the one and not the other. An
    earlier Ferryman did not say when it began (0)."""

    pid: int
    since: int
    command: tuple[str, ...]
    began: int = 0

    @property
    def lives(self) -> bool:
        """Whether the process is there still. A number that was given to another process since is not its own; one that
        has ended and was not asked after by its parent holds nothing."""
        state, began = _seen(self.pid)
        return state not in ENDED and self.began in (0, began)

    def __str__(self) -> str:
        """process 4711 (`ferryman run release.yaml`, since 2025-11-22 05:55:01 UTC)"""
        since = datetime.fromtimestamp(self.since, UTC)
        return f"process {self.pid} (`{shlex.join(self.command)}`, since {since:%Y-%m-%d %H:%M:%S} UTC)"


class Folder(NamedTuple):
    """A data folder by its path. Logs have their own database file beside the store's (RULINGS 16)."""

    path: Path
    known_as: Path | None = None
    """What people call it, where this is only the part of it that nobody else should see."""

    @property
    def name(self) -> Path:
        """Its name in what is said of it (ERR-1)."""
        return self.known_as or self.path

    @property
    def database(self) -> Path:
        """What the store keeps."""
        return self.path / "ferryman.db"

    @property
    def lock(self) -> Path:
        """Who drives."""
        return self.path / "lock"

    def make(self) -> None:
        """Make the folder, for its owner only. One that was empty or Ferryman's own is made so; one that holds other
        things keeps its rights. The folder around it may be looked into by others, if need be, but not be changed by
        them. Raises `Unavailable`, also where it is somebody else's."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            names = {each.name for each in self.path.iterdir()}
            if not names or names & {self.database.name, self.lock.name}:
                self.path.chmod(0o700)
            owner = self.path.stat().st_uid
        except OSError as error:
            raise Unavailable(f"cannot use the data folder {self.name}: {error.strerror}") from error
        if owner != os.geteuid():
            raise Unavailable(
                f"cannot use the data folder {self.name}: it belongs to user {owner}, not to {os.geteuid()} who runs "
                "Ferryman; chown it, or name another folder"
            )

    def take(self) -> int:
        """Take the folder for this process; the descriptor that `leave` gives back. Raises `Unavailable`, which names
        the process that holds it, if one does."""
        try:
            if other := other_than_file(self.lock):
                raise Unavailable(
                    f"cannot use the data folder {self.name}: {self.lock} is {other}, not a file; move it away"
                )
            descriptor = os.open(self.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Unavailable(f"cannot use the data folder {self.name}: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise Unavailable(
                f"cannot use the data folder {self.name}: {self.holder() or 'another process'} holds it; "
                "wait for it to end, stop it, or name another folder"
            ) from error
        holder = Holder(os.getpid(), int(time.time()), tuple(sys.orig_argv), _seen(os.getpid())[1])
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, msgspec.json.encode(holder), 0)
        except OSError as error:
            os.close(descriptor)
            raise Unavailable(
                f"cannot use the data folder {self.name}: {self.lock.name} cannot be written: {error.strerror}; free "
                "some room on its disk"
            ) from error
        return descriptor

    def leave(self, descriptor: int) -> None:
        """Let the folder go."""
        os.ftruncate(descriptor, 0)
        os.close(descriptor)

    def holder(self) -> Holder | None:
        """What the lock file says; None when nobody drives, or has not yet said who it is."""
        if other_than_file(self.lock):
            return None
        with contextlib.suppress(OSError, msgspec.DecodeError):
            return msgspec.json.decode(self.lock.read_bytes(), type=Holder)
        return None

    def make_database(self) -> None:
        """An empty file for its owner only, unless there is one; SQLite gives the files beside it the same rights."""
        try:
            os.close(os.open(self.database, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        except FileExistsError:
            return
        folder = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _seen(pid: int) -> tuple[str, int]:
    """The state of a process, in the kernel's letter, and when it began; none where there is no such process."""
    try:
        told = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return "", 0
    # The name of the program stands in brackets before, and may hold anything.
    state, *others = told[told.rindex(b")") + 2 :].split()
    return state.decode(), int(others[18])
