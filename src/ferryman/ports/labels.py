"""Labels, their groups and collections of pipelines in a store."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from ferryman.domain.audit import AuditEntry
from ferryman.domain.labels import Collection, Label, LabelGroup


class Carried(NamedTuple):
    """How a pipeline is sorted: its labels by group, and the collections it is in, in order of names."""

    labels: tuple[tuple[LabelGroup, tuple[Label, ...]], ...] = ()
    collections: tuple[Collection, ...] = ()


class Labels(Protocol):
    """Groups and labels by project and id; names are unique. Every change is durable with its audit entries."""

    async def groups(self, project: str) -> Sequence[LabelGroup]:
        """All groups of a project, by name."""
        ...

    async def labels(self, project: str) -> Sequence[Label]:
        """All labels of a project, by name."""
        ...

    async def keep_group(
        self, group: LabelGroup, *, new: bool, most: int = 0, audit: Sequence[AuditEntry] = ()
    ) -> None:
        """Add a group, or change the name of one. Raises `Conflict` (group-exists), `Refused` (too-many-groups) where
        there are `most` already, and `NotFound` (group)."""
        ...

    async def keep_label(
        self, label: Label, *, new: bool, most: int = 0, audit: Sequence[AuditEntry] = ()
    ) -> None:
        """Add a label, or change its name or its group. Raises `Conflict` (label-exists), `Refused` (too-many-labels)
        where its group has `most` others already, and `NotFound` (group, label)."""
        ...

    async def remove_group(self, project: str, group: str, *, audit: Sequence[AuditEntry] = ()) -> None:
        """Remove a group and its labels, wherever they are carried. Raises `NotFound` (group)."""
        ...

    async def remove_label(self, project: str, label: str, *, audit: Sequence[AuditEntry] = ()) -> None:
        """Remove a label, wherever it is carried. Raises `NotFound` (label)."""
        ...

    async def collections(self, project: str) -> Sequence[Collection]:
        """All collections of a project, by name."""
        ...

    async def keep_collection(
        self,
        collection: Collection,
        *,
        new: bool,
        pipelines: Sequence[str] | None = None,
        audit: Sequence[AuditEntry] = (),
    ) -> None:
        """Add a collection or change one; with `pipelines` these are all that is in it. Raises `Conflict`
        (collection-exists) and `NotFound` (collection)."""
        ...

    async def remove_collection(
        self, project: str, collection: str, *, audit: Sequence[AuditEntry] = ()
    ) -> None:
        """Remove a collection; its pipelines stay. Raises `NotFound` (collection)."""
        ...

    async def collect(
        self,
        project: str,
        into: Sequence[str],
        pipelines: Sequence[str],
        *,
        there: bool,
        audit: Sequence[AuditEntry] = (),
    ) -> None:
        """Put these pipelines into these collections, or take them out. Raises `NotFound` (collection)."""
        ...

    async def members(self, project: str, collection: str) -> Sequence[str]:
        """The ids of the pipelines that were put into a collection and are there, in order of ids."""
        ...

    async def carried(self, project: str, pipelines: Sequence[str]) -> Mapping[str, Carried]:
        """How each of these pipelines is sorted; of collections, those that it was put into."""
        ...
