"""Pages on the wire: which one is meant, and how it is said (bkci-v3 1.4)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from ferryman.dialects.bkci.v3.wire.pipelines import Page

USUAL = 20
LARGEST = 100
ALL = -1
EVERYTHING = 2**31
"""Records on a page without a limit."""


class Meant(NamedTuple):
    """A page as it is read."""

    page: int
    size: int

    @property
    def skip(self) -> int:
        """Records before it."""
        return min((self.page - 1) * self.size, 2**62)


def meant(
    page: int | None, size: int | None, *, least: int = 1, limited: bool = True, usual: int = USUAL
) -> Meant:
    """The page that is asked for; a size below 1 is `least`, above the limit it is the limit."""
    size = usual if size is None else size
    size = least if size < 1 else min(size, LARGEST if limited else EVERYTHING)
    return Meant(max(page or 1, 1), size)


def told(count: int, records: Sequence[Any], page: Meant) -> Page:
    """A page of so many records."""
    return Page(
        count=count,
        page=page.page,
        pageSize=page.size,
        totalPages=-(-count // page.size),
        records=list(records),
    )


def whole(records: Sequence[Any]) -> Page:
    """Everything on one page."""
    return Page(count=len(records), page=1, pageSize=ALL, totalPages=1, records=list(records))
