"""Which logs may go: a table."""

import pytest

from ferryman.logs.retention import DAY, Retention, may_go
from ferryman.ports.logs import LogState


def log(run: str, ended: int, size: int = 10, *, removed: int = 0) -> LogState:
    """A log that ended on this day."""
    return LogState(run=run, key="k", size=size, ended_at=ended * DAY, removed_at=removed)


@pytest.mark.parametrize(
    ("logs", "days", "size", "going"),
    [
        pytest.param([log("a", 1), log("b", 9)], 5, 0, ["a"], id="older than it has to be kept"),
        pytest.param([log("b", 6), log("a", 5)], 5, 0, [], id="not before its time"),
        pytest.param([log("b", 9), log("a", 8)], 0, 10, ["a"], id="too much in all, the oldest goes"),
        pytest.param([log("a", 8, 5), log("b", 9, 5)], 0, 10, [], id="as much as may be"),
        pytest.param([log("running", 1), log("b", 2)], 5, 5, ["b"], id="never one of a run under way"),
        pytest.param(
            [log("a", 0, 99), log("b", 2)], 0, 50, ["b"], id="never one that is open, though it takes room"
        ),
        pytest.param(
            [log("a", 1, 99, removed=1), log("b", 9)], 5, 20, [], id="one that is gone takes no room"
        ),
        pytest.param([log("a", 1), log("b", 2)], 0, 0, [], id="without bounds all stay"),
    ],
)
def test_which_logs_may_go(logs: list[LogState], days: int, size: int, going: list[str]) -> None:
    policy = Retention(days=days, bytes=size)
    found = may_go(logs, policy, running={"running"}, now=10 * DAY)
    assert [run for run, _ in found] == going
