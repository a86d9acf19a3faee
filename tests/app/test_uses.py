"""Who used which secret, when, in which run (SEC-1)."""

import asyncio
from pathlib import Path

from ferryman.app.bindings import NotedUses
from ferryman.logs import Logs
from ferryman.logs.retention import DAY, Retention
from ferryman.ports.access import AuditSearch
from ferryman.ports.secrets import SecretUse
from ferryman.stores.sqlite import SqliteStore
from ferryman.testing.logs import MemoryPieces


def test_the_use_of_a_secret_is_on_record_before_its_value_and_longer_than_any_log(tmp_path: Path) -> None:
    """SEC-1, PAGE-19: lines of a log wait a moment for the disk, and are tidied away; the audit stays."""

    async def story() -> None:
        store, logs = SqliteStore(tmp_path), Logs(MemoryPieces())
        await store.open()
        await logs.open()
        use = SecretUse(project="local", name="push", field="token", run="r1", key="s1/a/t1#1.1", at=1_000)
        await NotedUses(logs, store.audit).record(use)
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
