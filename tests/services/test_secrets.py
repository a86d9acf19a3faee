"""Secrets by name: permits, and the entry that each change leaves; never a value."""

import asyncio
from pathlib import Path

import pytest

from ferryman.domain.access import Rights, Role
from ferryman.domain.errors import Forbidden, NotFound
from ferryman.drivers.embedded.clock import VirtualClock
from ferryman.ports.access import AuditSearch
from ferryman.ports.secrets import SecretUse
from ferryman.secrets import KeyFile, SecretStore
from ferryman.services import Caller, SecretNames
from ferryman.stores.memory import MemoryStore
from tests.services.access.place import NOW

ADMIN = Caller(name="ann", project="demo", rights=Rights(role=Role.ADMIN), request="r", address="::1")


class NoUses:
    """Hears of no use."""

    async def record(self, use: SecretUse) -> None:
        raise AssertionError("nothing is resolved here")


def test_a_secret_asks_for_permits_and_leaves_its_entry(tmp_path: Path) -> None:
    async def story() -> None:
        store, keys, clock = MemoryStore(), KeyFile(tmp_path / "key"), VirtualClock(NOW)
        await store.open()
        keys.open()
        names = SecretNames(SecretStore(store.secrets, NoUses(), keys, clock), clock)
        await names.write(ADMIN, name="key", fields={"token": "a value of a secret"})
        await names.write(ADMIN, name="key", fields={"username": "somebody"})
        await names.remove(ADMIN, name="key")
        with pytest.raises(NotFound, match=r"there is no secret key in project demo$"):
            await names.remove(ADMIN, name="key")
        operator = Caller(name="bob", project="demo", rights=Rights(role=Role.OPERATOR))
        assert await names.list(operator) == []
        for call in (names.write(operator, name="k", fields={}), names.remove(operator, name="k")):
            with pytest.raises(Forbidden, match="only admin may"):
                await call
        entries = [row.entry for row in await store.audit.page(AuditSearch(project="demo"))]
        assert [(entry.action, entry.before, entry.after) for entry in reversed(entries)] == [
            ("ferryman:WriteSecret", None, {"fields": ["token"]}),
            ("ferryman:WriteSecret", {"fields": ["token"]}, {"fields": ["username"]}),
            ("ferryman:RemoveSecret", {"fields": ["username"]}, None),
        ]
        assert {(entry.by, entry.subject, entry.at, entry.address) for entry in entries} == {
            ("ann", "secret/key", NOW, "::1")
        }
        assert "a value" not in str(entries)

    asyncio.run(story())


def test_a_secret_that_is_not_there_is_told_with_what_is_near_to_who_may_list_them(tmp_path: Path) -> None:
    """ERR-3; never to one who may not know what there is."""

    async def story() -> None:
        store, keys, clock = MemoryStore(), KeyFile(tmp_path / "key"), VirtualClock(NOW)
        await store.open()
        keys.open()
        names = SecretNames(SecretStore(store.secrets, NoUses(), keys, clock), clock)
        await names.write(ADMIN, name="registry", fields={"token": "a value of a secret"})
        with pytest.raises(NotFound, match=r"no secret regstry in project demo; did you mean registry\?$"):
            await names.remove(ADMIN, name="regstry")
        limited = Rights(role=Role.ADMIN, scopes=("*:RemoveSecret",))
        with pytest.raises(NotFound, match=r"no secret regstry in project demo$"):
            await names.remove(Caller(name="ann", project="demo", rights=limited), name="regstry")
        with pytest.raises(NotFound, match=r"no secret regstry in project far$"):
            await names.remove(
                Caller(name="ann", project="far", rights=Rights(role=Role.ADMIN)), name="regstry"
            )

    asyncio.run(story())
