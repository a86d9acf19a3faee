"""The server killed at any moment under load of BK-CI's API: an acknowledged start, review, stop or retry is never
lost, none happens twice, no number comes again, the audit tells each once (OPS-8; issue 4; RULINGS 29)."""

from pathlib import Path

import pytest

from tests.crash.api.lives import Record, killed, live_through

KILLS = 15
IN_SOAK = 200


def test_killed_under_load_nothing_acknowledged_is_lost_and_nothing_happens_twice(
    tmp_path: Path, record_property: Record
) -> None:
    live_through(tmp_path, KILLS, killed, record_property)


@pytest.mark.soak
def test_killed_many_times_under_load_nothing_is_lost_or_happens_twice(
    tmp_path: Path, record_property: Record
) -> None:
    live_through(tmp_path, IN_SOAK, killed, record_property)
