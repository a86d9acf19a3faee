"""Faults are told once a minute each, for as long as they last."""

from ferryman.app.faults import EVERY_MS, Sparing
from ferryman.domain.errors import Unavailable


class Hand:
    """A clock set by hand."""

    def __init__(self) -> None:
        self.at = 0

    def now(self) -> int:
        """Milliseconds since 1970."""
        return self.at

    async def sleep_until(self, at: int) -> None:
        """Nobody sleeps here."""


def test_what_many_runs_meet_at_every_try_is_told_once_a_minute() -> None:
    told: list[tuple[str, str]] = []
    clock = Hand()
    fault = Sparing(lambda run, raised: told.append((run, str(raised))), clock)
    for clock.at in range(0, 2 * EVERY_MS, 200):
        for run in ("a", "b"):
            fault(run, Unavailable("the disk is full"))
    assert told == [("a", "the disk is full")] * 2


def test_another_fault_is_told_at_once() -> None:
    told: list[str] = []
    fault = Sparing(lambda run, raised: told.append(f"{type(raised).__name__} {raised}"), Hand())
    for raised in (Unavailable("x"), Unavailable("y"), ValueError("x"), Unavailable("x")):
        fault("a", raised)
    assert told == ["Unavailable x", "Unavailable y", "ValueError x"]
