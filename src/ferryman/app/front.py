"""The front of the server: a request gets an id, goes to whoever answers its path, and leaves one line in the log."""

import os
import time
from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from ferryman.asgi import Exchange, Receive, Scope, Send
from ferryman.observability.logging import Level, Line, traced


class Answering(Protocol):
    """One of the APIs of this server."""

    def answers(self, path: str) -> bool:
        """Whether a path is for it."""
        ...

    async def __call__(self, exchange: Exchange) -> None:
        """Answer."""
        ...


def no_fault(fault: BaseException) -> None:
    """Nobody hears."""


class Front:
    """All APIs of one server as one ASGI application."""

    def __init__(
        self,
        answering: Sequence[Answering],
        *,
        log: Line,
        fault: Callable[[BaseException], None] = no_fault,
    ) -> None:
        """The first that answers a path is asked. `fault` hears of what nobody had foreseen."""
        self._answering = tuple(answering)
        self._log = log
        self._fault = fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        began = time.perf_counter_ns()
        exchange = Exchange(scope, receive, send, request=os.urandom(16).hex())
        try:
            await self._answer(exchange)
        except Exception as fault:
            exchange.fault = exchange.fault or fault
            if exchange.status:
                raise
            await _failed(exchange)
        finally:
            self._tell(exchange, time.perf_counter_ns() - began)

    async def _answer(self, exchange: Exchange) -> None:
        for one in self._answering:
            if one.answers(exchange.path):
                await one(exchange)
                return
        body = {"message": f"there is nothing at {exchange.path[:200]}", "request": exchange.request}
        await exchange.answer(404, msgspec.json.encode(body))

    def _tell(self, exchange: Exchange, nanoseconds: int) -> None:
        fault = exchange.fault
        level: Level = "error" if fault is not None else "info"
        self._log(
            level,
            "request",
            request=exchange.request,
            method=exchange.method,
            path=exchange.path[:500],
            status=exchange.status,
            ms=round(nanoseconds / 1e6, 2),
            address=exchange.address,
            **exchange.notes,
            traceback="" if fault is None else traced(fault),
        )
        if fault is not None:
            self._fault(fault)


async def _failed(exchange: Exchange) -> None:
    body = {"message": "a fault of the server; its log tells more", "request": exchange.request}
    await exchange.answer(500, msgspec.json.encode(body))
