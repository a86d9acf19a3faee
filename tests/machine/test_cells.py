"""Each event told to a node in each phase, and each pair of people's commands in each state of waiting.

Cells come from `transitions.ANSWERS`: a new event without its row fails here. States come from `situations`.
"""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import product

import pytest
from msgspec.structs import replace

from ferryman.domain import events as told
from ferryman.domain.errors import Refused
from ferryman.domain.events import Event
from ferryman.domain.ids import attempt_key
from ferryman.domain.run import Run
from ferryman.domain.status import Phase, Reason, Why
from ferryman.domain.wants import (
    GateWanted,
    LockWanted,
    MessageWanted,
    PersonWanted,
    ReviewersWanted,
    StepWanted,
    StopWanted,
    TimerWanted,
    Want,
)
from ferryman.machine import advance, wants
from ferryman.machine.transitions import ANSWERS, COUNTS, IGNORED, REFUSED
from tests.machine import scenario_commands, situations
from tests.machine.scenario import Conversation
from tests.machine.scenario_story import jobs_of, steps_by_path


@cache
def reached(name: str) -> Conversation:
    """A run in this state; never led on, only forked."""
    return situations.ALL[name].reached()


# cells


def nodes(run: Run, level: str, phase: Phase) -> Iterator[str]:
    """Paths of the nodes of a level that are in this phase."""
    if level == "run":
        yield from [""] if run.phase is phase else []
    elif level == "stage":
        yield from (stage.id for stage in run.stages if stage.phase is phase)
    elif level == "job":
        yield from (job.path for job in jobs_of(run) if job.phase is phase)
    else:
        yield from (path for path, step in steps_by_path(run).items() if step.phase is phase)


def _key(run: Run, path: str) -> str:
    step = steps_by_path(run)[path]
    return attempt_key(path, step.execution, step.attempt)


def _timers(run: Run, path: str) -> list[str]:
    """Names of timers that belong to a node, wanted or not."""
    depth = path.count("/")
    if depth == 0:
        execution = next(stage.execution for stage in run.stages if stage.id == path)
        return [f"{path}#{execution}:{where}.0:limit" for where in ("before", "after")]
    if depth == 1:
        execution = next(job.execution for job in jobs_of(run) if job.path == path)
        return [f"{path}#{execution}:limit"]
    return [f"{_key(run, path)}:{what}" for what in ("limit", "patience", "backoff")]


LATER = 5_000
"""Milliseconds between reaching a state and the event."""

TOLD: dict[type, Callable[[Run, str, int], list[Event]]] = {
    told.CancelRequested: lambda run, path, at: [told.CancelRequested(at=at, by="ann")],
    told.RetryRequested: lambda run, path, at: [told.RetryRequested(at=at, path=path, turn=True)],
    told.SkipRequested: lambda run, path, at: [told.SkipRequested(at=at, path=path, turn=True)],
    told.GateAnswered: lambda run, path, at: [told.GateAnswered(at=at, path=path, by="ann", yes=True)],
    told.VerdictGiven: lambda run, path, at: [told.VerdictGiven(at=at, path=path, passed=True)],
    told.Resumed: lambda run, path, at: [told.Resumed(at=at, path=path)],
    told.Halted: lambda run, path, at: [told.Halted(at=at, path=path)],
    told.LostSettled: lambda run, path, at: [
        told.LostSettled(at=at, key=_key(run, path), verdict="succeeded")
    ],
    told.StepFinished: lambda run, path, at: [
        told.StepFinished(at=at, key=_key(run, path), outcome="succeeded")
    ],
    told.StepNoted: lambda run, path, at: [
        told.StepNoted(at=at, key=_key(run, path), reason=Reason(Why.CALLS, {"run": "42"}))
    ],
    told.StepLost: lambda run, path, at: [told.StepLost(at=at, key=_key(run, path))],
    told.EnvironmentFailed: lambda run, path, at: [told.EnvironmentFailed(at=at, path=path)],
    told.ReviewersNamed: lambda run, path, at: [
        told.ReviewersNamed(at=at, path=path, members=(("ann",), ("bob",)))
    ],
    told.LockGranted: lambda run, path, at: [told.LockGranted(at=at, path=path)],
    told.LockRefused: lambda run, path, at: [
        told.LockRefused(at=at, path=path, reason=Reason(Why.LOCK_EXPIRED))
    ],
    told.TimerFired: lambda run, path, at: [told.TimerFired(at=at, name=name) for name in _timers(run, path)],
    told.Delivered: lambda run, path, at: [told.Delivered(at=at, name="message:1:run-ended")],
    told.Started: lambda run, path, at: [told.Started(at=at, run="run")],
}
"""Event → how it is addressed to a node."""

CELLS = [
    pytest.param(event, level, phase, answer, id=f"{event.__name__} to a {phase} {level}: {answer}")
    for event, levels in ANSWERS.items()
    for level, phases in levels.items()
    for phase, answer in phases.items()
]


def answer_of(run: Run, event: Event) -> str:
    """What an event comes to; the run it leaves behind is checked where it must be the same."""
    try:
        after = advance(run, event).run
    except Refused as refused:
        return REFUSED if refused.reason else "refused without a word for programs"
    if not after.ignored:
        return COUNTS
    assert replace(after, ignored=run.ignored, seq=run.seq, at=run.at) == run, "a late echo changed something"
    assert after.seq == run.seq + 1
    return IGNORED


@pytest.mark.parametrize(("event", "level", "phase", "expected"), CELLS)
def test_cell(event: type, level: str, phase: Phase, expected: str) -> None:
    """In every state, what is refused or ignored always is; what counts does so in at least one."""
    answers = set()
    for name in situations.ALL:
        conversation = reached(name)
        run = conversation.run
        assert run is not None
        for path in nodes(run, level, phase):
            for each in TOLD[event](run, path, conversation.now + LATER):
                answers.add(answer_of(run, each))
    assert answers, "no situation has such a node"
    if expected == COUNTS:
        assert COUNTS in answers
    else:
        assert answers == {expected}


def test_every_event_has_its_row() -> None:
    """A new event says what it comes to in each phase, and how a test tells it."""
    assert set(ANSWERS) == set(told.EVENTS) == set(TOLD)


@pytest.mark.parametrize(
    "path", ["", "nowhere", "build/nobody", "build/a/nobody", "a/b/c/d", "#", "build/a.9/t"]
)
@pytest.mark.parametrize("name", situations.ALL)
def test_nobody_at_home(name: str, path: str) -> None:
    """What is addressed to a node that is not there is refused or ignored, and never another exception."""
    conversation = reached(name)
    run, at = conversation.run, conversation.now + LATER
    assert run is not None
    key = f"{path}#1.1"
    strays: list[Event] = [
        told.GateAnswered(at=at, path=path, by="ann", yes=True),
        told.VerdictGiven(at=at, path=path, passed=True),
        told.Resumed(at=at, path=path),
        told.Halted(at=at, path=path),
        told.LostSettled(at=at, key=key, verdict="repeat"),
        told.StepFinished(at=at, key=key, outcome="succeeded"),
        told.StepNoted(at=at, key=key, reason=Reason(Why.CALLS)),
        told.StepLost(at=at, key=key),
        told.EnvironmentFailed(at=at, path=path),
        told.ReviewersNamed(at=at, path=path, members=()),
        told.TimerFired(at=at, name=f"{path}#1:limit"),
        told.TimerFired(at=at, name=f"{key}:limit"),
        told.Delivered(at=at, name=path),
    ]
    if path:
        strays += [
            told.RetryRequested(at=at, path=path),
            told.SkipRequested(at=at, path=path),
            told.LockGranted(at=at, path=path),
            told.LockRefused(at=at, path=path),
        ]
    for event in strays:
        assert answer_of(run, event) in (REFUSED, IGNORED), event


# pairs of commands

COMMANDS = (
    "cancel",
    "cancel force",
    "cancel finish",
    "retry",
    "retry build",
    "retry build failed-only",
    "retry build/a",
    "retry build/bad",
    "retry build/a/t",
    "retry build/bad/t",
    "skip build",
    "skip build/a/t",
    "skip build/bad/t",
    "vote build yes by=ann",
    "vote build no by=ann",
    "vote build/a/t yes by=ann",
    "vote build/a/t no by=ann",
    "resume build/a/t by=ann",
    "halt build/a/t by=ann",
    "verdict build pass by=ann",
    "verdict build refuse by=ann",
    "settle build/a/t repeat by=ann",
    "settle build/a/t succeeded by=ann",
    "settle build/a/t failed by=ann",
)
"""What people may ask."""

PAUSES = (1_000, 61_000)
"""Between the two commands: within the minute in which a second stop is refused, and after it."""


@pytest.mark.parametrize("name", situations.WAITING)
def test_every_ordered_pair_of_commands(name: str) -> None:
    """Whatever two things people ask, one after the other, in this state: refused or obeyed, and the laws hold.

    The run can always be brought to its end by doing what it wants, and everything in it is finished then.
    """
    for first in ("", *COMMANDS):
        begun = reached(name).fork()
        if first:
            _tell(begun, first)
            if begun.run is reached(name).run:
                # Refused, it left no trace: with it first, the second comes to what it comes to alone.
                continue
        for second, pause in product(COMMANDS, PAUSES if first.startswith("cancel") else PAUSES[:1]):
            conversation = begun.fork()
            conversation.now += pause
            try:
                _tell(conversation, second)
                to_its_end(conversation)
                conversation.check()
            except AssertionError as fault:
                raise AssertionError(f"{name}: {first}, {second}: {fault}") from fault


def _tell(conversation: Conversation, command: str) -> None:
    list(conversation.tell(scenario_commands.event_of(command, conversation.run, conversation.now)))


def to_its_end(conversation: Conversation) -> None:
    """Do what is wanted until the run has ended."""
    for _ in range(60):
        run = conversation.run
        assert run is not None
        if run.phase is Phase.FINISHED:
            phases = {stage.phase for stage in run.stages} | {job.phase for job in jobs_of(run)}
            assert phases == {Phase.FINISHED}, "a finished run holds what is not"
            assert all(isinstance(want, MessageWanted) for want in wants(run)), (
                "a finished run wants something"
            )
            return
        event = next(filter(None, (_done(run, want, conversation.now) for want in conversation.wants)), None)
        if event is None:
            timers = [want for want in conversation.wants if isinstance(want, TimerWanted)]
            assert timers, "it wants nothing that anybody could do"
            due = min(timers, key=lambda want: want.at)
            conversation.now = max(conversation.now, due.at)
            event = told.TimerFired(at=conversation.now, name=due.name)
        list(conversation.tell(event))
    raise AssertionError("doing what it wants does not end it")


def _done(run: Run, want: Want, at: int) -> Event | None:
    """What the world says when a want was carried out; None where there is nothing to say."""
    match want:
        case StepWanted(name=key):
            return told.StepFinished(at=at, key=key, outcome="succeeded", spawned_at=at)
        case StopWanted(key=key):
            return told.StepFinished(at=at, key=key, outcome="errored")
        case LockWanted(path="") if not run.turn:
            return told.LockGranted(at=at)
        case LockWanted(path=path) if path and _asks(run, path):
            return told.LockGranted(at=at, path=path)
        case GateWanted(kind="verdict", path=path):
            return told.VerdictGiven(at=at, path=path, passed=True)
        case GateWanted(path=path, reviewers=reviewers):
            return told.GateAnswered(at=at, path=path, by=reviewers[0] if reviewers else "ann", yes=True)
        case ReviewersWanted(path=path, roles=roles):
            return told.ReviewersNamed(at=at, path=path, members=tuple(("bob",) for _ in roles))
        case PersonWanted(kind="pause", path=path):
            return told.Resumed(at=at, path=path)
        case PersonWanted(path=path):
            return told.LostSettled(at=at, key=_key(run, path), verdict="succeeded")
        case _:
            return None


def _asks(run: Run, path: str) -> bool:
    return any(job.path == path and job.lock == "asked" for job in jobs_of(run))
