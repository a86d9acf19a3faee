"""A driver dropped at every single moment of a dozen shapes: a fresh one brings the run to the same end (RULINGS 5).

Moments: right before and right after each unit of entries is kept, before and after each spawn, at each report. With
natural batches, with one entry at a time, and with one handed over while another is being written.
"""

import asyncio
import sys
from collections import Counter

import pytest
from msgspec.structs import replace

from ferryman.domain.pipeline import Pipeline
from ferryman.domain.policies import Concurrency, Exclusion
from tests.crash.played import MOODS, PACES, POINTS, Mood, Pace, Play, Point, differences, told
from tests.drivers.shapes import shapes

TWO_RUNS = ("a mutex", "one at a time")


def _shapes() -> dict[str, Pipeline]:
    found = shapes()
    single = Concurrency(exclusion=Exclusion.SINGLE, queue_length=3, waiting_minutes=120)
    found["one at a time"] = replace(found["one at a time"], concurrency=single)
    return found


SHAPES = _shapes()
PLAYS = [
    pytest.param(shape, mood, pace, id=f"{shape}, {mood}, {pace}")
    for shape in SHAPES
    for mood in MOODS
    for pace in PACES
]


@pytest.mark.parametrize(("shape", "mood", "pace"), PLAYS)
def test_a_driver_dropped_at_any_moment_leaves_the_end_as_it_is(shape: str, mood: Mood, pace: Pace) -> None:
    """Every run ends with the same outcome, reasons, attempts and times as without the crash; nothing is done twice."""

    def play(until: Point | None) -> Play:
        runs = 2 if shape in TWO_RUNS else 1
        return Play(SHAPES[shape], mood, pace=pace, runs=runs, until=until)

    async def crash_everywhere() -> Counter[str]:
        whole = play(None)
        ends = {name: told(run) for name, run in (await whole.play()).items()}
        crashes: Counter[str] = Counter()
        for place in POINTS:
            for number in range(1, whole.life.counts[place] + 1):
                broken = play(Point(place, number))
                try:
                    found = {name: told(run) for name, run in (await broken.play()).items()}
                except AssertionError as fault:
                    raise AssertionError(f"{place}, number {number}: {fault}") from fault
                assert broken.crashed, f"{place}, number {number}: never reached"
                other = list(differences(found, ends))
                assert not other, f"{place}, number {number}: another end: {other}"
                crashes[place] += 1
        return crashes

    crashes = asyncio.run(crash_everywhere())
    sys.stdout.write(f"{dict(crashes)}\n")
    assert crashes["after a unit is kept"] >= 2
