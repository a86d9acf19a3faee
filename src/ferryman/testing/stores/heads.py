"""Heads of pipelines: names, settings, versions, deletion, lists."""

from msgspec.structs import replace

from ferryman.domain.audit import AuditEntry
from ferryman.domain.errors import Conflict, NotFound
from ferryman.domain.heads import CancelPolicy, PipelineHead, PipelineSetting, RunPolicies
from ferryman.ports.access import AuditSearch
from ferryman.ports.heads import HeadChange, HeadCounts, Written
from ferryman.ports.store import Store
from ferryman.testing.stores.sample import Make, opened, outcomes, refusal

SETTING = PipelineSetting(
    policies=RunPolicies(cancel=CancelPolicy.STARTER), number_rule="${n}", origin={"schön": [1]}
)
WRITTEN = Written(definition=b"{}", text="a: 1", tasks=3, startable=True)
NEW = HeadChange(
    project="local",
    id="p",
    at=5,
    by="ann",
    expects="none",
    name="Shop",
    description="sells",
    written=WRITTEN,
    setting=SETTING,
)
HEAD = PipelineHead(
    project="local",
    id="p",
    name="Shop",
    version=1,
    setting_version=1,
    description="sells",
    creator="ann",
    created_at=5,
    updater="ann",
    updated_at=5,
    tasks=3,
    startable=True,
)
EDIT = HeadChange(project="local", id="p", at=7, by="bob")


def noted(action: str) -> AuditEntry:
    """An entry of the audit."""
    return AuditEntry(at=5, by="ann", project="local", action=action, subject="pipeline/p")


async def _actions(store: Store) -> list[str]:
    found = await store.audit.page(AuditSearch(project="local"))
    return [row.entry.action for row in reversed(found)]


async def check_a_head_is_made_with_its_definition_and_setting(make: Make) -> None:
    """All of it is there at once, and is there after a restart."""
    async with opened(make) as store:
        assert await store.heads.change(NEW, audit=(noted("made"),)) == HEAD
        await store.close()
        await store.open()
        assert await store.heads.read("local", "p") == (HEAD, SETTING)
        assert await store.pipeline("local", "p") == (1, b"{}", "a: 1")
        assert await store.heads.named("local", "Shop") == HEAD
        assert await store.heads.named("local", "shop") is None
        assert await _actions(store) == ["made"]
        await refusal(store.heads.read("far", "p"), NotFound)


async def check_a_change_of_a_head_changes_what_it_names(make: Make) -> None:
    """And says who changed it; what is left at None stays."""
    async with opened(make) as store:
        await store.heads.change(NEW)
        renamed = await store.heads.change(replace(EDIT, name="Store"))
        assert renamed == replace(HEAD, name="Store", updater="bob", updated_at=7)
        locked = await store.heads.change(replace(EDIT, at=8, disabled=True))
        assert locked == replace(renamed, disabled=True)
        assert await store.heads.change(replace(EDIT, at=9, disabled=False)) == renamed
        other = replace(SETTING, number_rule="")
        assert (await store.heads.change(replace(EDIT, setting=other))).setting_version == 2
        assert (await store.heads.change(replace(EDIT, setting=other))).setting_version == 2
        again = await store.heads.change(replace(EDIT, setting=other, setting_anew=True))
        assert again.setting_version == 3
        assert (await store.heads.read("local", "p")).setting == other
        assert again.version == 1


async def check_a_definition_is_saved_anew_where_that_is_asked_for(make: Make) -> None:
    """Otherwise the same bytes are the same version."""
    async with opened(make) as store:
        await store.heads.change(NEW)
        assert (await store.heads.change(replace(EDIT, written=WRITTEN))).version == 1
        saved = await store.heads.change(replace(EDIT, written=replace(WRITTEN, anew=True, tasks=4)))
        assert (saved.version, saved.tasks) == (2, 4)
        assert (await store.pipeline("local", "p"))[0] == 2


async def check_a_name_is_given_to_one_pipeline_at_a_time(make: Make) -> None:
    """Refused changes leave nothing behind; the name of a deleted pipeline is free."""
    async with opened(make) as store:
        await store.heads.change(NEW)
        twin = replace(NEW, id="q")
        refused = await refusal(store.heads.change(twin, audit=(noted("made"),)), Conflict)
        assert getattr(refused, "reason", "") == "name-taken"
        await refusal(store.pipeline("local", "q"), NotFound)
        assert await _actions(store) == []
        await store.heads.change(replace(twin, project="far"))
        await store.heads.change(replace(twin, name="Other"))
        await refusal(store.heads.change(replace(EDIT, id="q", name="Shop")), Conflict)
        await store.heads.change(replace(EDIT, deleted=True))
        await store.heads.change(replace(EDIT, id="q", name="Shop"))
        await refusal(store.heads.change(replace(EDIT, expects="deleted", deleted=False)), Conflict)
        back = await store.heads.change(replace(EDIT, expects="deleted", deleted=False, name="Shop 2"))
        assert (back.name, back.deleted_at) == ("Shop 2", 0)


async def check_of_many_who_want_one_name_one_gets_it(make: Make) -> None:
    """At the same moment."""
    async with opened(make) as store:
        made = await outcomes(store.heads.change(replace(NEW, id=f"p{at}")) for at in range(20))
        assert sum(isinstance(each, PipelineHead) for each in made) == 1
        assert (await store.heads.counts("local", "ann")).there == 1


async def check_a_change_expects_what_is_there(make: Make) -> None:
    """None at all, one that is there, one that is deleted, or any."""
    async with opened(make) as store:
        await refusal(store.heads.change(EDIT), NotFound)
        await refusal(store.heads.change(replace(EDIT, expects="deleted")), NotFound)
        await refusal(store.heads.change(replace(EDIT, expects="any")), NotFound)
        await store.heads.change(replace(NEW, expects="any"))
        await refusal(store.heads.change(NEW), Conflict)
        await refusal(store.heads.change(replace(EDIT, expects="deleted")), NotFound)
        gone = await store.heads.change(replace(EDIT, deleted=True))
        assert gone == replace(HEAD, deleted_at=7)
        await refusal(store.heads.change(EDIT), NotFound)
        await refusal(store.heads.change(NEW), Conflict)
        await refusal(store.heads.read("local", "p"), NotFound)
        assert (await store.heads.read("local", "p", deleted=True)).head == gone
        assert await store.heads.named("local", "Shop") is None
        assert await store.pipeline("local", "p") == (1, b"{}", "a: 1")
        revived = await store.heads.change(replace(NEW, expects="any", at=9, deleted=False))
        assert (revived.deleted_at, revived.created_at) == (0, 5)


async def check_heads_are_listed_newest_creation_first(make: Make) -> None:
    """By page, by part of the name, by id; deleted ones are in no list."""
    async with opened(make) as store:
        for at, name in ((1, "Apple pie"), (2, "Pear"), (2, "apple"), (3, "Äpfel")):
            change = replace(NEW, id=f"{at}{name}", name=name, at=at, by="ann" if at < 3 else "bob")
            await store.heads.change(change)
        await store.heads.change(replace(NEW, id="gone", name="apple gone", at=9))
        await store.heads.change(replace(EDIT, id="gone", deleted=True))
        count, page = await store.heads.page("local")
        names = [known.head.name for known in page]
        assert (count, names) == (4, ["Äpfel", "apple", "Pear", "Apple pie"])
        assert page[0].setting == SETTING
        count, page = await store.heads.page("local", skip=1, limit=2)
        assert (count, [known.head.name for known in page]) == (4, ["apple", "Pear"])
        count, page = await store.heads.page("local", name="APPLE")
        assert (count, [known.head.name for known in page]) == (2, ["apple", "Apple pie"])
        assert await store.heads.page("local", name="%") == (0, ())
        assert await store.heads.page("far") == (0, ())
        several = await store.heads.several("local", ["3Äpfel", "nowhere", "gone", "2Pear", "3Äpfel"])
        assert [known.head.name for known in several] == ["Äpfel", "Pear"]
        assert await store.heads.counts("local", "ann") == HeadCounts(4, 3, 1)
        assert await store.heads.counts("far", "ann") == HeadCounts(0, 0, 0)


CHECKS = (
    check_a_head_is_made_with_its_definition_and_setting,
    check_a_change_of_a_head_changes_what_it_names,
    check_a_definition_is_saved_anew_where_that_is_asked_for,
    check_a_name_is_given_to_one_pipeline_at_a_time,
    check_of_many_who_want_one_name_one_gets_it,
    check_a_change_expects_what_is_there,
    check_heads_are_listed_newest_creation_first,
)
