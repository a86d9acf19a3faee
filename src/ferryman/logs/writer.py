"""The one thread that writes logs.

It takes everything that waits, packs it, and gives it to the store in one transaction; so the more there is to do,
the less a line costs. Where the store cannot be used (disk full, file locked) it says so in `trouble`, keeps what
it has and tries again with growing pauses: nothing is lost that is not lost with the process, and a step's own
file still has that.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby

import msgspec

from ferryman.domain.errors import Unavailable
from ferryman.logs.chunks import Block, pack
from ferryman.ports.logs import LogState, LogWrite, PieceStore

ROOM = 16 * 1024 * 1024
"""Bytes that may wait before those who add to them should pause."""
PAUSES = (0.1, 0.3, 1.0, 3.0)
"""Seconds between tries; the last one again and again."""

Done = Callable[[Exception | None], None]
"""Told on the event loop that the order was carried out, or why it never will be."""

Troubled = Callable[[Unavailable], None]
"""Told on the event loop, at each try, why nothing can be kept."""


def no_trouble(why: Unavailable) -> None:
    """Nobody hears."""


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """Keep this state of a log with these pieces, each given as its blocks."""

    state: LogState
    drafts: Sequence[Sequence[Block]]
    size: int
    durable: bool
    done: Done


class Remove(msgspec.Struct, frozen=True, kw_only=True):
    """Take these logs' lines away."""

    logs: Sequence[tuple[str, str]]
    at: int
    done: Done
    size: int = 0


class Writer:
    """Owns the thread. All but the thread itself is called on one event loop."""

    def __init__(self, store: PieceStore, troubled: Troubled = no_trouble) -> None:
        """Write to this store, once it is started."""
        self.trouble = ""
        """Why nothing can be written at this moment, in words; empty when all is well."""
        self._store = store
        self._troubled = troubled
        self._orders: deque[Keep | Remove] = deque()
        self._size = 0
        self._closing = False
        self._changed = threading.Condition()
        self._room = asyncio.Event()
        self._thread = threading.Thread(target=self._work, name="ferryman-logs", daemon=True)

    def start(self) -> None:
        """Begin to write; called on the event loop that is told of what was done."""
        self._loop = asyncio.get_running_loop()
        self._room.set()
        self._thread.start()

    def put(self, order: Keep | Remove) -> None:
        """Take an order; orders are carried out in the order given."""
        with self._changed:
            self._orders.append(order)
            self._size += order.size
            self._changed.notify()
        if self._size > ROOM:
            self._room.clear()

    async def ready(self) -> None:
        """Return when there is room for more orders."""
        await self._room.wait()

    async def close(self) -> None:
        """Carry out what waits, as far as the store lets us, and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join)

    def _work(self) -> None:
        while orders := self._next():
            try:
                self._carry_out(orders)
                failed = None
            except Exception as error:  # Whoever waits for these orders is told of it, whatever it is.
                failed = error
            with self._changed:
                self._size -= sum(order.size for order in orders)
            self._loop.call_soon_threadsafe(self._tell, orders, failed)

    def _next(self) -> list[Keep | Remove]:
        """All that waits; nothing only when there will be no more."""
        with self._changed:
            while not self._orders and not self._closing:
                self._changed.wait()
            orders = list(self._orders)
            self._orders.clear()
            return orders

    def _carry_out(self, orders: list[Keep | Remove]) -> None:
        for kind, alike in groupby(orders, key=type):
            if kind is Remove:
                for removal in (order for order in alike if isinstance(order, Remove)):
                    self._insist(partial(self._store.remove, removal.logs, at=removal.at))
                continue
            keeps = [order for order in alike if isinstance(order, Keep)]
            writes = [
                LogWrite(state=keep.state, pieces=tuple(pack(draft) for draft in keep.drafts))
                for keep in keeps
            ]
            durable = any(keep.durable for keep in keeps)
            self._insist(partial(self._store.write, writes, durable=durable))

    def _insist(self, act: Callable[[], None]) -> None:
        """Do it, again and again while the store is unavailable; while closing, once."""
        tries = 0
        while True:
            try:
                act()
            except Unavailable as error:
                self.trouble = str(error)
                self._loop.call_soon_threadsafe(self._troubled, error)
                with self._changed:
                    if self._closing:
                        raise
                    self._changed.wait_for(lambda: self._closing, PAUSES[min(tries, len(PAUSES) - 1)])
                tries += 1
            else:
                self.trouble = ""
                return

    def _tell(self, orders: Sequence[Keep | Remove], failed: Exception | None) -> None:
        for order in orders:
            order.done(failed)
        if self._size <= ROOM:
            self._room.set()
