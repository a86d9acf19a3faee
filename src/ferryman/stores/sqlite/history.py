"""Runs as lists know them, over the store's reading and writing."""

from collections.abc import Sequence
from functools import partial

from ferryman.domain.audit import AuditEntry
from ferryman.ports.history import Order, Recommended, RunRow, RunSearch, RunTotals
from ferryman.stores.sql import history
from ferryman.stores.sqlite.shelves import Doing


class SqliteHistory:
    """Searches and sums over the runs of a pipeline."""

    def __init__(self, read: Doing, write: Doing) -> None:
        """Over these ways to read and to write."""
        self._read = read
        self._write = write

    async def search(
        self,
        project: str,
        pipeline: str,
        wanted: RunSearch,
        *,
        order: Order = "number",
        skip: int = 0,
        limit: int = 20,
    ) -> Sequence[RunRow]:
        """A page of the runs that are meant."""
        return await self._read(
            partial(
                history.search,
                project=project,
                pipeline=pipeline,
                wanted=wanted,
                order=order,
                skip=skip,
                limit=limit,
            )
        )

    async def count(self, project: str, pipeline: str, wanted: RunSearch) -> int:
        """How many runs are meant."""
        return await self._read(partial(history.count, project=project, pipeline=pipeline, wanted=wanted))

    async def totals(self, project: str, pipeline: str, *, without: Sequence[str] = ()) -> RunTotals:
        """What the runs of a pipeline come to."""
        return await self._read(partial(history.totals, project=project, pipeline=pipeline, without=without))

    async def note(self, run: str, text: str, audit: Sequence[AuditEntry] = ()) -> None:
        """Keep what a person says of a run."""
        await self._write(partial(history.note, run=run, text=text, entries=audit))

    async def recommended(self, project: str, pipeline: str) -> Recommended | None:
        """The number as it was last kept."""
        return await self._read(partial(history.recommended, project=project, pipeline=pipeline))

    async def recommend(self, project: str, pipeline: str, number: Recommended) -> None:
        """Keep the number, durably."""
        await self._write(partial(history.recommend, project=project, pipeline=pipeline, number=number))

    async def succeeded_since(self, project: str, pipeline: str, number: int) -> int:
        """How many later runs have succeeded in their first execution."""
        return await self._read(
            partial(history.succeeded_since, project=project, pipeline=pipeline, number=number)
        )
