"""Recorded journals still fold, to the same end (STYLE 3; how they were made: `record.py`)."""

from pathlib import Path

import msgspec
import pytest

from ferryman.machine import advance, begin, replay
from tests.machine.record import FOLDER, STORIES, Recording, ends_of

FILES = sorted(FOLDER.glob("*.json"))


def recording(path: Path) -> Recording:
    """What a file holds."""
    return msgspec.json.decode(path.read_bytes(), type=Recording)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_recorded_journal_folds_to_the_end_it_had(path: Path) -> None:
    """Phase, outcome and kind of reason of every node are those that were recorded."""
    known = recording(path)
    assert tuple(ends_of(replay(known.pipeline, known.entries))) == known.ends


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_recorded_journal_wants_what_it_wanted(path: Path) -> None:
    """As many wants are made on the way, and the same events are late echoes."""
    known = recording(path)
    first, *rest = known.entries
    run, wanted, _ = begin(known.pipeline, first.event)
    made = len(wanted)
    for entry in rest:
        run, wanted, _ = advance(run, entry.event)
        made += len(wanted)
        assert run.ignored == entry.ignored, f"entry {entry.seq}"
    assert made == known.wanted


def test_every_story_is_recorded() -> None:
    """A story without a recording is recorded by `python -m tests.machine.record`."""
    assert {path.stem for path in FILES} >= set(STORIES)
