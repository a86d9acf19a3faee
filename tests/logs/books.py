"""Log books over every kind of store, for tests."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from ferryman.logs import Logs
from ferryman.logs.book import LIMIT
from ferryman.ports.logs import LogLine, PieceStore
from ferryman.stores.logs_sqlite import SqliteLogs

RUN, KEY = "run-1", "build#1.1"


@asynccontextmanager
async def opened(store: PieceStore, *, limit: int = LIMIT, read_only: bool = False) -> AsyncIterator[Logs]:
    """A log book, open for as long as the block lasts."""
    book = Logs(store, limit=limit, read_only=read_only)
    await book.open()
    try:
        yield book
    finally:
        await book.close()


def run(scenario: Callable[[Logs], Awaitable[None]], store: PieceStore, *, limit: int = LIMIT) -> None:
    """Play a scenario with a log book over this store."""

    async def play() -> None:
        async with opened(store, limit=limit) as book:
            await scenario(book)

    asyncio.run(asyncio.wait_for(play(), 60))


def database(folder: Path) -> SqliteLogs:
    """The store in this folder."""
    return SqliteLogs(folder / "ferryman-logs.db")


def texts(lines: list[LogLine]) -> list[str]:
    """Number and text of each line; a note is marked."""
    return [f"{line.number} {'# ' if line.kind == 'note' else ''}{line.text}" for line in lines]


async def all_lines(book: Logs, *, after: int = 0) -> list[str]:
    """Everything there is, as `texts`."""
    return texts(list(await book.read(RUN, KEY, after=after, limit=1_000_000)))


async def raw_of(book: Logs) -> bytes:
    """The raw download."""
    return b"".join([part async for part in book.raw(RUN, KEY)])
