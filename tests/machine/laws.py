"""The laws of a run (STYLE 6), held after every event.

`Ledger` folds events into one run and keeps what a driver would keep: the journal as bytes, and the wants as the sum of
their differences. After each event it holds the run against itself before the event, against its replayed twin, and
against the swept form. A law that is broken is an AssertionError that names it.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import permutations
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from ferryman.domain.conditions import After, Upstream
from ferryman.domain.errors import Refused
from ferryman.domain.events import (
    CancelRequested,
    Delivered,
    EnvironmentFailed,
    Event,
    LockGranted,
    LockRefused,
    LostSettled,
    RetryRequested,
    ReviewersNamed,
    SkipRequested,
    Started,
    StepFinished,
    StepLost,
    StepNoted,
    TimerFired,
)
from ferryman.domain.gates import GatePhase
from ferryman.domain.ids import split_key
from ferryman.domain.journal import JournalEntry, from_bytes, to_bytes
from ferryman.domain.pipeline import Pipeline, Step
from ferryman.domain.run import JobState, Run, StageState, StepState
from ferryman.domain.status import Outcome, Phase
from ferryman.domain.wants import StepWanted, StopWanted, TimerWanted, Want
from ferryman.machine import advance, begin, replay, wants
from ferryman.machine.advance import RULES
from tests.machine import by_the_book, swept
from tests.machine.world import World, next_step

ORDERS = tuple(permutations(RULES))
REPORTS = (
    StepFinished,
    StepNoted,
    StepLost,
    EnvironmentFailed,
    ReviewersNamed,
    LockGranted,
    LockRefused,
    TimerFired,
    Delivered,
)
"""What the world reports is never refused: at worst it is a late echo."""

AGAIN = (RetryRequested, SkipRequested)
OPEN_PHASES = (Phase.WAITING, Phase.RUNNING)


class StepPlace(NamedTuple):
    """A step of a run with what it stands in."""

    path: str
    job: JobState
    define: Step
    state: StepState


def jobs_of(stage: StageState) -> Iterator[JobState]:
    """The jobs of a stage, and split jobs behind their parent."""
    for job in stage.jobs:
        yield job
        yield from job.children


def steps_of(run: Run) -> Iterator[StepPlace]:
    """Every step of a run."""
    for stage in run.stages:
        for job in jobs_of(stage):
            for define, state in zip(job.define.steps, job.steps, strict=False):
                yield StepPlace(f"{job.path}/{state.id}", job, define, state)


def nodes_of(run: Run) -> Iterator[tuple[str, Phase, Outcome | None]]:
    """Path, phase and outcome of every node, the run's own first."""
    yield "", run.phase, run.outcome
    for stage in run.stages:
        yield stage.id, stage.phase, stage.outcome
        for job in jobs_of(stage):
            yield job.path, job.phase, job.outcome
            for state in job.steps:
                yield f"{job.path}/{state.id}", state.phase, state.outcome


def differing(one: object, other: object, place: str = "") -> list[str]:
    """Where two trees of structs differ, one line each."""
    if one == other:
        return []
    if isinstance(one, msgspec.Struct) and type(one) is type(other):
        pairs = [
            (f"{place}.{name}", getattr(one, name), getattr(other, name)) for name in one.__struct_fields__
        ]
    elif isinstance(one, tuple | list) and isinstance(other, tuple | list) and len(one) == len(other):
        pairs = [(f"{place}[{at}]", *pair) for at, pair in enumerate(zip(one, other, strict=True))]
    else:
        return [f"{place}: {one!r} | {other!r}"]
    return [line for where, left, right in pairs for line in differing(left, right, where)]


def told(law: str, one: object, other: object) -> str:
    """A broken law of equality, with where it is broken."""
    return "\n  ".join([law, *differing(one, other)[:12]])


class Ledger:
    """One run, its journal and its wants, with the laws held over them."""

    def __init__(self, pipeline: Pipeline, started: Started, *, order: int = 0) -> None:
        """Begin the run; `order` picks the shuffled orders of the rules. Raises `Refused` as `begin` does."""
        self.pipeline = pipeline
        self.order = order
        self.run, wanted, _ = begin(pipeline, started)
        self.journal: list[bytes] = []
        self.wanted: dict[str, Want] = {want.name: want for want in wanted}
        self.keys: dict[str, None] = {}
        """Every attempt that was ever wanted."""
        self.timers: dict[str, int] = {}
        """Every timer that was ever wanted, with when it was due."""
        self.fired: set[str] = set()
        self.tries: Counter[str] = Counter()
        self.repeats: Counter[str] = Counter()
        self.agains = 0
        self.twin: Run | None = None
        self.had_turn = self.run.turn
        self._write(started, "")
        self._note(wanted)
        self._hold_still()

    def tell(self, event: Event) -> Run:
        """Fold one event and hold every law. Raises `Refused`, and the run is as it was."""
        try:
            return self._tell(event)
        except AssertionError as broken:
            broken.add_note(self.story(event))
            raise

    def tell_plainly(self, event: Event) -> Run:
        """Fold one event and hold no law. Raises `Refused`."""
        self.run, wanted, unwanted = advance(self.run, event)
        self.journal.append(to_bytes(JournalEntry(seq=self.run.seq, event=event, ignored=self.run.ignored)))
        for want in unwanted:
            del self.wanted[want.name]
        self.wanted |= {want.name: want for want in wanted}
        self._remember(wanted)
        return self.run

    def story(self, *untold: Event) -> str:
        """The pipeline, the events so far and those that were not yet written, as JSON lines."""
        events = [*(from_bytes(line).event for line in self.journal), *untold]
        return "\n".join(msgspec.json.encode(each).decode() for each in (self.pipeline, *events))

    def carry_out(self, world: World) -> None:
        """Do what is wanted until the run has ended, which it does in a bounded number of events."""
        bound = 40 * len(self.run.stages) + 12 * sum(1 for _ in nodes_of(self.run))
        try:
            while self.run.phase is not Phase.FINISHED:
                next_step(world, self.run, self.tell)
                bound -= 1
                assert bound, "doing what is wanted ends the run"
        except AssertionError as broken:
            broken.add_note(self.story())
            raise

    def _tell(self, event: Event) -> Run:
        before = self.run
        try:
            result = advance(before, event)
        except Refused:
            assert not isinstance(event, REPORTS), f"a report is never refused: {event}"
            assert before == self.twin, "a refused event leaves the run as it was"
            raise
        self.run = after = result.run
        self._write(event, after.ignored)
        assert after.seq == before.seq + 1, "each event has its number"
        assert after.at == max(before.at, event.at), "time never goes back"
        assert before == self._twin_before, "a run that was advanced is itself unchanged"
        if after.ignored:
            self._echo(before, result.wanted, result.unwanted)
            return after
        self._difference(result.wanted, result.unwanted)
        self._orders(before, event)
        self._finished_stays(before, event)
        self._nothing_new_after_cancel(before, event, result.wanted)
        self._attempts(before, event, result.wanted)
        self._written(before, event)
        if isinstance(event, TimerFired):
            assert event.name not in self.wanted, f"a timer that fired is no longer wanted: {event.name}"
        if isinstance(event, CancelRequested) and after.stopping is not None and after.stopping.force:
            assert after.phase is Phase.FINISHED, "a forced stop ends the run at once"
        in_queue = not before.turn and isinstance(event, CancelRequested | LockRefused)
        self.had_turn = not in_queue and (
            self.had_turn or before.turn or after.turn or isinstance(event, AGAIN)
        )
        self._hold_still()
        return after

    # Journal

    def _write(self, event: Event, ignored: str) -> None:
        line = to_bytes(JournalEntry(seq=self.run.seq, event=event, ignored=ignored))
        self.journal.append(line)
        self._twin_before = self.twin
        self.twin = replay(self.pipeline, [from_bytes(line)], since=self.twin)
        assert self.twin == self.run, told("replaying the journal gives the same run", self.run, self.twin)

    def replayed(self) -> Run:
        """The run as its whole journal gives it."""
        return replay(self.pipeline, map(from_bytes, self.journal))

    # Laws of one event

    def _echo(self, before: Run, wanted: tuple[Want, ...], unwanted: tuple[Want, ...]) -> None:
        same = replace(self.run, seq=before.seq, at=before.at, ignored=before.ignored)
        assert same == before, told("a late echo changes nothing", before, same)
        assert not wanted, "a late echo wants nothing"
        assert not unwanted, "a late echo ends no want"

    def _difference(self, wanted: tuple[Want, ...], unwanted: tuple[Want, ...]) -> None:
        for want in unwanted:
            assert self.wanted.pop(want.name, None) == want, f"only what was wanted can be unwanted: {want}"
        for want in wanted:
            assert want.name not in self.wanted, f"what is wanted already is not wanted anew: {want}"
            self.wanted[want.name] = want
        now = wants(self.run)
        assert len({want.name for want in now}) == len(now), "names of wants are unique"
        assert {want.name: want for want in now} == self.wanted, "differences add up to the wants"
        assert swept.names_wanted(self.run) == self.wanted.keys(), "wants are those found at every node"

    def _orders(self, before: Run, event: Event) -> None:
        self.order = (self.order * 7 + self.run.seq) % len(ORDERS)
        other = advance(before, event, rules=ORDERS[self.order])
        names = [f"{rule.__module__}.{rule.__name__}" for rule in ORDERS[self.order]]
        assert other.run == self.run, told(f"shuffled rules settle alike: {names}", self.run, other.run)
        assert set(map(repr, other.wanted)) == set(map(repr, advance(before, event).wanted))

    def _finished_stays(self, before: Run, event: Event) -> None:
        if isinstance(event, AGAIN):
            return
        for was, now in zip(before.stages, self.run.stages, strict=True):
            if was is now:
                continue
            if was.phase is Phase.FINISHED:
                assert (was.phase, was.outcome, was.jobs) == (now.phase, now.outcome, now.jobs), was.id
            for job, job_now in zip(was.jobs, now.jobs, strict=True):
                self._finished_job_stays(job, job_now)

    def _finished_job_stays(self, was: JobState, now: JobState) -> None:
        if was is now:
            return
        if was.phase is Phase.FINISHED:
            assert was == now, told(f"a finished node stays finished: {was.path}", was, now)
        for step, step_now in zip(was.steps, now.steps, strict=True):
            if step.phase is Phase.FINISHED:
                assert step == step_now, f"a finished node stays finished: {was.path}/{step.id}"
        for child, child_now in zip(was.children, now.children, strict=False):
            self._finished_job_stays(child, child_now)

    def _nothing_new_after_cancel(self, before: Run, event: Event, wanted: tuple[Want, ...]) -> None:
        if before.stopping is None or isinstance(event, AGAIN):
            return
        new = {want.name for want in wanted if isinstance(want, StepWanted)}
        final = self.pipeline.stages[-1].id if self.pipeline.stages[-1].final else ""
        for path, _, define, state in steps_of(self.run):
            if f"{path}#{state.execution}.{state.attempt}" in new:
                assert not before.stopping.force, f"nothing at all starts after a forced stop: {path}"
                in_spite = (
                    define.condition in (Upstream(After.ALWAYS), Upstream(After.FAILURE)) or define.post_of
                )
                assert in_spite or path.startswith(f"{final}/"), f"nothing new starts after a cancel: {path}"
        if not final or self.run.cursor != len(self.run.stages) - 1:
            opened = [
                stage.id
                for stage in self.run.stages
                if any(gate.phase is GatePhase.OPEN for gate in (*stage.before, *stage.after))
            ]
            assert not opened, f"no gate opens after a cancel: {opened}"

    def _written(self, before: Run, event: Event) -> None:
        """What a job wrote is known when it has ended; of several that ended at once, what one of them wrote."""
        if isinstance(event, AGAIN):
            return
        written: dict[str, set[str]] = {}
        for was, now in zip(before.stages, self.run.stages, strict=True):
            ended = (
                {job.path for job in jobs_of(was) if job.phase is Phase.FINISHED} if was is not now else set()
            )
            for job in jobs_of(now) if was is not now else ():
                if job.phase is Phase.FINISHED and job.path not in ended:
                    for name, text in job.written.items():
                        written.setdefault(name, set()).add(text)
        for name, texts in written.items():
            assert self.run.variables[name] in texts, f"what an ended job wrote is known: {name}"

    def _attempts(self, before: Run, event: Event, wanted: tuple[Want, ...]) -> None:
        self.agains += isinstance(event, AGAIN)
        if isinstance(event, StepLost) or (isinstance(event, LostSettled) and event.verdict == "repeat"):
            self.repeats[split_key(event.key)[0]] += 1
        self._note(wanted)
        for path, _, define, state in steps_of(self.run):
            most = 1 + define.retry.automatic
            assert state.tries <= define.retry.automatic, f"attempts never exceed policy: {path}"
            assert self.tries[path] <= most * (1 + self.agains) + self.repeats[path], (
                f"attempts never exceed policy: {path}"
            )

    def _note(self, wanted: tuple[Want, ...]) -> None:
        for want in wanted:
            if isinstance(want, StepWanted):
                assert want.name not in self.keys, f"a key is never used again: {want.name}"
                self.tries[split_key(want.name)[0]] += 1
        self._remember(wanted)

    def _remember(self, wanted: tuple[Want, ...]) -> None:
        for want in wanted:
            if isinstance(want, StepWanted):
                self.keys[want.name] = None
            elif isinstance(want, TimerWanted):
                self.timers.setdefault(want.name, want.at)

    # Laws of a run at rest

    def _hold_still(self) -> None:
        run = self.run
        finished = run.phase is Phase.FINISHED
        assert finished or self.wanted, "an unfinished run always wants something"
        for path, phase, outcome in nodes_of(run):
            assert (outcome is not None) == (phase is Phase.FINISHED), (
                f"an outcome is for what has ended: {path}"
            )
            assert not finished or phase is Phase.FINISHED, f"a finished run has no pending node: {path}"
        self._one_at_a_time(run)
        by_the_book.check(run, had_turn=self.had_turn)
        again = swept.run(run)
        assert again == run, told("the swept form is the quick form", run, again)

    def _one_at_a_time(self, run: Run) -> None:
        for at, stage in enumerate(run.stages):
            gates = [gate for gate in (*stage.before, *stage.after) if gate.phase is GatePhase.OPEN]
            assert len(gates) <= 1, f"one gate is open at a time: {stage.id}"
            assert not gates or at == run.cursor, f"only the present stage asks: {stage.id}"
            if stage.phase in OPEN_PHASES:
                assert at == run.cursor, f"only the present stage is open: {stage.id}"
                ended = all(other.phase is Phase.FINISHED for other in run.stages[:at])
                assert ended, f"a stage begins only when the one before has ended: {stage.id}"
            for job in jobs_of(stage):
                works = [step.id for step in job.steps if step.phase in OPEN_PHASES]
                assert len(works) <= 1, f"one step of a job works at a time: {job.path}: {works}"
        attempts = [want for want in self.wanted.values() if isinstance(want, StepWanted | StopWanted)]
        per_job = Counter(want.name.partition("#")[0].rpartition("/")[0] for want in attempts)
        assert all(count == 1 for count in per_job.values()), f"one step of a job works at a time: {per_job}"
