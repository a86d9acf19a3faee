"""The files that take what steps print: few, used again and again, for making and deleting files costs a disk dearly.

A file is 0600 and belongs to one attempt until its output has been read and kept elsewhere; then it is emptied. One
that was emptied stays open here: the system writes such a file to the disk when the last one closes it, though it will
be emptied again at once. One that nobody has printed to is not held open: each start copies and closes whatever we hold
open, one by one.

A program may empty the file that it prints to: `echo … > /dev/stderr` opens it anew and does. So there is a hole at the
beginning of each, which takes no place on the disk: where it is gone, whoever reads knows that something is missing.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterable, Iterator

BEGINS = 4099
"""Bytes of the hole. Hardly anything that is printed into an emptied file is just as long."""


class Outputs:
    """The files of one supervisor."""

    def __init__(self, folder: int, used: Iterable[str]) -> None:
        """Files below `output` in this folder; those in `used` belong to attempts."""
        with contextlib.suppress(FileExistsError):
            os.mkdir("output", 0o700, dir_fd=folder)
        self._place = os.open("output", os.O_RDONLY | os.O_DIRECTORY, dir_fd=folder)
        self._kept: dict[str, int] = {}
        there = set(os.listdir(self._place))
        self._free = sorted(there - set(used))
        self._next = max((int(name) for name in there if name.isdigit()), default=0) + 1

    def take(self) -> str:
        """The name of a file for an attempt."""
        if self._free:
            return self._free.pop()
        self._next += 1
        return str(self._next - 1)

    @contextlib.contextmanager
    def opened(self, name: str) -> Iterator[int]:
        """The file of this name with nothing but its hole, open to add to for as long as this lasts. Raises OSError."""
        if (kept := self._kept.get(name, -1)) >= 0:
            # Whoever wrote last has shared our descriptor, and may have set it to write elsewhere or otherwise.
            fcntl.fcntl(kept, fcntl.F_SETFL, os.O_APPEND)
            yield kept
            return
        fd = self._open(name)
        try:
            if not (facts := os.fstat(fd)).st_size:
                os.ftruncate(fd, BEGINS)
            elif not _is_untouched(facts):
                _empty(fd)
            yield fd
        finally:
            os.close(fd)

    def size(self, name: str) -> int:
        """Bytes that were printed into it; -1 where that cannot be seen, as it was emptied or cannot be looked at."""
        try:
            facts = os.fstat(fd) if (fd := self._kept.get(name, -1)) >= 0 else self._look(name)
        except OSError:
            return -1
        if _is_untouched(facts):
            return 0
        return facts.st_size - BEGINS if facts.st_size > BEGINS else -1

    def give(self, name: str, *, again: bool) -> None:
        """Nobody needs what is in it any more. Not to be used `again`: something may still write to it."""
        with contextlib.suppress(OSError):
            if not again:
                if name in self._kept:
                    os.close(self._kept.pop(name))
                os.unlink(name, dir_fd=self._place)
            elif self.size(name):
                if name not in self._kept:
                    self._kept[name] = self._open(name)
                _empty(self._kept[name])
                self._free.append(name)
            else:
                self._free.append(name)

    def _look(self, name: str) -> os.stat_result:
        return os.stat(name, dir_fd=self._place, follow_symlinks=False)

    def _open(self, name: str) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        return os.open(name, flags, 0o600, dir_fd=self._place)


def _is_untouched(facts: os.stat_result) -> bool:
    """Whether nobody has ever written into a file of ours: a hole takes no blocks."""
    return facts.st_size == BEGINS and not facts.st_blocks


def _empty(fd: int) -> None:
    os.ftruncate(fd, 0)
    os.ftruncate(fd, BEGINS)
