"""Runs as lists know them, in memory."""

from collections.abc import Callable, Iterable, Sequence

from ferryman.domain.audit import AuditEntry
from ferryman.domain.status import Outcome, Phase
from ferryman.ports.history import Order, Recommended, RunRow, RunSearch, RunTotals

Pass = Callable[[], None]
"""Called before each deed; raises where the store is not open for it."""

Bounds = tuple[int, int] | None


class MemoryHistory:
    """Searches and sums over the runs of a pipeline."""

    def __init__(
        self,
        may_read: Pass,
        may_write: Pass,
        rows: Callable[[], Iterable[RunRow]],
        note: Callable[[str, str, Sequence[AuditEntry]], None],
    ) -> None:
        """Over these rows; `note` writes into one."""
        self._may_read = may_read
        self._may_write = may_write
        self._rows = rows
        self._note = note
        self._recommended: dict[tuple[str, str], Recommended] = {}

    def _of(self, project: str, pipeline: str) -> Iterable[RunRow]:
        self._may_read()
        return (row for row in self._rows() if (row.project, row.pipeline) == (project, pipeline))

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
        found = [row for row in self._of(project, pipeline) if _is_meant(row, wanted)]
        if order == "number":
            found.sort(key=lambda row: row.number, reverse=True)
        else:
            found.sort(key=lambda row: (row.updated_at, row.number), reverse=order == "newest-change")
        return tuple(found[max(skip, 0) :][: max(limit, 0)])

    async def count(self, project: str, pipeline: str, wanted: RunSearch) -> int:
        """How many runs are meant."""
        return sum(_is_meant(row, wanted) for row in self._of(project, pipeline))

    async def totals(self, project: str, pipeline: str, *, without: Sequence[str] = ()) -> RunTotals:
        """What the runs of a pipeline come to."""
        found = [row for row in self._of(project, pipeline) if row.id not in without]
        return RunTotals(
            newest=max(found, key=lambda row: row.number, default=None),
            unfinished=tuple(row for row in found if row.phase != Phase.FINISHED),
            finished=sum(row.phase == Phase.FINISHED for row in found),
        )

    async def note(self, run: str, text: str, audit: Sequence[AuditEntry] = ()) -> None:
        """Keep what a person says of a run."""
        self._may_write()
        self._note(run, text, audit)

    async def recommended(self, project: str, pipeline: str) -> Recommended | None:
        """The number as it was last kept."""
        self._may_read()
        return self._recommended.get((project, pipeline))

    async def recommend(self, project: str, pipeline: str, number: Recommended) -> None:
        """Keep the number."""
        self._may_write()
        self._recommended[project, pipeline] = number

    async def succeeded_since(self, project: str, pipeline: str, number: int) -> int:
        """How many later runs have succeeded in their first execution."""
        return sum(
            row.number > number and row.outcome == Outcome.SUCCEEDED and row.execution == 1
            for row in self._of(project, pipeline)
            if row.phase == Phase.FINISHED
        )


def _is_meant(row: RunRow, wanted: RunSearch) -> bool:
    took = row.ended_at - row.started_at if row.ended_at and row.started_at else -1
    return (
        (wanted.states is None or f"{row.phase}/{row.outcome}/{row.reason}" in wanted.states)
        and (wanted.ids is None or row.id in wanted.ids)
        and (not wanted.hows or row.how in wanted.hows)
        and (not wanted.started_by or row.started_by in wanted.started_by)
        and wanted.remark in (row.note or row.remark)
        and wanted.message in row.message
        and _within(row.number, wanted.numbers, row.number)
        and _within(row.queued_at, wanted.queued)
        and _within(row.started_at, wanted.started)
        and _within(row.ended_at, wanted.ended)
        and _within(took, wanted.took, 0)
    )


def _within(value: int, bounds: Bounds, least: int = 1) -> bool:
    return bounds is None or max(bounds[0], least) <= value <= bounds[1]
