"""Attempts: what the world reports of them, and what follows when one has ended badly.

An attempt's outcome is not the step's: when an attempt ends badly, the step stays unfinished until it is decided here
whether another one is tried (after a pause, which is a number) or the failure stands (semantics 7.3). A lost attempt is
repeated only if its step is declared repeatable; else a person is asked (DESIGN, promise 3).
"""

from ferryman.domain.errors import Refused
from ferryman.domain.events import LostSettled, StepFinished, StepLost, StepNoted
from ferryman.domain.ids import split_key
from ferryman.domain.run import StepState
from ferryman.domain.status import Outcome, Phase, Reason, Why
from ferryman.domain.values import Json
from ferryman.machine import step_moves
from ferryman.machine.echo import LATE, UNKNOWN, Echo
from ferryman.machine.job_draft import JobDraft
from ferryman.machine.rules import conditions


def addressed(job: JobDraft, key: str) -> tuple[int, StepState]:
    """The step whose present attempt a key names; an echo for any other key."""
    path, execution, attempt = split_key(key)
    at = job.find_step(path.rpartition("/")[2])
    if at < 0:
        raise Echo(UNKNOWN)
    step: StepState = job.steps[at]
    if (step.execution, step.attempt) != (execution, attempt):
        raise Echo(LATE)
    return at, step


def is_lost(step: StepState) -> bool:
    """Whether contact with the present attempt is lost."""
    return step.phase is Phase.WAITING and step.reason.kind is Why.LOST


def _named(namespace: str, outputs: dict[str, Json]) -> dict[str, Json]:
    """Outputs under all their names: where the step has a namespace, with that before them too (pipeline-yaml 8)."""
    if not namespace:
        return outputs
    return outputs | {f"{namespace}_{name}": value for name, value in outputs.items()}


def finished(job: JobDraft, event: StepFinished) -> None:
    """An attempt has ended: by itself, or because it was told to. One that was lost is found again."""
    at, step = addressed(job, event.key)
    if step.phase is not Phase.RUNNING and not is_lost(step):
        raise Echo(LATE)
    refused = step_moves.write(job, at, event.variables)
    if event.remark:
        job.remark = event.remark
    job.put_step(
        at,
        outputs=step.outputs | _named(job.define.steps[at].namespace, event.outputs)
        if event.outputs
        else step.outputs,
        spawned_at=event.spawned_at,
        error_code=event.error_code,
        error_message=event.reason.facts.get("message", ""),
    )
    if step.stopping:
        step_moves.stopped(job, at)
    elif refused:
        step_moves.failed(job, at, Outcome.FAILED, refused)
    elif event.outcome == "succeeded":
        step_moves.end(job, at, Outcome.SUCCEEDED, event.reason)
    else:
        step_moves.failed(job, at, Outcome(event.outcome), event.reason)
    if (
        job.steps[at].phase is Phase.FINISHED
        and step.wanted_at <= event.spawned_at <= event.ended_at <= job.now
    ):
        # It ended when its program did; nobody may have been there to hear of that (semantics 19, RULINGS 4).
        job.put_step(at, ended_at=event.ended_at)


def noted(job: JobDraft, event: StepNoted) -> None:
    """A running attempt tells what it waits for."""
    at, step = addressed(job, event.key)
    if step.phase is not Phase.RUNNING:
        raise Echo(LATE)
    job.put_step(at, reason=event.reason)


def lost(job: JobDraft, event: StepLost) -> None:
    """Contact with an attempt is lost: repeat it if that is harmless, else wait for a person's word."""
    at, step = addressed(job, event.key)
    if step.phase is not Phase.RUNNING:
        raise Echo(LATE)
    define = job.define.steps[at]
    if step.stopping:
        step_moves.stopped(job, at)
    elif job.stop is not None and not conditions.runs_in_spite_of_a_cancel(define):
        # It was left to finish; now nobody can say whether it does, and nothing is begun anew.
        step_moves.end(job, at, job.stop.outcome, job.stop.reason)
    elif define.repeatable:
        step_moves.attempt(job, at)
    else:
        reason = Reason(Why.LOST, {"known": event.known} if event.known else {})
        job.put_step(at, phase=Phase.WAITING, reason=reason, since=job.now, deadline=0)


def settled(job: JobDraft, event: LostSettled) -> None:
    """A person says what became of a lost attempt, or lets it be repeated."""
    at, step = addressed(job, event.key)
    if not is_lost(step):
        raise Refused(
            f"cannot settle {event.key}: it is not lost; only an attempt whose end is unknown can be settled",
            reason="not-lost",
            path=event.key,
        )
    by = Reason(Why.LOST, {"by": event.by, "verdict": event.verdict})
    if event.verdict == "repeat":
        waited = step.waited + job.now - step.since
        job.put_step(at, waited=waited, since=0)
        step_moves.attempt(job, at)
    elif event.verdict == "succeeded":
        step_moves.end(job, at, Outcome.SUCCEEDED, by)
    else:
        step_moves.end(job, at, Outcome.FAILED, by)
