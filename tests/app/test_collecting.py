"""The collector is set for as long as a data folder is held, and put back."""

import gc

from ferryman.app.collecting import YOUNG, rarely_collecting


def test_the_collector_looks_rarely_while_runs_are_moved_and_as_before_afterwards() -> None:
    before = gc.get_threshold()
    with rarely_collecting():
        assert gc.get_threshold()[0] == YOUNG
        assert gc.get_freeze_count() > 0
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
