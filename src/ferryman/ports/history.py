"""Runs as lists know them: their rows, searched, counted and summed up, and the numbers that pipelines recommend."""

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from ferryman.domain.audit import AuditEntry


class RunRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What lists show of a run.

    Phase, outcome, reason, start, end, execution, remark and time of change go on with it; all else it is born with,
    and a later unit that says otherwise is not believed there. The note is a person's (`RunHistory.note`).
    """

    id: str
    project: str
    pipeline: str
    version: int
    """Version of the pipeline's definition that the run keeps."""
    number: int
    phase: str
    outcome: str = ""
    reason: str = ""
    started_by: str = ""
    queued_at: int = 0
    started_at: int = 0
    ended_at: int = 0
    execution: int = 1
    how: str = ""
    """How it was started: a word of `domain.words.STARTS`, empty where nobody said."""
    message: str = ""
    """What was said at the start."""
    remark: str = ""
    """What its steps said of it last."""
    note: str = ""
    """What a person said of it last; shown in place of the remark."""
    updated_at: int = 0
    """The time of its last event."""


class RunSearch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which runs of a pipeline are meant. What is left at its default does not narrow; all others must hold.

    Bounds of times are milliseconds since 1970, both inclusive; a run without that time lies within none.
    """

    states: tuple[str, ...] | None = None
    """`phase/outcome/reason`, any of them; none at all finds nothing."""
    ids: tuple[str, ...] | None = None
    hows: tuple[str, ...] = ()
    started_by: tuple[str, ...] = ()
    remark: str = ""
    """Part of the note, or of the remark where there is no note."""
    message: str = ""
    """Part of the message."""
    numbers: tuple[int, int] | None = None
    queued: tuple[int, int] | None = None
    started: tuple[int, int] | None = None
    ended: tuple[int, int] | None = None
    took: tuple[int, int] | None = None
    """Milliseconds from start to end."""


Order = Literal["number", "newest-change", "oldest-change"]
"""Highest number first; newest or oldest change first."""


class RunTotals(msgspec.Struct, frozen=True, kw_only=True):
    """What a pipeline's runs come to: the one with the highest number, those unfinished, and how many have finished."""

    newest: RunRow | None
    unfinished: tuple[RunRow, ...]
    finished: int


class Recommended(msgspec.Struct, frozen=True, kw_only=True):
    """The number that a pipeline recommends: what it was when counting began, and since which run."""

    base: int
    """What the definition said then; one that says otherwise now begins anew."""
    number: int
    since: int
    """Number of the last run that is counted in already."""


class RunHistory(Protocol):
    """Searches and sums over the runs of a pipeline."""

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
        ...

    async def count(self, project: str, pipeline: str, wanted: RunSearch) -> int:
        """How many runs are meant."""
        ...

    async def totals(self, project: str, pipeline: str, *, without: Sequence[str] = ()) -> RunTotals:
        """What the runs of a pipeline come to, all read at one moment, those of these ids left out."""
        ...

    async def note(self, run: str, text: str, audit: Sequence[AuditEntry] = ()) -> None:
        """Keep what a person says of a run, in place of what was said before, and the audit with it. Raises
        `NotFound`."""
        ...

    async def recommended(self, project: str, pipeline: str) -> Recommended | None:
        """The number as it was last kept, None where there is none."""
        ...

    async def recommend(self, project: str, pipeline: str, number: Recommended) -> None:
        """Keep the number, durably."""
        ...

    async def succeeded_since(self, project: str, pipeline: str, number: int) -> int:
        """How many runs with a higher number than this have succeeded in their first execution."""
        ...
