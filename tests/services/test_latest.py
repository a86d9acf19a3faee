"""How pipelines stand, in memory: read once, fed by every change, exact whatever happens meanwhile (W5)."""

import asyncio
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from ferryman.domain.events import Started
from ferryman.domain.journal import JournalEntry
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.run import Run
from ferryman.machine import begin
from ferryman.ports.history import RunRow, RunTotals
from ferryman.ports.store import Store, Unit
from ferryman.services.latest import Latest, Standing
from ferryman.stores.memory import MemoryStore
from ferryman.stores.sqlite import SqliteStore

DEFINE = Pipeline(stages=(Stage(id="a", jobs=(Job(id="j", steps=(Step(id="t", kind="run"),)),)),))
LIVES = (
    ("waiting", "queued"),
    ("running", ""),
    ("waiting", "review"),
    ("waiting", "verdict"),
    ("finished", ""),
)
"""Phases and reasons that runs come to."""


class World:
    """A store, its standings, and runs that change."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.latest = Latest(store=store)
        self.rows: dict[str, RunRow] = {}
        self.seqs: dict[str, int] = {}

    async def change(self, run: str, phase: str, reason: str = "", *, number: int = 0) -> None:
        """A run is begun or goes on: kept first, told then."""
        (await self.keep(run, phase, reason, number=number))()

    async def keep(self, run: str, phase: str, reason: str = "", *, number: int = 0) -> Callable[[], None]:
        """Only the first half; the second is called later."""
        before = self.rows.get(run)
        row = replace(before, phase=phase, reason=reason) if before else self.row(run, number, phase, reason)
        event = Started(at=1, run=run, number=row.number)
        seq = self.seqs.get(run, 0)
        entries: tuple[JournalEntry, ...] = (JournalEntry(seq=seq + 1, event=event),)
        state: Run = begin(DEFINE, event).run
        await self.store.append(Unit(run=row, before=seq, entries=entries if not seq else (), locks=()))
        self.rows[run], self.seqs[run] = row, 1
        return lambda: self.latest.on_change(before, row, state)

    def row(self, run: str, number: int, phase: str, reason: str) -> RunRow:
        """A new row."""
        return RunRow(
            id=run,
            project="demo",
            pipeline="p",
            version=1,
            number=number,
            phase=phase,
            reason=reason,
            queued_at=1,
        )

    def expected(self) -> tuple[int, int, int]:
        """Newest number, finished and running, counted anew."""
        rows = self.rows.values()
        return (
            max((row.number for row in rows), default=0),
            sum(row.phase == "finished" for row in rows),
            sum(row.phase == "running" or row.reason == "verdict" for row in rows),
        )


def told(standing: Standing) -> tuple[int, int, int]:
    """The same, as it is remembered."""
    return (standing.newest.number if standing.newest else 0, standing.finished, standing.running)


async def opened(store: Store) -> World:
    """A world with one definition."""
    await store.open()
    await store.save_pipeline("demo", "p", b'{"stages":[]}', "", at=1, by="ann")
    return World(store)


def test_a_pipeline_without_runs_stands_empty() -> None:
    async def story() -> None:
        world = await opened(MemoryStore())
        standing = await world.latest.read("demo", "p")
        assert (standing.newest, standing.run, standing.runs, standing.running) == (None, None, 0, 0)
        assert world.latest.known("demo", "other") is None

    asyncio.run(story())


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_every_change_is_seen_at_once(kind: str, tmp_path: Path) -> None:
    """No read of the store: a status costs none."""

    async def story() -> None:
        store: Any = MemoryStore() if kind == "memory" else SqliteStore(tmp_path)
        world = await opened(store)
        await world.change("r0", "finished", number=1)
        await world.latest.read("demo", "p")
        for at, (phase, reason) in enumerate(LIVES):
            await world.change("r1", phase, reason, number=2)
            standing = world.latest.known("demo", "p")
            assert standing is not None
            assert told(standing) == world.expected(), LIVES[at]
            assert standing.newest is world.rows["r1"]
        await world.change("r1", "running")
        assert told(await world.latest.read("demo", "p")) == world.expected() == (2, 1, 1)
        await store.close()

    asyncio.run(story())


class SlowHistory:
    """Totals that are told late: runs change after they were read."""

    def __init__(self, store: Any) -> None:
        self.inner = store.history
        self.reads = 0
        self.gate = asyncio.Event()

    async def totals(self, project: str, pipeline: str, *, without: Sequence[str] = ()) -> RunTotals:
        """Read now, tell when let."""
        self.reads += 1
        found = await self.inner.totals(project, pipeline, without=without)
        if self.reads == 1:
            await self.gate.wait()
        return found


def test_what_changes_while_it_is_read_is_counted_once() -> None:
    """Whether or not the store had it already; and readers at the same time share one reading."""

    async def story() -> None:
        store: Any = MemoryStore()
        world = await opened(store)
        await world.change("old", "finished", number=1)
        await world.change("open", "running", number=2)
        slow = store.history = SlowHistory(store)
        readers = [asyncio.create_task(world.latest.read("demo", "p")) for _ in range(3)]
        await asyncio.sleep(0)
        await world.change("open", "finished")
        await world.change("new", "running", number=3)
        slow.gate.set()
        first, *others = await asyncio.gather(*readers)
        assert told(first) == world.expected() == (3, 2, 1)
        assert all(other is first for other in others)
        assert slow.reads == 2

    asyncio.run(story())


@pytest.mark.parametrize("later", LIVES, ids=" ".join)
@pytest.mark.parametrize(
    "earlier", [None, *LIVES], ids=lambda life: "new" if life is None else " ".join(life)
)
def test_what_is_read_between_its_keeping_and_its_telling_is_counted_once(
    earlier: tuple[str, str] | None, later: tuple[str, str]
) -> None:
    """A reader may be served before the driver has heard that its unit is kept."""

    async def story() -> None:
        world = await opened(MemoryStore())
        await world.change("old", "finished", number=1)
        await world.change("open", "running", number=2)
        if earlier is not None:
            await world.change("r", *earlier, number=3)
        tell = await world.keep("r", *later, number=3)
        assert told(await world.latest.read("demo", "p")) == world.expected()
        tell()
        assert told(await world.latest.read("demo", "p")) == world.expected()
        for phase, reason in (*LIVES, *LIVES):
            await world.change("r", phase, reason)
            assert told(await world.latest.read("demo", "p")) == world.expected(), (phase, reason)

    asyncio.run(story())


def test_standings_are_exact_however_reads_and_changes_fall(tmp_path: Path) -> None:
    """Many runs change while the pipeline is forgotten and read again."""

    async def story() -> None:
        store = SqliteStore(tmp_path)
        world = await opened(store)
        world.latest = Latest(store=store, most=1)
        drawn = random.Random(7)

        async def live(number: int) -> None:
            for _ in range(6):
                phase, reason = drawn.choice(LIVES)
                await world.change(f"r{number}", phase, reason, number=number)

        async def read() -> None:
            for _ in range(20):
                await world.latest.read("demo", "p")
                await world.latest.read("demo", "other")

        await asyncio.gather(*(live(number) for number in range(1, 30)), read())
        assert told(await world.latest.read("demo", "p")) == world.expected()
        known = world.latest.known("demo", "p")
        assert known is not None
        assert world.latest.known("demo", "other") is None
        assert known.change > 0
        await store.close()

    asyncio.run(story())


def test_changes_are_numbered_over_all_pipelines() -> None:
    """What was made of a standing is good while its number is the same, even after it was forgotten."""

    async def story() -> None:
        world = await opened(MemoryStore())
        await world.change("r", "running", number=1)
        seen = {(await world.latest.read("demo", "p")).change}
        await world.change("r", "finished")
        seen.add((await world.latest.read("demo", "p")).change)
        world.latest.on_change(
            None, replace(world.rows["r"], pipeline="unknown"), begin(DEFINE, Started(at=1, run="r")).run
        )
        assert (await world.latest.read("demo", "p")).change in seen
        assert len(seen) == 2

    asyncio.run(story())
