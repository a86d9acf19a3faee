"""Contents: bytes by their digest. What they are called, and who may have them, is kept elsewhere."""

from collections.abc import Callable
from typing import Protocol

Stopping = Callable[[], bool]
"""Asked between pieces; true ends the work with `Stopped`."""


class Stopped(Exception):
    """The work was told to end before it was done; nothing of it is left."""


class Damaged(Exception):
    """What is kept under a digest is not there, or is something else."""


class Contents(Protocol):
    """Bytes by the hexadecimal SHA-256 of all of them. Calls wait for the disk: call them from a thread of their own.

    Open files are given and taken as descriptors, so that no name is looked up twice.
    """

    def take(self, source: int, *, stopping: Stopping) -> tuple[str, int]:
        """Keep what is read from this descriptor up to its end, durably: its digest and size. Keeping the same again
        costs no more room. Raises `Stopped` and `OSError`."""
        ...

    def give(self, digest: str, target: int, *, stopping: Stopping) -> int:
        """Write what is kept to this descriptor, looking at the digest on the way: its size. Raises `Damaged`,
        `Stopped` and `OSError`; what was written then is not to be used."""
        ...
