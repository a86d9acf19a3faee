"""The driver: who moves runs. Services ask it; it asks nobody."""

from typing import Protocol

from ferryman.domain.audit import AuditEntry
from ferryman.domain.events import Event, Started
from ferryman.domain.locks import Lock
from ferryman.domain.pipeline import Pipeline
from ferryman.domain.run import Run


class Driver(Protocol):
    """Moves the runs of one store."""

    async def begin(
        self,
        *,
        project: str,
        pipeline: str,
        version: int,
        define: Pipeline,
        event: Started,
        definition: bytes = b"",
        audit: tuple[AuditEntry, ...] = (),
    ) -> Run:
        """Begin a run; returns when it is durable. The same id twice is one run. Raises `Refused`: by the rules, or
        with `locked` or `queue-full` by its lock, and leaves no trace then.

        `definition` is `define` written down, where it is not what the version says; the audit is kept with the start.
        """
        ...

    async def tell(self, run: str, event: Event, audit: tuple[AuditEntry, ...] = ()) -> Run:
        """Tell a run something, and keep the audit with it; returns the run when that is durable. Raises `Refused`, and
        `NotFound` for a run that is not there."""
        ...

    def run(self, run: str) -> Run | None:
        """A run that is being moved, as it is kept."""
        ...

    def preparing(self, run: str) -> frozenset[str]:
        """Paths of jobs whose place is not there yet: their first attempt was given out and has not begun. No entry of
        the journal tells that (RULINGS 4)."""
        ...

    def turns(self, project: str, name: str) -> Lock | None:
        """The lock by which runs of a project take turns, as it stands; None where nobody has asked for it yet."""
        ...

    async def changed(self, run: str, after: int) -> Run:
        """The run as soon as it has entries behind `after`. Raises `NotFound` for one that is not being moved."""
        ...
