"""The files that take what steps print: few, used again and again, for making and deleting files costs a disk dearly.

A file is 0600 and belongs to one attempt until its output has been read and kept elsewhere; then it is emptied. It
stays open here all the time: opening costs, and a file that was emptied is written to the disk when the last one closes
it, though it will be emptied again at once.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterable


class Outputs:
    """The files of one supervisor."""

    def __init__(self, folder: int, used: Iterable[str]) -> None:
        """Files below `output` in this folder; those in `used` belong to attempts."""
        with contextlib.suppress(FileExistsError):
            os.mkdir("output", 0o700, dir_fd=folder)
        self._place = os.open("output", os.O_RDONLY | os.O_DIRECTORY, dir_fd=folder)
        self._opened: dict[str, int] = {}
        there = set(os.listdir(self._place))
        self._free = sorted(there - set(used))
        self._next = max((int(name) for name in there if name.isdigit()), default=0) + 1

    def take(self) -> str:
        """The name of a file for an attempt."""
        if self._free:
            return self._free.pop()
        self._next += 1
        return str(self._next - 1)

    def open(self, name: str) -> int:
        """The empty file of this name, to add to; it stays ours to close. Raises OSError."""
        if (fd := self._opened.get(name, -1)) >= 0:
            # Whoever wrote last has shared our descriptor, and may have set it to write elsewhere or otherwise.
            fcntl.fcntl(fd, fcntl.F_SETFL, os.O_APPEND)
            return fd
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_NOFOLLOW
        self._opened[name] = os.open(name, flags, 0o600, dir_fd=self._place)
        return self._opened[name]

    def size(self, name: str) -> int:
        """Bytes in it; -1 where that cannot be seen."""
        try:
            facts = (
                os.fstat(fd) if (fd := self._opened.get(name, -1)) >= 0 else os.stat(name, dir_fd=self._place)
            )
        except OSError:
            return -1
        return facts.st_size

    def give(self, name: str, *, again: bool) -> None:
        """Nobody needs what is in it any more. Not to be used `again`: something may still write to it."""
        with contextlib.suppress(OSError):
            if again:
                os.ftruncate(self.open(name), 0)
                self._free.append(name)
            else:
                if name in self._opened:
                    os.close(self._opened.pop(name))
                os.unlink(name, dir_fd=self._place)
