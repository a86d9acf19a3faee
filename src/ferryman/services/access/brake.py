"""A brake on guessing: from where too many wrong tokens, secrets or passwords came, nobody new is let in for a while.

Wrong ones are counted by place: an address, or a name that passwords are tried for. A place may have so many at once,
and as many more come back in a minute. While it has none left, right ones are refused there too, or going on with
guessing would be worth it; but not a token or an application that was right there before: one stranger, or one
forgotten script, behind an address that many share does not lock the others out. Times are milliseconds since 1970.
"""

from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from ferryman.domain.errors import Throttled
from ferryman.services.access.rates import Bucket

MINUTE = 60_000
WRONG_A_MINUTE = 60
"""Wrong ones that a place may have in a minute, unless it is set otherwise."""
MOST = 10_000
"""Places, and things that were right at a place, that are remembered; the oldest are forgotten first."""
NEIGHBORS = 64
"""Bits of a newer address that are counted: the rest is its owner's to choose."""


class Brake:
    """Counts what was wrong, and holds up whoever had too much of it."""

    def __init__(self, a_minute: int = WRONG_A_MINUTE) -> None:
        """`a_minute` wrong ones are borne; 0: any number."""
        self._limit = a_minute
        self._places: OrderedDict[str, Bucket] = OrderedDict()
        self._right: OrderedDict[tuple[str, str], None] = OrderedDict()

    def hold(self, places: Sequence[str], now: int) -> None:
        """Nothing is listened to from a place that has none left. Raises `Throttled`."""
        for place in places:
            bucket = self._places.get(place)
            if bucket is None:
                continue
            bucket.fill(self._limit, now, MINUTE)
            if bucket.left < 1:
                wait = bucket.wait(self._limit, MINUTE)
                seconds = -(-wait // 1000)
                raise Throttled(
                    f"too many wrong tokens, secrets or passwords came from here; try again in {seconds} s",
                    retry_after=wait,
                )

    def wrong(self, places: Sequence[str], now: int) -> None:
        """One that is wrong came from these places. Raises `Throttled` where it is not even listened to."""
        if not self._limit:
            return
        self.hold(places, now)
        for place in filter(None, places):
            bucket = self._places.get(place)
            if bucket is None:
                bucket = self._places[place] = Bucket(float(self._limit), now)
                _shorten(self._places)
            bucket.left -= 1
            self._places.move_to_end(place)

    def forgive(self, places: Sequence[str]) -> None:
        """One that was counted as wrong beforehand was right."""
        for place in places:
            if (bucket := self._places.get(place)) is not None:
                bucket.left += 1

    def right(self, place: str, what: str, now: int) -> None:
        """This one is right. Raises `Throttled` where it comes from a place that is held up, and is new there."""
        if not place or (place, what) in self._right:
            return
        self.hold((place,), now)
        self._right[place, what] = None
        _shorten(self._right)


@lru_cache(maxsize=1024)
def place_of(address: str) -> str:
    """Where an address is counted; empty, which is never held up, for none, and for the machine that we are on: behind
    a proxy that tells no addresses everybody comes from there, and programs of its own have better ways to guess."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    if found.is_loopback:
        return ""
    if isinstance(found, IPv6Address):
        return str(ip_network((found, NEIGHBORS), strict=False))
    return str(found)


def _shorten(remembered: OrderedDict[str, Bucket] | OrderedDict[tuple[str, str], None]) -> None:
    if len(remembered) > MOST:
        remembered.popitem(last=False)
