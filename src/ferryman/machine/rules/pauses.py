"""Pauses: a step that waits for a person before it begins (semantics 8.1)."""

from ferryman.domain import words
from ferryman.domain.errors import Refused
from ferryman.domain.events import Halted, Resumed
from ferryman.domain.run import Facts, StepState, StopOrder
from ferryman.domain.status import Outcome, Phase, Reason, Why
from ferryman.machine import step_moves
from ferryman.machine.job_draft import JobDraft


def paused(job: JobDraft, path: str) -> tuple[int, StepState]:
    """The paused step that is spoken of; refused for any other."""
    at = job.find_step(path.rpartition("/")[2])
    step: StepState | None = job.steps[at] if at >= 0 else None
    if step is None or step.phase is not Phase.WAITING or step.reason.kind is not Why.PAUSED:
        raise Refused(
            f"cannot continue or end {path}: it is not paused; only a step that waits before it begins can be",
            reason="not-paused",
            path=path,
        )
    return at, step


def resumed(job: JobDraft, event: Resumed) -> None:
    """The step may begin. Of the settings sent with it, those that it has already are taken over."""
    at, step = paused(job, event.path)
    define = job.define.steps[at]
    changed = {name: value for name, value in event.settings.items() if name in define.settings}
    job.put_step(
        at,
        resumed=True,
        resumed_by=event.by,
        settings={**define.settings, **changed} if changed else step.settings,
        since=0,
    )
    if event.by:
        job.written = {**job.written, words.RESUMED_BY + (define.user_id or define.id): event.by}
    if define.review is not None:
        step_moves.ask(job, at, define, job.facts or Facts())
    else:
        step_moves.attempt(job, at)


def halted(job: JobDraft, event: Halted) -> None:
    """The step shall not begin: it and its job are canceled, and nothing behind it runs."""
    at, _ = paused(job, event.path)
    reason = Reason(Why.HALTED, {"by": event.by})
    job.stop = StopOrder(Outcome.CANCELED, reason)
    step_moves.end(job, at, Outcome.CANCELED, reason)
