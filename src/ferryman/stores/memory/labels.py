"""Labels, groups and collections in memory."""

from collections.abc import Callable, Mapping, Sequence

from ferryman.domain.audit import AuditEntry
from ferryman.domain.labels import Collection, Label, LabelGroup
from ferryman.ports.labels import Carried
from ferryman.stores.labels import exists, missing, sorted_out, too_many

Pass = Callable[[], None]
"""Called before each deed; raises where the store is not open for it."""
Add = Callable[[Sequence[AuditEntry]], None]
"""Keeps entries of the audit."""
Key = tuple[str, str]
"""Project and id."""


class MemoryLabels:
    """Groups, labels and collections by project and id."""

    def __init__(
        self,
        may_read: Pass,
        may_write: Pass,
        *,
        state_of: Callable[[str, str], bool | None],
        audit: Add,
    ) -> None:
        """Empty. `state_of` says of a pipeline whether it is there, None where there never was one."""
        self._may_read = may_read
        self._may_write = may_write
        self._state_of = state_of
        self._audit = audit
        self._groups: dict[Key, LabelGroup] = {}
        self._labels: dict[Key, Label] = {}
        self._labeled: set[tuple[str, str, str]] = set()
        self._collections: dict[Key, Collection] = {}
        self._collected: set[tuple[str, str, str]] = set()

    async def groups(self, project: str) -> Sequence[LabelGroup]:
        """All groups of a project, by name."""
        self._may_read()
        found = (group for group in self._groups.values() if group.project == project)
        return tuple(sorted(found, key=lambda group: group.name))

    async def labels(self, project: str) -> Sequence[Label]:
        """All labels of a project, by name."""
        self._may_read()
        found = (label for label in self._labels.values() if label.project == project)
        return tuple(sorted(found, key=lambda label: (label.name, label.id)))

    async def keep_group(
        self, group: LabelGroup, *, new: bool, most: int = 0, audit: Sequence[AuditEntry] = ()
    ) -> None:
        """Add or change a group."""
        self._may_write()
        project = group.project
        if not new and (project, group.id) not in self._groups:
            raise missing("group", group.id, project)
        others = [one for one in self._groups.values() if one.project == project and one.id != group.id]
        if new and most and len(others) >= most:
            raise too_many("groups", f"project {project}", most)
        if any(one.name == group.name for one in others):
            raise exists("group", group.name)
        self._groups[project, group.id] = group
        self._audit(audit)

    async def keep_label(
        self, label: Label, *, new: bool, most: int = 0, audit: Sequence[AuditEntry] = ()
    ) -> None:
        """Add or change a label."""
        self._may_write()
        project = label.project
        if not new and (project, label.id) not in self._labels:
            raise missing("label", label.id, project)
        if (project, label.group) not in self._groups:
            raise missing("group", label.group, project)
        others = [
            one
            for one in self._labels.values()
            if (one.project, one.group) == (project, label.group) and one.id != label.id
        ]
        if most and len(others) >= most:
            raise too_many("labels", f"group {label.group}", most)
        if any(one.name == label.name for one in others):
            raise exists("label", label.name)
        self._labels[project, label.id] = label
        self._audit(audit)

    async def remove_group(self, project: str, group: str, *, audit: Sequence[AuditEntry] = ()) -> None:
        """Remove a group and its labels."""
        self._may_write()
        if (project, group) not in self._groups:
            raise missing("group", group, project)
        for label in [one for one in self._labels.values() if (one.project, one.group) == (project, group)]:
            self._forget(project, label.id)
        del self._groups[project, group]
        self._audit(audit)

    async def remove_label(self, project: str, label: str, *, audit: Sequence[AuditEntry] = ()) -> None:
        """Remove a label."""
        self._may_write()
        if (project, label) not in self._labels:
            raise missing("label", label, project)
        self._forget(project, label)
        self._audit(audit)

    def _forget(self, project: str, label: str) -> None:
        del self._labels[project, label]
        self._labeled = {one for one in self._labeled if (one[0], one[2]) != (project, label)}

    async def collections(self, project: str) -> Sequence[Collection]:
        """All collections of a project, by name."""
        self._may_read()
        found = (one for one in self._collections.values() if one.project == project)
        return tuple(sorted(found, key=lambda one: (one.name, one.id)))

    async def keep_collection(
        self,
        collection: Collection,
        *,
        new: bool,
        pipelines: Sequence[str] | None = None,
        audit: Sequence[AuditEntry] = (),
    ) -> None:
        """Add or change a collection."""
        self._may_write()
        project = collection.project
        if not new and (project, collection.id) not in self._collections:
            raise missing("collection", collection.id, project)
        if any(
            one.id != collection.id and (one.name, _owner(one)) == (collection.name, _owner(collection))
            for one in self._collections.values()
            if one.project == project
        ):
            raise exists("collection", collection.name)
        self._collections[project, collection.id] = collection
        if pipelines is not None:
            self._empty(project, collection.id)
            self._put(project, (collection.id,), pipelines)
        self._audit(audit)

    async def remove_collection(
        self, project: str, collection: str, *, audit: Sequence[AuditEntry] = ()
    ) -> None:
        """Remove a collection."""
        self._may_write()
        if (project, collection) not in self._collections:
            raise missing("collection", collection, project)
        self._empty(project, collection)
        del self._collections[project, collection]
        self._audit(audit)

    def _empty(self, project: str, collection: str) -> None:
        self._collected = {one for one in self._collected if one[:2] != (project, collection)}

    async def collect(
        self,
        project: str,
        into: Sequence[str],
        pipelines: Sequence[str],
        *,
        there: bool,
        audit: Sequence[AuditEntry] = (),
    ) -> None:
        """Put pipelines into collections, or take them out."""
        self._may_write()
        for collection in into:
            if (project, collection) not in self._collections:
                raise missing("collection", collection, project)
        if there:
            self._put(project, into, pipelines)
        else:
            self._collected -= {
                (project, collection, pipeline) for collection in into for pipeline in pipelines
            }
        self._audit(audit)

    def attach(self, project: str, pipeline: str, wanted: Sequence[str]) -> None:
        """A pipeline carries these labels and no others."""
        self._labeled = {one for one in self._labeled if one[:2] != (project, pipeline)}
        self._labeled |= {(project, pipeline, label) for label in wanted if (project, label) in self._labels}

    def put_into(self, project: str, pipeline: str, wanted: Sequence[str]) -> None:
        """A pipeline is in these collections and in no others."""
        self._collected = {one for one in self._collected if (one[0], one[2]) != (project, pipeline)}
        self._put(project, wanted, (pipeline,))

    def _put(self, project: str, wanted: Sequence[str], pipelines: Sequence[str]) -> None:
        self._collected |= {
            (project, collection, pipeline)
            for collection in wanted
            for pipeline in pipelines
            if (project, collection) in self._collections and self._state_of(project, pipeline) is not None
        }

    async def members(self, project: str, collection: str) -> Sequence[str]:
        """The pipelines in a collection that are there."""
        self._may_read()
        found = (one[2] for one in self._collected if one[:2] == (project, collection))
        return tuple(sorted(pipeline for pipeline in found if self._state_of(project, pipeline)))

    async def carried(self, project: str, pipelines: Sequence[str]) -> Mapping[str, Carried]:
        """How each of these pipelines is sorted."""
        attached = {
            pipeline: (
                tuple(one[2] for one in self._labeled if one[:2] == (project, pipeline)),
                tuple(one[1] for one in self._collected if (one[0], one[2]) == (project, pipeline)),
            )
            for pipeline in pipelines
        }
        return sorted_out(
            await self.groups(project), await self.labels(project), await self.collections(project), attached
        )


def _owner(collection: Collection) -> str:
    return "" if collection.shared else collection.created_by
