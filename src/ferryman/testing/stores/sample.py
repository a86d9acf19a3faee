"""Samples: small runs, entries and units, and a store that is open while one looks at it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

from msgspec.structs import replace

from ferryman.domain.errors import FerrymanError
from ferryman.domain.events import StepFinished
from ferryman.domain.journal import JournalEntry
from ferryman.domain.locks import Holder, Lock
from ferryman.ports.store import LockRow, RunRow, Store, Unit

Make = Callable[[], Store]
"""Makes a store over an empty place of its own, yet to be opened."""
PROJECT = "local"
PIPELINE = "shop"


@asynccontextmanager
async def opened(make: Make) -> AsyncIterator[Store]:
    """An open store with one definition, closed at the end."""
    store = make()
    await store.open()
    try:
        await define(store)
        yield store
    finally:
        await store.close()


async def define(store: Store, pipeline: str = PIPELINE, project: str = PROJECT) -> int:
    """Save a definition; its version."""
    return await store.save_pipeline(project, pipeline, b"{}", "stages: []", at=1, by="ada")


def run_row(
    run: str, *, queued_at: int = 1, number: int = 1, pipeline: str = PIPELINE, project: str = PROJECT
) -> RunRow:
    """The row of a run that has just begun."""
    return RunRow(
        id=run,
        project=project,
        pipeline=pipeline,
        version=1,
        number=number,
        phase="running",
        started_by="ada",
        queued_at=queued_at,
    )


def finished(row: RunRow, *, at: int = 9) -> RunRow:
    """The same run at its end."""
    return replace(row, phase="finished", outcome="succeeded", ended_at=at)


def entry(seq: int) -> JournalEntry:
    """An entry that differs from any other, with text outside ASCII and a nested value."""
    event = StepFinished(
        at=1_000 + seq,
        key=f"build/compile/make#1.{seq}",
        outcome="succeeded",
        outputs={"größe": [seq, {"unit": "KiB"}]},
        variables={"n": str(seq)},
    )
    return JournalEntry(seq=seq, event=event)


def unit(
    row: RunRow,
    *,
    before: int = 0,
    count: int = 1,
    locks: Iterable[LockRow] = (),
    snapshot: bytes = b"",
    whole: bytes = b"",
) -> Unit:
    """A unit of so many entries."""
    return Unit(
        run=row,
        before=before,
        entries=tuple(entry(before + number) for number in range(1, count + 1)),
        locks=tuple(locks),
        snapshot=snapshot,
        finished=whole,
    )


def lock_row(name: str, *, before: int, holders: Iterable[str], kind: str = "mutex") -> LockRow:
    """A lock as its next holders leave it."""
    lock = Lock(name=name, holders=tuple(Holder(each, 1) for each in holders), version=before + 1)
    return LockRow(
        project=PROJECT, kind="runs" if kind == "runs" else "mutex", name=name, lock=lock, before=before
    )


async def refusal(call: Awaitable[object], kind: type[FerrymanError]) -> FerrymanError:
    """The refusal of this kind that the call ends with; an assertion fails where it ends otherwise."""
    (end,) = await outcomes([call])
    assert isinstance(end, kind), f"{kind.__name__} was to be raised, but the call ended with {end!r}"
    assert str(end), f"{kind.__name__} without a sentence"
    return end


async def outcomes(calls: Iterable[Awaitable[object]]) -> list[object]:
    """Make all calls at once; what each gave or raised."""
    return list(await asyncio.gather(*calls, return_exceptions=True))
