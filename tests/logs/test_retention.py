"""Which logs may go: a table."""

import pytest

from ferryman.logs.retention import DAY, Retention, may_go
from ferryman.ports.logs import LogState


def log(run: str, ended: int, size: int = 10) -> LogState:
    """A log that ended on this day."""
    return LogState(run=run, key="k", size=size, ended_at=ended * DAY)


@pytest.mark.parametrize(
    ("logs", "days", "size", "room", "going"),
    [
        pytest.param([log("a", 1), log("b", 9)], 5, 0, 20, ["a"], id="older than it has to be kept"),
        pytest.param([log("a", 5), log("b", 6)], 5, 0, 20, [], id="not before its time"),
        pytest.param([log("a", 8), log("b", 9)], 0, 10, 20, ["a"], id="too much in all, the oldest goes"),
        pytest.param([log("a", 8, 5), log("b", 9, 5)], 0, 10, 10, [], id="as much as may be"),
        pytest.param([log("b", 2)], 0, 50, 109, ["b"], id="what may not go takes room too"),
        pytest.param([log("a", 1), log("b", 2)], 0, 0, 20, [], id="without bounds all stay"),
    ],
)
def test_which_logs_may_go(logs: list[LogState], days: int, size: int, room: int, going: list[str]) -> None:
    """OPS-6."""
    found = may_go(logs, Retention(days=days, bytes=size), room=room, now=10 * DAY)
    assert [run for run, _ in found] == going
