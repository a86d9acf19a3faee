"""Broken files: reading never raises, and the first problem stands where the file was broken.

The quick profile breaks 1,000 files, the others 10,000; draws are seeded, so a failure repeats. The rate is
printed at the end of the run, by kind of break with `pytest -s`.
"""

import os
import random
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from ferryman.definition.file import read
from tests.definition.file.mutate import Mutant, mutate

PARTS = 4
COUNT = (1_000 if os.environ.get("FERRYMAN_PROFILE") == "quick" else 10_000) // PARTS
LARGEST = 8 * 1024
LEAST_RATE = 0.95

FILES = [
    text
    for path in sorted(Path(__file__).parent.glob("good/*.yaml"))
    if len(text := path.read_text()) <= LARGEST - 200
]


@pytest.mark.parametrize("seed", range(PARTS))
def test_the_first_problem_stands_at_the_break_or_at_the_mapping_that_holds_it(
    seed: int, record_property: Callable[[str, object], None]
) -> None:
    draw = random.Random(seed)
    refused: Counter[str] = Counter()
    placed: Counter[str] = Counter()
    strays: list[tuple[Mutant, str]] = []
    for _ in range(COUNT):
        mutant = mutate(draw, draw.choice(FILES))
        assert len(mutant.text) <= LARGEST
        errors = read(mutant.text).errors
        if not errors:
            continue
        refused[mutant.kind] += 1
        if errors[0].line in mutant.lines | mutant.holders:
            placed[mutant.kind] += 1
        else:
            strays.append((mutant, str(errors[0])))
    rate = placed.total() / refused.total()
    kinds = "".join(f"  {kind:18} {placed[kind]:5} of {refused[kind]:5}\n" for kind in sorted(refused))
    told = f"{COUNT} broken files, seed {seed}: {refused.total()} refused, {rate:.1%} placed where they broke"
    record_property("proof", told)
    sys.stdout.write(f"\n{told}\n{kinds}")
    shown = "\n".join(f"{mutant.kind} {sorted(mutant.lines)}: {told}" for mutant, told in strays[:20])
    assert rate >= LEAST_RATE, shown


def test_files_broken_in_many_places_give_problems_and_nothing_else() -> None:
    """Five breaks each: every problem has a place inside the file."""
    draw = random.Random(5)
    for _ in range(COUNT // 10):
        text = draw.choice(FILES)
        for _ in range(5):
            text = mutate(draw, text).text
        problems = read(text, accept_vendor_keys=draw.random() < 0.5, strict_scripts=True).problems
        assert all(1 <= problem.line <= text.count("\n") + 2 and problem.column >= 1 for problem in problems)
        assert len(problems) <= 50
