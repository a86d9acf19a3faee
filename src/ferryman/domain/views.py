"""What faces show of runs: plain, complete, and the same for the command line, the API and the pages.

A view is computed from a run and never read back by a rule. The names of its fields are a promise (docs/cli.md): a
field may be added, none changes its meaning. Times are milliseconds since 1970, 0 where there is none; durations are
milliseconds. Sensitive values are taken out before a view is made.
"""

import msgspec

from ferryman.domain.values import Json


class _View(msgspec.Struct, frozen=True):
    pass


class Cause(_View, frozen=True, kw_only=True):
    """Why, three times: a word for programs, its facts, and the sentence for people (no capital, no full stop)."""

    kind: str = "none"
    facts: dict[str, str] = {}
    sentence: str = ""


class Asked(_View, frozen=True, kw_only=True):
    """A value that a reviewer may fill in, and what it is worth now."""

    name: str
    value: str
    label: str = ""
    needed: bool = False
    options: tuple[tuple[str, str], ...] = ()


class Ballot(_View, frozen=True, kw_only=True):
    """One answer at a gate."""

    by: str
    at: int
    yes: bool
    comment: str = ""


class Waiting(_View, frozen=True, kw_only=True):
    """What something waits for, since when, until when at most, and who or what can end it (ERR-6)."""

    path: str
    """Of the node that waits; empty for the run itself."""
    kind: str
    """queued, lock, review, manual-start, verdict, paused, backoff, lost, parallel-limit, calls, dependency."""
    sentence: str
    since: int = 0
    until: int = 0
    """0: without a limit."""
    who: tuple[str, ...] = ()
    """People who may end it; empty where anyone may, or where no person can."""
    person: bool = False
    """Whether a person can end it."""
    help: str = ""
    """What ends it, in words."""
    group: str = ""
    needed: int = 0
    """How many yes-votes the open group needs."""
    description: str = ""
    comment_needed: bool = False
    """Whether whoever answers has to say why."""
    votes: tuple[Ballot, ...] = ()
    values: tuple[Asked, ...] = ()
    key: str = ""
    """The attempt, where contact with one is lost."""


class StepView(_View, frozen=True, kw_only=True):
    """One step as it stands."""

    path: str
    name: str
    kind: str
    phase: str
    outcome: str = ""
    reason: Cause = Cause()
    key: str = ""
    """The newest attempt (`path#execution.try`), under which its log is kept; empty before the first."""
    execution: int = 1
    attempt: int = 0
    started_at: int = 0
    ended_at: int = 0
    deadline: int = 0
    waiting: Waiting | None = None
    outputs: dict[str, Json] = {}
    error_code: int = 0
    continued: bool = False
    """It ended badly, and its job goes on as if it had not."""
    may_retry: bool = False
    may_skip: bool = False


class JobView(_View, frozen=True, kw_only=True):
    """One job as it stands; a matrix has the jobs it is split into as `split`."""

    path: str
    name: str
    phase: str
    outcome: str = ""
    reason: Cause = Cause()
    execution: int = 1
    started_at: int = 0
    ended_at: int = 0
    needs: tuple[str, ...] = ()
    matrix: dict[str, str] = {}
    waiting: Waiting | None = None
    steps: tuple[StepView, ...] = ()
    split: tuple["JobView", ...] = ()


class StageView(_View, frozen=True, kw_only=True):
    """One stage as it stands."""

    path: str
    name: str
    phase: str
    outcome: str = ""
    reason: Cause = Cause()
    final: bool = False
    execution: int = 1
    started_at: int = 0
    ended_at: int = 0
    waiting: Waiting | None = None
    jobs: tuple[JobView, ...] = ()


class Progress(_View, frozen=True, kw_only=True):
    """How far a run is. `expected_ms` is what earlier runs of the pipeline took, 0 without history."""

    steps: int
    done: int
    running: int
    expected_ms: int = 0


class RunView(_View, frozen=True, kw_only=True):
    """One run as it stands, whole."""

    id: str
    project: str
    pipeline: str
    """The identifier of the pipeline; its name is `name`."""
    name: str
    version: int
    number: int
    phase: str
    outcome: str = ""
    reason: Cause = Cause()
    execution: int = 1
    seq: int = 0
    """The last entry of its journal: two views with the same number are the same."""
    started_by: str = ""
    queued_at: int = 0
    started_at: int = 0
    ended_at: int = 0
    canceling: bool = False
    remark: str = ""
    values: dict[str, str] = {}
    """Variables as they stood at the start."""
    progress: Progress
    waiting: tuple[Waiting, ...] = ()
    """Everything that any part of it waits for, in the order of the tree."""
    stages: tuple[StageView, ...] = ()


class RunLine(_View, frozen=True, kw_only=True):
    """One run in a list."""

    id: str
    pipeline: str
    number: int
    version: int
    phase: str
    outcome: str = ""
    reason: str = ""
    started_by: str = ""
    queued_at: int = 0
    started_at: int = 0
    ended_at: int = 0
    execution: int = 1
    note: str = ""
    """What a person said of it last."""


class Saved(_View, frozen=True, kw_only=True):
    """A definition that is kept."""

    pipeline: str
    version: int
    name: str


class Definition(_View, frozen=True, kw_only=True):
    """One version of a pipeline, as it was written."""

    pipeline: str
    version: int
    text: str


class Explained(_View, frozen=True, kw_only=True):
    """Why one node stands where it stands."""

    path: str
    level: str
    """run, stage, job or step."""
    name: str
    phase: str
    outcome: str
    reason: Cause
    sentence: str
    """The whole of it, for people: it ran because …, was skipped because …, waits for …"""


class Seen(_View, frozen=True, kw_only=True):
    """What conditions of a run see as it stands, by first name, and how they are read; sensitive values are hidden."""

    names: dict[str, Json]
    dialect: str
    zone: str


class Entry(_View, frozen=True, kw_only=True):
    """One entry of a run's journal, readable."""

    seq: int
    at: int
    event: str
    """The kind of event, as in the journal."""
    path: str = ""
    by: str = ""
    sentence: str = ""
    ignored: str = ""
    """Why it changed nothing; empty when it counted."""
    facts: dict[str, Json] = {}
    """All that the event holds."""


class AttemptLog(_View, frozen=True, kw_only=True):
    """What is kept of what one attempt said."""

    key: str
    path: str
    lines: int
    size: int
    """Bytes of its raw download."""
    ended_at: int = 0
    missing: str = ""


class Line(_View, frozen=True, kw_only=True):
    """One line of a log. `number` counts from 1 within the attempt, or within the run where all of its log is read;
    kind `note` is a line of Ferryman's own."""

    key: str
    number: int
    at: int
    text: str
    kind: str = "out"


class SecretName(_View, frozen=True, kw_only=True):
    """A secret, without its value."""

    name: str
    fields: tuple[str, ...] = ()
    created_at: int = 0
    created_by: str = ""


class Written(_View, frozen=True, kw_only=True):
    """A secret was kept. `remarks` say which of its values cannot be masked."""

    name: str
    remarks: tuple[str, ...] = ()


class Resealed(_View, frozen=True, kw_only=True):
    """Everything was sealed anew: so many secrets and access keys."""

    count: int


class Done(_View, frozen=True, kw_only=True):
    """Something was done; nothing more is to be said."""

    done: bool = True
