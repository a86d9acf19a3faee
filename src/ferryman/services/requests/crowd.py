"""How many starts of one pipeline are under way at once (bkci-v3 12, row 14)."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from ferryman.domain.errors import Refused

MOST_STARTS = 50
"""Starts of one pipeline that may be under way at once, unless set otherwise."""


class Crowd:
    """Starts that were asked for and are not kept yet, by pipeline."""

    def __init__(self, most: int = MOST_STARTS) -> None:
        """No more than this many of each pipeline."""
        self._most = most
        self._inside: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def entered(self, project: str, pipeline: str) -> Iterator[None]:
        """One more for as long as this lasts. Raises `Refused` (too-frequent) where as many as may be are there."""
        key = (project, pipeline)
        if self._inside[key] >= self._most:
            raise Refused(
                f"cannot start {pipeline}: {self._most} starts of it are under way; ask again when they are done",
                reason="too-frequent",
            )
        self._inside[key] += 1
        try:
            yield
        finally:
            self._inside[key] -= 1
            if not self._inside[key]:
                del self._inside[key]
