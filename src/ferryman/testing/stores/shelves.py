"""Secrets and artifacts: rows by name."""

from msgspec.structs import replace

from ferryman.domain.audit import AuditEntry
from ferryman.domain.errors import Conflict, NotFound
from ferryman.ports.access import AuditSearch
from ferryman.ports.artifacts import ArtifactRow
from ferryman.ports.secrets import SecretRow
from ferryman.testing.stores.sample import Make, opened, refusal

SECRET = SecretRow(project="local", name="key", sealed=b"\x00\xff", created_at=5, created_by="ada")
ARTIFACT = ArtifactRow(
    project="local", run="r", name="shop.tgz", version="1", manifest=b'{"files":[]}', created_at=5
)


async def check_a_secret_is_kept_by_project_and_name(make: Make) -> None:
    """The newest value counts; removed is gone."""
    async with opened(make) as store:
        secrets = store.secrets
        newer = replace(SECRET, sealed=b"newer", created_at=6, created_by="bob")
        other = replace(SECRET, name="a", sealed=b"")
        await secrets.keep(SECRET)
        assert await secrets.read("local", "key") == SECRET
        await secrets.keep(newer)
        await secrets.keep(other)
        await secrets.keep(replace(SECRET, project="far"))
        assert tuple(await secrets.every("local")) == (other, newer)
        await secrets.remove("local", "key")
        await refusal(secrets.read("local", "key"), NotFound)
        await refusal(secrets.remove("local", "key"), NotFound)
        assert await secrets.read("far", "key") == replace(SECRET, project="far")


async def check_a_version_of_an_artifact_never_changes(make: Make) -> None:
    """To put up the same again changes nothing; with other contents it is refused."""
    async with opened(make) as store:
        artifacts = store.artifacts
        await artifacts.keep(ARTIFACT)
        await artifacts.keep(replace(ARTIFACT, created_at=9))
        await refusal(artifacts.keep(replace(ARTIFACT, manifest=b"{}")), Conflict)
        assert await artifacts.read("local", "r", "shop.tgz", "1") == ARTIFACT
        await refusal(artifacts.read("local", "r", "shop.tgz", "2"), NotFound)


async def check_artifacts_are_listed_by_run_and_by_name(make: Make) -> None:
    """A run's own in their order, an artifact's versions newest first."""
    async with opened(make) as store:
        rows = [
            replace(ARTIFACT, run=run, name=name, version=version, created_at=at)
            for run, name, version, at in (
                ("r", "b", "1", 5),
                ("r", "a", "1", 5),
                ("s", "b", "2", 7),
                ("t", "b", "3", 7),
            )
        ]
        for row in rows:
            await store.artifacts.keep(row)
        assert list(await store.artifacts.of_run("local", "r")) == rows[:2]
        assert list(await store.artifacts.versions("local", "b")) == [rows[3], rows[2], rows[0]]
        assert list(await store.artifacts.versions("local", "b", limit=1)) == [rows[3]]
        assert await store.artifacts.of_run("far", "r") == ()


async def check_a_secret_is_changed_together_with_its_audit(make: Make) -> None:
    """A change leaves its entry; one that is refused leaves none."""
    async with opened(make) as store:
        entry = AuditEntry(at=5, by="ada", action="ferryman:WriteSecret", subject="secret/key")
        await store.secrets.keep(SECRET, audit=[entry])
        await refusal(store.secrets.remove("local", "other", audit=[entry]), NotFound)
        assert [row.entry for row in await store.audit.page(AuditSearch())] == [entry]
        await store.secrets.remove("local", "key", audit=[replace(entry, at=6)])
        assert [row.entry.at for row in await store.audit.page(AuditSearch())] == [6, 5]


CHECKS = (
    check_a_secret_is_changed_together_with_its_audit,
    check_a_secret_is_kept_by_project_and_name,
    check_a_version_of_an_artifact_never_changes,
    check_artifacts_are_listed_by_run_and_by_name,
)
