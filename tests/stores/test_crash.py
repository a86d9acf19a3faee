"""Killed at any moment: every acknowledged unit is there, none is there in part (promise 1)."""

import asyncio
import os
import random
import sys
from pathlib import Path

import pytest

from ferryman.stores.sqlite import SqliteStore
from tests.stores.child import RUNS, step
from tests.stores.processes import child

KILLS = {1_000: 30, 1: 10}
"""By how many units one transaction may take (RULINGS 5)."""
IN_SOAK = 300


async def _check(folder: Path, acknowledged: dict[str, int], asked: dict[str, int]) -> int:
    """Every run stands at the end of a unit, no earlier than was acknowledged and no later than was asked for; the
    number of runs whose last unit was kept though nobody was told."""
    store = SqliteStore(folder)
    await store.open()
    untold = 0
    assert await store.read(lambda connection: connection.pragma("integrity_check")) == "ok"
    for run in sorted(asked):
        ends = {0}
        seq = 0
        while seq < asked[run]:
            seq += len(step(run, seq).entries)
            ends.add(seq)
        rows = [row for row in await store.unfinished() if row.id == run]
        if not rows:
            assert acknowledged.get(run, 0) == 0
            continue
        kept = await store.load(run)
        assert acknowledged.get(run, 0) <= kept.seq <= asked[run], run
        assert kept.seq in ends, f"{run} stands at {kept.seq}, inside a unit"
        journal = await store.journal(run, limit=1_000_000)
        assert [entry.seq for entry in journal] == list(range(1, kept.seq + 1))
        lock = await store.lock("local", "mutex", run)
        assert lock is not None
        assert (lock.version, lock.holders[0].name) == (kept.seq, f"{run} at {kept.seq}")
        snapshot_at = max((end for end in ends if end % 2 and end <= kept.seq), default=0)
        said = f"{run} at {snapshot_at}" if snapshot_at else ""
        assert kept.snapshot.decode().rstrip() == said
        assert len(kept.entries) == kept.seq - snapshot_at
        untold += kept.seq > acknowledged.get(run, 0)
    await store.close()
    return untold


def _flying(acknowledged: dict[str, int], asked: dict[str, int]) -> bool:
    return any(seq > acknowledged.get(run, 0) for run, seq in asked.items())


def _kill_at_random(folder: Path, kills: int, batch: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Kill a writing process that many times over one folder, each after a random number of acknowledged units."""
    seed = int(os.environ.get("FERRYMAN_SEED", random.randrange(2**32)))
    dice = random.Random(seed)
    acknowledged: dict[str, int] = {}
    asked: dict[str, int] = {}
    in_flight = untold = 0
    for number in range(kills):
        left = dice.randint(0, 400)
        with child("append", folder, str(batch)) as process:
            assert process.stdout is not None
            for line in process.stdout:
                mark, run, seq = line.split()
                (acknowledged if mark == "=" else asked)[run] = int(seq)
                left -= mark == "="
                # Every other kill waits on for a unit in flight.
                if left < 0 and (number % 2 or _flying(acknowledged, asked)):
                    process.kill()
        flying = _flying(acknowledged, asked)
        in_flight += flying
        untold += asyncio.run(_check(folder, acknowledged, asked))
    said = (
        f"seed {seed}: {kills} kills, {in_flight} with units in flight, {sum(acknowledged.values())} entries "
        f"acknowledged, {untold} runs ahead of what was told"
    )
    with capsys.disabled():
        sys.stdout.write(f"\n{said}\n")
    assert len(asked) == RUNS
    assert in_flight * 2 >= kills, "half the kills must hit units in flight"


@pytest.mark.parametrize("batch", KILLS)
def test_killed_at_any_moment_no_acknowledged_unit_is_lost_and_none_is_torn(
    tmp_path: Path, batch: int, capsys: pytest.CaptureFixture[str]
) -> None:
    _kill_at_random(tmp_path, KILLS[batch], batch, capsys)


@pytest.mark.soak
@pytest.mark.parametrize("batch", KILLS)
def test_killed_many_times_no_acknowledged_unit_is_lost_and_none_is_torn(
    tmp_path: Path, batch: int, capsys: pytest.CaptureFixture[str]
) -> None:
    _kill_at_random(tmp_path, IN_SOAK, batch, capsys)
