"""The coordinator: it only dispatches, settles and compares wants.

    begin(pipeline, started)  → (run, wanted, unwanted)
    advance(run, event)       → (run, wanted, unwanted)

An event changes one node; the rules then settle the rest until nothing is stirred any more. Their order carries no
meaning: every round they all see the same ended jobs.
"""

from collections.abc import Callable
from typing import NamedTuple

from ferryman import expressions
from ferryman.domain.errors import Refused
from ferryman.domain.events import (
    CancelRequested,
    Delivered,
    EnvironmentFailed,
    Event,
    GateAnswered,
    Halted,
    LockGranted,
    LockRefused,
    LostSettled,
    Resumed,
    RetryRequested,
    ReviewersNamed,
    SkipRequested,
    Started,
    StepFinished,
    StepLost,
    StepNoted,
    TimerFired,
    VerdictGiven,
)
from ferryman.domain.ids import split_key
from ferryman.domain.pipeline import Pipeline
from ferryman.domain.run import Run
from ferryman.domain.status import Outcome, Phase, Reason, Why
from ferryman.domain.wants import Want
from ferryman.machine import job as jobs_own
from ferryman.machine import layout, outlook, stage_moves, wanted
from ferryman.machine.draft import JobRoom, RunDraft
from ferryman.machine.echo import LATE, UNKNOWN, Echo
from ferryman.machine.job_draft import JobDraft
from ferryman.machine.orders import Order
from ferryman.machine.rules import cancel, entrances, jobs, matrix, parameters, retry, stages

RULES_VERSION = 1
"""The version of the rules that new runs are begun under."""

Rule = Callable[[RunDraft, list[str]], None]

RULES: tuple[Rule, ...] = (entrances.settle, jobs.fast_kill, jobs.settle, matrix.settle, stages.settle)
"""What settles a run after an event. Any order gives the same run."""


class Advance(NamedTuple):
    """A run after an event, with what it wants of the world now and did not before, and what it wants no more."""

    run: Run
    wanted: tuple[Want, ...]
    unwanted: tuple[Want, ...]


class _InPlace:
    """Jobs are folded here and now."""

    def obey(self, draft: RunDraft, job: JobDraft, order: Order) -> None:
        jobs_own.obey(job, order)


IN_PLACE = _InPlace()


def begin(pipeline: Pipeline, event: Started) -> Advance:
    """Begin a run: fix its values and lay out its nodes; it wants its turn, unless it has it already.

    Raises `Refused` for a value that is missing and for a circle in the dependencies of jobs (semantics 2.3).
    """
    if event.rules != RULES_VERSION:
        raise Refused(
            f"cannot fold run {event.run}: it was begun under rules {event.rules}, and this Ferryman knows "
            f"{RULES_VERSION}; use a version of Ferryman that knows them",
            reason="unknown-rules",
        )
    values = parameters.start_values(pipeline.parameters, event.values, unasked=event.unasked)
    run = Run(
        id=event.run,
        pipeline=pipeline,
        index=layout.index_of(pipeline),
        stages=tuple(layout.stage_of(stage, execution=1, off=event.disabled) for stage in pipeline.stages),
        rules=event.rules,
        number=event.number,
        reason=Reason(Why.QUEUED),
        at=event.at,
        started_by=event.by,
        zone=event.zone,
        facts=event.facts,
        values=values,
        disabled=event.disabled,
        variables=values,
        jobs=outlook.unreached_jobs(pipeline),
        earliest_repeat_ms=event.earliest_repeat_ms,
        patience_ms=event.patience_ms,
        queued_at=event.at,
        seq=1,
    )
    draft = RunDraft(run, event.at, IN_PLACE)
    parameters.refuse_circles(draft)
    group = pipeline.concurrency.group
    draft.group = expressions.substitute(
        group, outlook.of_run(draft), dialect=pipeline.dialect, zone=event.zone
    )
    if event.turn:
        _take_turn(draft)
    settle(draft)
    after = draft.freeze()
    return Advance(after, wanted.of_run(after), ())


def filled(run: Run, text: str) -> str:
    """A text with what the run as a whole sees in its placeholders, hidden values as six asterisks; as it is where
    that would be out of bounds."""
    world = outlook.of_run(RunDraft(run, run.at, IN_PLACE))
    try:
        found = expressions.substitute(text, world, dialect=run.pipeline.dialect, zone=run.zone)
    except expressions.ExpressionError:
        return text
    return world.masked(found)


def advance(run: Run, event: Event, *, rules: tuple[Rule, ...] = RULES) -> Advance:
    """Fold one event into a run.

    Raises `Refused`, and the run is as it was, where the event is not legal now. A late echo changes nothing but the
    run's `ignored`, which says why.
    """
    return fold(run, event, rules=rules, room=IN_PLACE)


def fold(run: Run, event: Event, *, rules: tuple[Rule, ...], room: JobRoom) -> Advance:
    """`advance`, with another way of reaching jobs."""
    draft = RunDraft(run, event.at, room)
    draft.seq += 1
    draft.ignored = ""
    try:
        tell(draft, event)
    except Echo as echo:
        idle = RunDraft(run, event.at, room)
        idle.seq += 1
        idle.ignored = str(echo)
        return Advance(idle.freeze(), (), ())
    settle(draft, rules)
    after = draft.freeze()
    return Advance(after, *difference(draft, after))


def settle(draft: RunDraft, rules: tuple[Rule, ...] = RULES) -> None:
    """Let the rules go over the draft until nothing is stirred any more."""
    while draft.stirred:
        draft.stirred = False
        draft.look()
        ended, draft.ended = draft.ended, []
        draft.due, draft.matrices = draft.matrices, set()
        for rule in rules:
            rule(draft, ended)


def difference(draft: RunDraft, after: Run) -> tuple[tuple[Want, ...], tuple[Want, ...]]:
    """What changed in the wants, looking only at the nodes that were touched."""
    before = draft.before
    was, now = list(wanted.of_top(before)), list(wanted.of_top(after))
    for at in draft.stages_touched:
        define = draft.pipeline.stages[at]
        was += wanted.of_stage(before.stages[at], define)
        now += wanted.of_stage(after.stages[at], define)
    for job in draft.jobs_touched.values():
        if not job.is_group:
            was += wanted.of_job(job.before)
            now += wanted.of_job(job.after)
    return wanted.difference(was, now)


def tell(draft: RunDraft, event: Event) -> None:
    """Dispatch an event to the one node that it names. Raises `Refused` or `Echo`."""
    match event:
        case CancelRequested():
            cancel.requested(draft, event)
        case RetryRequested():
            retry.requested(draft, event)
        case SkipRequested():
            retry.skip_requested(draft, event)
        case VerdictGiven():
            entrances.verdict_given(draft, event)
        case LockGranted(path="") | LockRefused(path=""):
            _turn_decided(draft, event)
        case GateAnswered(path=path) | ReviewersNamed(path=path):
            if path.count("/") == 2:
                _tell_job(draft, path.rpartition("/")[0], event)
            elif isinstance(event, GateAnswered):
                entrances.answered(draft, event)
            else:
                entrances.reviewers_named(draft, event)
        case Resumed(path=path) | Halted(path=path):
            _tell_job(draft, path.rpartition("/")[0], event)
        case StepFinished(key=key) | StepNoted(key=key) | StepLost(key=key) | LostSettled(key=key):
            _tell_job(draft, split_key(key)[0].rpartition("/")[0], event)
        case EnvironmentFailed(path=path) | LockGranted(path=path) | LockRefused(path=path):
            _tell_job(draft, path, event)
        case TimerFired():
            _timer_fired(draft, event)
        case Delivered(name=name):
            kept = tuple(message for message in draft.messages if message.name != name)
            if len(kept) == len(draft.messages):
                raise Echo("no such message waits to be delivered")
            draft.messages = kept
        case Started():
            raise Refused("cannot start the run: it has been started already", reason="started")


def job_path(name: str) -> str:
    """The job that an event's key or a timer's name speaks of; empty where it speaks of a stage."""
    path = name.partition("#")[0]
    parts = path.split("/")
    return "/".join(parts[:2]) if len(parts) >= 2 else ""


def _timer_fired(draft: RunDraft, event: TimerFired) -> None:
    path = job_path(event.name)
    if path:
        _tell_job(draft, path, event)
    else:
        entrances.timer_fired(draft, event)


ASKED = (Resumed, Halted, LostSettled, GateAnswered)
"""What people ask of a step is refused where there is none; what the world reports of it is a late echo."""


def _tell_job(draft: RunDraft, path: str, event: jobs_own.Heard) -> None:
    job = draft.job(path)
    if job is None or job.is_group:
        if isinstance(event, ASKED):
            asked = event.key if isinstance(event, LostSettled) else event.path
            raise Refused(
                f"{asked} is no step of this run; name one by its path, stage/job/step",
                reason="no-such-job",
                path=path,
            )
        raise Echo(UNKNOWN)
    before = job.phase
    jobs_own.hear(job, event)
    draft.note(job, before)


def _take_turn(draft: RunDraft) -> None:
    draft.turn = True
    draft.started_at = draft.started_at or draft.now
    draft.move(Phase.RUNNING)


def _turn_decided(draft: RunDraft, event: LockGranted | LockRefused) -> None:
    """Its turn came, or will not come; a run that has had it already hears nothing new."""
    if draft.turn or draft.phase is not Phase.WAITING or draft.reason.kind is not Why.QUEUED:
        raise Echo(LATE)
    if isinstance(event, LockGranted):
        _take_turn(draft)
        return
    outcome = Outcome.CANCELED if event.reason.kind is Why.PUSHED_OUT else Outcome.FAILED
    stage_moves.end_in_queue(draft, outcome, event.reason)
