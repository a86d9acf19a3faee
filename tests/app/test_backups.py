"""Backups that are made while other things change (OPS-4, SEC-3)."""

import asyncio
from pathlib import Path

import apsw
import pytest

from ferryman.app import backups
from ferryman.app.house import KEYS, hold
from ferryman.secrets import KeyFile
from ferryman.settings import Settings
from ferryman.stores.sqlite.backup import back_up


async def _once(settings: Settings) -> None:
    async with hold(settings, driving=False):
        pass


def test_a_key_that_is_changed_meanwhile_still_opens_what_was_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database was copied under the old key, and after it the new key alone."""
    settings = Settings(data=tmp_path / "data")
    asyncio.run(_once(settings))
    keys = KeyFile(settings.private / KEYS)
    keys.open()
    old, _ = keys.current

    def then_changed(connection: apsw.Connection, target: Path) -> None:
        back_up(connection, target)
        keys.add()
        keys.forget_others()

    monkeypatch.setattr(backups, "back_up", then_changed)
    backups.make(settings, tmp_path / "copy", with_key=True)
    copied = KeyFile(tmp_path / "copy" / KEYS)
    copied.open()
    assert copied.holds(old)
    assert copied.current == keys.current
