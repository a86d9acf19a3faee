"""The contract of a store. Implement `ferryman.ports.store.Store`, and call `check_store`, or each of `STORE_CHECKS`.

Every check is given `make`, which makes a store over an empty place of its own; a store that was closed and is opened
again stands over the same place. What is promised of crashes, disks and other processes is the business of those who
have them, and is tested there.
"""

from ferryman.testing.stores import (
    access,
    heads,
    history,
    labels,
    locks,
    opening,
    pipelines,
    reading,
    shelves,
    units,
)
from ferryman.testing.stores.sample import Make

STORE_CHECKS = (
    *units.CHECKS,
    *reading.CHECKS,
    *locks.CHECKS,
    *pipelines.CHECKS,
    *shelves.CHECKS,
    *access.CHECKS,
    *history.CHECKS,
    *heads.CHECKS,
    *labels.CHECKS,
    *opening.CHECKS,
)
"""Each a promise, by its name."""


async def check_store(make: Make) -> None:
    """All of the contract, one promise after another."""
    for check in STORE_CHECKS:
        await check(make)


__all__ = ["STORE_CHECKS", "Make", "check_store"]
