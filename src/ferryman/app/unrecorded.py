"""Attempts that may have run and have no record any more: after a restore, or when the supervisor's is gone or damaged.

An attempt without a record has never started, so it is started (RULINGS 17). That holds as long as there are records;
where they have gone, what was to run at that time counts as lost, and does not run twice in silence (promise 3).
"""

import asyncio
from pathlib import Path

from ferryman.domain.wants import StepWanted, StopWanted
from ferryman.executors.inside.records import Record, Records
from ferryman.machine import wants
from ferryman.ports.store import RunRow
from ferryman.services.folding import folded
from ferryman.stores.sqlite import SqliteStore

KNOWN = "the record of what was begun is gone or damaged: it may have run"
"""What is said of such an attempt."""


async def count_as_lost(store: SqliteStore, place: Path) -> None:
    """Record, in the file of what is begun, that every attempt which a run wants was begun. What is recorded there
    already stays as it is. Interrupted, it can be done again."""
    wanted = await asyncio.gather(*(_wanted(store, row) for row in await store.unfinished()))
    names = [name for each in wanted for name in each]
    if not names:
        return
    records = Records(place)
    await records.open()
    try:
        unknown = [name for name in names if records.find(*name) is None]
        await asyncio.gather(*(records.keep(Record(run=run, key=key, known=KNOWN)) for run, key in unknown))
    finally:
        await records.close()


async def _wanted(store: SqliteStore, row: RunRow) -> tuple[tuple[str, str], ...]:
    """Run and key of every attempt that is to work or to stop, each once."""
    run = folded(await store.load(row.id))
    return tuple(
        dict.fromkeys(
            (row.id, want.name if isinstance(want, StepWanted) else want.key)
            for want in wants(run)
            if isinstance(want, StepWanted | StopWanted)
        )
    )
