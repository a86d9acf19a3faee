"""Recorded journals: what runs of today's rules were told, and what they came to.

A run lives long and rules change: what is recorded here must fold to the same end for as long as its version of the
rules is known (STYLE 3). `python -m tests.machine.record` records the stories that have no recording yet; one that is
there is never written over, and one that no longer folds needs a new version of the rules and an ADR.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from ferryman.domain.conditions import After, AfterStage, Holds, Matches, Previous, Upstream
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
    TimerFired,
    VerdictGiven,
)
from ferryman.domain.gates import Gate, GateKind, ReviewGroup
from ferryman.domain.journal import JournalEntry
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.policies import Concurrency, Exclusion, Limit, Matrix, Mutex, OnFailure, Retry
from ferryman.domain.run import Run
from ferryman.domain.status import Phase, Reason, Why
from ferryman.domain.values import Parameter
from ferryman.domain.wants import TimerWanted
from ferryman.machine import advance, begin, wants
from tests.machine.laws import jobs_of
from tests.machine.world import World, next_step

FOLDER = Path(__file__).parent / "journals"

NodeEnd = tuple[str, str, str, str]
"""Path, phase, outcome and kind of reason of one node."""


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """One file: the definition, the journal, and what the run amounts to."""

    pipeline: Pipeline
    entries: tuple[JournalEntry, ...]
    ends: tuple[NodeEnd, ...]
    wanted: int
    """How many wants were ever made, over all entries: a fold that skips work shows here."""


class Story(NamedTuple):
    """What is recorded: a pipeline, and what happens to its run besides all going well."""

    pipeline: Pipeline
    twists: tuple[Event, ...]
    """Told in order, each as soon as it counts; until then, and after the last, a world carries out what is wanted."""


def ends_of(run: Run) -> Iterator[NodeEnd]:
    """How every node of a run ended."""

    def end(path: str, node: object) -> NodeEnd:
        return path, node.phase.value, node.outcome.value if node.outcome else "", node.reason.kind.value

    yield end("", run)
    for stage in run.stages:
        yield end(stage.id, stage)
        for job in jobs_of(stage):
            yield end(job.path, job)
            for step in job.steps:
                yield end(f"{job.path}/{step.id}", step)


def step(step_id: str, **more: object) -> Step:
    """A step with a user's id."""
    return Step(id=step_id, user_id=step_id, kind="noop", **more)


def job(job_id: str, *steps: Step, **more: object) -> Job:
    """A job with a user's id; of one step, unless others are given."""
    return Job(id=job_id, user_id=job_id, steps=steps or (step("t1"),), **more)


def stage(stage_id: str, *jobs: Job, **more: object) -> Stage:
    """A stage with a user's id."""
    return Stage(id=stage_id, user_id=stage_id, jobs=jobs, **more)


def ends(key: str, outcome: str = "succeeded", **more: object) -> StepFinished:
    """An attempt ends."""
    reason = Reason() if outcome == "succeeded" else Reason(Why.EXIT, {"code": "1"})
    return StepFinished(at=0, key=key, outcome=outcome, reason=reason, **more)


BOB = ReviewGroup(name="owners", reviewers=("bob",))
TWO = ReviewGroup(name="two", id="g2", reviewers=("${{ variables.who }}",), quorum=2)
ASKS = Gate(kind=GateKind.REVIEW, groups=(BOB, TWO), parameters=(Parameter(name="target"),))
WHO = (Parameter(name="who", default="bob,cleo"), Parameter(name="v", default="a"))
ALWAYS, FAILURE = Upstream(After.ALWAYS), Upstream(After.FAILURE)

STORIES: dict[str, Story] = {
    "plain": Story(
        Pipeline(stages=(stage("s1", job("j1", step("t1"), step("t2")), job("j2")), stage("s2", job("j3")))),
        (),
    ),
    "conditions": Story(
        Pipeline(
            parameters=WHO,
            stages=(
                stage(
                    "s1",
                    job(
                        "j1",
                        step("t1"),
                        step("t2", condition=Holds("variables.v == 'a'")),
                        step("t3", condition=Matches((("v", "b"),))),
                        step("t4", condition=FAILURE),
                    ),
                    job("j2", condition=Holds("")),
                ),
                stage("s2", job("j3"), condition=Matches((("v", "a"),), substituted=False)),
                stage("s3", job("j4", condition=Holds("jobs.j1.steps.t1.outputs.o == '1'"))),
            ),
        ),
        (ends("s1/j1/t1#1.1", variables={"v": "b"}, outputs={"o": "1"}),),
    ),
    "failure-and-finally": Story(
        Pipeline(
            announced=("run-failed",),
            stages=(
                stage(
                    "s1",
                    job(
                        "j1",
                        step("t1"),
                        step("t2"),
                        step("t3", condition=FAILURE),
                        step("t4", condition=ALWAYS),
                    ),
                    job("j2", step("t1", on_failure=OnFailure.CONTINUE), step("t2", condition=FAILURE)),
                    job("j3", continue_on_failure=True),
                    job("j4", needs=("j3",)),
                ),
                stage("s2", job("j5")),
                stage(
                    "s3",
                    job("j6", condition=AfterStage(Previous.FAILED)),
                    job("j7", condition=AfterStage(Previous.SUCCEEDED)),
                    final=True,
                ),
            ),
        ),
        (
            ends("s1/j1/t1#1.1", "failed"),
            ends("s1/j2/t1#1.1", "errored"),
            ends("s1/j3/t1#1.1", "failed"),
        ),
    ),
    "automatic-retry": Story(
        Pipeline(
            stages=(
                stage(
                    "s1",
                    job(
                        "j1",
                        step("t1", retry=Retry(2, backoff_ms=5_000)),
                        step("t2", retry=Retry(1), limit=Limit(1)),
                    ),
                ),
            )
        ),
        (
            ends("s1/j1/t1#1.1", "failed"),
            TimerFired(at=0, name="s1/j1/t1#1.1:backoff"),
            ends("s1/j1/t1#1.2", "failed"),
            TimerFired(at=0, name="s1/j1/t2#1.1:limit"),
            TimerFired(at=0, name="s1/j1/t2#1.1:patience"),
            ends("s1/j1/t2#1.2", "failed"),
        ),
    ),
    "review": Story(
        Pipeline(parameters=WHO, stages=(stage("s1", job("j1")), stage("s2", job("j2"), before=(ASKS,)))),
        (
            GateAnswered(at=0, path="s2", by="bob", yes=True, values={"target": "t"}),
            GateAnswered(at=0, path="s2", by="cleo", yes=True, group="g2"),
        ),
    ),
    "review-refused-and-retried": Story(
        Pipeline(
            parameters=WHO,
            stages=(stage("s1", job("j1"), before=(ASKS,)), stage("s2", job("j2"), final=True)),
        ),
        (
            GateAnswered(at=0, path="s1", by="bob", yes=False, comment="not today"),
            ends("s2/j2/t1#1.1"),
            RetryRequested(at=0, path="s1", by="ann", turn=True),
            TimerFired(at=0, name="s1#2:before.0:limit"),
        ),
    ),
    "verdicts": Story(
        Pipeline(
            stages=(
                stage(
                    "s1",
                    job("j1"),
                    before=(Gate(kind=GateKind.VERDICT, rules=("r",)), Gate(kind=GateKind.MANUAL)),
                    after=(Gate(kind=GateKind.VERDICT, rules=("q",)),),
                ),
                stage("s2", job("j2")),
            )
        ),
        (
            VerdictGiven(at=0, path="s1", passed=True),
            VerdictGiven(at=0, path="s1", passed=False, where="after"),
        ),
    ),
    "pauses-and-questions": Story(
        Pipeline(
            parameters=WHO,
            stages=(
                stage(
                    "s1",
                    job(
                        "j1",
                        step("t1", pause_before=True, settings={"script": "make"}),
                        step("t2", review=ASKS),
                    ),
                    job("j2", step("t1", pause_before=True), step("t2")),
                ),
            ),
        ),
        (
            Resumed(at=0, path="s1/j1/t1", by="bob", settings={"script": "make all"}),
            Halted(at=0, path="s1/j2/t1", by="cleo"),
        ),
    ),
    "lost": Story(
        Pipeline(
            stages=(
                stage(
                    "s1", job("j1", step("t1", repeatable=True), step("t2")), job("j2"), job("j3"), job("j4")
                ),
            )
        ),
        (
            StepLost(at=0, key="s1/j1/t1#1.1"),
            StepLost(at=0, key="s1/j2/t1#1.1", known="pid 7"),
            EnvironmentFailed(at=0, path="s1/j3", lost=True),
            EnvironmentFailed(at=0, path="s1/j4", message="no image"),
            LostSettled(at=0, key="s1/j2/t1#1.1", verdict="repeat", by="bob"),
            ends("s1/j2/t1#1.2"),
        ),
    ),
    "cancel": Story(
        Pipeline(
            stages=(
                stage(
                    "s1",
                    job(
                        "j1",
                        step("t1"),
                        step("t2", condition=ALWAYS),
                        Step(id="t1.post", kind="noop", post_of="t1"),
                    ),
                    job("j2", step("t1", condition=ALWAYS), step("t2")),
                    job("j3", needs=("j1",)),
                ),
                stage("s2", job("j4")),
                stage("s3", job("j5", condition=AfterStage(Previous.CANCELED)), final=True),
            )
        ),
        (
            LockGranted(at=0),
            CancelRequested(at=0, by="bob", why="wrong branch"),
            TimerFired(at=0, name="s1/j1/t1#1.1:patience"),
        ),
    ),
    "forced-stop-and-retry": Story(
        Pipeline(stages=(stage("s1", job("j1"), job("j2")), stage("s2", job("j3"), final=True))),
        (
            LockGranted(at=0),
            CancelRequested(at=0, by="bob", running="finish"),
            CancelRequested(at=0, by="bob", force=True),
            RetryRequested(at=0, by="bob"),
        ),
    ),
    "fast-kill": Story(
        Pipeline(
            stages=(
                stage(
                    "s1",
                    job("j1"),
                    job("j2", step("t1"), step("t2")),
                    job("j3", needs=("j2",)),
                    fast_kill=True,
                ),
            )
        ),
        (ends("s1/j1/t1#1.1", "failed"), ends("s1/j2/t1#1.1", "failed")),
    ),
    "matrix": Story(
        Pipeline(
            parameters=(Parameter(name="axes", default='{"os": ["l", "w"]}'),),
            stages=(
                stage(
                    "s1",
                    job("j1", matrix=Matrix(axes={"os": ["l", "w", "m"], "v": ["1", "2"]}, parallel=2)),
                    job("j2", matrix=Matrix(axes="${{ fromJSON(variables.axes) }}", fast_kill=True)),
                    job("j3", matrix=Matrix(axes={"os": ["l"]}, exclude=[{"os": "l"}])),
                ),
            ),
        ),
        (
            ends("s1/j2.0/t1#1.1", "failed"),
            ends("s1/j1.1/t1#1.1", "failed"),
            RetryRequested(at=0, path="s1/j1.1/t1", by="bob"),
        ),
    ),
    "mutex": Story(
        Pipeline(
            concurrency=Concurrency(exclusion=Exclusion.SINGLE),
            stages=(
                stage(
                    "s1",
                    job("j1", mutex=Mutex(group="g")),
                    job("j2", mutex=Mutex(group="g", queue=True, length=1, limit=Limit(5))),
                ),
            ),
        ),
        (LockRefused(at=0, path="s1/j2", reason=Reason(Why.LOCK_EXPIRED, {"group": "g"})),),
    ),
    "retry-and-skip-a-step": Story(
        Pipeline(
            stages=(
                stage(
                    "s1",
                    job(
                        "j1", step("t1", on_failure=OnFailure.ASK), step("t2"), step("t3", condition=FAILURE)
                    ),
                    job("j2", step("t1"), step("t2", on_failure=OnFailure.ASK)),
                    job("j3"),
                ),
                stage("s2", job("j4")),
            )
        ),
        (
            ends("s1/j1/t1#1.1", "failed"),
            ends("s1/j1/t3#1.1"),
            RetryRequested(at=0, path="s1/j1/t1", by="bob"),
            ends("s1/j1/t1#1.2"),
            ends("s1/j2/t1#1.1"),
            ends("s1/j2/t2#1.1", "failed"),
            ends("s1/j3/t1#1.1", "failed"),
            SkipRequested(at=0, path="s1/j2/t2", by="bob", turn=True),
            RetryRequested(at=0, path="s1", failed_only=True, by="bob", turn=True),
        ),
    ),
}
"""By name of the file."""


def told(story: Story) -> tuple[tuple[JournalEntry, ...], Run, int]:
    """The journal of a story, its run at the end, and how many wants there were."""
    started = Started(at=1_700_000_000_000, run="r1", by="ann", facts={"build_num": "1"})
    run, wanted, _ = begin(story.pipeline, started)
    entries = [JournalEntry(seq=1, event=started)]
    made = len(wanted)
    world = World()

    def tell(event: Event) -> Run:
        nonlocal run, made
        event = timed(run, event)
        after = advance(run, event)
        run, made = after.run, made + len(after.wanted)
        entries.append(JournalEntry(seq=run.seq, event=event, ignored=run.ignored))
        return run

    for twist in story.twists:
        while not counts(run, twist):
            next_step(world, run, tell)
        tell(twist)
    while run.phase is not Phase.FINISHED or run.messages:
        next_step(world, run, tell)
    return tuple(entries), run, made


def timed(run: Run, event: Event) -> Event:
    """The event a second after the last one, or when its timer is due."""
    due = [
        want.at
        for want in wants(run)
        if isinstance(want, TimerWanted) and want.name == getattr(event, "name", "")
    ]
    return replace(event, at=max(event.at, run.at + 1_000, *due))


def counts(run: Run, event: Event) -> bool:
    """Whether an event would count now."""
    try:
        return not advance(run, timed(run, event)).run.ignored
    except Refused:
        return False


def main() -> None:
    """Record what has no recording yet."""
    for name, story in STORIES.items():
        path = FOLDER / f"{name}.json"
        if not path.exists():
            entries, run, made = told(story)
            recording = Recording(
                pipeline=story.pipeline, entries=entries, ends=tuple(ends_of(run)), wanted=made
            )
            path.write_bytes(msgspec.json.format(msgspec.json.encode(recording)) + b"\n")


if __name__ == "__main__":
    main()
