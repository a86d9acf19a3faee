"""A client that asks over a few kept connections, for W5: says how many answers came, and how long each took.

python benchmarks/_asker.py, with one JSON object on its input: `port`, `paths` (asked in turn), `headers`,
`connections`, `seconds`, `warm` (seconds that are not counted). The answer is one JSON object.
"""

import asyncio
import json
import sys
from itertools import cycle
from time import perf_counter
from typing import Any, cast

import uvloop

PATIENCE = 20.0
"""Seconds after which a server that does not answer has failed."""


class Asker(asyncio.Protocol):
    """One connection: the next question goes out when the answer to the last has come whole."""

    def __init__(self, questions: Any, times: list[float], until: float, since: float) -> None:
        """Questions without end; times of those asked at or after `since` are noted, none is asked after `until`."""
        self._questions, self._times, self._until, self._since = questions, times, until, since
        self._missing = 0
        self._asked = 0.0
        self.answers = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        """A piece of an answer."""
        if not self._missing:
            if not data.startswith(b"HTTP/1.1 200"):
                raise AssertionError(data[:500])
            end = data.index(b"\r\n\r\n") + 4
            at = data.index(b"content-length: ", 0, end) + 16
            self._missing = end + int(data[at : data.index(b"\r", at)])
        self._missing -= len(data)
        if self._missing <= 0:
            now = perf_counter()
            self.answers += 1
            if self._asked >= self._since:
                self._times.append(now - self._asked)
            if now < self._until:
                self._ask()
            elif not self.done.done():
                self.done.set_result(None)
                self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """A connection that ends early is a fault."""
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server ended the connection"))

    def _ask(self) -> None:
        self._missing = 0
        self._asked = perf_counter()
        self._transport.write(next(self._questions))


async def main(given: dict[str, Any]) -> dict[str, float]:
    """Ask for as long as is wanted."""
    headers = "".join(f"{name}: {value}\r\n" for name, value in given["headers"].items())
    questions = cycle(
        [f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode() for path in given["paths"]]
    )
    times: list[float] = []
    since = perf_counter() + given["warm"]
    until = since + given["seconds"]
    loop = asyncio.get_running_loop()
    askers = [
        (
            await loop.create_connection(
                lambda: Asker(questions, times, until, since), "127.0.0.1", given["port"]
            )
        )[1]
        for _ in range(given["connections"])
    ]
    async with asyncio.timeout(given["warm"] + given["seconds"] + PATIENCE):
        await asyncio.gather(*(asker.done for asker in askers))
    spent = perf_counter() - since
    times.sort()
    return {
        "all": sum(asker.answers for asker in askers),
        "rate": len(times) / spent,
        "p50": times[len(times) // 2],
        "p99": times[len(times) * 99 // 100],
        "worst": times[-1],
    }


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        print(json.dumps(runner.run(main(json.load(sys.stdin)))))
