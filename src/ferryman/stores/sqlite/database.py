"""One database file: open it, or refuse it and leave every byte as it was.

What is refused: another program's file, one of a newer Ferryman, a damaged one. What the header says is read through
SQLite's own file layer: to close an ordinary handle would drop the locks of every connection of this process.
"""

import os
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

import apsw

from ferryman.domain.errors import NotFound, Refused, Unavailable
from ferryman.stores.files import other_than_file, stands_alone
from ferryman.stores.sql.migrations import Migration, migrations, newest
from ferryman.stores.sqlite.faults import damaged, explained

APPLICATION = 0x46455252
"""`FERR`: says whose database it is."""
MAGIC = b"SQLite format 3\0"
HEADER = 100
LOG_MAGIC = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
"""How a write-ahead log begins."""
CHECKED_UP_TO = 256 * 1024 * 1024
"""A larger file, in bytes, is not read whole at every start; that it was cut short is noticed at any size."""
LOG_PAGES = 1_000
"""The write-ahead log goes back into the file when it is this long: 4 MiB. From then on commits write over what is
there, and the disk flushes that in half the time that it takes while the log still grows."""
LOG_BYTES = 64 * 1024 * 1024
"""What the log file is cut back to after it had to grow."""


class Terms(NamedTuple):
    """How a file is used: how long to wait for another program's lock, and how many pages it may have (0: any)."""

    patience_ms: int = 5_000
    max_pages: int = 0


def open_writer(path: Path, terms: Terms) -> apsw.Connection:
    """The one connection that writes, to a database of this release. The file is there, empty or not.

    Raises `Refused` (not-ours, newer, damaged) and `Unavailable`.
    """
    path = _followed(path)
    try:
        return _ready(path, terms)
    except apsw.Error as error:
        raise explained(error, path) from error


def open_reader(path: Path, terms: Terms) -> apsw.Connection:
    """A connection that cannot write; it needs no room on the disk while nobody writes (OPS-7).

    Raises `NotFound` where there is no database, `Refused` (not-ours, older, newer, damaged) and `Unavailable`.
    """
    path = _followed(path)
    try:
        _check_log(path)
        if not path.exists() or not path.stat().st_size:
            raise NotFound(f"there is no database {path} yet; the first run makes it")
        _check_header(path)
        try:
            return _reader(path, terms, str(path))
        except (apsw.CantOpenError, apsw.IOError):
            # A disk that is full or cannot be written has no room for the shared memory beside the file.
            if not stands_alone(path):
                raise
            return _reader(path, terms, f"{path.as_uri()}?immutable=1")
    except apsw.Error as error:
        raise explained(error, path) from error


def _reader(path: Path, terms: Terms, name: str) -> apsw.Connection:
    """A connection to this name of a path."""
    connection = apsw.Connection(name, flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    try:
        connection.set_busy_timeout(terms.patience_ms)
        version = _version(connection, path)
        if version < newest():
            raise Refused(
                f"cannot read the database {path}: it is of an older Ferryman; start this one on it once, which "
                "brings it up to date",
                reason="older",
            )
    except BaseException:
        connection.close()
        raise
    return connection


def _followed(path: Path) -> Path:
    """Where the file is in truth: SQLite keeps its log beside that. Raises `Refused` and `Unavailable`."""
    if other := other_than_file(path):
        raise Refused(
            f"cannot use {path}: it is {other}, not a file; it was left as it is: move it away, or name another data "
            "folder",
            reason="not-ours",
        )
    if path.is_symlink() and not path.exists():
        raise Unavailable(
            f"cannot use the database {path}: it is a link to {path.readlink()}, and nothing is there; bring that "
            "back, or remove the link"
        )
    return Path(os.path.realpath(path))


def _ready(path: Path, terms: Terms) -> apsw.Connection:
    _check_log(path)
    is_new = not path.stat().st_size
    if not is_new:
        _check_header(path)
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.set_busy_timeout(terms.patience_ms)
        # Until it is known to be ours and whole, closing it moves nothing from the log into the file.
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        version = _version(connection, path)
        if path.stat().st_size <= CHECKED_UP_TO:
            _check_pages(connection, path)
        if is_new:
            connection.pragma("application_id", APPLICATION)
        _settle(connection, path, terms)
        for migration in migrations()[version:]:
            _migrate(connection, migration)
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0)
    except BaseException:
        connection.close()
        raise
    return connection


def _settle(connection: apsw.Connection, path: Path, terms: Terms) -> None:
    if connection.pragma("journal_mode", "WAL") != "wal":
        raise Unavailable(
            f"cannot use the database {path}: its file system has no shared memory for a write-ahead log; name a data "
            "folder on a local disk"
        )
    connection.pragma("synchronous", "FULL")
    connection.pragma("foreign_keys", 1)
    connection.pragma("wal_autocheckpoint", LOG_PAGES)
    connection.pragma("journal_size_limit", LOG_BYTES)
    connection.pragma("cache_size", -8 * 1024)
    if terms.max_pages:
        connection.pragma("max_page_count", terms.max_pages)


def _check_header(path: Path) -> None:
    file = apsw.VFSFile("", str(path), [apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_READONLY, 0])
    with closing(_Closable(file)):
        size = file.xFileSize()
        if size < HEADER:
            raise damaged(path, f"it has only {size} bytes")
        header = file.xRead(HEADER, 0)
    if not header.startswith(MAGIC):
        raise Refused(
            f"cannot use {path}: it is not a database; it was left as it is: move it away, or name another data folder",
            reason="not-ours",
        )
    if int.from_bytes(header[68:72], "big") != APPLICATION:
        raise Refused(
            f"cannot use the database {path}: it belongs to another program; it was left as it is: name another data "
            "folder",
            reason="not-ours",
        )
    page = int.from_bytes(header[16:18], "big")
    log = _log_of(path)
    # While there is a log, what it is to bring into the file may have been brought there in part.
    if page > 1 and size % page and not (log.exists() and log.stat().st_size):
        raise damaged(path, f"its last page is cut short at {size} bytes")


def _log_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _check_log(path: Path) -> None:
    """What SQLite would pass over in silence, and write over: a log that is none, or whose database was emptied. One
    that begins with zeros was never begun for good: a power cut leaves that."""
    log = _log_of(path)
    if not path.exists() or not log.exists():
        return
    if other := other_than_file(log):
        raise damaged(path, f"its log {log.name} is {other}, not a file")
    begins = b""
    # Where it may not be read, SQLite says so. No lock is on it, so it can be closed.
    with suppress(OSError), log.open("rb") as file:
        begins = file.read(len(LOG_MAGIC[0]))
    if begins.strip(b"\0") and begins not in LOG_MAGIC:
        raise damaged(path, f"what stands in {log.name} is no log of a database")
    if begins in LOG_MAGIC and not path.stat().st_size:
        raise damaged(path, f"it is empty, and {log.name} holds what was last kept in it")


class _Closable(NamedTuple):
    file: apsw.VFSFile

    def close(self) -> None:
        self.file.xClose()


def _version(connection: apsw.Connection, path: Path) -> int:
    version = connection.pragma("user_version")
    if not isinstance(version, int) or version > newest():
        raise Refused(
            f"cannot use the database {path}: it is of a newer Ferryman (its tables are at {version}, this release "
            f"knows {newest()}); it was left as it is: use that release, or a backup from before",
            reason="newer",
        )
    return version


def _check_pages(connection: apsw.Connection, path: Path) -> None:
    found = connection.pragma("quick_check", 1)
    if found != "ok":
        # What is wrong stands below a heading that names the database.
        lines = [line for line in str(found).splitlines() if not line.startswith("***")]
        raise damaged(path, lines[0] if lines else "its pages do not fit together")


def _migrate(connection: apsw.Connection, migration: Migration) -> None:
    """One migration is one transaction, with the number it leads to: killed anywhere, it was done or it was not."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(migration.script)
        connection.pragma("user_version", migration.number)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
