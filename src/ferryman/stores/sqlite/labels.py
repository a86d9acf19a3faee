"""Labels, groups and collections, over the store's reading and writing."""

from collections.abc import Mapping, Sequence
from functools import partial

from ferryman.domain.audit import AuditEntry
from ferryman.domain.labels import Collection, Label, LabelGroup
from ferryman.ports.labels import Carried
from ferryman.stores.sql import collections, labels
from ferryman.stores.sqlite.shelves import Doing


class SqliteLabels:
    """Groups, labels and collections by project and id."""

    def __init__(self, read: Doing, write: Doing) -> None:
        """Over these ways to read and to write."""
        self._read = read
        self._write = write

    async def groups(self, project: str) -> Sequence[LabelGroup]:
        """All groups of a project."""
        return await self._read(partial(labels.groups, project=project))

    async def labels(self, project: str) -> Sequence[Label]:
        """All labels of a project."""
        return await self._read(partial(labels.labels, project=project))

    async def keep_group(
        self, group: LabelGroup, *, new: bool, most: int = 0, audit: Sequence[AuditEntry] = ()
    ) -> None:
        """Add or change a group."""
        await self._write(partial(labels.keep_group, group=group, new=new, most=most, entries=tuple(audit)))

    async def keep_label(
        self, label: Label, *, new: bool, most: int = 0, audit: Sequence[AuditEntry] = ()
    ) -> None:
        """Add or change a label."""
        await self._write(partial(labels.keep_label, label=label, new=new, most=most, entries=tuple(audit)))

    async def remove_group(self, project: str, group: str, *, audit: Sequence[AuditEntry] = ()) -> None:
        """Remove a group and its labels."""
        await self._write(partial(labels.remove_group, project=project, group=group, entries=tuple(audit)))

    async def remove_label(self, project: str, label: str, *, audit: Sequence[AuditEntry] = ()) -> None:
        """Remove a label."""
        await self._write(partial(labels.remove_label, project=project, label=label, entries=tuple(audit)))

    async def collections(self, project: str) -> Sequence[Collection]:
        """All collections of a project."""
        return await self._read(partial(collections.every, project=project))

    async def keep_collection(
        self,
        collection: Collection,
        *,
        new: bool,
        pipelines: Sequence[str] | None = None,
        audit: Sequence[AuditEntry] = (),
    ) -> None:
        """Add or change a collection."""
        await self._write(
            partial(
                collections.keep, collection=collection, new=new, pipelines=pipelines, entries=tuple(audit)
            )
        )

    async def remove_collection(
        self, project: str, collection: str, *, audit: Sequence[AuditEntry] = ()
    ) -> None:
        """Remove a collection."""
        await self._write(
            partial(collections.remove, project=project, collection=collection, entries=tuple(audit))
        )

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
        await self._write(
            partial(
                collections.collect,
                project=project,
                wanted=tuple(into),
                pipelines=tuple(pipelines),
                there=there,
                entries=tuple(audit),
            )
        )

    async def members(self, project: str, collection: str) -> Sequence[str]:
        """The pipelines in a collection."""
        return await self._read(partial(collections.members, project=project, collection=collection))

    async def carried(self, project: str, pipelines: Sequence[str]) -> Mapping[str, Carried]:
        """How each of these pipelines is sorted."""
        return await self._read(partial(collections.carried, project=project, pipelines=tuple(pipelines)))
