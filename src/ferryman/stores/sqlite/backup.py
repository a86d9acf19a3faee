"""A backup of a living database: one file that is whole, or none."""

import os
from pathlib import Path

import apsw

from ferryman.domain.errors import Conflict, Unavailable
from ferryman.stores.sqlite.faults import UNTRUE, damaged, explained


def back_up(connection: apsw.Connection, target: Path) -> None:
    """Copy the database, as it stands now, into a new file for its owner only. Writers go on meanwhile.

    Raises `Conflict` where the target is there already, `Unavailable` where it cannot be written, and `Refused` where
    what is copied is damaged.
    """
    part = target.with_name(target.name + ".part")
    if target.exists():
        raise Conflict(f"cannot back up to {target}: it is there already; name a new file")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        copy = apsw.Connection(str(part), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            with copy.backup("main", connection, "main") as backup:
                backup.step(-1)
            # The copy stands alone: no log beside it.
            copy.pragma("journal_mode", "DELETE")
        finally:
            copy.close()
        part.rename(target)
    except UNTRUE as error:
        part.unlink(missing_ok=True)
        raise damaged(Path(connection.filename), "its pages do not fit together") from error
    except apsw.Error as error:
        part.unlink(missing_ok=True)
        raise explained(error, part) from error
    except OSError as error:
        raise Unavailable(f"cannot back up to {target}: {error.strerror}") from error
