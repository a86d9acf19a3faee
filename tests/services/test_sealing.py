"""The key of all secrets, changed while everything runs (SEC-3): by the account alone, and with its entry."""

import asyncio
from pathlib import Path

import pytest

from ferryman.domain.access import EVERYTHING, Rights, Role
from ferryman.domain.errors import Forbidden
from ferryman.ports.secrets import SecretUse
from ferryman.secrets import KeyFile, SecretStore
from ferryman.services import Caller, SealingKey
from ferryman.services.caller import LOCAL
from tests.services.access.place import NOW, place

OWNER = Caller(name="root", project="demo", rights=EVERYTHING, request="r-1", address="::1")
ADMIN = Caller(name="ann", project="demo", rights=Rights(role=Role.ADMIN))


class NoUses:
    """Nobody asks who used what."""

    async def record(self, use: SecretUse) -> None:
        return


def test_everything_that_is_sealed_opens_with_the_new_key_alone(tmp_path: Path) -> None:
    """SEC-3: secrets of all projects, also of the one that is there before any other, and access keys."""

    async def story() -> None:
        async with place(tmp_path) as at:
            secrets = SecretStore(at.store.secrets, NoUses(), at.keys, at.clock)
            for project in ("demo", LOCAL):
                await secrets.write(project, "push", {"value": f"long-enough-{project}"}, by="ada")
            sealing = SealingKey(secrets, at.access, at.store.audit, at.clock)
            before = at.keys.current
            with pytest.raises(Forbidden, match="account"):
                await sealing.change(ADMIN)
            assert at.keys.current == before
            assert (await sealing.change(OWNER)).count == 4
            assert at.keys.current != before
            only = KeyFile(tmp_path / "secrets.key")
            only.open()
            assert before[0] not in (tmp_path / "secrets.key").read_text(encoding="utf-8")
            again = SecretStore(at.store.secrets, NoUses(), only, at.clock)
            for project in ("demo", LOCAL):
                assert await again.values(project) == (f"long-enough-{project}",)
            assert at.access.asking.by_key("AK").secret == "key-secret-of-operator"
            (entry,) = [one for one in await at.audit() if one.action == "ferryman:ChangeKey"]
            assert (entry.by, entry.subject, entry.at, entry.request, entry.address) == (
                "root",
                "key",
                NOW,
                "r-1",
                "::1",
            )

    asyncio.run(story())
