"""Heads of pipelines in memory."""

from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec.structs import replace

from ferryman.domain.audit import AuditEntry
from ferryman.domain.heads import PipelineHead, PipelineSetting
from ferryman.ports.heads import HeadChange, HeadCounts, KnownHead
from ferryman.stores.heads import head_after, missing, taken
from ferryman.stores.memory.labels import MemoryLabels

Pass = Callable[[], None]
"""Called before each deed; raises where the store is not open for it."""
Add = Callable[[Sequence[AuditEntry]], None]
"""Keeps entries of the audit."""


class Save(Protocol):
    """Keeps a definition."""

    def __call__(self, project: str, pipeline: str, definition: bytes, text: str, *, anew: bool) -> int:
        """The number of its version."""
        ...


class MemoryHeads:
    """Heads and settings by project and pipeline."""

    def __init__(
        self, may_read: Pass, may_write: Pass, *, save: Save, labels: MemoryLabels, audit: Add
    ) -> None:
        """Empty; definitions, labels and the audit are kept beside it."""
        self._may_read = may_read
        self._may_write = may_write
        self._save = save
        self._labels = labels
        self._audit = audit
        self._heads: dict[tuple[str, str], KnownHead] = {}

    async def change(self, change: HeadChange, *, audit: Sequence[AuditEntry] = ()) -> PipelineHead:
        """Make or change a head; as it is then. Everything is looked at before anything is changed."""
        self._may_write()
        key = (change.project, change.id)
        before = self._heads.get(key)
        head = head_after(change, before.head if before else None)
        holder = self._named(head.project, head.name)
        if not head.deleted_at and holder is not None and holder.id != head.id:
            raise taken(head.project, head.name)
        if (written := change.written) is not None:
            version = self._save(*key, written.definition, written.text, anew=written.anew)
            head = replace(head, version=version)
        setting: PipelineSetting | None = before.setting if before else None
        if change.setting is not None and (change.setting_anew or setting != change.setting):
            setting = change.setting
            head = replace(head, setting_version=head.setting_version + 1)
        self._heads[key] = KnownHead(head, setting)
        if change.labels is not None:
            self._labels.attach(*key, change.labels)
        if change.collections is not None:
            self._labels.put_into(*key, change.collections)
        self._audit(audit)
        return head

    async def read(self, project: str, pipeline: str, *, deleted: bool = False) -> KnownHead:
        """One head."""
        self._may_read()
        known = self._heads.get((project, pipeline))
        if known is None or bool(known.head.deleted_at) is not deleted:
            raise missing(project, pipeline, deleted=deleted)
        return known

    async def several(self, project: str, pipelines: Sequence[str]) -> Sequence[KnownHead]:
        """Heads that are there."""
        self._may_read()
        found = (self._heads.get((project, pipeline)) for pipeline in dict.fromkeys(pipelines))
        return tuple(known for known in found if known and not known.head.deleted_at)

    async def named(self, project: str, name: str) -> PipelineHead | None:
        """The head of this very name."""
        self._may_read()
        return self._named(project, name)

    def _named(self, project: str, name: str) -> PipelineHead | None:
        return next((head for head in self._there(project) if head.name == name), None)

    def _there(self, project: str) -> list[PipelineHead]:
        heads = (known.head for known in self._heads.values())
        return [head for head in heads if head.project == project and not head.deleted_at]

    async def page(
        self, project: str, *, name: str = "", skip: int = 0, limit: int = 50
    ) -> tuple[int, Sequence[KnownHead]]:
        """How many there are, and some of them."""
        self._may_read()
        found = [head for head in self._there(project) if _lower(name) in _lower(head.name)]
        found.sort(key=lambda head: (head.created_at, head.id), reverse=True)
        page = found[skip : skip + limit]
        return len(found), tuple(self._heads[head.project, head.id] for head in page)

    async def counts(self, project: str, creator: str) -> HeadCounts:
        """How many there are."""
        self._may_read()
        there = self._there(project)
        every = sum(known.head.project == project for known in self._heads.values())
        return HeadCounts(len(there), sum(head.creator == creator for head in there), every - len(there))

    def state_of(self, project: str, pipeline: str) -> bool | None:
        """Whether a pipeline is there, None where there never was one."""
        known = self._heads.get((project, pipeline))
        return None if known is None else not known.head.deleted_at


def _lower(text: str) -> str:
    """Letters of ASCII in lower case, as the database has it."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)
