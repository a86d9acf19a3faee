"""Labels in groups, collections, and who carries and holds them."""

from msgspec.structs import replace

from ferryman.domain.errors import Conflict, NotFound, Refused
from ferryman.domain.labels import Collection, Filter, Finder, Label, LabelGroup, Trait
from ferryman.ports.access import AuditSearch
from ferryman.ports.labels import Carried
from ferryman.ports.store import Store
from ferryman.testing.stores.heads import EDIT, NEW, noted
from ferryman.testing.stores.sample import Make, opened, refusal

GROUP = LabelGroup(
    project="local", id="g", name="kind", created_at=1, created_by="ann", updated_at=2, updated_by="bob"
)
LABEL = Label(project="local", id="l", group="g", name="web", created_at=1, created_by="ann")
MINE = Collection(project="local", id="c", name="mine", created_by="ann", origin={"a": [1]})
OURS = replace(MINE, id="d", name="ours", shared=True)


async def _labeled(store: Store) -> None:
    """Two groups with a label each, the second of which sorts first."""
    await store.labels.keep_group(GROUP, new=True)
    await store.labels.keep_group(replace(GROUP, id="h", name="area"), new=True)
    await store.labels.keep_label(LABEL, new=True)
    await store.labels.keep_label(replace(LABEL, id="m", group="h"), new=True)


async def check_groups_and_labels_are_kept_by_name(make: Make) -> None:
    """A name is unique: of a group in its project, of a label in its group."""
    async with opened(make) as store:
        labels = store.labels
        await _labeled(store)
        assert [group.id for group in await labels.groups("local")] == ["h", "g"]
        assert await labels.groups("far") == ()
        assert set(await labels.labels("local")) == {LABEL, replace(LABEL, id="m", group="h")}
        await refusal(labels.keep_group(replace(GROUP, id="i"), new=True), Conflict)
        await refusal(labels.keep_label(replace(LABEL, id="n"), new=True), Conflict)
        await refusal(labels.keep_label(replace(LABEL, id="n", group="x"), new=True), NotFound)
        await refusal(labels.keep_label(replace(LABEL, id="n"), new=False), NotFound)
        await refusal(labels.keep_group(replace(GROUP, id="n"), new=False), NotFound)
        moved = replace(GROUP, name="sort", updated_at=9, updated_by="eve")
        await labels.keep_group(moved, new=False, audit=(noted("group"),))
        await labels.keep_group(moved, new=False)
        assert (await labels.groups("local"))[1] == moved
        await refusal(labels.keep_group(replace(moved, name="area"), new=False), Conflict)
        assert len(await store.audit.page(AuditSearch(project="local"))) == 1


async def check_groups_and_labels_are_limited(make: Make) -> None:
    """Where a limit is given; a change of one that is there is always let through."""
    async with opened(make) as store:
        labels = store.labels
        await _labeled(store)
        await refusal(labels.keep_group(replace(GROUP, id="i", name="x"), new=True, most=2), Refused)
        await labels.keep_group(replace(GROUP, name="x"), new=False, most=2)
        await refusal(labels.keep_label(replace(LABEL, id="n", name="x"), new=True, most=1), Refused)
        await labels.keep_label(replace(LABEL, name="x"), new=False, most=1)


async def check_a_pipeline_carries_the_labels_it_was_given_last(make: Make) -> None:
    """In order of names; unknown ones are passed over, and a group that goes takes its labels along."""
    async with opened(make) as store:
        await _labeled(store)
        await store.labels.keep_label(replace(LABEL, id="k", name="app"), new=True)
        await store.heads.change(replace(NEW, labels=("l", "m", "k", "nowhere")))
        await store.heads.change(replace(NEW, id="q", name="q"))
        area, kind = await store.labels.groups("local")
        app, web = replace(LABEL, id="k", name="app"), LABEL
        other = replace(LABEL, id="m", group="h")
        carried = await store.labels.carried("local", ["p", "q"])
        assert carried == {"p": Carried(((area, (other,)), (kind, (app, web)))), "q": Carried()}
        await store.heads.change(replace(EDIT, labels=("l",)))
        assert (await store.labels.carried("local", ["p"]))["p"] == Carried(((kind, (web,)),))
        await store.heads.change(replace(EDIT, description="x"))
        assert (await store.labels.carried("local", ["p"]))["p"] == Carried(((kind, (web,)),))
        await store.labels.remove_group("local", "g")
        assert (await store.labels.carried("local", ["p"]))["p"] == Carried()
        assert [label.id for label in await store.labels.labels("local")] == ["m"]
        await store.heads.change(replace(EDIT, labels=("m",)))
        await store.labels.remove_label("local", "m")
        assert (await store.labels.carried("local", ["p"]))["p"] == Carried()
        await refusal(store.labels.remove_label("local", "m"), NotFound)
        await refusal(store.labels.remove_group("local", "g"), NotFound)


async def check_collections_hold_pipelines(make: Make) -> None:
    """Those that are there, of any number of collections."""
    async with opened(make) as store:
        labels = store.labels
        await labels.keep_collection(MINE, new=True)
        await store.heads.change(replace(NEW, collections=("c", "nowhere")))
        await store.heads.change(replace(NEW, id="q", name="q"))
        await labels.keep_collection(OURS, new=True, pipelines=("q", "nowhere", "p"))
        assert tuple(await labels.collections("local")) == (MINE, OURS)
        assert await labels.members("local", "c") == ("p",)
        assert await labels.members("local", "d") == ("p", "q")
        assert (await labels.carried("local", ["p"]))["p"] == Carried((), (MINE, OURS))
        await labels.collect("local", ("c", "d"), ("q",), there=True)
        await labels.collect("local", ("d",), ("p",), there=False)
        assert await labels.members("local", "c") == ("p", "q")
        await store.heads.change(replace(EDIT, id="q", deleted=True))
        assert await labels.members("local", "d") == ()
        await labels.keep_collection(replace(MINE, name="my", origin={}), new=False, pipelines=())
        assert await labels.members("local", "c") == ()
        assert (await labels.collections("local"))[0] == replace(MINE, name="my", origin={})
        finder = Finder(filters=(Filter(trait=Trait.NAME, texts=("p",), part=True, negated=True),), any=True)
        await labels.keep_collection(replace(OURS, finder=finder), new=False)
        assert (await labels.collections("local"))[1] == replace(OURS, finder=finder)
        await labels.keep_collection(OURS, new=False)
        assert (await labels.collections("local"))[1] == OURS
        await labels.remove_collection("local", "c")
        await refusal(labels.remove_collection("local", "c"), NotFound)
        await refusal(labels.collect("local", ("c",), ("p",), there=True), NotFound)
        await refusal(labels.keep_collection(MINE, new=False), NotFound)


async def check_a_collection_has_its_name_alone(make: Make) -> None:
    """Among the shared ones, and among those of one person."""
    async with opened(make) as store:
        labels = store.labels
        await labels.keep_collection(MINE, new=True)
        await refusal(labels.keep_collection(replace(MINE, id="e"), new=True), Conflict)
        await labels.keep_collection(replace(MINE, id="e", created_by="bob"), new=True)
        await labels.keep_collection(replace(MINE, id="f", shared=True), new=True)
        await refusal(labels.keep_collection(replace(MINE, id="h", shared=True), new=True), Conflict)
        assert [one.id for one in await labels.collections("local")] == ["c", "e", "f"]


CHECKS = (
    check_groups_and_labels_are_kept_by_name,
    check_groups_and_labels_are_limited,
    check_a_pipeline_carries_the_labels_it_was_given_last,
    check_collections_hold_pipelines,
    check_a_collection_has_its_name_alone,
)
