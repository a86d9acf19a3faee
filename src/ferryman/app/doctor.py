"""The doctor: looks at everything that a server needs on this machine, and says what to do for each fault (CLI-16)."""

import asyncio
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from importlib import metadata
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

import apsw
import msgspec

from ferryman import __version__
from ferryman.app import sealed, whereabouts
from ferryman.app.beside import holder_of, is_held
from ferryman.app.house import KEYS, LOGS, refuse_gone
from ferryman.app.parts import disk_of
from ferryman.domain.errors import FerrymanError
from ferryman.drivers.embedded.clock import SystemClock
from ferryman.secrets import KeyFile
from ferryman.services.access import Access
from ferryman.settings import Settings
from ferryman.stores.logs_sqlite import SqliteLogs
from ferryman.stores.sqlite import SqliteStore
from ferryman.stores.sqlite.database import Terms, open_reader
from ferryman.stores.sqlite.folder import Folder
from ferryman.supervisor.client import SupervisedProcesses

AHEAD = 60.0
"""Seconds by which a file may be newer than now."""
EARLIEST = 1_735_689_600
"""The year 2025: a clock before it was never set."""
OPEN_TO_OTHERS = 0o077


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """How one thing is; `help` says what to do where it is not well."""

    part: str
    state: Literal["ok", "warning", "failed"] = "ok"
    said: str
    help: str = ""


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything. Nothing is changed, and whoever holds the folder is not disturbed."""
    looks: tuple[Callable[[Settings], Awaitable[list[Finding]]], ...] = (
        _versions,
        _folder,
        _database,
        _keys,
        _engine,
        _clock,
        _disk,
        _zones,
        _programs,
    )
    return [finding for look in looks for finding in await look(settings)]


async def _versions(settings: Settings) -> list[Finding]:
    said = (
        f"Ferryman {__version__}, Python {platform.python_version()}, SQLite {apsw.sqlite_lib_version()}, "
        f"{platform.system()} {platform.release()}"
    )
    found = [Finding(part="versions", said=said)]
    if os.geteuid() == 0:
        found.append(
            Finding(
                part="user",
                state="warning",
                said="this is root: steps of pipelines would be root too",
                help="run Ferryman as an ordinary user",
            )
        )
    return found


async def _folder(settings: Settings) -> list[Finding]:
    data = settings.data
    if not data.exists():
        return [
            Finding(part="data folder", said=f"{data} is not there yet; the first start makes it")
            if os.access(_there(data), os.W_OK)
            else Finding(
                part="data folder",
                state="failed",
                said=f"{data} is not there, and cannot be made",
                help=f"make it, or give this user the right to write in {_there(data)}; --data names another",
            )
        ]
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        return [
            Finding(
                part="data folder",
                state="failed",
                said=f"{data} cannot be read and written by this user",
                help=f"run Ferryman as the owner of {data}, or name another folder with --data",
            )
        ]
    private = settings.private
    if private.exists() and private.stat().st_mode & OPEN_TO_OTHERS:
        return [
            Finding(
                part="data folder",
                state="warning",
                said=f"{private} is open to other users",
                help=f"chmod 700 {private}",
            )
        ]
    holder = holder_of(settings)
    return [
        Finding(part="data folder", said=f"{data}, held by {holder}" if holder else f"{data}, held by nobody")
    ]


async def _database(settings: Settings) -> list[Finding]:
    return await asyncio.to_thread(lambda: list(_databases(settings)))


def _databases(settings: Settings) -> Iterator[Finding]:
    place = Folder(settings.private).database
    mend = "bring back a backup with `ferryman restore`, into a new folder"
    try:
        refuse_gone(settings)
    except FerrymanError as error:
        yield Finding(part="database", state="failed", said=str(error), help=mend)
        return
    if not place.exists():
        yield Finding(part="database", said="there is none yet; the first start makes it")
        return
    try:
        with closing(open_reader(place, Terms())) as reader:
            told = [str(row[0]) for row in reader.execute("PRAGMA quick_check(3)")]
    except (FerrymanError, apsw.Error) as error:
        yield Finding(part="database", state="failed", said=str(error), help=mend)
    else:
        if told == ["ok"]:
            size = place.stat().st_size / 1024**2
            yield Finding(part="database", said=f"whole, {size:.1f} MiB")
        else:
            yield Finding(part="database", state="failed", said=f"damaged: {told[0]}", help=mend)
    if not os.path.lexists(settings.private / LOGS):
        yield Finding(part="logs", said="there are none; the next start makes the file anew")
        return
    logs = SqliteLogs(settings.private / LOGS, read_only=True)
    try:
        logs.open()
        logs.close()
    except (FerrymanError, apsw.Error) as error:
        yield Finding(
            part="logs",
            state="failed",
            said=str(error),
            help=f"move {settings.private / LOGS} away to go on without the logs in it, or {mend}",
        )
    else:
        yield Finding(part="logs", said="can be read")


async def _keys(settings: Settings) -> list[Finding]:
    place = settings.private / KEYS
    if not place.exists() and not place.is_symlink():
        if not Folder(settings.private).database.exists():
            return [Finding(part="key file", said="there is none yet; the first start makes it")]
        return [
            Finding(
                part="key file",
                state="failed",
                said=f"{place} is missing: secrets and access keys cannot be opened",
                help="put it back from where it was kept; without it, secrets must be written anew",
            )
        ]
    if place.is_file() and place.stat().st_mode & OPEN_TO_OTHERS:
        return [
            Finding(
                part="key file",
                state="failed",
                said=f"{place} is open to other users",
                help=f"chmod 600 {place}",
            )
        ]
    keys = KeyFile(place)
    try:
        keys.open()
    except FerrymanError as error:
        return [
            Finding(
                part="key file",
                state="failed",
                said=str(error),
                help="give it to the user who runs Ferryman, or put the old one back from where it was kept",
            )
        ]
    try:
        lost = await _lost(settings, keys)
    except (FerrymanError, apsw.Error):
        # What is wrong with the database is told by its own part.
        lost = ""
    if lost:
        return [Finding(part="key file", state="failed", said=lost, help=sealed.HELP)]
    return [Finding(part="key file", said="there, for its owner only")]


async def _lost(settings: Settings, keys: KeyFile) -> str:
    """What is sealed with a key that the key file does not hold."""
    if not Folder(settings.private).database.exists():
        return ""
    store = SqliteStore(settings.private)
    await store.open(read_only=True)
    try:
        access = Access(rows=store.access, audit=store.audit, keys=keys, clock=SystemClock())
        await access.open()
        return await sealed.lost(store, access, keys)
    finally:
        await store.close()


async def _engine(settings: Settings) -> list[Finding]:
    """What steps are started by. A running server has it already; otherwise one is tried, and ends by itself. It is
    tried in a folder of its own: in the one that counts it would make a record of processes where there is none, or put
    a damaged one right, and the next start would not know what may have run (promise 3)."""
    if is_held(settings):
        found = whereabouts.read(settings)
        where = f" at {found.address}" if found is not None else ""
        return [Finding(part="engine", said=f"in use{where}; /health of the server tells how it is")]
    if not settings.private.exists():
        return [Finding(part="engine", said="not tried: there is no data folder yet")]
    try:
        # Something else in their place keeps a supervisor from beginning.
        SupervisedProcesses(settings.private).has_records()
        with tempfile.TemporaryDirectory(prefix="doctor.", dir=settings.private) as tried:
            processes = SupervisedProcesses(Path(tried))
            await processes.open(lambda sighting: None)
            hiding = processes.hiding
            await processes.close()
    except (FerrymanError, OSError) as error:
        return [
            Finding(
                part="engine",
                state="failed",
                said=f"processes cannot be started: {error}",
                help="look whether this user may start processes, and whether the disk has room",
            )
        ]
    if hiding:
        return [
            Finding(
                part="engine",
                state="warning",
                said=f"steps could read Ferryman's own files: {hiding}",
                help="allow user namespaces, or run pipelines only whose steps you trust",
            )
        ]
    return [Finding(part="engine", said="processes can be started, apart from Ferryman's own files")]


async def _clock(settings: Settings) -> list[Finding]:
    now = time.time()
    wrong = ""
    if now < EARLIEST:
        wrong = "was never set"
    else:
        place = Folder(settings.private).database
        ahead = place.stat().st_mtime - now if place.exists() else 0
        if ahead > AHEAD:
            wrong = f"is {ahead:.0f} s behind the last change of the database"
    if wrong:
        return [
            Finding(
                part="clock",
                state="failed",
                said=f"the system's clock {wrong}",
                help="set it, and let a time service keep it",
            )
        ]
    return [Finding(part="clock", said=time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(now)))]


async def _disk(settings: Settings) -> list[Finding]:
    place = _there(settings.data)
    found = disk_of(place)
    free = shutil.disk_usage(place).free / 1024**3
    said = found.why or f"{free:.1f} GiB are free"
    return [
        Finding(part="disk", state=found.state, said=said, help="" if found.state == "ok" else "make room")
    ]


async def _zones(settings: Settings) -> list[Finding]:
    try:
        ZoneInfo(settings.file.zone)
        count = len(available_timezones())
    except (KeyError, ValueError, OSError) as error:
        return [
            Finding(
                part="time zones",
                state="failed",
                said=f"{settings.file.zone} is not known: {error}",
                help="install the system's time zone data, or the package tzdata",
            )
        ]
    return [Finding(part="time zones", said=f"{count} are known (tzdata {metadata.version('tzdata')})")]


async def _programs(settings: Settings) -> list[Finding]:
    """Programs that steps commonly need."""
    lacking = [name for name in ("sh", "git") if shutil.which(name) is None]
    if not lacking:
        return [Finding(part="programs", said=f"sh, git, {Path(sys.executable).name}")]
    return [
        Finding(
            part="programs",
            state="warning",
            said=f"{' and '.join(lacking)} cannot be found: steps that need it fail",
            help="install it, or put its folder into PATH",
        )
    ]


def _there(place: Path) -> Path:
    """The folder itself, or the nearest above it that is there."""
    while not place.exists():
        place = place.parent
    return place
