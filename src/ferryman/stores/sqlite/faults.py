"""What SQLite says → what Ferryman says: one sentence with what would help.

A fault of the disk or of another program is `Unavailable`: nothing was kept, and the same call may succeed later. A
database that cannot be trusted is `Refused`.
"""

import os
from pathlib import Path

import apsw

from ferryman.domain.errors import Conflict, FerrymanError, Refused, Unavailable

PASSING: tuple[tuple[tuple[type[apsw.Error], ...], str], ...] = (
    ((apsw.FullError,), "the disk is full; free some room, then try again"),
    ((apsw.BusyError, apsw.LockedError), "another program holds a lock on it; let it end, then try again"),
    (
        (apsw.ReadOnlyError, apsw.PermissionsError, apsw.CantOpenError, apsw.AuthError),
        "its rights do not allow it; give the user who runs Ferryman the right to read and write it and its folder",
    ),
    (
        (apsw.IOError, apsw.NoMemError, apsw.NoLFSError),
        "the system failed; look at its disk and memory, then try again",
    ),
)
"""Faults that pass."""
LONGEST_PATH = 512
"""Bytes of a path that SQLite takes."""
UNTRUE = (apsw.CorruptError, apsw.NotADBError, apsw.FormatError)
"""Faults of the database itself."""


def damaged(path: Path, what: str) -> Refused:
    """The refusal of a database that cannot be trusted."""
    return Refused(
        f"cannot use the database {path}: it is damaged ({what}); it was left as it is: put a backup in its place, or "
        "name another data folder",
        reason="damaged",
    )


def explained(error: apsw.Error, path: Path) -> FerrymanError | apsw.Error:
    """The same fault in Ferryman's words; a fault of Ferryman's own statements stays what it is."""
    if isinstance(error, UNTRUE):
        return damaged(path, str(error))
    if isinstance(error, apsw.ConstraintError):
        return Conflict(f"cannot write to {path}: it contradicts what is kept ({error})")
    if isinstance(error, apsw.CantOpenError) and len(os.fsencode(path.absolute())) > LONGEST_PATH:
        return Unavailable(
            f"cannot use the database {path}: its path is too long: name a data folder with a shorter one"
        )
    for kinds, help_with in PASSING:
        if isinstance(error, kinds):
            return Unavailable(f"cannot use the database {path}: {error}: {help_with}")
    return error
