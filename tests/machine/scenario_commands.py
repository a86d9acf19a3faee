"""Reads the commands of a scenario: what a run is told, one event a line.

Steps are named by their path, which means their present attempt, or by a whole key (`build/a/t#1.2`) to speak of
another one. `after` is no event: it moves the clock and fires the timers that are due, in their order.
"""

from collections.abc import Callable

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
from ferryman.domain.ids import attempt_key
from ferryman.domain.run import Run
from ferryman.domain.status import NO_REASON, Reason, Why
from tests.machine import scenario_story
from tests.machine.scenario_words import Unreadable, Words, milliseconds

SECTIONS = ("set", "out", "ci", "facts")


def event_of(line: str, run: Run | None, at: int) -> Event:
    """The event that a line says, at this time."""
    words = Words(line, SECTIONS)
    verb = words.next("a command")
    reader = COMMANDS.get(verb)
    if reader is None:
        raise Unreadable(f"there is no command {verb}")
    event = reader(words, run, at)
    words.done()
    return event


def _key(run: Run | None, name: str) -> str:
    """The key of a step's present attempt, unless a key was given."""
    if "#" in name or run is None:
        return name
    step = scenario_story.steps_by_path(run).get(name)
    return attempt_key(name, step.execution, step.attempt) if step is not None else f"{name}#1.1"


def _reason(words: Words) -> Reason:
    kind = words.next("the kind of a reason", default="none")
    return Reason(Why(kind), words.sections["facts"]) if kind != "none" else NO_REASON


def _start(words: Words, run: Run | None, at: int) -> Event:
    return Started(
        at=at,
        run="run",
        number=words.number("number", 1),
        by=words.option("by", "ann"),
        values=words.sections["set"],
        facts=words.sections["ci"],
        zone=words.option("zone", "UTC"),
        disabled=words.listed("off"),
        turn=not words.flag("queued"),
        earliest_repeat_ms=milliseconds(words.option("repeat", "60s")),
        patience_ms=milliseconds(words.option("patience", "10s")),
        rules=words.number("rules", 1),
    )


ENDS = {"ok": "succeeded", "fail": "failed", "errored": "errored"}


def _finished(words: Words, run: Run | None, at: int) -> Event:
    key = _key(run, words.next("a step"))
    end = ENDS[words.next("how it ended")]
    code = words.option("code", "1")
    reason = Reason(Why.EXIT, {"code": code}) if end == "failed" else NO_REASON
    return StepFinished(
        at=at,
        key=key,
        outcome=end,  # type: ignore[arg-type]
        reason=reason,
        variables=words.sections["set"],
        outputs=words.sections["out"],
        remark=words.option("remark"),
        spawned_at=at,
    )


COMMANDS: dict[str, Callable[[Words, Run | None, int], Event]] = {
    "start": _start,
    "finished": _finished,
    "noted": lambda words, run, at: StepNoted(
        at=at, key=_key(run, words.next("a step")), reason=_reason(words)
    ),
    "lost": lambda words, run, at: StepLost(
        at=at, key=_key(run, words.next("a step")), known=words.option("known")
    ),
    "settle": lambda words, run, at: LostSettled(
        at=at,
        key=_key(run, words.next("a step")),
        verdict=words.next("repeat, succeeded or failed"),  # type: ignore[arg-type]
        by=words.option("by"),
    ),
    "vote": lambda words, run, at: GateAnswered(
        at=at,
        path=words.next("a gate"),
        yes=words.next("yes or no") == "yes",
        by=words.option("by"),
        group=words.option("group"),
        comment=words.option("why"),
        values=words.sections["set"],
    ),
    "verdict": lambda words, run, at: VerdictGiven(
        at=at,
        path=words.next("a stage"),
        passed=words.next("pass or refuse") == "pass",
        by=words.option("by"),
        where=words.option("where"),  # type: ignore[arg-type]
    ),
    "named": lambda words, run, at: ReviewersNamed(
        at=at,
        path=words.next("a gate"),
        members=tuple(tuple(filter(None, words.next().split(","))) for _ in words.plain[:]),
    ),
    "resume": lambda words, run, at: Resumed(
        at=at, path=words.next("a step"), by=words.option("by"), settings=words.sections["set"]
    ),
    "halt": lambda words, run, at: Halted(at=at, path=words.next("a step"), by=words.option("by")),
    "cancel": lambda words, run, at: CancelRequested(
        at=at,
        by=words.option("by", "ann"),
        why=words.option("why"),
        force=words.flag("force"),
        running="finish" if words.flag("finish") else "stop",
        pushed_out=words.flag("pushed-out"),
    ),
    "retry": lambda words, run, at: RetryRequested(
        at=at,
        failed_only=words.flag("failed-only"),
        turn=not words.flag("queued"),
        path=words.next(default=""),
        by=words.option("by", "ann"),
    ),
    "skip": lambda words, run, at: SkipRequested(
        at=at,
        turn=not words.flag("queued"),
        path=words.next(default=""),
        by=words.option("by", "ann"),
    ),
    "environment": lambda words, run, at: EnvironmentFailed(
        at=at,
        path=words.next("a job"),
        lost=words.next("failed or lost") == "lost",
        message=words.option("message"),
    ),
    "granted": lambda words, run, at: LockGranted(at=at, path=words.next(default="")),
    "refused": lambda words, run, at: LockRefused(
        at=at,
        path=words.next(default="") if words.plain and words.plain[0] not in set(Why) else "",
        reason=_reason(words),
    ),
    "fire": lambda words, run, at: TimerFired(at=at, name=words.next("a timer")),
    "delivered": lambda words, run, at: Delivered(at=at, name=words.next("a message")),
}
"""Verb → how the rest of its line is read."""
