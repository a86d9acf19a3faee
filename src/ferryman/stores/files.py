"""What stands where a file should: to open a named pipe waits for ever, and a folder cannot be opened at all."""

import stat
from pathlib import Path

KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def other_than_file(path: Path) -> str:
    """What is there in place of a file, links followed; empty where it is a file, or nothing that may be seen."""
    try:
        return KINDS.get(stat.S_IFMT(path.stat().st_mode), "")
    except OSError:
        return ""


SHARED = 32 * 1024
"""Bytes of memory, at least, that everyone shares who has a database open. One that found no room leaves less."""


def stands_alone(database: Path) -> bool:
    """Whether all that was kept stands in the file, and nobody has it open: no log, and no memory that is shared."""
    log, shared = (database.with_name(f"{database.name}-{end}") for end in ("wal", "shm"))
    if log.exists() and log.stat().st_size:
        return False
    return not shared.exists() or shared.stat().st_size < SHARED
