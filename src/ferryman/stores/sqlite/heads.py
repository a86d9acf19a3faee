"""Heads of pipelines, over the store's reading and writing."""

from collections.abc import Sequence
from functools import partial

from ferryman.domain.audit import AuditEntry
from ferryman.domain.heads import PipelineHead
from ferryman.ports.heads import HeadChange, HeadCounts, KnownHead
from ferryman.stores.sql import heads
from ferryman.stores.sqlite.shelves import Doing


class SqliteHeads:
    """Heads and settings by project and pipeline."""

    def __init__(self, read: Doing, write: Doing) -> None:
        """Over these ways to read and to write."""
        self._read = read
        self._write = write

    async def change(self, change: HeadChange, *, audit: Sequence[AuditEntry] = ()) -> PipelineHead:
        """Make or change a head, durably; as it is then."""
        return await self._write(partial(heads.change, change=change, entries=tuple(audit)))

    async def read(self, project: str, pipeline: str, *, deleted: bool = False) -> KnownHead:
        """One head."""
        return await self._read(partial(heads.read, project=project, pipeline=pipeline, deleted=deleted))

    async def several(self, project: str, pipelines: Sequence[str]) -> Sequence[KnownHead]:
        """Heads that are there."""
        return await self._read(partial(heads.several, project=project, ids=tuple(pipelines)))

    async def named(self, project: str, name: str) -> PipelineHead | None:
        """The head of this very name."""
        return await self._read(partial(heads.named, project=project, name=name))

    async def page(
        self, project: str, *, name: str = "", skip: int = 0, limit: int = 50
    ) -> tuple[int, Sequence[KnownHead]]:
        """How many there are, and some of them."""
        return await self._read(partial(heads.page, project=project, name=name, skip=skip, limit=limit))

    async def counts(self, project: str, creator: str) -> HeadCounts:
        """How many there are."""
        return await self._read(partial(heads.counts, project=project, creator=creator))
