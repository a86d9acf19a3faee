"""The executions of a run: who asked for each, and how the run stood at its end, as far as the journal tells."""

from typing import NamedTuple

from ferryman.domain.run import Run
from ferryman.machine import replay
from ferryman.ports.store import RunRow, RunStore


class Execution(NamedTuple):
    """One of them."""

    by: str
    run: Run


async def executions_of(store: RunStore, row: RunRow, run: Run) -> tuple[Execution, ...]:
    """All of a run, in order. A retry that goes on within an execution begins none."""
    found: list[Execution] = []
    by, then, after = row.started_by, None, 0
    while len(found) + 1 < run.execution and (page := await store.journal(row.id, after=after)):
        for entry in page:
            now = replay(run.pipeline, (entry,), since=then)
            if then is not None and now.execution > then.execution:
                found.append(Execution(by, then))
                by = getattr(entry.event, "by", "")
            then, after = now, entry.seq
    return (*found, Execution(by, run))
