"""Random walks: legal events drawn from what a run wants, and from what people may ask."""

from collections.abc import Iterator, Sequence

from ferryman.domain.conditions import After, Upstream
from ferryman.domain.errors import Refused
from ferryman.domain.events import (
    CancelRequested,
    EnvironmentFailed,
    Event,
    GateAnswered,
    Halted,
    LockGranted,
    LockRefused,
    LostSettled,
    Resumed,
    RetryRequested,
    SkipRequested,
    Started,
    StepFinished,
    StepLost,
    StepNoted,
    TimerFired,
    VerdictGiven,
)
from ferryman.domain.gates import GateKind
from ferryman.domain.pipeline import Pipeline
from ferryman.domain.policies import Matrix, Mutex, OnFailure, Retry
from ferryman.domain.run import Run
from ferryman.domain.status import Reason, Why
from ferryman.domain.wants import (
    EnvironmentWanted,
    GateWanted,
    LockWanted,
    PersonWanted,
    StepWanted,
    StopWanted,
    TimerWanted,
    Want,
)
from ferryman.machine import advance, begin, wants
from tests.dialects.bkci.v3.story import job, review, stage, step

GATED = stage(
    "a",
    before=(review(kind=GateKind.VERDICT), review("x"), review(kind=GateKind.MANUAL)),
    after=(review(kind=GateKind.VERDICT),),
)
JOBS = stage(
    "a",
    job("j", step("1", retry=Retry(automatic=1, backoff_ms=9)), step("2", on_failure=OnFailure.ASK)),
    job("k", step("1", pause_before=True), step("2", condition=Upstream(After.ALWAYS)), needs=("j",)),
    job("l", mutex=Mutex(group="g", queue=True, length=1), continue_on_failure=True),
)
KILLED = stage(
    "b",
    job("j", matrix=Matrix(axes={"n": ["1", "2"]}, parallel=1)),
    job("k", step("1", review=review("x")), step("2", enabled=False)),
    fast_kill=True,
)
FINALLY = stage("z", final=True)
STAGES = ((GATED, KILLED), (JOBS,), (JOBS, KILLED), (KILLED,))
PIPELINES = tuple(Pipeline(stages=(*each, *last)) for each in STAGES for last in ((), (FINALLY,)))
"""Each with and without a finally stage."""


def runs(pipeline: Pipeline, choices: Sequence[int]) -> Iterator[Run]:
    """The runs that these choices lead through; three of four choices answer a want, where there is one."""
    run = begin(pipeline, Started(at=1, run="r")).run
    yield run
    for choice in choices:
        at = run.at + 70_000
        wanted = tuple(answer for want in wants(run) for answer in answers(want, at))
        open_to = wanted if wanted and choice % 4 else (*wanted, *asked(at))
        try:
            run = advance(run, open_to[choice // 4 % len(open_to)]).run
        except Refused:
            continue
        yield run


def asked(at: int) -> Iterator[Event]:
    """What people may ask of a run at any time."""
    yield CancelRequested(at=at, by="me")
    yield CancelRequested(at=at, by="me", force=True)
    for path in ("", "a", "a/j", "a/j/1", "b", "b/j.0/1"):
        yield RetryRequested(at=at, path=path, by="me", turn=True)
    yield RetryRequested(at=at, by="me")
    yield SkipRequested(at=at, path="a/j/2", by="me")


def answers(want: Want, at: int) -> Iterator[Event]:
    """What the world or a person may say to one want."""
    match want:
        case StepWanted(name=key):
            yield StepFinished(at=at, key=key, outcome="succeeded")
            yield StepFinished(at=at, key=key, outcome="succeeded", spawned_at=at)
            yield StepFinished(at=at, key=key, outcome="failed", reason=Reason(Why.EXIT))
            yield StepFinished(at=at, key=key, outcome="errored", reason=Reason(Why.EXIT))
            yield StepNoted(at=at, key=key, reason=Reason(Why.CALLS))
            yield StepLost(at=at, key=key)
        case StopWanted(key=key):
            yield StepFinished(at=at, key=key, outcome="failed")
        case EnvironmentWanted(path=path):
            yield EnvironmentFailed(at=at, path=path)
            yield EnvironmentFailed(at=at, path=path, lost=True)
        case TimerWanted(name=name):
            yield TimerFired(at=max(at, want.at), name=name)
        case LockWanted(path=path):
            yield LockGranted(at=at, path=path)
            yield LockRefused(
                at=at, path=path, reason=Reason(Why.LOCK_EXPIRED if path else Why.QUEUE_EXPIRED)
            )
        case GateWanted(path=path, kind="verdict"):
            yield VerdictGiven(at=at, path=path, passed=True)
            yield VerdictGiven(at=at, path=path, passed=False)
        case GateWanted(path=path):
            yield GateAnswered(at=at, path=path, by="x", yes=True)
            yield GateAnswered(at=at, path=path, by="x", yes=False)
        case PersonWanted(path=path, kind="pause"):
            yield Resumed(at=at, path=path, by="me")
            yield Halted(at=at, path=path, by="me")
        case PersonWanted(name=name):
            key = name.removesuffix(":lost")
            yield LostSettled(at=at, key=key, verdict="repeat")
            yield LostSettled(at=at, key=key, verdict="succeeded")
            yield LostSettled(at=at, key=key, verdict="failed")
        case _:
            return
