"""Folders and environment of a step, made from scratch: nothing of the server's own comes in.

    <root>/<run>/<folder>/space     the working folder of a job, shared by its steps: WORKSPACE
    <root>/<run>/<folder>/home      HOME
    <root>/<run>/<folder>/temp      FERRYMAN_TEMP
    <root>/<run>/<folder>/KEY.*     what an attempt hands over, a few files: FERRYMAN_OUTPUT, FERRYMAN_ENV

    <root>.spare/N                  left by a job as it was given to it: for the next one

Steps see these folders; what they must not see lies elsewhere in the data folder. Folders are dear to make and to take
away: a file system may pass over what was freed lately one by one, so that each costs the more the more there were.
Hence there are no more of them, and those that nobody has changed are given to another job.
"""

import contextlib
import fcntl
import itertools
import os
import shutil
import stat
import sys
import time
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from ferryman.domain.work import Work

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_LONGEST_NAME = 120
_FOLDERS = ("space", "home", "temp")
_MODE = 0o700
_MOST_SPARE = 256
_GET_FLAGS = 0x80086601
"""The request for the flags that `chattr` sets (Linux, `FS_IOC_GETFLAGS`)."""
_FLAGS = 0x400380FB
"""All that whoever owns a folder may set, save that it be compressed: what is made below a folder takes that over."""
_FINE, _COARSE = 100_000_000, 5_000_000_000
"""Nanoseconds after which a change of a folder shows in its time of change: where the file system tells nanoseconds its
clock ticks a hundred times a second or more, elsewhere it may be every second one that is told."""

Seen = tuple[tuple[int, ...], ...]
"""What folders looked like when nobody had changed anything in them: a look tells whether somebody has since."""


@lru_cache(maxsize=4096)
def file_name(text: str) -> str:
    """Any text as one name of a file: readable where it is short, and never a way out of the folder."""
    name = quote(text, safe="").replace(".", "%2E") or "%"
    return name if len(name) <= _LONGEST_NAME else sha256(text.encode()).hexdigest()


class Surroundings:
    """The folders below one root."""

    def __init__(self, root: Path, path: str) -> None:
        """Make folders below `root`; programs are found along `path` unless a step says otherwise."""
        self._root, self._path = str(root.absolute()), path
        self._spare: list[tuple[str, Seen]] = []
        self._numbers = itertools.count()
        self._jobs: dict[str, dict[str, Seen]] = {}
        """By run's folder, the folders of jobs that were made and have not gone."""

    def job(self, run: str, folder: str) -> str:
        """The folder of a job."""
        return f"{self._root}/{file_name(run)}/{file_name(folder)}"

    def handed(self, run: str, folder: str, key: str) -> str:
        """How the files begin in which an attempt hands things over."""
        return f"{self.job(run, folder)}/{file_name(key)}"

    def make(self, work: Work) -> dict[str, str]:
        """Make the folders of an attempt; its environment. Raises OSError."""
        folder = folder_of(work)
        job, handed = self.job(work.run, folder), self.handed(work.run, folder, work.key)
        jobs = self._jobs_beside(job)
        if job in jobs:
            # An earlier step of the job may have taken some of them away.
            _make_all(_places(job)[1:])
        else:
            jobs[job] = self._fill(job)
        ours = {
            "WORKSPACE": f"{job}/space",
            "FERRYMAN_RUN": work.run,
            "FERRYMAN_PROJECT": work.project,
            "FERRYMAN_STEP": work.key,
            "FERRYMAN_TEMP": f"{job}/temp",
            "FERRYMAN_OUTPUT": f"{handed}.output",
            "FERRYMAN_ENV": f"{handed}.env",
        }
        given = {
            name: value for name, value in work.env.items() if name and "=" not in name and name not in ours
        }
        return {"PATH": self._path, "HOME": f"{job}/home", "LANG": "C.UTF-8"} | given | ours

    def has(self, run: str, folder: str) -> bool:
        """Whether a job has a folder."""
        return os.path.isdir(self.job(run, folder))

    def keep_only(self, folders: Iterable[tuple[str, str]]) -> None:
        """Take away the folders of all jobs but these (run, folder)."""
        kept = {self.job(run, folder) for run, folder in folders}
        for place in (self._root, f"{self._root}.spare"):
            _drop_link(place)
        for run in _names(self._root):
            for folder in _names(f"{self._root}/{run}"):
                if (job := f"{self._root}/{run}/{folder}") not in kept:
                    _remove(job)
            with contextlib.suppress(OSError):
                os.rmdir(f"{self._root}/{run}")
        known = {spare for spare, _ in self._spare}
        for name in _names(f"{self._root}.spare"):
            if (spare := f"{self._root}.spare/{name}") in known:
                continue
            seen = _as_made(spare) if len(self._spare) < _MOST_SPARE else ()
            if seen:
                self._spare.append((spare, seen))
            else:
                _remove(spare)

    def remove(self, run: str, folder: str) -> None:
        """Take a job's folder away, which takes long where much is in it; what stays in spite of that is left."""
        job = self.job(run, folder)
        _remove(job)
        self._forget(job)

    def spare(self, run: str, folder: str) -> bool:
        """Put a job's folder aside for another one, if it is as it was made; whether that was done. Takes no time."""
        job = self.job(run, folder)
        if len(self._spare) >= _MOST_SPARE:
            return False
        seen = _as_made(job, self._jobs.get(os.path.dirname(job), {}).get(job, ()))
        spare = f"{self._root}.spare/{os.getpid()}-{next(self._numbers)}"
        if not seen or not _put(job, spare):
            return False
        self._spare.append((spare, seen))
        self._forget(job)
        return True

    def _jobs_beside(self, job: str) -> dict[str, Seen]:
        """Those of its run, itself among them where it was made."""
        return self._jobs.setdefault(os.path.dirname(job), {})

    def _fill(self, job: str) -> Seen:
        """Make the folders of a job, or take spare ones; what these looked like."""
        if self._spare:
            spare, seen = self._spare.pop()
            if _put(spare, job):
                return seen
            if os.path.isdir(spare):
                # The job has folders, of an earlier process.
                self._spare.append((spare, seen))
        _make_all(_places(job))
        return ()

    def _forget(self, job: str) -> None:
        """It has gone, and its run's folder with the last one."""
        run = os.path.dirname(job)
        jobs = self._jobs.get(run, {})
        jobs.pop(job, None)
        if not jobs:
            self._jobs.pop(run, None)
            with contextlib.suppress(OSError):
                os.rmdir(run)


def is_settled(changed: int, now: int) -> bool:
    """Whether a change of a folder now gives it another time of change than this one. In nanoseconds since 1970."""
    return now - changed > (_FINE if changed % 1_000_000 else _COARSE)


def folder_of(work: Work) -> str:
    """The name of the folder that an attempt works in: its own where its job has none."""
    return work.folder or work.key


def _drop_link(place: str) -> None:
    """Take away a link that leads back to what is beside it: a step has put it there, and what it leads to is
    Ferryman's own. One that leads elsewhere, to a larger disk say, may be meant."""
    beside = os.path.realpath(os.path.dirname(place))
    if os.path.islink(place) and os.path.realpath(place).startswith(f"{beside}/"):
        os.unlink(place)


def _names(folder: str) -> list[str]:
    """The folders in a folder, which need not be there."""
    try:
        with os.scandir(folder) as found:
            return [each.name for each in found if each.is_dir(follow_symlinks=False)]
    except FileNotFoundError:
        return []


def _places(job: str) -> list[str]:
    """All folders of a job, the one around them first."""
    return [job, *(f"{job}/{name}" for name in _FOLDERS)]


def _as_made(job: str, seen: Seen = ()) -> Seen:
    """What a job's folders look like, if nothing tells that anybody has ever worked there; empty otherwise. Those that
    look as they did when they were `seen` before need not be looked into."""
    now, us = time.time_ns(), os.geteuid()
    looks = []
    try:
        for number, place in enumerate(_places(job)):
            facts = os.lstat(place)
            ours = stat.S_ISDIR(facts.st_mode) and facts.st_uid == us
            if not ours or stat.S_IMODE(facts.st_mode) != _MODE:
                return ()
            # What is around them was moved itself, and shows that.
            known = number > 0 and is_settled(facts.st_ctime_ns, now)
            look = (facts.st_dev, facts.st_ino, facts.st_ctime_ns) if known else ()
            if (not look or look not in seen) and not _is_empty(place, besides=() if number else _FOLDERS):
                return ()
            looks.append(look)
    except OSError:
        return ()
    return tuple(looks)


def _is_empty(place: str, besides: Iterable[str]) -> bool:
    """Whether there is nothing in a folder, and no note of the file system's own about it: a flag may say that nothing
    can ever be put into it. Raises OSError."""
    return not os.listxattr(place) and sorted(os.listdir(place)) == sorted(besides) and not _is_flagged(place)


def _is_flagged(place: str) -> bool:
    fd = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        flags = fcntl.ioctl(fd, _GET_FLAGS, bytes(8))
    except OSError:
        # A file system without flags.
        return False
    finally:
        os.close(fd)
    return bool(int.from_bytes(flags[:4], sys.byteorder) & _FLAGS)


def _put(folder: str, place: str) -> bool:
    """Move a folder of ours, making what is above its new place; whether that was done. One that cannot be is left."""
    for _ in range(100):
        try:
            os.rename(folder, place)
            return True
        except FileNotFoundError:
            # What is above is not there yet, or goes with the last job just now; or the folder itself is gone.
            if not os.path.isdir(folder):
                return False
            with contextlib.suppress(OSError):
                _make_with_those_above(os.path.dirname(place))
        except OSError:
            return False
    return False


def _make_all(folders: Iterable[str]) -> None:
    for folder in folders:
        # A look costs less than being told that it is there.
        if os.path.isdir(folder):
            continue
        try:
            os.mkdir(folder, _MODE)
        except FileExistsError:
            continue
        except FileNotFoundError:
            _make_with_those_above(folder)


def _make_with_those_above(folder: str) -> None:
    """All of them are ours alone. The run's own may go with its last job just now."""
    for _ in range(100):
        with contextlib.suppress(FileNotFoundError, FileExistsError):
            os.mkdir(folder, _MODE)
        if os.path.isdir(folder):
            return
        if not os.path.isdir(above := os.path.dirname(folder)):
            _make_with_those_above(above)
    os.makedirs(folder, _MODE, exist_ok=True)


def _remove(folder: str) -> None:
    """Take a tree away; folders that a step has closed to itself are opened first. What belongs to somebody else, or
    was made to stay, is left."""
    try:
        # Mostly nothing was left in them, and a walk costs more than all the rest.
        for name in _FOLDERS:
            os.rmdir(f"{folder}/{name}")
        os.rmdir(folder)
        return
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
    for path, folders, _ in os.walk(folder):
        for name in folders:
            if not os.path.islink(f"{path}/{name}"):
                with contextlib.suppress(OSError):
                    os.chmod(f"{path}/{name}", 0o700)
    shutil.rmtree(folder, ignore_errors=True)
