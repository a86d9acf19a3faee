"""Reading small files even while we may open no more: one descriptor is kept back for that."""

import contextlib
import errno
import os


class Reserve:
    """One descriptor that is given up for as long as a file is read."""

    def __init__(self) -> None:
        """Keep one back. Raises OSError."""
        self._kept = os.open(os.devnull, os.O_RDONLY)

    def read(self, path: str) -> bytes:
        """The whole file. Raises OSError."""
        fd = self._open(path)
        try:
            pieces = []
            while piece := os.read(fd, 65_536):
                pieces.append(piece)
            return b"".join(pieces)
        finally:
            os.close(fd)
            if self._kept < 0:
                # It is missing then, until the next time.
                with contextlib.suppress(OSError):
                    self._kept = os.open(os.devnull, os.O_RDONLY)

    def close(self) -> None:
        """Keep nothing back any more."""
        if self._kept >= 0:
            os.close(self._kept)
            self._kept = -1

    def _open(self, path: str) -> int:
        try:
            return os.open(path, os.O_RDONLY)
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE) or self._kept < 0:
                raise
        self.close()
        return os.open(path, os.O_RDONLY)
