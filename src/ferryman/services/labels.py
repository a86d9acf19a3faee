"""Labels, their groups, and collections: how a project sorts its pipelines (bkci-v3 3.5)."""

import os
from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from ferryman.domain.actions import Action
from ferryman.domain.audit import AuditEntry
from ferryman.domain.errors import NotFound, Refused
from ferryman.domain.heads import PipelineHead
from ferryman.domain.labels import (
    LONGEST_LABEL,
    MOST_GROUPS,
    MOST_LABELS,
    Collection,
    Finder,
    Label,
    LabelGroup,
)
from ferryman.domain.values import Json
from ferryman.ports.clock import Clock
from ferryman.ports.store import Store
from ferryman.services.caller import Caller
from ferryman.services.collecting import Collecting
from ferryman.services.permits import permit


class GroupWithLabels(NamedTuple):
    """A group and all that is in it."""

    group: LabelGroup
    labels: tuple[Label, ...]


class CollectionWithPipelines(NamedTuple):
    """A collection and the ids of all that is in it."""

    collection: Collection
    pipelines: tuple[str, ...]


class Labels:
    """What can be done with labels and collections."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        """Over this store."""
        self._labels = store.labels
        self._collecting = Collecting(labels=store.labels, heads=store.heads)
        self._clock = clock

    # groups

    async def groups(self, caller: Caller) -> tuple[GroupWithLabels, ...]:
        """All groups of the project with their labels, by name."""
        permit(caller, Action.LIST_PIPELINES)
        labels = await self._labels.labels(caller.project)
        return tuple(
            GroupWithLabels(group, tuple(label for label in labels if label.group == group.id))
            for group in await self._labels.groups(caller.project)
        )

    async def add_group(self, caller: Caller, *, name: str) -> LabelGroup:
        """Raises `Refused` (too-many-groups) and `Conflict` (group-exists)."""
        permit(caller, Action.MANAGE_LABELS)
        now = self._clock.now()
        group = LabelGroup(
            project=caller.project,
            id=_drawn(),
            name=name,
            created_at=now,
            created_by=caller.name,
            updated_at=now,
            updated_by=caller.name,
        )
        await self._labels.keep_group(
            group, new=True, most=MOST_GROUPS, audit=self._noted(caller, f"label-group/{group.id}", name)
        )
        return group

    async def rename_group(self, caller: Caller, *, group: str, name: str) -> None:
        """Raises `NotFound` (group-unknown) and `Conflict` (group-exists)."""
        permit(caller, Action.MANAGE_LABELS)
        found = await self._group(caller, group)
        changed = replace(found, name=name, updated_at=self._clock.now(), updated_by=caller.name)
        await self._labels.keep_group(
            changed,
            new=False,
            audit=self._noted(caller, f"label-group/{group}", name, before=found.name),
        )

    async def remove_group(self, caller: Caller, *, group: str) -> None:
        """Its labels go with it. Raises `NotFound` (group-unknown)."""
        permit(caller, Action.MANAGE_LABELS)
        found = await self._group(caller, group)
        await self._labels.remove_group(
            caller.project,
            group,
            audit=self._noted(caller, f"label-group/{group}", None, before=found.name),
        )

    async def _group(self, caller: Caller, group: str) -> LabelGroup:
        for found in await self._labels.groups(caller.project):
            if found.id == group:
                return found
        raise NotFound(f"there is no group {group} in project {caller.project}", reason="group-unknown")

    # labels

    async def add_label(self, caller: Caller, *, group: str, name: str) -> Label:
        """Raises `Refused` (label-too-long, too-many-labels), `Conflict` (label-exists), `NotFound`
        (group-unknown)."""
        permit(caller, Action.MANAGE_LABELS)
        _refuse_long(name)
        now = self._clock.now()
        label = Label(
            project=caller.project,
            id=_drawn(),
            group=group,
            name=name,
            created_at=now,
            created_by=caller.name,
            updated_at=now,
            updated_by=caller.name,
        )
        await self._labels.keep_label(
            label, new=True, most=MOST_LABELS, audit=self._noted(caller, f"label/{label.id}", name)
        )
        return label

    async def change_label(self, caller: Caller, *, label: str, group: str, name: str) -> None:
        """Another name, or another group. Raises as `add_label`, and `NotFound` (label-unknown)."""
        permit(caller, Action.MANAGE_LABELS)
        _refuse_long(name)
        found = await self._label(caller, label)
        changed = replace(found, group=group, name=name, updated_at=self._clock.now(), updated_by=caller.name)
        await self._labels.keep_label(
            changed,
            new=False,
            most=MOST_LABELS,
            audit=self._noted(caller, f"label/{label}", name, before=found.name),
        )

    async def remove_label(self, caller: Caller, *, label: str) -> None:
        """Nobody carries it any more. Raises `NotFound` (label-unknown)."""
        permit(caller, Action.MANAGE_LABELS)
        found = await self._label(caller, label)
        await self._labels.remove_label(
            caller.project, label, audit=self._noted(caller, f"label/{label}", None, before=found.name)
        )

    async def _label(self, caller: Caller, label: str) -> Label:
        for found in await self._labels.labels(caller.project):
            if found.id == label:
                return found
        raise NotFound(f"there is no label {label} in project {caller.project}", reason="label-unknown")

    # collections: a shared one is the project's, any other belongs to who made it, and nobody else sees it

    async def collections(
        self, caller: Caller, *, shared: bool | None = None
    ) -> tuple[CollectionWithPipelines, ...]:
        """Those that the caller sees, by name; with `shared` those of one kind."""
        permit(caller, Action.LIST_PIPELINES)
        return tuple(
            [
                await self._with_pipelines(one)
                for one in await self._labels.collections(caller.project)
                if _sees(caller, one) and shared in (None, one.shared)
            ]
        )

    async def collection(
        self, caller: Caller, *, collection: str = "", name: str = "", shared: bool | None = None
    ) -> CollectionWithPipelines:
        """One, by id or by name. Raises `NotFound` (collection-unknown)."""
        permit(caller, Action.LIST_PIPELINES)
        found = await self._collection(caller, collection, name, shared)
        return await self._with_pipelines(found)

    async def members(
        self, caller: Caller, *, collection: str = "", name: str = "", shared: bool | None = None
    ) -> tuple[PipelineHead, ...]:
        """The heads of the pipelines in one, newest creation first. Raises `NotFound` (collection-unknown)."""
        permit(caller, Action.LIST_PIPELINES)
        found = await self._collection(caller, collection, name, shared)
        return await self._collecting.members(found)

    async def add_collection(
        self,
        caller: Caller,
        *,
        name: str,
        shared: bool = False,
        pipelines: Sequence[str] = (),
        finder: Finder | None = None,
        origin: dict[str, Json] | None = None,
    ) -> Collection:
        """One that holds these pipelines, or whatever a finder finds. Raises `Conflict` (collection-exists)."""
        permit(caller, _action(shared))
        now = self._clock.now()
        made = Collection(
            project=caller.project,
            id=_drawn(),
            name=name,
            shared=shared,
            created_at=now,
            created_by=caller.name,
            updated_at=now,
            updated_by=caller.name,
            finder=finder,
            origin=origin or {},
        )
        await self._labels.keep_collection(
            made,
            new=True,
            pipelines=() if finder is not None else tuple(pipelines),
            audit=self._noted(caller, f"collection/{made.id}", name),
        )
        return made

    async def change_collection(
        self,
        caller: Caller,
        *,
        collection: str = "",
        old_name: str = "",
        name: str,
        shared: bool,
        pipelines: Sequence[str] | None = None,
        finder: Finder | None = None,
        origin: dict[str, Json] | None = None,
    ) -> None:
        """Another name, other pipelines, or a finder of them instead. Raises `NotFound` (collection-unknown) and
        `Conflict` (collection-exists)."""
        permit(caller, Action.LIST_PIPELINES)
        found = await self._collection(caller, collection, old_name)
        permit(caller, _action(found.shared or shared))
        changed = replace(
            found,
            name=name,
            shared=shared,
            updated_at=self._clock.now(),
            updated_by=caller.name,
            finder=finder,
            origin=found.origin if origin is None else origin,
        )
        if finder is not None:
            pipelines = ()
        await self._labels.keep_collection(
            changed,
            new=False,
            pipelines=None if pipelines is None else tuple(pipelines),
            audit=self._noted(caller, f"collection/{found.id}", name, before=found.name),
        )

    async def remove_collection(
        self, caller: Caller, *, collection: str = "", name: str = "", shared: bool | None = None
    ) -> None:
        """Its pipelines stay. Raises `NotFound` (collection-unknown)."""
        permit(caller, Action.LIST_PIPELINES)
        found = await self._collection(caller, collection, name, shared)
        permit(caller, _action(found.shared))
        await self._labels.remove_collection(
            caller.project,
            found.id,
            audit=self._noted(caller, f"collection/{found.id}", None, before=found.name),
        )

    async def collect(
        self, caller: Caller, *, collections: Sequence[str], pipelines: Sequence[str], there: bool
    ) -> None:
        """Put pipelines into collections, or take them out. Raises `NotFound` (collection-unknown) and `Refused`
        (collection-finds) for one that finds its pipelines itself."""
        permit(caller, Action.LIST_PIPELINES)
        found = [await self._collection(caller, one) for one in collections]
        permit(caller, _action(any(one.shared for one in found)))
        if finding := [one.name for one in found if one.finder is not None]:
            raise Refused(
                f'what is in "{finding[0]}" is found by its filters; change those, or take a collection without any',
                reason="collection-finds",
            )
        await self._labels.collect(
            caller.project,
            tuple(one.id for one in found),
            tuple(pipelines),
            there=there,
            audit=tuple(
                entry
                for one in found
                for entry in self._noted(
                    caller,
                    f"collection/{one.id}",
                    {"pipelines": list(pipelines), "there": there},
                )
            ),
        )

    async def _collection(
        self, caller: Caller, collection: str, name: str = "", shared: bool | None = None
    ) -> Collection:
        for one in await self._labels.collections(caller.project):
            meant = one.id == collection if collection else one.name == name and shared in (None, one.shared)
            if meant and _sees(caller, one):
                return one
        raise NotFound(
            f"there is no collection {collection or name} in project {caller.project}",
            reason="collection-unknown",
        )

    async def _with_pipelines(self, collection: Collection) -> CollectionWithPipelines:
        heads = await self._collecting.members(collection)
        return CollectionWithPipelines(collection, tuple(sorted(head.id for head in heads)))

    def _noted(
        self, caller: Caller, subject: str, after: Json, *, before: Json = None
    ) -> tuple[AuditEntry, ...]:
        return (
            AuditEntry(
                at=self._clock.now(),
                by=caller.name,
                project=caller.project,
                action=Action.MANAGE_LABELS,
                subject=subject,
                request=caller.request,
                address=caller.address,
                before=before,
                after=after,
            ),
        )


def _sees(caller: Caller, collection: Collection) -> bool:
    return collection.shared or collection.created_by == caller.name


def _action(shared: bool) -> Action:
    """What is the project's takes the right to sort for all; one's own takes none but that of reading."""
    return Action.MANAGE_LABELS if shared else Action.LIST_PIPELINES


def _refuse_long(name: str) -> None:
    if len(name) > LONGEST_LABEL:
        raise Refused(
            f"a label has at most {LONGEST_LABEL} characters, this one {len(name)}", reason="label-too-long"
        )


def _drawn() -> str:
    return os.urandom(16).hex()
