"""Work: the order given to an executor for one attempt of a step, and what it comes back with.

An order is whole: whoever carries it out needs nothing else of the run. Names of secrets stay names until the process
is spawned, so that no secret stands in an event or on disk (RULINGS 1). What is to be done is one of a few actions;
step kinds make them from their settings (`StepKind.prepare`), executors carry them out.
"""

import msgspec

from ferryman.domain.policies import RunsOn
from ferryman.domain.status import NO_REASON, Reason
from ferryman.domain.values import Json


class RunScript(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="script"):
    """Run a text with an interpreter, in the job's folder."""

    text: str
    interpreter: str = "sh"
    """bash, sh, python, pwsh, …; a first line that starts with `#!/` wins (bkci-v3 5.10)."""
    stop_at_first_failure: bool = True


class Checkout(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="checkout"):
    """Fetch a git repository into a folder below the job's folder."""

    url: str
    ref: str = ""
    ref_kind: str = "branch"
    """branch, tag or commit."""
    folder: str = ""
    depth: int = 0
    fresh: bool = False
    """Empty the folder first."""
    clean: bool = True
    """Remove what is not of the repository."""
    submodules: bool = True
    secret: str = ""
    """Name of the secret to log in with: its password, token or private key."""


class CallHttp(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="http"):
    """One request, and what its answer must be like."""

    url: str
    method: str = "GET"
    headers: dict[str, str] = {}
    body: str = ""
    expect_status: int = 200
    expect_text: str = ""
    tries: int = 1


class Wait(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="wait"):
    """Let time pass."""

    seconds: float


class Notify(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="notify"):
    """Tell somebody something through a configured sender."""

    types: tuple[str, ...]
    receivers: tuple[str, ...] = ()
    content: str = ""


class CallPipeline(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="pipeline"):
    """Start a run of another pipeline, and wait for its end unless told not to."""

    pipeline: str
    values: dict[str, str] = {}
    wait: bool = True


class KeepArtifact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="keep-artifact"):
    """Keep files of the job's folder under a name, by digest."""

    name: str
    patterns: tuple[str, ...]
    keep_days: int = 0


class FetchArtifact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="fetch-artifact"):
    """Put kept files into a folder below the job's folder."""

    name: str
    version: str = ""
    folder: str = ""
    run_number: int = 0
    pipeline: str = ""


class RunPlugin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="plugin"):
    """Run a bound command: it reads its input as JSON from the file `$FERRYMAN_INPUT` and may write an object with
    `outputs`, `message` and `error_code` to the file `$FERRYMAN_RESULT`."""

    command: tuple[str, ...]
    plugin: str = ""
    """The code and version that the step asks for, `CODE@VERSION`, for what is said to people."""
    input: dict[str, Json] = {}


class Nothing(msgspec.Struct, frozen=True, tag="nothing"):
    """Succeed at once. It takes the same road as every other action (RULINGS 29)."""


class Impossible(msgspec.Struct, frozen=True, kw_only=True, tag="impossible"):
    """Fail in preparation, with a reason that says what this machine or server lacks."""

    message: str
    code: int = 0


Action = (
    RunScript
    | Checkout
    | CallHttp
    | Wait
    | Notify
    | CallPipeline
    | KeepArtifact
    | FetchArtifact
    | RunPlugin
    | Nothing
    | Impossible
)
"""Everything an executor may be asked to do."""


class Work(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One attempt of a step, ready to be carried out. `key` is its attempt key within `run`."""

    run: str
    key: str
    project: str
    action: Action
    env: dict[str, str] = {}
    """What the definition gives; the executor adds PATH, HOME and its own words, nothing of the server's."""
    secrets: tuple[str, ...] = ()
    """Names of secrets that texts or env refer to as `${{ settings.NAME.FIELD }}`."""
    masked: tuple[str, ...] = ()
    """Values of sensitive parameters: what it prints is kept without them."""
    folder: str = ""
    """Name of the job's working folder: shared by its steps, kept from one step to the next."""
    runs_on: RunsOn = RunsOn()
    patience_ms: int = 10_000


class WorkResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How an attempt ended. `succeeded`, `failed` (the work said no) or `errored` (nobody could tell)."""

    run: str
    key: str
    outcome: str
    reason: Reason = NO_REASON
    outputs: dict[str, Json] = {}
    variables: dict[str, str] = {}
    gate_values: dict[str, str] = {}
    """Figures for quality rules (pipeline-yaml 11)."""
    remark: str = ""
    error_code: int = 0
    spawned_at: int = 0
    ended_at: int = 0
    placeless: bool = False
    """It never began, for the place that its job asks for is not to be had: the job's failure, not the attempt's
    (semantics 5.1)."""
