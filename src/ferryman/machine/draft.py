"""A run's draft: the one place where its stages are replaced, and where it hears of its jobs.

It holds the run's own fields, the stages it touched, and a draft of each job it touched; how an order reaches a job is
`room`, given from outside (`advance.py` folds jobs in place, `cut.py` sends them letters).
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from msgspec.structs import replace

from ferryman.domain.gates import Gate, GatePhase
from ferryman.domain.pipeline import Pipeline, Stage
from ferryman.domain.run import (
    GateState,
    JobState,
    Message,
    Run,
    StageState,
    Stopping,
)
from ferryman.domain.status import NO_REASON, Outcome, Phase, Reason, Why
from ferryman.domain.values import Json
from ferryman.machine import transitions
from ferryman.machine.copying import copier, freezer
from ferryman.machine.job_draft import JobDraft
from ferryman.machine.orders import Order

_STAGE_FIELDS = StageState.__struct_fields__
_RUN_FIELDS = Run.__struct_fields__
_take_stage, _frozen_stage = copier(StageState), freezer(StageState)
_take_run, _frozen_run = copier(Run), freezer(Run)


class StageDraft:
    """One stage while an event is folded."""

    __slots__ = (*_STAGE_FIELDS, "define", "fresh")

    define: Stage
    id: str
    jobs: Any  # a list
    phase: Phase
    outcome: Outcome | None
    reason: Reason
    execution: int
    started_at: int
    ended_at: int
    before: tuple[GateState, ...]
    after: tuple[GateState, ...]
    open_jobs: int
    waiting: tuple[str, ...]
    killed_by: str
    fresh: bool
    """Its jobs have not been looked at since it opened."""

    def __init__(self, before: StageState, define: Stage) -> None:
        """Take the fields of a frozen stage."""
        self.fresh = False
        _take_stage(before, self)
        self.jobs = list(before.jobs)
        self.define = define

    def move(self, phase: Phase, outcome: Outcome | None = None, reason: Reason = NO_REASON) -> None:
        """Change the stage's phase, where the table allows it."""
        if phase is not self.phase:
            transitions.check("stage", self.phase, phase)
            self.phase = phase
        self.outcome = outcome
        self.reason = reason

    def put_gate(self, where: str, at: int, gate: GateState) -> None:
        """Replace one of the gates before or after the stage."""
        gates = list(self.before if where == "before" else self.after)
        if gates[at].phase is not gate.phase:
            transitions.check_gate(gates[at].phase, gate.phase)
        gates[at] = gate
        if where == "before":
            self.before = tuple(gates)
        else:
            self.after = tuple(gates)

    def open_gate(self) -> tuple[str, int, Gate, GateState] | None:
        """The gate that is open now: where it stands, its position, definition and state."""
        for where, gates, defines in (
            ("before", self.before, self.define.before),
            ("after", self.after, self.define.after),
        ):
            for at, gate in enumerate(gates):
                if gate.phase is GatePhase.OPEN:
                    return where, at, defines[at], gate
        return None

    def freeze(self) -> StageState:
        """The stage as it is now."""
        self.jobs = tuple(self.jobs)
        frozen: StageState = _frozen_stage(self)
        return frozen


class World(NamedTuple):
    """What the run knows, as it stood at one moment."""

    variables: dict[str, str]
    jobs: dict[str, Json]
    reviews: dict[str, Json]
    remark: str


AnyJob = JobState | JobDraft
"""A job as it is now, touched or not."""


class JobRoom(Protocol):
    """How a run reaches one of its jobs."""

    def obey(self, draft: RunDraft, job: JobDraft, order: Order) -> None:
        """Let the job have an order."""
        ...


class RunDraft:
    """A run while an event is folded into it."""

    __slots__ = (
        *_RUN_FIELDS,
        "before",
        "due",
        "ended",
        "jobs_touched",
        "matrices",
        "now",
        "room",
        "world",
        "stages_touched",
        "stirred",
    )

    before: Run
    now: int
    room: JobRoom
    stages_touched: dict[int, StageDraft]
    jobs_touched: dict[str, JobDraft]
    ended: list[str]
    matrices: set[str]
    """Matrices to be looked at in the next round."""
    due: set[str]
    """Those to be looked at in this one: all of a round is decided on one world."""
    stirred: bool
    world: World
    disabled: tuple[str, ...]
    id: str
    pipeline: Pipeline
    index: dict[str, tuple[int, ...]]
    stages: tuple[StageState, ...]
    rules: int
    number: int
    execution: int
    phase: Phase
    outcome: Outcome | None
    reason: Reason
    at: int
    seq: int
    ignored: str
    started_by: str
    zone: str
    facts: dict[str, Json]
    values: dict[str, str]
    variables: dict[str, str]
    jobs: dict[str, Json]
    reviews: dict[str, Json]
    remark: str
    cursor: int
    previous: Outcome | None
    result: Outcome | None
    result_reason: Reason
    group: str
    turn: bool
    again: bool
    stopping: Stopping | None
    earliest_repeat_ms: int
    patience_ms: int
    messages: tuple[Message, ...]
    queued_at: int
    started_at: int
    ended_at: int

    def __init__(self, before: Run, now: int, room: JobRoom) -> None:
        """Take the fields of a frozen run; time within a run never goes back."""
        self.before = before
        _take_run(before, self)
        self.now = self.at = max(now, before.at)
        self.room = room
        self.stages_touched = {}
        self.jobs_touched = {}
        self.ended = []
        self.matrices = set()
        self.due = set()
        self.stirred = True
        self.look()

    def look(self) -> None:
        """Begin a round: what rules hand to jobs in it is the world as it stands now, whatever ends meanwhile."""
        self.world = World(self.variables, self.jobs, self.reviews, self.remark)

    def move(self, phase: Phase, outcome: Outcome | None = None, reason: Reason = NO_REASON) -> None:
        """Change the run's phase, where the table allows it."""
        if phase is not self.phase:
            transitions.check("run", self.phase, phase)
            self.phase = phase
        self.outcome = outcome
        self.reason = reason
        self.stirred = True

    # Stages

    def stage(self, at: int) -> StageDraft:
        """A stage to be changed."""
        draft = self.stages_touched.get(at)
        if draft is None:
            draft = self.stages_touched[at] = StageDraft(self.stages[at], self.pipeline.stages[at])
        return draft

    def present(self) -> StageDraft | None:
        """The stage that is open, if any."""
        return self.stage(self.cursor) if self.cursor < len(self.stages) else None

    def renew_stage(self, at: int, fresh: StageState) -> StageDraft:
        """Put a stage back to its beginning, whatever it held."""
        stage_id = fresh.id
        for path in [path for path in self.jobs_touched if path.partition("/")[0] == stage_id]:
            del self.jobs_touched[path]
        self.stages_touched[at] = StageDraft(fresh, self.pipeline.stages[at])
        self.stirred = True
        return self.stages_touched[at]

    # Jobs

    def place_of(self, path: str) -> tuple[int, int, int] | None:
        """Stage, job and split-job position of a job's path; the last is -1 for what is no split job."""
        place = self.index.get(path)
        if place is not None and len(place) == 2:
            return place[0], place[1], -1
        parent, dot, number = path.rpartition(".")
        place = self.index.get(parent) if dot and number.isdecimal() else None
        if place is None or len(place) != 2:
            return None
        children = self._job_state(parent, place[0], place[1]).children
        return (place[0], place[1], int(number)) if int(number) < len(children) else None

    def _job_state(self, path: str, stage: int, job: int) -> JobState:
        touched = self.stages_touched.get(stage)
        state: JobState = (touched.jobs if touched is not None else self.stages[stage].jobs)[job]
        draft = self.jobs_touched.get(path)
        return state if draft is None else replace(state, children=draft.children)

    def job(self, path: str) -> JobDraft | None:
        """A job to be changed, by its path; None where there is none."""
        draft = self.jobs_touched.get(path)
        if draft is not None:
            return draft
        place = self.place_of(path)
        if place is None:
            return None
        stage_at, job_at, child_at = place
        if child_at < 0:
            state = self.stage(stage_at).jobs[job_at]
        else:
            parent = self.job(path.rpartition(".")[0])
            if parent is None:
                return None
            state = parent.children[child_at]
        draft = self.jobs_touched[path] = JobDraft(state, self.now)
        return draft

    def is_split(self, path: str) -> bool:
        """Whether a path is that of a split job."""
        return path not in self.index

    def order(self, path: str, order: Order) -> None:
        """Let a job have an order, and hear what comes of it."""
        job = self.job(path)
        if job is not None:
            before = job.phase
            self.room.obey(self, job, order)
            self.note(job, before)

    def note(self, job: JobDraft, before: Phase) -> None:
        """Take in what a job tells after a change: that it ended, or that it is open again."""
        self.stirred = True
        if (before is Phase.FINISHED) == (job.phase is Phase.FINISHED):
            return
        is_child = job.matrix is not None
        stage_at = self.index[job.path.partition("/")[0]][0]
        stage = self.stage(stage_at)
        if job.phase is Phase.FINISHED:
            self.ended.append(job.path)
            if job.tells.variables:
                self.variables = {**self.variables, **job.tells.variables}
            if job.tells.remark:
                self.remark = job.tells.remark
            if is_child:
                return
            stage.open_jobs -= 1
            # A context is known of jobs that were reached: what is passed by tells nothing (semantics 15.3).
            if job.define.user_id and job.outcome is not Outcome.UNREACHED:
                self.jobs = {**self.jobs, job.define.user_id: job.tells.context}
            if (
                stage.define.fast_kill
                and not stage.define.final
                and not stage.killed_by
                # A forced stop ends all jobs at once: none of them kills the others.
                and not (self.stopping is not None and self.stopping.force)
                and job.outcome is not None
                and job.outcome.is_bad
                and not job.define.continue_on_failure
            ):
                stage.killed_by = job.path
        elif not is_child:
            stage.open_jobs += 1

    def jobs_of(self, stage: StageDraft) -> list[AnyJob]:
        """The jobs of a stage as they are now."""
        return [self.jobs_touched.get(job.path, job) for job in stage.jobs]

    def open_paths(self, stage: StageDraft) -> list[str]:
        """Paths of the jobs of a stage that have not ended; of a matrix, its split jobs."""
        paths: list[str] = []
        for job in self.jobs_of(stage):
            if job.phase is not Phase.FINISHED:
                paths += self.open_children(job) if job.children else [job.path]
        return paths

    def open_children(self, job: AnyJob) -> list[str]:
        """Paths of the split jobs of a matrix that have not ended."""
        states = (self.jobs_touched.get(child.path, child) for child in job.children)
        return [child.path for child in states if child.phase is not Phase.FINISHED]

    # Messages

    def announce(self, name: str, kind: str, **facts: str) -> None:
        """Ask for something to be told to the world, until it has been."""
        self.messages = (*self.messages, Message(name, kind, facts))

    def freeze(self) -> Run:
        """The run as it is now, with every touched node put back into its parent."""
        # Split jobs first, so that their parents hold them when they are put back themselves.
        for path, job in sorted(self.jobs_touched.items(), key=lambda item: item[1].matrix is None):
            place = self.place_of(path)
            if place is None:
                continue
            stage_at, job_at, child_at = place
            if child_at < 0:
                self.stage(stage_at).jobs[job_at] = job.freeze()
                continue
            parent = self.job(path.rpartition(".")[0])
            if parent is not None:
                children = list(parent.children)
                children[child_at] = job.freeze()
                parent.children = tuple(children)
        if self.stages_touched:
            stages = list(self.stages)
            for at, stage in self.stages_touched.items():
                stages[at] = stage.freeze()
            self.stages = tuple(stages)
        frozen: Run = _frozen_run(self)
        return frozen


def stopped_reason(stopping: Stopping) -> Reason:
    """The reason that a cancel gives to what it ends."""
    if stopping.force:
        return Reason(Why.FORCED_STOP, {"by": stopping.by})
    if stopping.pushed_out:
        return Reason(Why.PUSHED_OUT, {"by": stopping.by})
    facts = {"by": stopping.by, "why": stopping.why}
    return Reason(Why.CANCELED_BY, {name: text for name, text in facts.items() if text})
