"""A backup of a living database is whole, and stands alone."""

import asyncio
import stat
from pathlib import Path

import pytest

from ferryman.domain.errors import Conflict, Unavailable
from ferryman.stores.sqlite import SqliteStore
from ferryman.testing.stores.sample import define, run_row, unit


async def _busy_backup(folder: Path, target: Path) -> int:
    """Back up while a run moves on; the entry it stood at when the backup began."""
    store = SqliteStore(folder)
    await store.open()
    await define(store)
    row = run_row("r")
    await store.append(unit(row))

    async def write() -> None:
        for before in range(1, 60):
            await store.append(unit(row, before=before))

    stood = (await store.load("r")).seq
    await asyncio.gather(write(), store.backup(target))
    with pytest.raises(Conflict, match="there already"):
        await store.backup(target)
    with pytest.raises(Unavailable, match="cannot back up"):
        await store.backup(folder / "nowhere" / "copy.db")
    await store.close()
    return stood


async def _read(folder: Path) -> tuple[int, int]:
    store = SqliteStore(folder)
    await store.open()
    kept = await store.load("r")
    await store.close()
    return kept.seq, len(kept.entries)


def test_a_backup_is_whole_though_writers_went_on(tmp_path: Path) -> None:
    restored = tmp_path / "restored"
    restored.mkdir()
    target = restored / "ferryman.db"
    stood = asyncio.run(_busy_backup(tmp_path / "folder", target))
    assert [path.name for path in restored.iterdir()] == ["ferryman.db"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    seq, entries = asyncio.run(_read(restored))
    assert seq == entries >= stood
