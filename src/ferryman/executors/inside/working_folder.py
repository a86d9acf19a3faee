"""The files of a job's working folder, read and written without ever leaving it.

What lies in the folder was put there by steps, and may change while it is looked at. So every part of a name is opened
by itself, relative to the folder above it and without following links: a link is never a way out, whenever it appears.
"""

import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from ferryman.executors.inside.names import BadName, Patterns, parts

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_FRESH = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC

DEEPEST = 100
"""Folders in folders that are looked into."""

_OF_STEPS = 3
"""How many folders at the end of the path to a working folder steps can put links in place of: run's, job's, itself."""

Passed = Callable[[str], None]
"""Told the name of each link or special file that is passed over."""


class WorkingFolder:
    """One job's folder, by a descriptor that is held while it is used."""

    def __init__(self, root: int) -> None:
        """Given an open folder; `opened` makes one."""
        self._root = root

    def files(self, patterns: Patterns, *, passed: Passed) -> Iterator[tuple[str, int, int]]:
        """Name, open descriptor and mode of each file that the patterns mean, in the order of names. The descriptor is
        open until the next one is asked for. Raises `BadName` for a name that no manifest can hold."""
        yield from self._below(self._root, (), patterns, passed)

    def _below(
        self, folder: int, above: tuple[str, ...], patterns: Patterns, passed: Passed
    ) -> Iterator[tuple[str, int, int]]:
        if len(above) > DEEPEST:
            raise BadName(f"{'/'.join(above[:3])!r} holds folders more than {DEEPEST} deep")
        with os.scandir(folder) as entries:
            found = sorted(
                (entry.name, entry.is_dir(follow_symlinks=False), _leads_to_folder(entry))
                for entry in entries
            )
        for entry, is_folder, leads_to_folder in found:
            name = (*above, entry)
            shown = "/".join(name)
            if not is_folder and not patterns.fit(name):
                if leads_to_folder and patterns.reach(name):
                    passed(shown)
                continue
            try:
                file = os.open(entry, _FILE, dir_fd=folder)
            except FileNotFoundError:
                continue
            except PermissionError:
                raise
            except OSError:
                # A link, a socket, a device without a driver.
                passed(shown)
                continue
            try:
                mode = os.fstat(file).st_mode
                if stat.S_ISDIR(mode):
                    yield from self._below(file, name, patterns, passed)
                elif stat.S_ISREG(mode) and patterns.fit(name):
                    parts(shown)
                    yield shown, file, stat.S_IMODE(mode) & 0o777
                else:
                    passed(shown)
            finally:
                os.close(file)

    @contextmanager
    def fresh(self, name: str, mode: int) -> Iterator[int]:
        """A descriptor to write a file to; when all went well it gets its name, whatever stood there before, else it
        is gone. Folders on the way are made. Raises `BadName`, also where a link or a file is in the way."""
        *above, last = parts(name) or (".",)
        if last == ".":
            raise BadName(f"{name!r} is the name of no file")
        with self._folder_at(above) as folder:
            draft = f".ferryman-{secrets.token_hex(8)}"
            file = os.open(draft, _FRESH, 0o600, dir_fd=folder)
            try:
                try:
                    yield file
                    os.fchmod(file, mode & 0o777 | 0o600)
                finally:
                    os.close(file)
                try:
                    os.rename(draft, last, src_dir_fd=folder, dst_dir_fd=folder)
                except (IsADirectoryError, FileExistsError) as fault:
                    raise BadName(f"{name!r} cannot be written: a folder has that name") from fault
            except BaseException:
                with suppress(FileNotFoundError):
                    os.unlink(draft, dir_fd=folder)
                raise

    @contextmanager
    def _folder_at(self, names: Sequence[str]) -> Iterator[int]:
        folder = os.dup(self._root)
        try:
            for at, name in enumerate(names):
                with suppress(FileExistsError):
                    os.mkdir(name, 0o755, dir_fd=folder)
                try:
                    below = os.open(name, _FOLDER, dir_fd=folder)
                except OSError as fault:
                    shown = "/".join(names[: at + 1])
                    raise BadName(f"{shown!r} is a link or a file, and no folder to write into") from fault
                os.close(folder)
                folder = below
            yield folder
        finally:
            os.close(folder)


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder or a link to one; of a link in a circle, or to what we may not see, nobody knows."""
    try:
        return entry.is_dir()
    except OSError:
        return False


@contextmanager
def opened(path: Path, *, make: bool = False) -> Iterator[WorkingFolder]:
    """The working folder at this path, made where that is asked for. Raises `OSError` where there is none, `BadName`
    where a link stands in its place: a step may have put it there, to have us read or write what it does not see
    itself (RULINGS 18). The folders of the job and of the run above it are in reach of steps as well."""
    above, own = path.parents[_OF_STEPS - 1], path.parts[-_OF_STEPS:]
    if make:
        above.mkdir(mode=0o700, parents=True, exist_ok=True)
    root = os.open(above, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for name in own:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(name, 0o700, dir_fd=root)
            try:
                inner = os.open(name, _FOLDER, dir_fd=root)
            except OSError as fault:
                if fault.errno in (errno.ELOOP, errno.ENOTDIR):
                    raise BadName(
                        "a link or file stands in place of the working folder of the job"
                    ) from fault
                raise
            os.close(root)
            root = inner
        yield WorkingFolder(root)
    finally:
        os.close(root)
