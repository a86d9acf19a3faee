"""A full disk, a locked database, work that fails: said clearly, kept wholly or not at all, over when it is over."""

import asyncio
import gc
import os
import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import apsw
import pytest

from ferryman.domain.errors import Conflict, FerrymanError, Unavailable
from ferryman.stores.logs_sqlite import SqliteLogs
from ferryman.stores.sqlite import SqliteStore
from ferryman.stores.sqlite.database import Terms, open_reader, open_writer
from ferryman.stores.sqlite.faults import explained
from ferryman.stores.sqlite.folder import Folder
from ferryman.testing.stores.sample import define, entry, lock_row, outcomes, run_row, unit
from tests.stores.processes import child


async def _opened(folder: Path, terms: Terms) -> SqliteStore:
    store = SqliteStore(folder, terms=terms)
    await store.open()
    await define(store)
    return store


@pytest.mark.parametrize("batch", [1, 1_000])
def test_a_full_disk_is_said_and_recovered_from(tmp_path: Path, batch: int) -> None:
    """RULINGS 32. Each of many at once is kept wholly or refused wholly, and told the truth about it."""

    async def story() -> None:
        store = SqliteStore(tmp_path, terms=Terms(max_pages=100), batch=batch)
        await store.open()
        await define(store)
        runs = [f"r{number}" for number in range(60)]
        units = [
            unit(
                run_row(run),
                count=5,
                locks=[lock_row(run, before=0, holders=[run])],
                snapshot=os.urandom(12_000),
            )
            for run in runs
        ]
        ends = await outcomes(store.append(each) for each in units)
        refused = {run for run, end in zip(runs, ends, strict=True) if end is not None}
        assert refused
        for end in ends:
            assert end is None or (
                isinstance(end, Unavailable) and "the disk is full; free some room" in str(end)
            )
        kept = {row.id for row in await store.unfinished()}
        assert kept == set(runs) - refused
        assert {row.name for row in await store.locks()} == kept
        for run in kept:
            assert (await store.journal(run)) == tuple(entry(seq) for seq in range(1, 6))
        # There is room again: the same calls succeed, on the same store.
        await store.write(lambda connection: connection.pragma("max_page_count", 100_000))
        assert await outcomes(store.append(each) for each in units if each.run.id in refused) == [None] * len(
            refused
        )
        assert len(await store.unfinished()) == 60
        assert await store.read(lambda connection: connection.pragma("quick_check")) == "ok"
        await store.close()

    asyncio.run(story())


def test_a_disk_that_refuses_to_write_is_said_and_recovered_from(tmp_path: Path) -> None:
    """The system itself refuses, in the middle of a commit."""
    with child("fill", tmp_path) as process:
        assert process.stdout is not None
        *refused, last = process.stdout.read().splitlines()
    assert len(refused) == 3
    assert all("cannot use the database" in line and "then try again" in line for line in refused)

    async def story() -> None:
        store = SqliteStore(tmp_path)
        await store.open()
        rows = await store.unfinished()
        assert last == f"kept {len(rows)}"
        for row in rows:
            assert (await store.load(row.id)).seq == 1
        await store.close()

    asyncio.run(story())


def test_a_locked_database_is_said_and_recovered_from(tmp_path: Path) -> None:
    """Another program holds the file for writing; whoever reads is not disturbed."""

    async def story() -> None:
        store = await _opened(tmp_path, Terms(patience_ms=20))
        await store.append(unit(run_row("before")))
        other = apsw.Connection(str(tmp_path / "ferryman.db"))
        other.execute("BEGIN EXCLUSIVE")
        ends = await outcomes(store.append(unit(run_row(f"r{number}"))) for number in range(20))
        for end in ends:
            assert isinstance(end, Unavailable)
            assert "another program holds a lock on it; let it end" in str(end)
        assert [row.id for row in await store.unfinished()] == ["before"]
        other.execute("ROLLBACK")
        assert (
            await outcomes(store.append(unit(run_row(f"r{number}"))) for number in range(20)) == [None] * 20
        )
        other.close()
        await store.close()

    asyncio.run(story())


def test_a_database_locked_at_the_start_is_said(tmp_path: Path) -> None:
    async def story() -> None:
        await (await _opened(tmp_path, Terms())).close()
        other = apsw.Connection(str(tmp_path / "ferryman.db"))
        other.pragma("locking_mode", "EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE; PRAGMA user_version = 1")
        store = SqliteStore(tmp_path, terms=Terms(patience_ms=20))
        with pytest.raises(Unavailable, match="another program holds a lock on it"):
            await store.open()
        other.execute("ROLLBACK")
        other.close()
        await store.open()
        await store.close()

    asyncio.run(story())


def test_work_that_fails_fails_alone(tmp_path: Path) -> None:
    """An unforeseen error reaches who asked for it, as it is; the writer goes on, its neighbors are kept."""

    async def story() -> None:
        store = await _opened(tmp_path, Terms())

        def half(connection: apsw.Connection) -> None:
            connection.execute("DELETE FROM numbers")
            raise ZeroDivisionError("half-way")

        assert await store.next_number("local", "shop") == 1
        good = [store.append(unit(run_row(f"r{number}"))) for number in range(10)]
        ends = await outcomes([*good[:5], store.write(half), store.read(half), *good[5:]])
        assert [type(end) for end in ends if end is not None] == [ZeroDivisionError, Unavailable]
        assert len(await store.unfinished()) == 10
        assert await store.next_number("local", "shop") == 2
        await store.close()

    asyncio.run(story())


def test_text_that_cannot_be_written_fails_alone(tmp_path: Path) -> None:
    async def story() -> None:
        store = await _opened(tmp_path, Terms())
        bad = unit(run_row("half \ud800 a character"))
        ends = await outcomes(
            [store.append(unit(run_row("a"))), store.append(bad), store.append(unit(run_row("b")))]
        )
        assert [end is None for end in ends] == [True, False, True]
        assert [row.id for row in await store.unfinished()] == ["a", "b"]
        await store.close()

    asyncio.run(story())


def test_a_caller_that_stops_waiting_stops_nothing(tmp_path: Path) -> None:
    """Its unit is kept, as those beside it are, and nothing is complained of."""

    async def story() -> None:
        store = await _opened(tmp_path, Terms())
        calls = [asyncio.ensure_future(store.append(unit(run_row(f"r{number}")))) for number in range(10)]
        await asyncio.sleep(0)
        for call in calls[::2]:
            call.cancel()
        ends = await outcomes(calls)
        assert [end is None for end in ends] == [False, True] * 5
        assert len(await store.unfinished()) == 10
        await store.close()

    asyncio.run(story(), debug=True)
    gc.collect()


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (apsw.FullError("full"), Unavailable, "the disk is full"),
        (apsw.BusyError("busy"), Unavailable, "another program holds a lock"),
        (apsw.IOError("io"), Unavailable, "look at its disk"),
        (apsw.ReadOnlyError("ro"), Unavailable, "the right to read and write"),
        (apsw.CantOpenError("open"), Unavailable, "the right to read and write"),
        (apsw.CorruptError("bad"), FerrymanError, "put a backup in its place"),
        (apsw.NotADBError("bad"), FerrymanError, "put a backup in its place"),
        (apsw.ConstraintError("twice"), Conflict, "contradicts what is kept"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_what_sqlite_says_is_said_in_a_sentence(error: apsw.Error, kind: type[Exception], said: str) -> None:
    found = explained(error, Path("a/ferryman.db"))
    assert isinstance(found, kind)
    assert said in str(found)
    assert "a/ferryman.db" in str(found)


def test_a_fault_of_our_own_statements_stays_what_it_is() -> None:
    error = apsw.SQLError("no such table")
    assert explained(error, Path("x")) is error


@contextmanager
def _no_room() -> Iterator[None]:
    """No file can grow: what a disk says that is full to its last byte."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _kept(folder: Path) -> Path:
    async def story() -> Path:
        store = await _opened(folder, Terms())
        await store.append(unit(run_row("kept"), count=1))
        await store.close()
        return store.folder.database

    return asyncio.run(story())


def test_a_disk_without_any_room_can_be_read_again_and_again(tmp_path: Path) -> None:
    """OPS-7: full, it stays readable, though there is no room for the memory that readers share; then it recovers."""
    place = _kept(tmp_path)
    for _ in range(2):  # the first leaves a piece of that memory behind
        with _no_room():
            reader = open_reader(place, Terms())
            found = reader.execute("SELECT count(*) FROM runs").fetchall()
            reader.close()
        assert found == [(1,)]
    writer = open_writer(place, Terms())
    assert writer.execute("SELECT count(*) FROM runs").fetchall() == [(1,)]
    writer.close()


def test_a_folder_on_a_disk_without_any_room_is_refused_by_name_and_let_go(tmp_path: Path) -> None:
    """OPS-7, ERR-1."""
    folder = Folder(tmp_path)
    folder.make()
    with (
        _no_room(),
        pytest.raises(Unavailable, match=rf"data folder {re.escape(str(tmp_path))}: lock .*free some room"),
    ):
        folder.take()
    folder.leave(folder.take())


def test_a_log_that_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    """What was kept last may stand in the log alone: without room to read that, nothing is told."""
    place = _kept(tmp_path)
    place.with_name(place.name + "-wal").write_bytes(bytes(64))
    with _no_room(), pytest.raises(Unavailable):
        open_reader(place, Terms())


def test_logs_on_a_disk_without_any_room_can_be_read(tmp_path: Path) -> None:
    """OPS-7, for the second file."""
    place = tmp_path / "logs.db"
    for read_only in (False, True, True):
        logs = SqliteLogs(place, read_only=read_only)
        with _no_room() if read_only else nullcontext():
            logs.open()
            logs.close()
