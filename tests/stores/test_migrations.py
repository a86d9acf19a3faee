"""Migrations: numbered, in order, one transaction each; killed anywhere, they go on where they were."""

import asyncio
from pathlib import Path

import apsw
import pytest

from ferryman.stores.sql.migrations import Migration, migrations, newest
from ferryman.stores.sqlite import SqliteStore, database
from ferryman.testing.stores.sample import define, run_row, unit
from tests.stores.processes import child, next_line


def _tables(path: Path) -> list[tuple[str, str]]:
    connection = apsw.Connection(str(path))
    found = list(connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name"))
    connection.close()
    return found


async def _use(folder: Path) -> None:
    store = SqliteStore(folder)
    await store.open()
    await define(store)
    await store.append(unit(run_row("r")))
    assert (await store.load("r")).seq == 1
    assert await store.write(lambda connection: connection.pragma("user_version")) == newest()
    assert await store.write(lambda connection: connection.pragma("application_id")) == database.APPLICATION
    await store.close()


def test_migrations_are_numbered_from_one_without_a_gap() -> None:
    assert [each.number for each in migrations()] == list(range(1, newest() + 1))


def test_a_process_killed_between_or_in_migrations_did_no_harm(tmp_path: Path) -> None:
    """Before each single statement of a first start."""
    asyncio.run(_use(tmp_path / "whole"))
    whole = _tables(tmp_path / "whole" / "ferryman.db")
    statements = 0
    said = ""
    while said != "opened":
        folder = tmp_path / str(statements)
        with child("open_until", folder, str(statements)) as process:
            said = next_line(process)
        assert said in ("", "opened")
        asyncio.run(_use(folder))
        assert _tables(folder / "ferryman.db") == whole
        statements += 1
    assert statements > 20


def test_a_migration_that_fails_leaves_the_tables_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And those before it done; the next start goes on there."""
    bad = Migration(newest() + 1, "bad", "CREATE TABLE half (a); INSERT INTO nowhere VALUES (1);")
    good = bad._replace(script="CREATE TABLE half (a);")
    with monkeypatch.context() as patched:
        patched.setattr(database, "migrations", lambda: (*migrations(), bad))
        with pytest.raises(apsw.SQLError, match="nowhere"):
            asyncio.run(SqliteStore(tmp_path).open())
    assert "half" not in dict(_tables(tmp_path / "ferryman.db"))
    asyncio.run(_use(tmp_path))
    with monkeypatch.context() as patched:
        patched.setattr(database, "migrations", lambda: (*migrations(), good))
        patched.setattr(database, "newest", lambda: good.number)
        asyncio.run(_reopen(tmp_path))
    assert "half" in dict(_tables(tmp_path / "ferryman.db"))


async def _reopen(folder: Path) -> None:
    store = SqliteStore(folder)
    await store.open()
    assert (await store.load("r")).seq == 1
    await store.close()
