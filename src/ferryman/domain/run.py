"""Run: the state of one execution, as a tree Run → Stage → Job → Step of frozen nodes.

A job is a small run of its own (RULINGS 3): what is inside depends only on its definition, on the `Facts` handed to it
when it began, and on its own events. What the run's rules may read of a job are the fields down to `tells`.
"""

import msgspec

from ferryman.domain.gates import GatePhase
from ferryman.domain.pipeline import Job, Pipeline
from ferryman.domain.status import NO_REASON, Outcome, Phase, Reason
from ferryman.domain.values import Json


class Vote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One person's answer: who, when, what, why, and the values they set."""

    by: str
    at: int
    yes: bool
    comment: str = ""
    values: dict[str, str] = {}


class GroupState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One review group while its gate lives."""

    reviewers: tuple[str, ...] = ()
    votes: tuple[Vote, ...] = ()
    phase: GatePhase = GatePhase.CLOSED


class GateState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A gate while its node lives. `named` is false while roles are still to be resolved into people."""

    phase: GatePhase = GatePhase.CLOSED
    groups: tuple[GroupState, ...] = ()
    values: dict[str, str] = {}
    """What the gate's parameters are worth now."""
    opened_at: int = 0
    deadline: int = 0
    """Milliseconds since 1970; 0: none."""
    named: bool = True
    by: str = ""
    """Who decided it: a name, or SYSTEM."""
    comment: str = ""
    decided_at: int = 0


class StepState(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step. `attempt` counts automatic tries of this execution, from 1 once it has begun."""

    id: str
    phase: Phase = Phase.PENDING
    outcome: Outcome | None = None
    reason: Reason = NO_REASON
    execution: int = 1
    attempt: int = 0
    tries: int = 0
    """Automatic attempts used since the last request of a person."""
    started_at: int = 0
    """When its first attempt of this execution was wanted."""
    ended_at: int = 0
    wanted_at: int = 0
    """When the present attempt was wanted."""
    spawned_at: int = 0
    deadline: int = 0
    since: int = 0
    """Since when it waits for a person or a lost contact; 0 while it does not."""
    waited: int = 0
    """Milliseconds it has waited for people since it began; a pause before its start does not count."""
    resume_at: int = 0
    """When the next automatic attempt is due; 0: not in a pause between attempts."""
    resumed: bool = False
    """Its pause is over in this execution."""
    resumed_by: str = ""
    stopping: Reason = NO_REASON
    """Why the present attempt is being stopped."""
    stop_deadline: int = 0
    forced: bool = False
    gate: GateState | None = None
    settings: dict[str, Json] | None = None
    """Settings as changed when a pause ended."""
    outputs: dict[str, Json] = {}
    error_code: int = 0
    error_message: str = ""


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a job is told when it begins: the world outside it, as it stood then."""

    variables: dict[str, str] = {}
    jobs: dict[str, Json] = {}
    """Contexts of ended jobs by their user id."""
    stages: dict[str, Json] = {}
    """Review results of stages by their user id."""
    ci: dict[str, Json] = {}
    matrix: dict[str, str] | None = None
    index: int = 0
    stage_id: str = ""
    stage_name: str = ""
    stage_env: dict[str, str] = {}
    zone: str = "UTC"
    started_by: str = ""
    dialect: str = "constrained"
    read_only: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    """Names of variables whose values are never shown."""
    fail_on_long_value: bool = False
    patience_ms: int = 10_000


class Scan(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a job's walk over its steps stands (semantics 7.1): what the steps before `at` amount to."""

    at: int = 0
    verdict: Outcome | None = None
    """None while the job is fine, else failed, errored or canceled."""
    reason: Reason = NO_REASON
    had: bool = False
    """A failure earlier in this job was continued."""
    posts_spoiled: bool = False
    """A step before the first post-action failed for good."""
    posts_canceled: bool = False
    """A step before the first post-action was canceled."""
    in_posts: bool = False


class Tells(msgspec.Struct, frozen=True, omit_defaults=True):
    """What an ended job tells its run."""

    variables: dict[str, str] = {}
    context: dict[str, Json] = {}
    """What later jobs see as `jobs.<id>`."""
    failed_steps: tuple[str, ...] = ()
    """Names of failed and canceled steps, continued failures too."""
    remark: str = ""


class StopOrder(msgspec.Struct, frozen=True, omit_defaults=True):
    """That a job is being stopped. `soft`: steps that run in spite of a cancel, and post-actions, still may."""

    outcome: Outcome
    reason: Reason
    soft: bool = False
    finish: bool = False
    """Running steps end by themselves."""
    job_reason: Reason = NO_REASON
    job_outcome: Outcome | None = None


class JobState(msgspec.Struct, frozen=True, omit_defaults=True):
    """One job. The run's rules read the fields down to `tells`; the rest is the job's own."""

    path: str
    define: Job
    phase: Phase = Phase.PENDING
    outcome: Outcome | None = None
    reason: Reason = NO_REASON
    execution: int = 1
    started_at: int = 0
    """When it began to prepare its environment."""
    ended_at: int = 0
    tells: Tells = Tells()
    steps: tuple[StepState, ...] = ()
    facts: Facts | None = None
    scan: Scan = Scan()
    stop: StopOrder | None = None
    group: str = ""
    """Name of the mutex group it waits for or holds."""
    lock: str = ""
    """asked, held, or empty."""
    lock_minutes: int = 0
    """How long it may wait for the lock."""
    waiting_since: int = 0
    waited: int = 0
    deadline: int = 0
    written: dict[str, str] = {}
    remark: str = ""
    resumes: bool = False
    """It goes on from steps that are kept, so its needs and condition are not asked again."""
    is_group: bool = False
    """A matrix: it holds split jobs and no steps of its own."""
    children: tuple["JobState", ...] = ()
    matrix: dict[str, str] | None = None
    """The values of a split job."""


class StageState(msgspec.Struct, frozen=True, omit_defaults=True):
    """One stage with the gates before and after it."""

    id: str
    jobs: tuple[JobState, ...]
    phase: Phase = Phase.PENDING
    outcome: Outcome | None = None
    reason: Reason = NO_REASON
    execution: int = 1
    started_at: int = 0
    ended_at: int = 0
    before: tuple[GateState, ...] = ()
    after: tuple[GateState, ...] = ()
    open_jobs: int = 0
    """Jobs that have not ended."""
    waiting: tuple[str, ...] = ()
    """Paths of jobs that wait for other jobs."""
    killed_by: str = ""
    """The job whose failure ended the others (fast kill)."""


class Stopping(msgspec.Struct, frozen=True, omit_defaults=True):
    """That the run is being canceled: by whom, why, since when, and whether for good."""

    by: str
    why: str = ""
    at: int = 0
    force: bool = False
    finish: bool = False
    pushed_out: bool = False


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something to be told to the world, until it has been."""

    name: str
    kind: str
    facts: dict[str, str] = {}


class Run(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One execution of a pipeline."""

    id: str
    pipeline: Pipeline
    index: dict[str, tuple[int, ...]]
    """Positions by path of stages and jobs."""
    stages: tuple[StageState, ...]
    rules: int = 1
    number: int = 1
    execution: int = 1
    phase: Phase = Phase.WAITING
    outcome: Outcome | None = None
    reason: Reason = NO_REASON
    at: int = 0
    seq: int = 0
    ignored: str = ""
    """Why the last event changed nothing; empty when it counted."""
    started_by: str = ""
    zone: str = "UTC"
    facts: dict[str, Json] = {}
    values: dict[str, str] = {}
    """Variables as they stood at the start."""
    disabled: tuple[str, ...] = ()
    """Paths of steps switched off for this run."""
    variables: dict[str, str] = {}
    jobs: dict[str, Json] = {}
    reviews: dict[str, Json] = {}
    remark: str = ""
    cursor: int = 0
    """The stage that is open, or the number of stages when none is."""
    previous: Outcome | None = None
    """How the last finished stage is judged by the finally stage."""
    result: Outcome | None = None
    result_reason: Reason = NO_REASON
    """What the stages before the finally stage amount to."""
    group: str = ""
    """Name of the lock that its runs share, as it stood at the start."""
    turn: bool = False
    """Holds its place among the runs."""
    again: bool = False
    """Takes its place back at once: a review let it through."""
    stopping: Stopping | None = None
    earliest_repeat_ms: int = 60_000
    patience_ms: int = 10_000
    messages: tuple[Message, ...] = ()
    queued_at: int = 0
    started_at: int = 0
    ended_at: int = 0
