"""What must not be touched is refused with what to do, and every byte of it stays as it was."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from ferryman.domain.errors import Refused, Unavailable
from ferryman.stores.sql.migrations import newest
from ferryman.stores.sqlite import SqliteStore
from ferryman.stores.sqlite.library import check_library
from ferryman.testing.stores.sample import define, run_row, unit


async def _fill(folder: Path) -> None:
    store = SqliteStore(folder)
    await store.open()
    await define(store)
    for number in range(40):
        await store.append(unit(run_row(f"r{number}"), count=20, snapshot=bytes(3_000)))
    await store.close()


def _change(path: Path, statement: str) -> None:
    connection = apsw.Connection(str(path))
    connection.execute(statement)
    connection.close()


def _from_the_future(path: Path) -> None:
    _change(path, f"PRAGMA user_version = {newest() + 1}")


def _of_another_program(path: Path) -> None:
    _change(path, "PRAGMA application_id = 7")


def _no_database(path: Path) -> None:
    path.write_bytes(b"dear ada, " * 1_000)


def _a_few_bytes(path: Path) -> None:
    path.write_bytes(b"SQLite")


def _cut_short(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def _cut_inside_a_page(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - 1_000)


def _written_over(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4_096)
        file.write(b"\xff" * (path.stat().st_size - 4_096))


def _one_bad_page(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(10 * 4_096)
        file.write(b"\xa5" * 4_096)


def _a_named_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


REFUSED: tuple[tuple[Callable[[Path], None], str, str], ...] = (
    (_from_the_future, "newer", "use that release, or a backup from before"),
    (_of_another_program, "not-ours", "name another data folder"),
    (_no_database, "not-ours", "is not a database"),
    (_a_few_bytes, "damaged", "put a backup in its place"),
    (_cut_short, "damaged", "put a backup in its place"),
    (_cut_inside_a_page, "damaged", "put a backup in its place"),
    (_written_over, "damaged", "put a backup in its place"),
    (_one_bad_page, "damaged", "put a backup in its place"),
)


@pytest.mark.parametrize(
    ("spoil", "reason", "help_with"), REFUSED, ids=lambda value: getattr(value, "__name__", None)
)
def test_a_database_that_cannot_be_trusted_is_refused_untouched(
    tmp_path: Path, spoil: Callable[[Path], None], reason: str, help_with: str
) -> None:
    asyncio.run(_fill(tmp_path))
    path = tmp_path / "ferryman.db"
    spoil(path)
    before = path.read_bytes()
    with pytest.raises(Refused) as refusal:
        asyncio.run(SqliteStore(tmp_path).open())
    assert refusal.value.reason == reason
    assert str(path) in str(refusal.value)
    assert help_with in str(refusal.value)
    assert "***" not in str(refusal.value)
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*-journal"))


@pytest.mark.parametrize(
    ("spoil", "what"), [(_a_named_pipe, "a named pipe, not a file"), (_a_folder, "a folder, not a file")]
)
@pytest.mark.parametrize("read_only", [False, True])
def test_what_is_no_file_is_refused_by_what_it_is(
    tmp_path: Path, spoil: Callable[[Path], None], what: str, read_only: bool
) -> None:
    """It was said that the disk failed, or, to readers, that there was no database yet."""
    asyncio.run(_fill(tmp_path))
    spoil(tmp_path / "ferryman.db")
    with pytest.raises(Refused, match=what) as refusal:
        asyncio.run(SqliteStore(tmp_path).open(read_only=read_only))
    assert refusal.value.reason == "not-ours"


def _emptied(path: Path) -> None:
    os.truncate(path, 0)


def _garbled_log(path: Path) -> None:
    Path(f"{path}-wal").write_bytes(b"\xa5" * 8_192)


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (_emptied, "is empty, and ferryman.db-wal holds"),
        (_garbled_log, "ferryman.db-wal is no log of a database"),
    ],
)
@pytest.mark.parametrize("read_only", [False, True])
def test_a_log_that_would_be_passed_over_in_silence_is_told(
    tmp_path: Path, spoil: Callable[[Path], None], what: str, read_only: bool
) -> None:
    """SQLite writes over a log that it cannot read, and with it over what was accepted (promise 1)."""
    asyncio.run(_fill(tmp_path))
    path, log = tmp_path / "ferryman.db", tmp_path / "ferryman.db-wal"
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA application_id = 7")
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    connection.close()
    spoil(path)
    before, logged = path.read_bytes(), log.read_bytes()
    with pytest.raises(Refused, match=what) as refusal:
        asyncio.run(SqliteStore(tmp_path).open(read_only=read_only))
    assert refusal.value.reason == "damaged"
    assert path.read_bytes() == before
    assert log.read_bytes() == logged


def test_a_log_that_a_power_cut_left_as_zeros_is_none(tmp_path: Path) -> None:
    asyncio.run(_fill(tmp_path))
    (tmp_path / "ferryman.db-wal").write_bytes(bytes(8_192))
    asyncio.run(_fill_again(SqliteStore(tmp_path)))


def test_a_database_behind_a_link_is_used_where_it_is(tmp_path: Path) -> None:
    """It was refused for want of rights."""
    folder, disk = tmp_path / "folder", tmp_path / "disk"
    asyncio.run(_fill(folder))
    disk.mkdir()
    (folder / "ferryman.db").rename(disk / "kept.db")
    (folder / "ferryman.db").symlink_to(disk / "kept.db")
    asyncio.run(_fill_again(SqliteStore(folder)))
    assert (folder / "ferryman.db").is_symlink()


def test_a_link_to_a_database_that_is_gone_is_told(tmp_path: Path) -> None:
    """The disk may not be mounted: no other database is begun in its place."""
    (tmp_path / "ferryman.db").symlink_to("/nowhere/ferryman.db")
    with pytest.raises(Unavailable, match=r"a link to /nowhere/ferryman.db, and nothing is there"):
        asyncio.run(SqliteStore(tmp_path).open())


def test_a_newer_database_that_was_killed_is_refused_with_its_log(tmp_path: Path) -> None:
    """What stands in the log and not yet in the file is not brought there by a release that does not know it."""
    asyncio.run(_fill(tmp_path))
    path, log = tmp_path / "ferryman.db", tmp_path / "ferryman.db-wal"
    connection = apsw.Connection(str(path))
    connection.execute(f"PRAGMA user_version = {newest() + 1}")
    before, logged = path.read_bytes(), log.read_bytes()
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    connection.close()
    with pytest.raises(Refused, match="newer Ferryman"):
        asyncio.run(SqliteStore(tmp_path).open())
    assert path.read_bytes() == before
    assert log.read_bytes() == logged


def test_after_a_refusal_the_folder_is_free(tmp_path: Path) -> None:
    asyncio.run(_fill(tmp_path))
    kept = (tmp_path / "ferryman.db").read_bytes()
    _no_database(tmp_path / "ferryman.db")
    store = SqliteStore(tmp_path)
    with pytest.raises(Refused):
        asyncio.run(store.open())
    (tmp_path / "ferryman.db").write_bytes(kept)
    asyncio.run(_fill_again(store))


async def _fill_again(store: SqliteStore) -> None:
    await store.open()
    assert len(await store.unfinished()) == 40
    await store.close()


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        (f"PRAGMA user_version = {newest() - 1}", "older"),
        (f"PRAGMA user_version = {newest() + 1}", "newer"),
        ("PRAGMA application_id = 7", "not-ours"),
    ],
)
def test_a_reader_brings_nothing_up_to_date(tmp_path: Path, statement: str, reason: str) -> None:
    asyncio.run(_fill(tmp_path))
    path = tmp_path / "ferryman.db"
    _change(path, statement)
    before = path.read_bytes()
    with pytest.raises(Refused) as refusal:
        asyncio.run(SqliteStore(tmp_path).open(read_only=True))
    assert refusal.value.reason == reason
    assert path.read_bytes() == before


@pytest.mark.parametrize("version", ["3.40.1", "3.51.2", "3.51", "2.99.99"])
def test_an_old_library_is_refused(version: str) -> None:
    with pytest.raises(Refused, match=f"cannot use SQLite {version}: .*3.51.3") as refusal:
        check_library(version)
    assert refusal.value.reason == "library-too-old"


@pytest.mark.parametrize("version", ["3.51.3", "3.52.0", "3.100.0", "4.0"])
def test_a_library_with_the_fault_mended_will_do(version: str) -> None:
    check_library(version)


def test_the_library_that_is_shipped_will_do() -> None:
    check_library()
