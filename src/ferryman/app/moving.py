"""The virtual clock over HTTP: tests of a server in another process move its time by a call.

It is there only where the server was started with `--clock virtual`, and only for callers on the same machine.
"""

from ipaddress import ip_address
from typing import Annotated

import msgspec

from ferryman.asgi import BodyLimits, Exchange, TooLarge, TooSlow
from ferryman.drivers.embedded.clock import VirtualClock

PATH = "/testing/clock"
LATEST = 253_402_300_799_000
"""The end of the year 9999, in milliseconds since 1970."""


class Move(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far the time is moved."""

    ms: Annotated[int, msgspec.Meta(ge=0, le=LATEST)]


class MovingClock:
    """`GET` tells the time, `POST {"ms": 60000}` moves it on by a minute; both answer `{"now": …}`."""

    def __init__(self, clock: VirtualClock, limits: BodyLimits) -> None:
        """Move this clock."""
        self._clock = clock
        self._limits = limits

    def answers(self, path: str) -> bool:
        """Its one path."""
        return path == PATH

    async def __call__(self, exchange: Exchange) -> None:
        """Tell the time, or move it."""
        if not ip_address(exchange.address).is_loopback:
            await exchange.answer(403, b'{"message":"the clock is moved from this machine only"}')
        elif exchange.method == "GET":
            await self._tell(exchange)
        elif exchange.method == "POST":
            try:
                move = msgspec.json.decode(await exchange.body(self._limits), type=Move)
            except (msgspec.MsgspecError, TooLarge, TooSlow, RecursionError) as error:
                text = f'send {{"ms": 60000}} to move the time on by a minute: {error}'
                await exchange.answer(400, msgspec.json.encode({"message": text}), close=True)
                return
            await self._clock.move_to(min(self._clock.now() + move.ms, LATEST))
            await self._tell(exchange)
        else:
            await exchange.answer(405, b'{"message":"GET tells the time, POST moves it"}')

    async def _tell(self, exchange: Exchange) -> None:
        await exchange.answer(200, msgspec.json.encode({"now": self._clock.now()}))
