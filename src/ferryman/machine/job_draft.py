"""A job's draft: the one place where its steps are replaced. Nothing in it knows the run.

A draft copies a frozen node's fields, collects changes and freezes once. Each move of a phase is checked against the
table. Rules that import only this module are on the job's side of the cut (RULINGS 3).
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from ferryman.domain.ids import attempt_key
from ferryman.domain.pipeline import Job, Step
from ferryman.domain.run import Facts, GateState, JobState, Scan, StepState, StopOrder, Tells
from ferryman.domain.status import NO_REASON, Outcome, Phase, Reason
from ferryman.machine import transitions
from ferryman.machine.copying import copier, freezer

_JOB_FIELDS = JobState.__struct_fields__
_take_job, _frozen_job = copier(JobState), freezer(JobState)


class JobDraft:
    """One job while an event is folded into it. `now` is the time of the event."""

    __slots__ = (*_JOB_FIELDS, "after", "before", "now", "steps_touched")

    before: JobState
    after: JobState
    """The job as it was last frozen."""
    now: int
    steps_touched: bool
    path: str
    define: Job
    phase: Phase
    outcome: Outcome | None
    reason: Reason
    execution: int
    started_at: int
    ended_at: int
    tells: Tells
    steps: Any  # a tuple until the first step is replaced, then a list
    facts: Facts | None
    scan: Scan
    stop: StopOrder | None
    group: str
    lock: str
    lock_minutes: int
    waiting_since: int
    waited: int
    deadline: int
    written: dict[str, str]
    remark: str
    resumes: bool
    is_group: bool
    children: tuple[JobState, ...]
    matrix: dict[str, str] | None

    def __init__(self, before: JobState, now: int) -> None:
        """Take the fields of a frozen job."""
        self.before = self.after = before
        self.now = now
        self.steps_touched = False
        _take_job(before, self)

    def move(self, phase: Phase, outcome: Outcome | None = None, reason: Reason = NO_REASON) -> None:
        """Change the job's phase, where the table allows it."""
        if phase is not self.phase:
            transitions.check("job", self.phase, phase)
            self.phase = phase
        self.outcome = outcome
        self.reason = reason

    def put_step(self, at: int, **changes: Any) -> StepState:
        """Replace one step; a new phase is checked against the table."""
        before: StepState = self.steps[at]
        after = replace(before, **changes)
        if "phase" in changes:
            transitions.check("step", before.phase, after.phase)
        if not self.steps_touched:
            self.steps = list(self.steps)
            self.steps_touched = True
        self.steps[at] = after
        return after

    def put_gate(self, at: int, gate: GateState) -> None:
        """Replace the gate of a step that is a question."""
        before = self.steps[at].gate or GateState()
        if before.phase is not gate.phase:
            transitions.check_gate(before.phase, gate.phase)
        self.put_step(at, gate=gate)

    def freeze(self) -> JobState:
        """The job as it is now."""
        if self.steps_touched:
            self.steps = tuple(self.steps)
            self.steps_touched = False
        self.after = _frozen_job(self)
        return self.after

    # What rules ask of a job

    @property
    def begun(self) -> bool:
        """Whether its steps are being walked."""
        return self.phase is not Phase.FINISHED and self.facts is not None and self.lock != "asked"

    def current(self) -> tuple[int, StepState, Step] | None:
        """The step that holds up the walk: its position, state and definition."""
        at = self.scan.at
        if not self.begun or at >= len(self.steps):
            return None
        return at, self.steps[at], self.define.steps[at]

    def find_step(self, step_id: str) -> int:
        """Position of a step, or -1. The one that holds up the walk is looked at first."""
        at = self.scan.at
        if at < len(self.steps) and self.steps[at].id == step_id:
            return at
        return next((at for at, step in enumerate(self.steps) if step.id == step_id), -1)

    def key(self, step: StepState) -> str:
        """The key of a step's present attempt."""
        return attempt_key(f"{self.path}/{step.id}", step.execution, step.attempt)
