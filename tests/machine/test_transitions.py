"""Every move in the tables happens in some scenario, and none other can.

The scenarios are played once more with the two checks of the table listening.
"""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from ferryman.domain.gates import GatePhase
from ferryman.domain.status import Phase
from ferryman.machine import transitions
from tests.machine import scenario


class Heard:
    """How often each move was made."""

    def __init__(self) -> None:
        """Nothing has moved yet."""
        self.moves: Counter[tuple[str, str, str]] = Counter()

    def node(self, level: str, before: Phase, after: Phase) -> None:
        """A node's move, checked and counted."""
        check(level, before, after)
        self.moves[level, before.value, after.value] += 1

    def gate(self, before: GatePhase, after: GatePhase) -> None:
        """A gate's move, checked and counted."""
        check_gate(before, after)
        self.moves["gate", before.value, after.value] += 1


check, check_gate = transitions.check, transitions.check_gate


def rows() -> Iterator[tuple[str, str, str]]:
    """Every row of the tables."""
    for level, moves in transitions.MOVES.items():
        for before, after in moves:
            yield level, before.value, after.value
    for gate_before, gate_after in transitions.GATE_MOVES:
        yield "gate", gate_before.value, gate_after.value


def test_every_row_is_exercised(
    monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    """The run of the tests prints the coverage of the tables; a row that no scenario reaches is named."""
    heard = Heard()
    monkeypatch.setattr(transitions, "check", heard.node)
    monkeypatch.setattr(transitions, "check_gate", heard.gate)
    for each in scenario.all_scenarios():
        scenario.check(each)
    wanted = list(rows())
    missing = [row for row in wanted if row not in heard.moves]
    reached = len(wanted) - len(missing)
    record_property(
        "proof", f"transitions: {reached} of {len(wanted)} rows exercised ({100 * reached // len(wanted)} %)"
    )
    assert missing == []


@pytest.mark.parametrize("level", transitions.MOVES)
def test_no_other_move_is_possible(level: str) -> None:
    """A move that is not in the table is a fault of the rules."""
    for before in Phase:
        for after in Phase:
            if (before, after) not in transitions.MOVES[level]:
                with pytest.raises(AssertionError):
                    transitions.check(level, before, after)


def test_no_other_move_of_a_gate_is_possible() -> None:
    """The same for gates."""
    for before in GatePhase:
        for after in GatePhase:
            if (before, after) not in transitions.GATE_MOVES:
                with pytest.raises(AssertionError):
                    transitions.check_gate(before, after)
