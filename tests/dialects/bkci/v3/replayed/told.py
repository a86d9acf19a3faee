"""What a transcript says that a client must see, in BK-CI's words, read off its text alone."""

import re
from typing import NamedTuple

from ferryman.dialects.bkci.v3.statuses import Beside, Level, word
from ferryman.domain.gates import Gate, GateKind, GatePhase
from ferryman.domain.pipeline import Pipeline
from ferryman.domain.status import Outcome, Phase, Why
from tests.machine.scenario import Block
from tests.machine.scenario_words import milliseconds

STATE = re.compile(r"(\S+)  +(\S.*)")
GONE = re.compile(r"(\S+)\s+gone")
VARIABLE = re.compile(r"variable (\S+) = (.*)", re.DOTALL)
GONE_VARIABLE = re.compile(r"variable (\S+) is gone")
TIMER = re.compile(r"(\d+):(\d\d):(\d\d)(?:\.(\d+))? \S+")
LOOK = re.compile(r"(\S+): (.*)")
LOOKED = re.compile(r"(execution|queued|started|ended) (\d[\d:.]*)")
TOO_LONG = re.compile(r"\(\d+ characters\)")
CANCELED = re.compile(r"canceled canceled-by by ([^,]+)")
ASKED = {GateKind.REVIEW: Why.REVIEW, GateKind.MANUAL: Why.MANUAL, GateKind.VERDICT: Why.VERDICT}
WORKED = frozenset({"running", "succeeded", "failed", "errored", "canceled"})
"""What no node but the run is before the run has had its turn."""
GROUPS = {"passed": "PROCESS", "rejected": "ABORT", "expired": "ABORT"}


class Looked(NamedTuple):
    """What a node keeps: its execution, and moments in milliseconds since the beginning."""

    path: str
    execution: int
    moments: dict[str, int]


class Told:
    """All that a transcript has said so far."""

    def __init__(self, pipeline: Pipeline) -> None:
        """Nothing yet, of a run of this pipeline."""
        self.pipeline = pipeline
        self.texts: dict[str, str] = {}
        self.variables: dict[str, str | None] = {}
        """Those that are gone are None."""
        self.looked: list[Looked] = []
        """What the last block looked at when all else was done."""
        self.timers: list[int] = []
        """When timers of the last block fired, in milliseconds since the beginning."""
        self.refusals = 0
        self.had_turn = False

    def take(self, block: Block) -> None:
        """Hear what follows from a block."""
        had_ended = self.has_ended
        self.timers = [_since(found) for line in block.expected if (found := TIMER.fullmatch(line))]
        self.refusals = sum(line.startswith("refused: ") for line in block.expected)
        self.looked = []
        looks = block.commands[-1].startswith("look")
        for line in block.expected:
            if found := GONE.fullmatch(line):
                self.texts.pop(found[1], None)
            elif found := STATE.fullmatch(line):
                self.texts[found[1]] = found[2].strip()
            elif found := VARIABLE.fullmatch(line):
                if TOO_LONG.fullmatch(found[2]):
                    self.variables.pop(found[1], None)
                else:
                    self.variables[found[1]] = found[2]
            elif found := GONE_VARIABLE.fullmatch(line):
                self.variables[found[1]] = None
            elif looks and (found := LOOK.fullmatch(line)) and found[1] not in ("refused", "ignored"):
                self.looked.append(_looked(found[1], found[2]))
        first, why, *_ = [*self.texts.get("run", "").split(), "", ""]
        self.had_turn |= had_ended and not self.has_ended
        self.had_turn |= first in ("running", "succeeded") or (first == "waiting" and why != "queued")
        self.had_turn |= any(text.split()[0] in WORKED for path, text in self.texts.items() if path != "run")

    @property
    def has_ended(self) -> bool:
        """Whether the run has."""
        return self.texts.get("run", "pending").split()[0] in {outcome.value for outcome in Outcome}

    @property
    def trigger(self) -> str:
        """The word of the trigger's stage: over when the run has had its turn, or was asked for again (bkci-v3 9)."""
        if self.had_turn:
            return "SUCCEED"
        return "UNEXEC" if self.has_ended else ""

    @property
    def canceler(self) -> str:
        """Whom a canceled run names."""
        found = CANCELED.match(self.texts.get("run", ""))
        return found[1] if found else ""

    def words(self) -> dict[str, str]:
        """Path → word, of all that has one. Checks are `stage<` and `stage>`, a check's only group is `stage<0`."""
        found = {path: self._word(path, text) for path, text in self.texts.items() if ":" not in path}
        for stage in self.pipeline.stages:
            for sign, where, gates in (("<", "before", stage.before), (">", "after", stage.after)):
                found |= self._checks(stage.id, sign, where, gates)
        return {path: each for path, each in found.items() if each}

    def _word(self, path: str, text: str) -> str:
        first, kind, *_ = [*text.split(" "), "none", ""]
        why = Why(kind)
        stage = self.texts.get(path.partition("/")[0], "")
        beside = None
        if stage.startswith("unreached after-end") and not self.pipeline.stages[-1].final:
            beside = Beside.PASSED_BY
        if first in {outcome.value for outcome in Outcome}:
            return word(level_of(path), Phase.FINISHED, Outcome(first), why, beside)
        return word(level_of(path), Phase(first), None, why, beside)

    def _checks(self, stage: str, sign: str, where: str, gates: tuple[Gate, ...]) -> dict[str, str]:
        found = {}
        for at, gate in enumerate(gates):
            phase = self.texts.get(f"{stage}:{where}.{at}", "closed").split()[0]
            if each := word(Level.CHECK, GatePhase(phase), reason=ASKED[gate.kind]):
                found[f"{stage}{sign}"] = each
            if gate.kind is GateKind.REVIEW and len(gate.groups) == 1:
                found[f"{stage}{sign}0"] = GROUPS.get(phase, "")
        return found


def level_of(path: str) -> Level:
    """The level of a node."""
    if path == "run":
        return Level.RUN
    return (Level.STAGE, Level.JOB, Level.STEP)[path.count("/")]


def _since(found: "re.Match[str]") -> int:
    hours, minutes, seconds, rest = found.groups(default="0")
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(rest)


def _looked(path: str, text: str) -> Looked:
    facts = dict(LOOKED.findall(text))
    execution = int(facts.pop("execution", "1"))
    times = {name: TIMER.fullmatch(f"{moment} x") for name, moment in facts.items()}
    return Looked(path, execution, {name: _since(found) for name, found in times.items() if found})


def length_of(command: str) -> int:
    """How far `after` moves the clock, in milliseconds."""
    return milliseconds(command.split()[1])
