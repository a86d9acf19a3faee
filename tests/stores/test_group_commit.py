"""One writer, many units in one transaction, one answer for all; readers beside it."""

import asyncio
import threading
from pathlib import Path

import apsw
import pytest

from ferryman.stores.sqlite import SqliteStore
from ferryman.stores.sqlite.commits import writing
from ferryman.stores.sqlite.crew import Crew
from ferryman.testing.stores.sample import define, outcomes, run_row, unit


async def _opened(folder: Path, batch: int = 1_000) -> SqliteStore:
    store = SqliteStore(folder, batch=batch)
    await store.open()
    await define(store)
    return store


@pytest.mark.parametrize(("batch", "commits"), [(1_000, 1), (50, 4), (1, 200)])
def test_what_waits_is_committed_at_once_and_answered_at_once(
    tmp_path: Path, batch: int, commits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer is held while 200 units queue up behind it."""

    async def story() -> None:
        store = await _opened(tmp_path, batch)
        counted = answered = 0
        free = threading.Event()
        loop = asyncio.get_running_loop()
        wake = loop.call_soon_threadsafe

        def count_commit() -> bool:
            nonlocal counted
            counted += 1
            return False

        def count_answer(*given: object, **more: object) -> object:
            nonlocal answered
            answered += 1
            return wake(*given, **more)

        await store.write(lambda connection: connection.set_commit_hook(count_commit))
        counted = 0
        monkeypatch.setattr(loop, "call_soon_threadsafe", count_answer)
        # A job of the batch before, so that all that follow wait together.
        held = asyncio.ensure_future(store.write(lambda connection: free.wait(30)))
        await asyncio.sleep(0)
        calls = [asyncio.ensure_future(store.append(unit(run_row(f"r{number}")))) for number in range(200)]
        await asyncio.sleep(0)
        before = (counted, answered)
        free.set()
        await held
        assert await outcomes(calls) == [None] * 200
        # The held job may have taken none or, if the writer was slow to wake, some of them with it.
        assert counted - before[0] <= commits + 1
        assert answered - before[1] <= commits + 1
        monkeypatch.undo()
        await store.close()

    asyncio.run(story())


def test_readers_do_not_wait_for_the_writer_nor_it_for_them(tmp_path: Path) -> None:
    async def story() -> None:
        store = await _opened(tmp_path)
        await store.append(unit(run_row("r")))
        for first, second in ((store.write, store.read), (store.read, store.write)):
            begun, free = threading.Event(), threading.Event()

            def hold(
                connection: apsw.Connection, begun: threading.Event = begun, free: threading.Event = free
            ) -> None:
                list(connection.execute("SELECT * FROM runs"))
                begun.set()
                assert free.wait(30)

            held = asyncio.ensure_future(first(hold))
            await asyncio.to_thread(begun.wait, 30)
            rows = await second(lambda connection: list(connection.execute("SELECT id FROM runs")))
            assert rows == [("r",)]
            assert not held.done()
            free.set()
            await held
        await store.close()

    asyncio.run(story())


def test_an_answered_unit_was_flushed(tmp_path: Path) -> None:
    """Promise 1: write-ahead log, synchronous FULL, foreign keys on."""

    async def story() -> None:
        store = await _opened(tmp_path)

        def settings(connection: apsw.Connection) -> tuple[object, ...]:
            return tuple(connection.pragma(name) for name in ("journal_mode", "synchronous", "foreign_keys"))

        assert await store.write(settings) == ("wal", 2, 1)
        await store.close()

    asyncio.run(story())


def test_a_close_waits_for_what_stands_in_the_queue(tmp_path: Path) -> None:
    """Though a thread takes it up together with the word that all is over."""

    async def story() -> None:
        crew = Crew("crew", [apsw.Connection(":memory:")], writing(tmp_path), most=1_000)
        begun, free = threading.Event(), threading.Event()

        def hold(connection: apsw.Connection) -> None:
            begun.set()
            assert free.wait(30)

        held = asyncio.ensure_future(crew.do(hold))
        await asyncio.to_thread(begun.wait, 30)
        calls = [asyncio.ensure_future(crew.do(lambda connection: None)) for _ in range(10)]
        closing = asyncio.ensure_future(crew.close())
        await asyncio.sleep(0)
        free.set()
        assert await outcomes([held, *calls]) == [None] * 11
        await asyncio.wait_for(closing, 30)

    asyncio.run(story())


def test_nothing_is_left_of_the_log_after_a_close(tmp_path: Path) -> None:
    async def story() -> None:
        before = set(threading.enumerate())
        store = await _opened(tmp_path)
        await store.append(unit(run_row("r")))
        threads = {each for each in set(threading.enumerate()) - before if each.name.startswith("store-")}
        names = sorted(each.name for each in threads)
        assert names == ["store-reader-1", "store-reader-2", "store-reader-3", "store-writer-1"]
        await store.close()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["ferryman.db", "lock"]
        assert not any(each.is_alive() for each in threads)

    asyncio.run(story())
