"""Pipelines, the catalog and labels, over the store on disk: who may, what is kept, what the audit says."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec
import pytest

from ferryman import definition
from ferryman.domain.access import Effect, Policy, Rights, Role, Statement
from ferryman.domain.errors import Conflict, FerrymanError, Forbidden, Invalid, NotFound, Refused
from ferryman.domain.policies import Exclusion
from ferryman.ports.access import AuditSearch
from ferryman.services import Caller, Catalog, Labels, Latest, Pipelines
from ferryman.stores.sqlite import SqliteStore

ANN = Caller(name="ann", project="demo", request="r-1", address="127.0.0.1")
MANUAL = {"@type": "manualTrigger", "name": "Manual"}
SCRIPT = {"@type": "linuxScript", "name": "Bash", "scriptType": "SHELL", "script": "echo hi"}
FILE = """version: v3.0
name: my shop
disable-pipeline: true
stages:
  - name: Build
    jobs:
      make:
        steps: [{run: make}]
"""


def role(word: Role, name: str = "bob") -> Caller:
    """Somebody with a role in the project."""
    return Caller(name=name, project="demo", rights=Rights(role=word))


def model(name: str = "shop", **more: Any) -> dict[str, Any]:
    """A small model."""
    trigger = {"@type": "trigger", "name": "T", "elements": [MANUAL]}
    job = {"@type": "vmBuild", "name": "Linux", "baseOS": "LINUX", "elements": [SCRIPT]}
    return {"name": name, "stages": [{"containers": [trigger]}, {"containers": [job]}], **more}


class Ticking:
    """A clock that is a second later at every look."""

    def __init__(self) -> None:
        self._now = 1_700_000_000_000

    def now(self) -> int:
        """The time."""
        self._now += 1_000
        return self._now

    async def sleep_until(self, at: int) -> None:
        """Nobody waits here."""


class Place(NamedTuple):
    """The services over one store."""

    store: SqliteStore
    pipelines: Pipelines
    catalog: Catalog
    labels: Labels

    async def audit(self) -> list[tuple[str, str, Any]]:
        """What was done, to what, and what came of it, oldest first."""
        rows = await self.store.audit.page(AuditSearch(project="demo"))
        return [(row.entry.action, row.entry.subject, row.entry.after) for row in reversed(rows)]


@asynccontextmanager
async def place(most: int = 0) -> AsyncIterator[Place]:
    """Services over a folder of their own."""
    with TemporaryDirectory(prefix="ferryman-") as folder:
        store, clock = SqliteStore(Path(folder)), Ticking()
        await store.open()
        try:
            pipelines = Pipelines(store=store, clock=clock, most=most)
            latest = Latest(store=store)
            catalog = Catalog(store=store, clock=clock, pipelines=pipelines, standings=latest)
            yield Place(store, pipelines, catalog, Labels(store=store, clock=clock))
        finally:
            await store.close()


async def refusal(call: Awaitable[object], kind: type[FerrymanError]) -> str:
    """The reason of the refusal."""
    with pytest.raises(kind) as caught:
        await call
    return str(getattr(caught.value, "reason", ""))


def test_a_file_that_is_saved_has_a_head_of_its_own_name_and_settings() -> None:
    async def story() -> None:
        async with place() as at:
            saved = await at.pipelines.save(ANN, text=FILE)
            known = await at.store.heads.read("demo", saved.pipeline)
            assert (known.head.name, known.head.version, known.head.tasks) == ("my shop", 1, 2)
            assert known.setting is not None
            assert known.setting.policies.is_closed
            again = await at.pipelines.save(ANN, text=FILE)
            assert (
                again.version,
                (await at.store.heads.read("demo", saved.pipeline)).head.setting_version,
            ) == (1, 1)
            await at.pipelines.save(ANN, text=FILE.replace("disable-pipeline: true\n", ""))
            after = await at.store.heads.read("demo", saved.pipeline)
            assert (after.head.version, after.head.setting_version) == (2, 2)
            assert after.setting is not None
            assert not after.setting.policies.is_closed
            assert [action for action, _, _ in await at.audit()] == [
                "ferryman:CreatePipeline",
                "ferryman:UpdatePipeline",
                "ferryman:UpdatePipeline",
            ]

    asyncio.run(story())


def test_a_deleted_pipeline_that_is_saved_as_a_file_is_there_again() -> None:
    async def story() -> None:
        async with place() as at:
            saved = await at.pipelines.save(ANN, text=FILE)
            await at.pipelines.delete(ANN, pipeline=saved.pipeline)
            assert await refusal(at.pipelines.define(ANN, saved.pipeline), NotFound) == "pipeline-unknown"
            assert (
                await refusal(at.pipelines.read(ANN, pipeline=saved.pipeline), NotFound) == "pipeline-unknown"
            )
            await at.pipelines.save(ANN, text=FILE)
            assert (await at.pipelines.define(ANN, saved.pipeline))[0] == 1

    asyncio.run(story())


def test_a_file_under_another_identifier_gives_way_to_who_has_its_name() -> None:
    async def story() -> None:
        async with place() as at:
            await at.pipelines.create(ANN, model=model("my shop"))
            await at.pipelines.save(ANN, text=FILE, pipeline="beside")
            assert (await at.store.heads.read("demo", "beside")).head.name == "beside"
            assert await refusal(at.pipelines.save(ANN, text=FILE), Conflict) == "name-taken"

    asyncio.run(story())


def test_every_save_by_a_model_is_a_version_though_nothing_changed() -> None:
    """bkci-v3 3.2, operation 2."""

    async def story() -> None:
        async with place() as at:
            made = await at.pipelines.create(ANN, model=model())
            assert (made.version, made.description, made.creator) == (1, "shop", "ann")
            edited = await at.pipelines.edit(role(Role.DEVELOPER), pipeline=made.id, model=model(desc="new"))
            assert (edited.version, edited.description, edited.updater) == (2, "new", "bob")
            assert (await at.pipelines.edit(ANN, pipeline=made.id, model=model())).description == "new"
            known = await at.store.heads.read("demo", made.id)
            assert (known.head.version, known.head.setting_version) == (3, 1)
            first = await at.catalog.model(ANN, pipeline=made.id, version=1)
            assert (first["latestVersion"], first["desc"]) == (1, "new")

    asyncio.run(story())


def test_a_setting_counts_for_whatever_version_is_started() -> None:
    """What a start asks for: the definition as it was saved, and the setting as it is now."""

    async def story() -> None:
        async with place() as at:
            made = await at.pipelines.create(ANN, model=model())
            await at.pipelines.change_setting(ANN, pipeline=made.id, setting={"runLockType": "LOCK"})
            known = await at.store.heads.read("demo", made.id)
            version, define = await at.pipelines.define(ANN, made.id)
            assert (version, define.concurrency.exclusion) == (1, Exclusion.FREE)
            assert known.setting is not None
            under = definition.with_setting(define, known.setting)
            assert under.concurrency.exclusion is Exclusion.CLOSED
            # A model that is saved later keeps that setting.
            await at.pipelines.edit(ANN, pipeline=made.id, model=model())
            _, define = await at.pipelines.define(ANN, made.id)
            assert define.concurrency.exclusion is Exclusion.CLOSED

    asyncio.run(story())


def test_a_setting_comes_along_with_a_model() -> None:
    """bkci-v3 3.2, operations 3 and 4: the model's name counts, the setting's labels replace all."""

    async def story() -> None:
        async with place() as at:
            group = await at.labels.add_group(ANN, name="kind")
            label = await at.labels.add_label(ANN, group=group.id, name="web")
            setting = {"pipelineName": "other", "desc": "from the setting", "labels": [label.id]}
            made = await at.pipelines.create(ANN, model=model(), setting=setting)
            assert (made.name, made.description) == ("shop", "from the setting")
            assert (await at.catalog.setting(ANN, pipeline=made.id))["labelNames"] == ["web"]
            changed = {"runLockType": "GROUP_LOCK", "concurrencyGroup": "g"}
            edited = await at.pipelines.edit(ANN, pipeline=made.id, model=model("renamed"), setting=changed)
            assert (edited.name, edited.version, edited.setting_version) == ("renamed", 2, 2)
            told = await at.catalog.setting(ANN, pipeline=made.id)
            assert (told["labels"], told["concurrencyGroup"], told["desc"]) == ([], "g", "from the setting")

    asyncio.run(story())


def test_a_copy_takes_the_newest_model_and_the_setting() -> None:
    """bkci-v3 3.2, operation 10; both rights are needed."""

    async def story() -> None:
        async with place() as at:
            made = await at.pipelines.create(ANN, model=model(), setting={"runLockType": "SINGLE", "x": [1]})
            copy = await at.pipelines.copy(ANN, pipeline=made.id, name="twin", description="d")
            assert (copy.name, copy.description, copy.version) == ("twin", "d", 1)
            before, after = [await at.catalog.model(ANN, pipeline=one) for one in (made.id, copy.id)]
            assert after["stages"] == before["stages"]
            assert (await at.catalog.setting(ANN, pipeline=copy.id))["x"] == [1]
            again = at.pipelines.copy(ANN, pipeline=made.id, name="twin")
            assert await refusal(again, Conflict) == "name-taken"

    asyncio.run(story())


def test_deleting_stops_what_runs_before_it_deletes() -> None:
    """bkci-v3 12, row 16."""

    async def story() -> None:
        async with place() as at:
            made = await at.pipelines.create(ANN, model=model())
            stopped: list[str] = []

            async def stop(caller: Caller, pipeline: str) -> None:
                await at.store.heads.read("demo", pipeline)
                stopped.append(f"{caller.name}/{pipeline}")

            at.pipelines.stop_with(stop)
            await at.pipelines.delete(ANN, pipeline=made.id)
            assert stopped == [f"ann/{made.id}"]
            assert await refusal(at.pipelines.delete(ANN, pipeline=made.id), NotFound) == "model-unknown"
            assert len(stopped) == 1

    asyncio.run(story())


def test_a_quota_is_told_after_the_name_and_before_the_model() -> None:
    """bkci-v3 3.2, operation 1."""

    async def story() -> None:
        async with place(most=1) as at:
            made = await at.pipelines.create(ANN, model=model())
            assert await refusal(at.pipelines.create(ANN, model={"name": "shop", "stages": []}), Conflict)
            asked = at.pipelines.create(ANN, model={"name": "b", "stages": []})
            assert await refusal(asked, Refused) == "too-many-pipelines"
            assert (await at.pipelines.edit(ANN, pipeline=made.id, model=model())).version == 2
            await at.pipelines.delete(ANN, pipeline=made.id)
            with pytest.raises(Invalid):
                await at.pipelines.create(ANN, model={"name": "b", "stages": []})
            with pytest.raises(Invalid):
                await at.pipelines.create(ANN, model=model(" "))

    asyncio.run(story())


def test_every_change_is_in_the_audit_with_who_and_from_where() -> None:
    async def story() -> None:
        async with place() as at:
            made = await at.pipelines.create(ANN, model=model())
            one = {"pipeline": made.id}
            await at.pipelines.rename(ANN, **one, name="store")
            await at.pipelines.lock(ANN, **one, enable=False)
            await at.pipelines.change_setting(ANN, **one, setting={})
            await at.pipelines.delete(ANN, **one)
            await at.pipelines.restore(ANN, **one)
            told = await at.audit()
            assert [(action.partition(":")[2], after) for action, _, after in told][1:3] == [
                ("UpdatePipeline", {"name": "store"}),
                ("UpdatePipeline", {"disabled": True}),
            ]
            assert [action.partition(":")[2] for action, _, _ in told[3:]] == [
                "UpdatePipeline",
                "DeletePipeline",
                "RestorePipeline",
            ]
            assert {subject for _, subject, _ in told} == {f"pipeline/{made.id}"}
            row, *_ = await at.store.audit.page(AuditSearch(project="demo"))
            assert (row.entry.by, row.entry.request, row.entry.address) == ("ann", "r-1", "127.0.0.1")
            assert row.entry.before == {"name": "store", "version": 1}
            # What is refused is no change.
            await refusal(at.pipelines.rename(ANN, pipeline="nowhere", name="x"), NotFound)
            assert len(await at.audit()) == len(told)

    asyncio.run(story())


WHO_MAY = [
    ("create", {"model": model("x")}, "AD"),
    ("edit", {"pipeline": "p", "model": model()}, "AD"),
    ("copy", {"pipeline": "p", "name": "x"}, "AD"),
    ("rename", {"pipeline": "p", "name": "x"}, "AD"),
    ("change_setting", {"pipeline": "p", "setting": {}}, "AD"),
    ("lock", {"pipeline": "p", "enable": True}, "AD"),
    ("delete", {"pipeline": "p"}, "AD"),
    ("restore", {"pipeline": "p"}, "A"),
    ("save", {"text": FILE}, "AD"),
    ("read", {"pipeline": "p"}, "ADPOV"),
]
LETTERS = dict(zip(Role, "ADPOV", strict=True))


@pytest.mark.parametrize(("verb", "given", "letters"), WHO_MAY, ids=[row[0] for row in WHO_MAY])
def test_each_verb_is_for_its_roles_and_asks_that_first(
    verb: str, given: dict[str, Any], letters: str
) -> None:
    """A stranger does not learn that there is a project (RULINGS 21)."""

    async def story() -> None:
        async with place() as at:
            for word, letter in LETTERS.items():
                try:
                    await getattr(at.pipelines, verb)(role(word), **given)
                    refused = False
                except Forbidden:
                    refused = True
                except FerrymanError:
                    refused = False
                assert refused is (letter not in letters), word
            stranger = Caller(name="eve", project="demo", rights=Rights())
            asked = getattr(at.pipelines, verb)(stranger, **given)
            assert await refusal(asked, NotFound) == "project-unknown"

    asyncio.run(story())


def test_who_may_edit_but_not_create_makes_no_copy() -> None:
    """bkci-v3 2.3: envelope status 403."""

    async def story() -> None:
        async with place() as at:
            made = await at.pipelines.create(ANN, model=model())
            limited = msgspec.structs.replace(
                role(Role.ADMIN), rights=Rights(role=Role.ADMIN, scopes=("ferryman:UpdatePipeline",))
            )
            asked = at.pipelines.copy(limited, pipeline=made.id, name="x")
            assert await refusal(asked, Forbidden) == "may-not-create"

    asyncio.run(story())


def test_lists_say_what_their_reader_may_do() -> None:
    async def story() -> None:
        async with place() as at:
            await at.pipelines.create(ANN, model=model("a"))
            await at.pipelines.create(ANN, model=model("b"))
            page = await at.catalog.page(role(Role.VISITOR), limit=1)
            assert (page.total, [one.head.name for one in page.pipelines]) == (2, ["b"])
            assert {action.partition(":")[2] for action in page.pipelines[0].allowed} == {
                "ListPipelines",
                "GetPipeline",
            }
            assert page.pipelines[0].model is None
            found = await at.catalog.several(ANN, pipelines=[page.pipelines[0].head.id])
            assert found[0].model is not None
            assert await at.catalog.status(ANN, pipeline="nowhere") is None

    asyncio.run(story())


def test_of_what_was_saved_before_there_were_heads_all_is_told() -> None:
    """Migration 4 calls it by its id; settings and figures are those of its definition."""

    async def story() -> None:
        async with place() as at:
            found = definition.load(FILE, accept_vendor_keys=True)
            content = msgspec.json.encode(found.pipeline)
            await at.store.save_pipeline("demo", "old", content, FILE, at=5, by="ann")
            script = next(
                line
                for line in _migration().split(";")
                if line.strip().startswith("-- What is there already")
            )
            await at.store.write(lambda connection: connection.execute(script))
            shown = await at.catalog.status(ANN, pipeline="old")
            assert shown is not None
            assert (shown.head.name, shown.head.creator, shown.head.created_at) == ("old", "ann", 5)
            assert (shown.head.tasks, shown.head.version, shown.head.setting_version) == (2, 1, 0)
            assert shown.setting.policies.is_closed
            told = await at.catalog.setting(ANN, pipeline="old")
            assert (told["runLockType"], told["version"]) == ("LOCK", 1)
            edited = await at.pipelines.edit(ANN, pipeline="old", model=model("new"))
            assert (edited.version, edited.setting_version) == (2, 0)
            assert (await at.catalog.setting(ANN, pipeline="old"))["runLockType"] == "LOCK"

    asyncio.run(story())


def _migration() -> str:
    return files("ferryman.stores.sql").joinpath("migrations", "0004_pipelines.sql").read_text("utf-8")


def test_collections_of_others_are_not_seen() -> None:
    async def story() -> None:
        async with place() as at:
            mine = await at.labels.add_collection(role(Role.VISITOR), name="mine")
            await at.labels.add_collection(ANN, name="ours", shared=True)
            seen = await at.labels.collections(role(Role.VISITOR, "eve"))
            assert [one.collection.name for one in seen] == ["ours"]
            asked = at.labels.remove_collection(ANN, collection=mine.id)
            assert await refusal(asked, NotFound) == "collection-unknown"
            with pytest.raises(Forbidden):
                await at.labels.remove_collection(role(Role.VISITOR), name="ours")
            with pytest.raises(Forbidden):
                await at.labels.add_collection(role(Role.VISITOR), name="more", shared=True)
            with pytest.raises(Forbidden):
                await at.labels.add_group(role(Role.VISITOR), name="kind")

    asyncio.run(story())


def test_what_is_called_must_be_there_and_startable_and_call_nothing_back() -> None:
    """Row 38 of the checks (bkci-v3 7), for files too; the way of a circle is told."""

    def file(name: str, called: str) -> str:
        call = f"  - uses: subPipelineCall@1.*\n    with: {{subPipelineName: {called}}}\n"
        return f"version: v3.0\nname: {name}\nsteps:\n{call}"

    async def story() -> None:
        async with place() as at:
            with pytest.raises(Invalid) as unknown:
                await at.pipelines.save(ANN, text=file("one", "two"))
            assert [each.code for each in unknown.value.problems] == [2101002]
            await at.pipelines.save(ANN, text="version: v3.0\nname: two\nsteps: [{run: 'true'}]\n")
            await at.pipelines.save(ANN, text=file("one", "two"))
            with pytest.raises(Invalid, match="two calls one calls two") as circle:
                await at.pipelines.save(ANN, text=file("two", "one"))
            assert [each.code for each in circle.value.problems] == [2101100]
            deny = Statement(effect=Effect.DENY, actions=("ferryman:StartRun",), resources=("pipeline/two",))
            allow = Statement(effect=Effect.ALLOW, actions=("*",))
            limited = Rights(role=Role.ADMIN, policies=(Policy(name="p", statements=(allow, deny)),))
            by = Caller(name="eve", project="demo", rights=limited)
            with pytest.raises(Forbidden):
                await at.pipelines.save(by, text=file("three", "two"))
            assert (await at.pipelines.save(by, text=file("three", "one"))).version == 1

    asyncio.run(story())
