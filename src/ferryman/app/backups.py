"""Backups: a data folder copied whole while it is in use, and brought back (OPS-4).

A backup is a folder: both databases as each stood at one moment, the contents of artifacts, and `backup.json`, which
lists every file with its size and digest. The key that opens what is sealed is not in it unless it was asked for: who
finds a backup finds no secret. Working folders of jobs and what running steps have said since are not in it either: a
run that had not ended is taken up after a restore, and its running steps count as lost.

The store's database is copied before the contents, which never change: all that it speaks of is in the copy.
"""

import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import apsw
import msgspec

from ferryman import __version__
from ferryman.app.house import CONTENTS, KEYS, LOGS, refuse_gone
from ferryman.domain.errors import Conflict, FerrymanError, Invalid, NotFound, Problem, Refused, Unavailable
from ferryman.secrets import KeyFile
from ferryman.settings import Settings
from ferryman.stores.logs_sqlite import SqliteLogs
from ferryman.stores.sqlite.backup import back_up
from ferryman.stores.sqlite.database import Terms, open_reader
from ferryman.stores.sqlite.folder import Folder

LIST = "backup.json"
PIECE = 1 << 20


class Kept(msgspec.Struct, frozen=True):
    """A file of a backup."""

    size: int
    sha256: str


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds."""

    version: str
    """Of the Ferryman that made it."""
    at: int
    """When it was begun, in milliseconds since 1970."""
    took_ms: int
    """How long it took to make; of one that was brought back, how long that took."""
    files: dict[str, Kept]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files.values())

    @property
    def has_key(self) -> bool:
        """Whether what is sealed can be opened with the backup alone."""
        return KEYS in self.files


def make(settings: Settings, target: Path, *, with_key: bool = False) -> Backup:
    """Copy the data folder into a new folder, whoever holds it. Raises `NotFound` where there is none, `Conflict` where
    the target is there already, `Unavailable` where it cannot be written, `Refused` or `Unavailable` where a database
    is damaged; nothing is left then."""
    private, began, at = settings.private, time.monotonic(), time.time_ns() // 1_000_000
    refuse_gone(settings)
    if not Folder(private).database.exists():
        raise NotFound(f"there is no data folder {settings.data}; --data names another")
    if target.exists():
        raise Conflict(f"cannot back up to {target}: it is there already; name a new folder")
    part = target.with_name(target.name + ".part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700, parents=True)
        before = _keys(private) if with_key else None
        with closing(open_reader(Folder(private).database, Terms())) as reader:
            back_up(reader, part / Folder(part).database.name)
        _copy_contents(private / CONTENTS, part / CONTENTS)
        # Without logs, runs can be read all the same.
        if os.path.lexists(private / LOGS):
            _back_up_logs(private / LOGS, part / LOGS)
        if before is not None:
            # The key may be changed at any moment: what is copied opens with the one from before or the one from after.
            _write(part / KEYS, _keys(private).text_with(before))
        files = {str(file.relative_to(part)): _kept(file) for file in _files(part)}
        took = round((time.monotonic() - began) * 1000)
        told = Backup(version=__version__, at=at, took_ms=took, files=files)
        _write(part / LIST, msgspec.json.format(msgspec.json.encode(told), indent=2))
        part.rename(target)
    except (OSError, apsw.Error) as error:
        shutil.rmtree(part, ignore_errors=True)
        raise Unavailable(f"cannot back up to {target}: {_said(error)}") from error
    except FerrymanError:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return told


def _keys(private: Path) -> KeyFile:
    if not (private / KEYS).exists():
        raise NotFound(f"there is no key file {private / KEYS}; leave out --with-key, or put it back")
    keys = KeyFile(private / KEYS)
    keys.open()
    return keys


def _back_up_logs(source: Path, target: Path) -> None:
    logs = SqliteLogs(source, read_only=True)
    logs.open()
    logs.close()
    with closing(apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READONLY)) as reader:
        reader.set_busy_timeout(5000)
        back_up(reader, target)


def restore(settings: Settings, source: Path, *, key: Path | None = None) -> Backup:
    """Bring a backup back into a folder that has no data yet. Raises `Refused` (held, in-use) where it has, or where a
    process holds it, `NotFound` and `Invalid` for what is no whole backup; nothing is changed then."""
    told, began = read(source), time.monotonic()
    _check(source, told)
    with _taken(settings) as folder:
        if folder.database.exists():
            raise Refused(
                f"cannot restore into {settings.data}: there is data in it; name a new folder with --data, or move "
                "the old one away",
                reason="in-use",
            )
        try:
            # By itself: folders that are made on the way to another one are open to all that the umask lets in.
            (settings.private / CONTENTS).mkdir(mode=0o700, exist_ok=True)
            # The store's database last: only with it is there data.
            last = folder.database.name
            for name in sorted(told.files, key=lambda name: name == last):
                place = settings.private / name
                place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _copy(source / name, place)
            if key is not None:
                _copy(key, settings.private / KEYS)
        except OSError as error:
            folder.database.unlink(missing_ok=True)
            raise Unavailable(f"cannot restore into {settings.data}: {_said(error)}") from error
    return msgspec.structs.replace(told, took_ms=round((time.monotonic() - began) * 1000))


def read(source: Path) -> Backup:
    """What a backup says that it holds. Raises `NotFound` and `Invalid`."""
    try:
        return msgspec.json.decode((source / LIST).read_bytes(), type=Backup)
    except OSError as error:
        raise NotFound(f"{source} is no backup: it has no {LIST}") from error
    except msgspec.MsgspecError as error:
        raise Invalid(
            [Problem(path=LIST, message=f"this is no list of a backup: {error}", code=0)]
        ) from error


@contextmanager
def _taken(settings: Settings) -> Iterator[Folder]:
    """The folder, held as long as it is written to."""
    folder = Folder(settings.private)
    folder.make()
    try:
        descriptor = folder.take()
    except Unavailable as error:
        holder = folder.holder() or "another process"
        raise Refused(
            f"cannot restore into {settings.data}: {holder} uses it, and would write over what is restored; "
            "stop it first, or name a new folder with --data",
            reason="held",
        ) from error
    try:
        yield folder
    finally:
        folder.leave(descriptor)


def _check(source: Path, told: Backup) -> None:
    """Every file is there, and as it was: told together."""
    faults = []
    for name, kept in told.files.items():
        place = source / name
        if not place.resolve().is_relative_to(source.resolve()):
            faults.append(Problem(path=name, message="leads out of the backup", code=0))
        elif not place.is_file():
            faults.append(Problem(path=name, message="is missing", code=0))
        elif _kept(place) != kept:
            faults.append(Problem(path=name, message="is not as it was when the backup was made", code=0))
    if Folder(source).database.name not in told.files:
        faults.append(Problem(path=LIST, message="names no database", code=0))
    if faults:
        raise Invalid(faults)


def _copy_contents(source: Path, target: Path) -> None:
    """Contents under their digests; what is being taken in at this moment belongs to nothing yet."""
    target.mkdir(mode=0o700)
    for file in _files(source) if source.exists() else ():
        name = file.relative_to(source)
        if name.parts[0] != "new":
            (target / name).parent.mkdir(mode=0o700, exist_ok=True)
            _copy(file, target / name)


def _files(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*")) if file.is_file())


def _kept(place: Path) -> Kept:
    digest, size = hashlib.sha256(), 0
    with place.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
            size += len(piece)
    return Kept(size, digest.hexdigest())


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as file, open(target, "wb", opener=_private) as copy:
        shutil.copyfileobj(file, copy, PIECE)
        copy.flush()
        os.fsync(copy.fileno())


def _write(target: Path, content: bytes) -> None:
    with open(target, "wb", opener=_private) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _said(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else "") or str(error)
