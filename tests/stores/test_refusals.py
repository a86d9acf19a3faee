"""What must not be touched is refused with what to do, and every byte of it stays as it was."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from ferryman.domain.errors import Refused
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
