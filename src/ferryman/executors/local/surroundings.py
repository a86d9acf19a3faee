"""Folders and environment of a step, made from scratch: nothing of the server's own comes in.

    <root>/<run>/jobs/<folder>/space    the working folder of a job, shared by its steps: WORKSPACE
    <root>/<run>/jobs/<folder>/home     HOME
    <root>/<run>/jobs/<folder>/attempts the attempts that ran in it, one a line
    <root>/<run>/steps/<attempt>/       FERRYMAN_OUTPUT, FERRYMAN_ENV and what else a step hands over

Steps see these folders; what they must not see lies elsewhere in the data folder.
"""

import os
import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from ferryman.domain.work import Work

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_LONGEST_NAME = 120


def file_name(text: str) -> str:
    """Any text as one name of a file: readable where it is short, and never a way out of the folder."""
    name = quote(text, safe="").replace(".", "%2E") or "%"
    return name if len(name) <= _LONGEST_NAME else sha256(text.encode()).hexdigest()


class Surroundings:
    """The folders below one root."""

    def __init__(self, root: Path, path: str) -> None:
        """Make folders below `root`; programs are found along `path` unless a step says otherwise."""
        self._root, self._path = str(root.absolute()), path

    def job(self, run: str, folder: str) -> str:
        """The folder of a job."""
        return f"{self._root}/{file_name(run)}/jobs/{file_name(folder)}"

    def working(self, run: str, folder: str) -> Path:
        """The folder in which the steps of a job work."""
        return Path(self.job(run, folder)) / "space"

    def step(self, run: str, key: str) -> str:
        """The folder in which an attempt hands things over."""
        return f"{self._root}/{file_name(run)}/steps/{file_name(key)}"

    def make(self, work: Work) -> dict[str, str]:
        """Make the folders of an attempt; its environment. Raises OSError."""
        job, step = self.job(work.run, work.folder or work.key), self.step(work.run, work.key)
        for folder in (f"{job}/space", f"{job}/home", step):
            _make(folder)
        with open(f"{job}/attempts", "a", encoding="utf-8", opener=_private) as file:
            file.write(work.key + "\n")
        ours = {
            "WORKSPACE": f"{job}/space",
            "FERRYMAN_RUN": work.run,
            "FERRYMAN_PROJECT": work.project,
            "FERRYMAN_STEP": work.key,
            "FERRYMAN_TEMP": step,
            "FERRYMAN_OUTPUT": f"{step}/output",
            "FERRYMAN_ENV": f"{step}/env",
        }
        given = {
            name: value for name, value in work.env.items() if name and "=" not in name and name not in ours
        }
        return {"PATH": self._path, "HOME": f"{job}/home", "LANG": "C.UTF-8"} | given | ours

    def attempts(self, run: str, folder: str) -> Iterator[str]:
        """The keys of the attempts that ran in a job's folder."""
        try:
            with open(f"{self.job(run, folder)}/attempts", encoding="utf-8") as file:
                yield from dict.fromkeys(line.rstrip("\n") for line in file)
        except FileNotFoundError:
            return

    def remove(self, run: str, folder: str) -> None:
        """Take a job's folder away, and those of its attempts; what stays in spite of that is left."""
        for key in self.attempts(run, folder):
            shutil.rmtree(self.step(run, key), ignore_errors=True)
        _remove(self.job(run, folder))
        for empty in ("jobs", "steps", ""):
            try:
                os.rmdir(f"{self._root}/{file_name(run)}/{empty}")
            except OSError:
                continue


def _make(folder: str) -> None:
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        return
    except FileNotFoundError:
        os.makedirs(folder, 0o700, exist_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _remove(folder: str) -> None:
    """Take a tree away; folders that a step has closed to itself are opened first."""
    if not os.path.isdir(folder):
        return
    shutil.rmtree(folder, ignore_errors=True)
    for path, folders, _ in os.walk(folder):
        for name in folders:
            os.chmod(f"{path}/{name}", 0o700, follow_symlinks=True) if not os.path.islink(
                f"{path}/{name}"
            ) else None
    shutil.rmtree(folder, ignore_errors=True)
