"""The definition: Pipeline, Stage, Job, Step. Versioned; a run keeps the one it began with.

`origin` holds the parts of the vendor's document that rules do not know, as opaque data: no rule reads it, the mappers
merge it on the way out, so that a client finds its own fields again (STYLE 4.1).
"""

import msgspec

from ferryman.domain.conditions import Always, Condition
from ferryman.domain.dialect import Dialect
from ferryman.domain.gates import Gate
from ferryman.domain.policies import Concurrency, Limit, Matrix, Mutex, OnFailure, Retry, RunsOn
from ferryman.domain.values import Json, Parameter


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One piece of work. `id` is unique in its job and stands in paths; `user_id` is the one a user wrote, or empty."""

    id: str
    kind: str
    name: str = ""
    user_id: str = ""
    version: str = "1.*"
    enabled: bool = True
    condition: Condition = Always()
    settings: dict[str, Json] = {}
    env: dict[str, str] = {}
    limit: Limit = Limit()
    retry: Retry = Retry()
    on_failure: OnFailure = OnFailure.STOP
    pause_before: bool = False
    tell_on_pause: tuple[str, ...] = ()
    review: Gate | None = None
    """Set on a step that is nothing but a question to people."""
    post_of: str = ""
    """Set on a post-action: the id of the step it follows up (semantics 9)."""
    namespace: str = ""
    """Stands before the names of its outputs, with an underscore between; they keep their own names too."""
    repeatable: bool = False
    """Whether a lost attempt may simply be repeated (DESIGN, promise 3)."""
    origin: dict[str, Json] = {}


class Job(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Steps that run one after the other in one place. `id` is unique in its stage and stands in paths."""

    id: str
    steps: tuple[Step, ...]
    name: str = ""
    user_id: str = ""
    enabled: bool = True
    condition: Condition = Always()
    needs: tuple[str, ...] = ()
    """User ids of jobs of the same stage; each text may hold placeholders and comma or semicolon lists."""
    runs_on: RunsOn = RunsOn()
    env: dict[str, str] = {}
    limit: Limit = Limit()
    continue_on_failure: bool = False
    mutex: Mutex | None = None
    matrix: Matrix | None = None
    origin: dict[str, Json] = {}


class Stage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Jobs that run side by side. The last stage may be final: it runs however the others ended."""

    id: str
    jobs: tuple[Job, ...]
    name: str = ""
    user_id: str = ""
    enabled: bool = True
    condition: Condition = Always()
    before: tuple[Gate, ...] = ()
    after: tuple[Gate, ...] = ()
    fast_kill: bool = False
    final: bool = False
    env: dict[str, str] = {}
    labels: tuple[str, ...] = ()
    origin: dict[str, Json] = {}


class Pipeline(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a run does. Stages run one after the other; triggers live in `origin` until a service acts on them."""

    stages: tuple[Stage, ...]
    name: str = ""
    description: str = ""
    dialect: Dialect = Dialect.CONSTRAINED
    parameters: tuple[Parameter, ...] = ()
    concurrency: Concurrency = Concurrency()
    clear_variables_on_retry: bool = False
    fail_on_long_value: bool = False
    retry_allowed: bool = True
    announced: tuple[str, ...] = ()
    """Moments that somebody is to be told of: run-succeeded, run-failed."""
    origin: dict[str, Json] = {}
