"""Simulated histories: whatever befalls driver, store and steps, the promises of DESIGN 4 hold (1 to 4 and 6).

A seed replays one history: `FERRYMAN_HISTORY=17 pytest tests/drivers/test_histories.py`.
"""

import asyncio
import os

import pytest
from msgspec.structs import replace

from ferryman.domain.policies import Concurrency, Exclusion
from tests.drivers.shapes import shapes
from tests.drivers.world import history

COUNTS = {"quick": 40, "soak": 20_000}
PROFILE = os.environ.get("FERRYMAN_PROFILE", "default")
PARTS = 4
ONE = os.environ.get("FERRYMAN_HISTORY")
SEEDS = [int(ONE)] if ONE else list(range(COUNTS.get(PROFILE, 400)))


def _pipelines() -> list:  # type: ignore[type-arg]
    found = list(shapes().values())
    single = Concurrency(exclusion=Exclusion.SINGLE, queue_length=3, waiting_minutes=120)
    group = Concurrency(exclusion=Exclusion.GROUP, group="g", cancel_in_progress=True)
    return [*found, replace(found[-1], concurrency=single), replace(found[1], concurrency=group)]


@pytest.mark.parametrize("part", range(PARTS))
def test_histories(part: int) -> None:
    pipelines = _pipelines()
    crashes = 0
    for seed in SEEDS[part::PARTS]:
        chosen = [pipelines[seed % len(pipelines)], pipelines[(seed * 7 + 3) % len(pipelines)]]
        try:
            crashes += asyncio.run(history(seed, chosen)).crashes
        except BaseException as fault:
            raise AssertionError(f"history {seed}: FERRYMAN_HISTORY={seed} replays it") from fault
    assert crashes >= len(SEEDS[part::PARTS]), "hardly anything happened"
