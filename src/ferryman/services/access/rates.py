"""Limits of calls for each key: off unless set (RULINGS 23).

A bucket holds as many calls as its limit allows in a second and fills up evenly; a call takes one out of each bucket
that counts it, or none where one of them is empty. Times are milliseconds since 1970.
"""

from typing import NamedTuple

from ferryman.domain.installation import Limits

SECOND = 1_000
PRESETS = {"basic": Limits(all=5), "enterprise": Limits(reads=50, writes=20)}
"""Limits by the edition whose public ones they are (RULINGS 23)."""
MOST = 10_000
"""Buckets that are remembered; when there are more, those that are full again are forgotten."""


class Allowance(NamedTuple):
    """What an API announces of a limit."""

    allowed: bool
    limit: int = 0
    """Calls a second; 0: there is no limit."""
    remaining: int = 0
    """Calls that may follow at once."""
    retry_after: int = 0
    """Milliseconds until the next call is allowed; 0 where this one was."""


UNLIMITED = Allowance(allowed=True)


class Bucket:
    """What is left for one key, and since when."""

    __slots__ = ("at", "left")

    def __init__(self, left: float, at: int) -> None:
        """So many are left at this time."""
        self.left = left
        self.at = at

    def fill(self, limit: int, now: int, per: int = SECOND) -> None:
        """Put in what has come together meanwhile, `limit` of them in `per` milliseconds. A clock that was set back
        adds nothing."""
        self.left = min(float(limit), self.left + max(0, now - self.at) * limit / per)
        self.at = now

    def wait(self, limit: int, per: int = SECOND) -> int:
        """Milliseconds until there is one, rounded up: whoever waits so long is let in."""
        return max(1, -int((self.left - 1) * per // limit))


class Rates:
    """Counts calls by key."""

    def __init__(self) -> None:
        """Nobody has called yet."""
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def take(self, limits: Limits | None, key: str, *, writes: bool, now: int) -> Allowance:
        """Count one call by this key, unless it is one too many."""
        if limits is None:
            return UNLIMITED
        wanted = {
            "all": limits.all,
            "writes" if writes else "reads": limits.writes if writes else limits.reads,
        }
        counted = [(self._bucket(key, name, limit, now), limit) for name, limit in wanted.items() if limit]
        if not counted:
            return UNLIMITED
        bucket, limit = min(counted, key=lambda each: each[0].left)
        if bucket.left < 1:
            return Allowance(allowed=False, limit=limit, retry_after=bucket.wait(limit))
        for each, _ in counted:
            each.left -= 1
        return Allowance(allowed=True, limit=limit, remaining=int(bucket.left))

    def _bucket(self, key: str, name: str, limit: int, now: int) -> Bucket:
        found = self._buckets.get((key, name))
        if found is None:
            if len(self._buckets) >= MOST:
                self._buckets = {
                    each: bucket for each, bucket in self._buckets.items() if now - bucket.at < SECOND
                }
            found = self._buckets[key, name] = Bucket(float(limit), now)
        found.fill(limit, now)
        return found
