"""A few threads that do the same for many things, together with whoever asks for it."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from typing import Generic, TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


class Crew(Generic[Item, Made]):
    """Threads that wait for work, as long as the process lives."""

    def __init__(self, work: Callable[[Item], Made], hands: int, prepare: Callable[[], bool]) -> None:
        """So many threads beside the caller's own. Each prepares itself, and stays away where that fails."""
        self._work, self._prepare = work, prepare
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._there: list[threading.Thread] = []
        for _ in range(hands):
            threading.Thread(target=self._serve, daemon=True).start()

    def each(self, items: Sequence[Item]) -> list[Made]:
        """What the work makes of each, in their order. Raises the first thing that it raised, when all have stopped."""
        left = deque(enumerate(items))
        made: dict[int, Made] = {}
        raised: list[BaseException] = []
        helped: SimpleQueue[None] = SimpleQueue()

        def take() -> None:
            try:
                while left and not raised:
                    number, item = left.popleft()
                    made[number] = self._work(item)
            except IndexError:
                # Another one was quicker to take the last.
                return
            except BaseException as fault:
                raised.append(fault)

        def help_out() -> None:
            take()
            helped.put(None)

        helpers = min(len(self._there), len(items) - 1)
        for _ in range(helpers):
            self._calls.put(help_out)
        take()
        for _ in range(helpers):
            helped.get()
        if raised:
            raise raised[0]
        return [made[number] for number in range(len(items))]

    def _serve(self) -> None:
        if not self._prepare():
            return
        self._there.append(threading.current_thread())
        while True:
            self._calls.get()()
