"""Reads and plays scenarios: conversations with a run, as text.

    # semantics 1.4.b: One failed job fails the stage.
    pipeline
      stage build : job compile : step make

    start
    ----
    build  running
    want step build/compile/make#1.1

    finished build/compile/make fail
    ----
    ...

The first comment line cites the rules that the scenario holds, the rest of the comment is its sentence. Blocks are
parted by blank lines; each has commands, `----`, and what follows from them. Several commands in one block are told
one after the other and what they come to is told at once. `after 30m` moves the clock and fires the timers that are
due; `look PATH` shows what a node keeps. FERRYMAN_REWRITE=1 writes what follows anew.

Whatever a scenario tells, these hold for it: replaying its journal, read back from its bytes, gives the same run;
the wants of the run are the sum of the differences told; rules in the reverse order settle alike; a run that has not
ended wants something; a refused event leaves no trace.
"""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ferryman.domain import journal
from ferryman.domain.errors import Refused
from ferryman.domain.events import Event, Started, TimerFired
from ferryman.domain.pipeline import Pipeline
from ferryman.domain.run import Run
from ferryman.domain.status import Phase
from ferryman.domain.wants import TimerWanted, Want
from ferryman.machine import advance, begin, replay, wants
from ferryman.machine.advance import RULES
from tests.machine import scenario_commands, scenario_pipeline, scenario_story
from tests.machine.scenario_words import BEGINNING, Unreadable, clock, milliseconds

FOLDER = Path(__file__).parent / "scenarios"
MARK = "----"
NOTHING = "(nothing)"
CITED = re.compile(r"# (?:semantics|design) (?P<rules>[^:]+): (?P<sentence>.+)")


class Block(NamedTuple):
    """Commands and what is expected of them; `line` is where the first command stands."""

    line: int
    commands: tuple[str, ...]
    expected: tuple[str, ...]


class Scenario(NamedTuple):
    """One file."""

    path: Path
    head: tuple[str, ...]
    """Comment and pipeline, as written."""
    blocks: tuple[Block, ...]

    @property
    def name(self) -> str:
        """Its path below the folder of scenarios."""
        return self.path.relative_to(FOLDER).as_posix()

    @property
    def rules(self) -> tuple[str, ...]:
        """Ids of the rules that it cites."""
        found = CITED.fullmatch(self.head[0])
        return tuple(rule.strip() for rule in found["rules"].split(",")) if found else ()

    @property
    def sentence(self) -> str:
        """What it shows."""
        found = CITED.fullmatch(self.head[0])
        first = found["sentence"] if found else ""
        rest = (line[1:].strip() for line in self.head[1:] if line.startswith("#"))
        return " ".join([first, *rest]).strip()

    @property
    def shown(self) -> scenario_story.Shown:
        """What is told beyond the usual."""
        lines = (line for line in self.head if line.startswith("shows "))
        return frozenset(word.strip(",") for line in lines for word in line.split()[1:])

    def pipeline(self) -> Pipeline:
        """The pipeline of the conversation."""
        lines = [
            line for line in self.head if line.strip() and line[0] != "#" and not line.startswith("shows ")
        ]
        return scenario_pipeline.pipeline_of(lines)


def read(path: Path) -> Scenario:
    """Read one file; raises `Unreadable`, with the line, for one without commands."""
    pieces: list[tuple[int, list[str]]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            pieces.append((number + 1, []))
        elif pieces:
            pieces[-1][1].append(line)
        else:
            pieces.append((number, [line]))
    (_, head), *rest = [(number, lines) for number, lines in pieces if lines]
    blocks = []
    for number, lines in rest:
        at = lines.index(MARK) if MARK in lines else len(lines)
        blocks.append(Block(number, tuple(lines[:at]), tuple(lines[at + 1 :])))
    if not blocks:
        raise Unreadable(f"{path.name} has no commands")
    return Scenario(path, tuple(head), tuple(blocks))


def all_scenarios() -> list[Scenario]:
    """Every scenario there is, in order."""
    return [read(path) for path in sorted(FOLDER.rglob("*.txt"))]


class Conversation:
    """A run that is talked to, with all that is checked on the way."""

    def __init__(self, pipeline: Pipeline, shown: scenario_story.Shown = frozenset()) -> None:
        """Nothing has been told yet."""
        self.pipeline = pipeline
        self.shown = shown
        self.run: Run | None = None
        self.entries: list[journal.JournalEntry] = []
        self.wants: tuple[Want, ...] = ()
        self.now = BEGINNING

    def block(self, commands: tuple[str, ...]) -> Iterator[str]:
        """Tell a run these commands; yields what follows from them."""
        before, wanted = self.run, self.wants
        for command in commands:
            yield from self._command(command)
        if self.run is not None and self.run is not before:
            yield from scenario_story.changes(before, self.run)
            yield from scenario_story.wanted(wanted, self.wants, self.shown)

    def _command(self, command: str) -> Iterator[str]:
        verb, _, rest = command.partition(" ")
        if verb == "after":
            yield from self._after(milliseconds(rest.strip()))
        elif verb == "look":
            yield from scenario_story.look(self.run, rest.strip())
        else:
            yield from self.tell(scenario_commands.event_of(command, self.run, self.now))

    def tell(self, event: Event) -> Iterator[str]:
        """Fold one event; yields a line where it is refused or ignored."""
        run = self.run
        try:
            if run is None:
                if not isinstance(event, Started):
                    raise Unreadable("the first command is start")
                step = begin(self.pipeline, event)
            else:
                step = advance(run, event)
        except Refused as refused:
            yield f"refused: {refused}"
            return
        if run is not None:
            turned = advance(run, event, rules=RULES[::-1]).run
            assert turned == step.run, "rules in the reverse order settle otherwise"
        self.run = step.run
        self.entries.append(journal.JournalEntry(seq=step.run.seq, event=event, ignored=step.run.ignored))
        missing = [want.name for want in step.unwanted if want not in self.wants]
        assert not missing, f"unwanted what was not wanted: {missing}"
        self.wants = (*(want for want in self.wants if want not in step.unwanted), *step.wanted)
        if step.run.ignored:
            yield f"ignored: {step.run.ignored}"

    def _after(self, length: int) -> Iterator[str]:
        """Move the clock, firing each timer when it is due."""
        until = self.now + length
        while due := self._next_timer(until):
            self.now = max(self.now, due.at)
            yield f"{clock(self.now)} {due.name}"
            yield from self.tell(TimerFired(at=self.now, name=due.name))
            assert due not in self.wants, f"{due.name} fired and is wanted still"
        self.now = until

    def _next_timer(self, until: int) -> TimerWanted | None:
        timers = [want for want in self.wants if isinstance(want, TimerWanted) and want.at <= until]
        return min(timers, key=lambda timer: (timer.at, timer.name), default=None)

    def fork(self) -> "Conversation":
        """The same conversation so far, to be led on in another way."""
        other = Conversation(self.pipeline, self.shown)
        other.run, other.entries = self.run, list(self.entries)
        other.wants, other.now = self.wants, self.now
        return other

    def how(self, path: str) -> str:
        """How a node stands: its outcome, else its phase."""
        return scenario_story.nodes_of(self.run)[path].partition(" ")[0]

    def check(self) -> None:
        """What holds for every conversation, whatever it was about."""
        run = self.run
        if run is None:
            return
        lines = [journal.to_bytes(entry) for entry in self.entries]
        again = replay(self.pipeline, [journal.from_bytes(line) for line in lines])
        assert again == run, "replaying its journal gives another run"
        named = {want.name: want for want in self.wants}
        assert len(named) == len(self.wants), "two wants have one name"
        assert named == {want.name: want for want in wants(run)}, "the differences of wants do not add up"
        assert run.phase is Phase.FINISHED or self.wants, "a run that has not ended wants nothing"


def talk(pipeline: str, *commands: str) -> Conversation:
    """A conversation about a pipeline that is written as in scenarios, told these commands and checked."""
    conversation = Conversation(scenario_pipeline.pipeline_of(pipeline.splitlines()))
    for command in commands:
        refused = [line for line in conversation.block((command,)) if line.startswith("refused: ")]
        assert not refused, f"{command} was {refused[0]}"
        conversation.check()
    return conversation


def played(scenario: Scenario) -> Iterator[tuple[Block, tuple[str, ...]]]:
    """Play a scenario; yields each block with what really follows from it."""
    conversation = Conversation(_pipeline(scenario), scenario.shown)
    for block in scenario.blocks:
        try:
            got = tuple(conversation.block(block.commands)) or (NOTHING,)
            conversation.check()
        except (Unreadable, KeyError, ValueError, AssertionError) as fault:
            raise AssertionError(f"{scenario.name}:{block.line}: {fault!r}") from fault
        yield block, got


def _pipeline(scenario: Scenario) -> Pipeline:
    try:
        return scenario.pipeline()
    except (Unreadable, ValueError) as fault:
        raise AssertionError(f"{scenario.name}: {fault!r}") from fault


def check(scenario: Scenario) -> None:
    """Play a scenario; raises AssertionError with file, line and both texts where it comes out otherwise."""
    for block, got in played(scenario):
        if got != block.expected:
            said = "\n".join(block.commands)
            differs = "\n".join(difflib.ndiff(block.expected, got))
            raise AssertionError(f"{scenario.name}:{block.line}:\n{said}\n{MARK}\n{differs}")


def rewritten(scenario: Scenario) -> str:
    """The file with what really follows."""
    parts = ["\n".join(scenario.head)]
    parts += ["\n".join([*block.commands, MARK, *got]) for block, got in played(scenario)]
    return "\n\n".join(parts) + "\n"
