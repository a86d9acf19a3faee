"""Who used which secret, when, in which run (SEC-1)."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from ferryman.app.uses import PATIENCE_MS, NotedUses
from ferryman.domain.audit import AuditEntry
from ferryman.domain.errors import Unavailable
from ferryman.drivers.embedded.clock import SystemClock
from ferryman.logs import Logs
from ferryman.logs.retention import DAY, Retention
from ferryman.ports.access import AuditRow, AuditRows, AuditSearch
from ferryman.ports.secrets import SecretUse
from ferryman.stores.memory import MemoryStore
from ferryman.stores.sqlite import SqliteStore
from ferryman.testing.logs import MemoryPieces
from tests.drivers.world import VirtualClock


def test_the_use_of_a_secret_is_on_record_before_its_value_and_longer_than_any_log(tmp_path: Path) -> None:
    """SEC-1, PAGE-19: lines of a log wait a moment for the disk, and are tidied away; the audit stays."""

    async def story() -> None:
        store, logs = SqliteStore(tmp_path), Logs(MemoryPieces())
        await store.open()
        await logs.open()
        use = SecretUse(project="local", name="push", field="token", run="r1", key="s1/a/t1#1.1", at=1_000)
        await NotedUses(logs, store.audit, SystemClock()).record(use)
        # Another process would see it now: whoever gets the value may be gone before the log has written a line.
        beside = SqliteStore(tmp_path)
        await beside.open(read_only=True)
        (row,) = await beside.audit.page(AuditSearch(project="local", subject="secret/push"))
        await beside.close()
        assert (row.entry.at, row.entry.by, row.entry.action) == (1_000, "run r1", "ferryman:UseSecret")
        assert row.entry.after == {"field": "token", "attempt": "s1/a/t1#1.1"}
        await logs.close_attempt("r1", use.key, at=2_000)
        assert [line.text for line in await logs.read("r1", use.key)] == ["uses token of secret push"]
        await logs.tidy(Retention(days=1), running=(), now=10 * DAY)
        assert await logs.read("r1", use.key) == []
        assert await store.audit.page(AuditSearch(subject="secret/push")) == (row,)
        await logs.close()
        await store.close()

    asyncio.run(story())


class FullDisk:
    """An audit that can keep nothing so many times."""

    def __init__(self, kept: AuditRows, refusals: int) -> None:
        self._kept = kept
        self.refusals = refusals

    async def add(self, entries: Sequence[AuditEntry]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise Unavailable("the disk is full; make room")
        await self._kept.add(entries)

    async def page(self, search: AuditSearch, *, limit: int = 50) -> Sequence[AuditRow]:
        return await self._kept.page(search, limit=limit)


@pytest.mark.parametrize("passes", [True, False])
def test_a_full_disk_that_passes_costs_a_step_nothing(passes: bool) -> None:
    """DESIGN 4: what was accepted is not given up for it; nor is a value given out unseen where it stays."""

    async def story() -> None:
        logs, clock = Logs(MemoryPieces()), VirtualClock()
        await logs.open()
        store = MemoryStore()
        await store.open()
        disk = FullDisk(store.audit, 3 if passes else 1 << 30)
        use = SecretUse(project="local", name="push", field="token", run="r1", key="s1/a/t1#1.1", at=1_000)
        began = clock.now()
        recording = asyncio.create_task(NotedUses(logs, disk, clock).record(use))
        while not recording.done():
            await asyncio.sleep(0)
            if soon := clock.next():
                clock.move(soon)
        if passes:
            await recording
        else:
            with pytest.raises(Unavailable, match="make room"):
                await recording
            assert clock.now() == began + PATIENCE_MS
        await logs.close_attempt("r1", use.key, at=2_000)
        kept = await disk.page(AuditSearch(subject="secret/push"))
        said = [line.text for line in await logs.read("r1", use.key)]
        assert (len(kept), len(said)) == ((1, 1) if passes else (0, 0))
        await logs.close()

    asyncio.run(story())
