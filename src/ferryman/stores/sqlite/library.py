"""The SQLite library: shipped by apsw, never the system's, and never one with the fault in the write-ahead log."""

import apsw

from ferryman.domain.errors import Refused

OLDEST = (3, 51, 3)
"""Before this one, two connections could corrupt a database in WAL mode."""


def check_library(version: str | None = None) -> None:
    """Raises `Refused` unless this version, by default the loaded one, is good enough."""
    found = apsw.sqlite_lib_version() if version is None else version
    if tuple(int(part) for part in found.split(".")[:3]) < OLDEST:
        raise Refused(
            f"cannot use SQLite {found}: versions before {'.'.join(map(str, OLDEST))} can corrupt a database; "
            "install a newer `apsw`, which brings its own SQLite",
            reason="library-too-old",
        )
