"""The pages about the machine: what is generated tells all there is, and the loop that is printed drives a run."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

import pytest

from ferryman import machine
from ferryman.domain.errors import Refused
from ferryman.domain.events import (
    EVENTS,
    CancelRequested,
    Event,
    GateAnswered,
    LockGranted,
    Started,
    StepFinished,
)
from ferryman.domain.gates import Gate, GateKind
from ferryman.domain.journal import JournalEntry
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.run import Run
from ferryman.domain.status import Outcome, Phase, Why
from ferryman.domain.wants import GateWanted, LockWanted, StepWanted, StopWanted, Want
from ferryman.machine import pages
from ferryman.machine.transitions import ANSWERS, GATE_MOVES, MOVES

DOCS = Path(__file__).parents[2] / "docs"
PARTS = dict(pages.generated_parts())


def test_every_move_stands_in_a_table_and_in_a_diagram() -> None:
    text = PARTS["the table of moves"]
    for moves in (*MOVES.values(), GATE_MOVES):
        for (before, after), what in moves.items():
            assert f"| {before} | {after} | {what} |" in text
            assert f"    {before} --> {after}\n" in text


def test_a_diagram_ends_where_a_node_may_stay_for_ever() -> None:
    assert "finished --> [*]" in pages.diagram([("running", "finished"), ("finished", "running")])
    assert "open --> [*]" not in pages.diagram(GATE_MOVES)
    assert "passed --> [*]" in pages.diagram(GATE_MOVES)


def test_every_event_want_answer_and_reason_has_its_row() -> None:
    for event in EVENTS:
        assert f"| `{event.__name__}` |" in PARTS["the events"]
    for want in get_args(Want):
        assert f"| `{want.__name__}` |" in PARTS["the wants"]
    for event, levels in ANSWERS.items():
        for level in levels:
            assert f"| `{event.__name__}` | {level} |" in PARTS["the table of answers"]
    for why in set(Why) - {Why.NONE}:
        assert f"| `{why}` |" in PARTS["the kinds of reasons"]


def test_a_field_is_told_with_its_type_and_its_promise() -> None:
    assert (
        "`group: str` Name or id of the review group; empty means the first open one." in PARTS["the events"]
    )
    assert "### Reported by the world" in PARTS["the events"]


# The loop of docs/driving-a-run.md, as it is printed there


def _printed() -> dict[str, Any]:
    text = (DOCS / "driving-a-run.md").read_text(encoding="utf-8")
    names: dict[str, Any] = {**vars(machine), "Refused": Refused, "JournalEntry": JournalEntry}
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        exec(block, names)
    return names


PRINTED = _printed()


class World:
    """A world in which every step succeeds, every lock is free and everybody says yes; also the journal's store."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.entries: list[JournalEntry] = []
        self.refusals: list[Refused] = []
        self.spawned: list[str] = []
        self.at = 1_000

    def append(self, run_id: str, entries: list[JournalEntry]) -> None:
        assert [entry.seq for entry in entries] == list(
            range(len(self.entries) + 1, len(self.entries) + len(entries) + 1)
        )
        self.entries += entries

    def answer(self, event: Event, refused: Refused) -> None:
        self.refusals.append(refused)

    def undo(self, wanted: list[Want]) -> None:
        return None

    def carry_out(self, wanted: Iterable[Want]) -> None:
        for want in wanted:
            self.at += 1
            match want:
                case StepWanted(name=key) if key not in self.spawned:
                    self.spawned.append(key)
                    self.events.append(StepFinished(at=self.at, key=key, outcome="succeeded"))
                case StopWanted(key=key):
                    self.events.append(StepFinished(at=self.at, key=key, outcome="failed"))
                case LockWanted(path=path):
                    self.events.append(LockGranted(at=self.at, path=path))
                case GateWanted(path=path):
                    self.events.append(GateAnswered(at=self.at, path=path, by="me", yes=True))


STEPS = (Step(id="1", kind="run"), Step(id="2", kind="run"))
JOBS = (Job(id="j", steps=STEPS), Job(id="k", steps=STEPS))
PIPELINE = Pipeline(
    stages=(Stage(id="a", jobs=JOBS), Stage(id="b", jobs=JOBS, before=(Gate(kind=GateKind.MANUAL),)))
)


def _begun(world: World) -> tuple[Run, dict[str, Want]]:
    started = Started(at=world.at, run="r")
    run, wanted, _ = machine.begin(PIPELINE, started)
    world.append("r", [JournalEntry(seq=1, event=started)])
    world.carry_out(wanted)
    return run, {want.name: want for want in wanted}


@pytest.mark.parametrize("batch", [1, 2, 100])
def test_the_printed_loop_brings_a_run_to_its_end(batch: int) -> None:
    world = World()
    run, standing = _begun(world)
    while world.events:
        waiting, world.events = world.events[:batch], world.events[batch:]
        run, standing = PRINTED["turn"](run, standing, waiting, world, world)
        assert standing == {want.name: want for want in machine.wants(run)}
    assert (run.phase, run.outcome) == (Phase.FINISHED, Outcome.SUCCEEDED)
    assert len(world.spawned) == len(set(world.spawned)) == 8
    assert not standing


def test_the_printed_loop_answers_refusals_and_keeps_them_not() -> None:
    world = World()
    run, standing = _begun(world)
    twice = [CancelRequested(at=2_000, by="me"), CancelRequested(at=2_001, by="me")]
    run, _ = PRINTED["turn"](run, standing, twice, world, world)
    assert run.outcome is Outcome.CANCELED
    assert [refused.reason for refused in world.refusals] == ["ended"]
    assert len(world.entries) == 2


def test_the_printed_recovery_takes_a_run_up_after_every_single_entry() -> None:
    """A driver dies after each entry: the next one reads the journal, and no step is begun twice."""
    world = World()
    run, standing = _begun(world)
    while world.events:
        waiting, world.events = world.events[:1], world.events[1:]
        PRINTED["turn"](run, standing, waiting, world, world)
        run, standing = PRINTED["take_up"](PIPELINE, world.entries, world)
    assert (run.phase, run.outcome) == (Phase.FINISHED, Outcome.SUCCEEDED)
    assert len(world.spawned) == len(set(world.spawned)) == 8
