"""Random pipelines of the domain, as far as BK-CI's model has words for them, and models with a client's own fields."""

from typing import Any

import msgspec
from hypothesis import strategies as st

from ferryman.domain.conditions import (
    After,
    AfterStage,
    Always,
    Condition,
    Holds,
    Matches,
    Previous,
    Upstream,
)
from ferryman.domain.dialect import Dialect
from ferryman.domain.gates import Gate, GateKind, ReviewGroup
from ferryman.domain.ids import unique_ids
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.policies import Concurrency, Exclusion, Limit, Matrix, Mutex, OnFailure, Retry, RunsOn
from ferryman.domain.values import Parameter
from ferryman.steps import find_kind

replace = msgspec.structs.replace

WORDS = st.text("abcdefgh_XYZ019", min_size=1, max_size=8)
TEXTS = st.text("ab ${}'\"\n:#é,;", max_size=12) | WORDS
NAMED = st.from_regex(r"[a-z][a-z0-9_.-]{0,6}", fullmatch=True)
REVIEW_KINDS = ("text", "long-text", "boolean", "choice", "choices", "checkbox")
PARAMETER_KINDS = (*REVIEW_KINDS[:-1], "date", "long", "git-ref", "custom-file", "repo-ref")
WITHOUT_OPTIONS = ("git-ref",)


def some(
    elements: st.SearchStrategy[Any], most: int = 3, least: int = 0
) -> st.SearchStrategy[tuple[Any, ...]]:
    """A short tuple."""
    return st.lists(elements, min_size=least, max_size=most).map(tuple)


def maps(values: st.SearchStrategy[Any], most: int = 3) -> st.SearchStrategy[dict[str, Any]]:
    """A small mapping."""
    return st.dictionaries(NAMED, values, max_size=most)


def limits(least: int = 1) -> st.SearchStrategy[Limit]:
    """A time limit in range; its text, where it has one, holds a variable."""
    return st.builds(
        Limit, st.integers(least, 10080), st.sampled_from(["", "${{ variables.limit }}", "${x}"])
    )


PAIRS = some(st.tuples(NAMED, TEXTS))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMED, inner, max_size=2),
    max_leaves=4,
)
VALUES = JSON.filter(lambda value: value is not None)


def on_values(
    *, substituted: bool, when_empty_not: bool, blank: bool, least: int = 0
) -> st.SearchStrategy[Condition]:
    """Conditions on values, with what is peculiar to a level (semantics 3.2)."""
    pairs = some(st.tuples(NAMED, TEXTS), least=least)
    return (
        st.builds(Matches, pairs, st.just(True), st.just(substituted), st.just(True))
        | st.builds(Matches, pairs, st.just(False), st.just(substituted), st.just(when_empty_not))
        | st.builds(Holds, TEXTS, st.just(blank))
    )


STAGE_CONDITIONS = st.just(Always()) | on_values(substituted=False, when_empty_not=False, blank=False)
JOB_CONDITIONS = st.just(Always()) | on_values(substituted=True, when_empty_not=True, blank=False, least=1)
FINAL_JOB_CONDITIONS = st.just(Always()) | st.builds(AfterStage, st.sampled_from(Previous))
LOOKS_BACK = [after for after in After if after is not After.SUCCESS]
STEP_CONDITIONS = (
    st.just(Always())
    | st.builds(Upstream, st.sampled_from(LOOKS_BACK))
    | on_values(substituted=True, when_empty_not=True, blank=True)
)


@st.composite
def parameters(draw: st.DrawFn, *, review: bool) -> tuple[Parameter, ...]:
    """Parameters of a start, or values that reviewers fill in."""
    found = []
    for name in draw(st.lists(NAMED, unique=True, max_size=3)):
        kind = draw(st.sampled_from(REVIEW_KINDS if review else PARAMETER_KINDS))
        entry = Parameter(
            name=name,
            default=draw(VALUES),
            kind=kind,
            label=draw(TEXTS),
            description=draw(TEXTS),
            not_empty=draw(st.booleans()),
            options=() if kind in WITHOUT_OPTIONS else draw(some(st.tuples(NAMED, TEXTS))),
        )
        if not review:
            flags = ("settable", "read_only", "sensitive")
            entry = replace(entry, **{flag: draw(st.booleans()) for flag in flags})
            entry = replace(entry, constant=entry.default not in ("",) and draw(st.booleans()))
            if isinstance(entry.default, str) and not entry.default.strip():
                entry = replace(entry, constant=False)
        found.append(entry)
    return tuple(found)


@st.composite
def reviews(draw: st.DrawFn) -> Gate:
    """A review before a stage; saving gives every group an id."""
    ids = draw(st.lists(st.from_regex(r"[0-9a-f]{32}", fullmatch=True), unique=True, min_size=1, max_size=3))
    groups = tuple(
        ReviewGroup(name=draw(WORDS), id=id_, reviewers=draw(some(WORDS, least=1)), roles=draw(some(WORDS)))
        for id_ in ids
    )
    return Gate(
        kind=GateKind.REVIEW,
        groups=groups,
        parameters=draw(parameters(review=True)),
        description=draw(TEXTS),
        hours=draw(st.integers(1, 720)),
    )


VERDICTS = st.builds(Gate, kind=st.just(GateKind.VERDICT), rules=some(WORDS, least=1))


@st.composite
def gates(draw: st.DrawFn, *, people: bool) -> tuple[Gate, ...]:
    """What may stand before a stage, or behind it."""
    verdict = (draw(VERDICTS),) if draw(st.booleans()) else ()
    review = (draw(reviews()),) if people and draw(st.booleans()) else ()
    return (*verdict, *review)


def places() -> st.SearchStrategy[RunsOn]:
    """Where a job runs."""
    systems = st.sampled_from([(), ("linux",), ("windows",), ("macos",)])
    prepare = st.integers(1, 60)
    images = st.sampled_from(["", "img:1", "host:80/img:1.2", "img", "${{ variables.image }}", "a:${x}"])
    machine = {"systems": systems, "prepare_minutes": prepare, "workspace": st.sampled_from(["", "/data"])}
    return (
        st.builds(RunsOn, kind=st.just("agentless"), prepare_minutes=prepare)
        | st.builds(RunsOn, kind=st.just("any"), **machine)
        | st.builds(RunsOn, kind=st.just("container"), image=images.filter(bool), **machine)
        | st.builds(
            RunsOn, kind=st.sampled_from(["pool", "node", "same-node"]), name=WORDS, image=images, **machine
        )
        | st.builds(
            RunsOn, kind=st.just("other"), name=st.sampled_from(["PUBLIC_DEVCLOUD", "ESXi"]), **machine
        )
    )


AXIS_VALUES = st.lists(TEXTS, min_size=1, max_size=3)
EXPRESSION = st.just("${{ fromJSON(variables.list) }}")
CASES = st.just("") | EXPRESSION | st.lists(maps(TEXTS), min_size=1, max_size=2)
MATRICES = st.builds(
    Matrix,
    axes=maps(AXIS_VALUES | EXPRESSION) | EXPRESSION,
    include=CASES,
    exclude=CASES,
    fast_kill=st.booleans(),
    parallel=st.integers(1, 50),
)
MUTEXES = st.builds(Mutex, group=WORDS, queue=st.booleans(), length=st.integers(0, 50), limit=limits(least=0))


@st.composite
def settings(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """Settings that a kind of step would take."""
    match kind:
        case "linuxScript":
            return {"script": draw(TEXTS), "scriptType": "SHELL"} | draw(
                st.fixed_dictionaries({}, optional={"continueNoneZero": st.booleans(), "archiveFile": TEXTS})
            )
        case "windowsScript":
            return {"script": draw(TEXTS), "scriptType": "BAT"}
        case "subPipelineCall":
            return {
                "asynchronous": draw(st.booleans()),
                "subPipelineId": draw(WORDS),
                "parameters": draw(maps(TEXTS)),
            }
        case "manualReviewUserTask":
            return draw(st.fixed_dictionaries({}, optional={"suggest": TEXTS, "notifyTitle": TEXTS}))
        case "checkout":
            return {draw(st.sampled_from(["repository", "repo-id", "repo-name"])): draw(WORDS)} | draw(
                maps(VALUES)
            )
        case "ferrymanWait":
            return {"seconds": draw(st.integers(1, 60))}
        case _:
            return draw(maps(JSON))


def _question(draw: st.DrawFn) -> Gate:
    return Gate(
        kind=GateKind.REVIEW,
        groups=(ReviewGroup(name="", reviewers=draw(some(WORDS, least=1))),),
        parameters=draw(parameters(review=True)),
        description=draw(TEXTS),
        hours=0,
        namespace=draw(st.sampled_from(["", "ns"])),
    )


KINDS = (
    "linuxScript",
    "windowsScript",
    "subPipelineCall",
    "manualReviewUserTask",
    "checkout",
    "run",
    "ferrymanWait",
)
FREE_KINDS = ("subPipelineCall", "manualReviewUserTask", "ferrymanWait", "theirPlugin")


@st.composite
def steps(draw: st.DrawFn, *, agentless: bool) -> Step:
    """A step without its place in a job."""
    kind = draw(st.sampled_from(FREE_KINDS if agentless else (*KINDS, "theirPlugin", "CODE_SVN")))
    known = find_kind(kind)
    in_market = kind not in (
        "linuxScript",
        "windowsScript",
        "subPipelineCall",
        "manualReviewUserTask",
        "CODE_SVN",
    )
    return Step(
        id="",
        kind=kind,
        name=draw(WORDS),
        user_id=draw(st.just("") | NAMED),
        version=draw(st.sampled_from(["1.*", "2.0.1"])),
        enabled=draw(st.booleans()),
        condition=draw(STEP_CONDITIONS),
        settings={} if kind == "CODE_SVN" else draw(settings(kind)),
        env=draw(maps(TEXTS)),
        limit=draw(limits()),
        retry=Retry(draw(st.integers(0, 5)), draw(st.booleans())),
        on_failure=draw(st.sampled_from(OnFailure)),
        pause_before=draw(st.booleans()),
        tell_on_pause=draw(some(WORDS)),
        review=_question(draw) if kind == "manualReviewUserTask" else None,
        namespace=draw(st.sampled_from(["", "ns"])) if in_market else "",
        repeatable=known is not None and known.repeatable,
    )


def _unique(given: list[Any]) -> list[Any]:
    """The nodes, of which no two have one user id."""
    seen: set[str] = set()
    found = []
    for node in given:
        found.append(replace(node, user_id="") if node.user_id in seen else node)
        seen.add(node.user_id)
    return found


def _placed(given: list[Step], posts: int) -> tuple[Step, ...]:
    """Steps with their ids; the last `posts` of them follow up the first ones."""
    own = len(given) - posts
    ids = list(unique_ids([step.user_id if at < own else "" for at, step in enumerate(given)], "t"))
    found = [replace(step, id=id_) for step, id_ in zip(given[:own], ids, strict=False)]
    for at, step in enumerate(given[own:]):
        parent = found[at % own]
        wish = f"{parent.id}.post"
        while any(other.id == wish for other in found):
            wish += "~"
        found.append(replace(step, id=wish, post_of=parent.id))
    return tuple(found)


@st.composite
def jobs(draw: st.DrawFn, *, final: bool) -> Job:
    """A job without its place in a stage."""
    runs_on = draw(places())
    own = draw(st.lists(steps(agentless=runs_on.kind == "agentless"), min_size=1, max_size=3))
    after = draw(st.lists(steps(agentless=runs_on.kind == "agentless"), max_size=1))
    return Job(
        id="",
        steps=_placed(_unique([*own, *after]), len(after)),
        name=draw(TEXTS),
        enabled=draw(st.booleans()),
        condition=draw(FINAL_JOB_CONDITIONS if final else JOB_CONDITIONS),
        runs_on=runs_on,
        env=draw(maps(TEXTS)),
        limit=draw(limits()),
        continue_on_failure=draw(st.booleans()),
        mutex=draw(st.none() | MUTEXES),
        matrix=draw(st.none() | MATRICES),
    )


@st.composite
def stages(draw: st.DrawFn, *, final: bool) -> Stage:
    """A stage without its place in a pipeline. Jobs always have a user's id: saving gives one to those without."""
    given = draw(st.lists(jobs(final=final), min_size=1, max_size=2))
    names = draw(st.lists(NAMED, unique=True, min_size=len(given), max_size=len(given)))
    ids = unique_ids(names, "j")
    placed = []
    for at, (job, name, id_) in enumerate(zip(given, names, ids, strict=True)):
        needs = draw(some(st.sampled_from(names[:at]), least=0)) if at else ()
        placed.append(replace(job, id=id_, user_id=name, needs=needs))
    return Stage(
        id="",
        jobs=tuple(placed),
        name=draw(WORDS),
        user_id=draw(st.just("") | NAMED),
        enabled=draw(st.booleans()),
        condition=Always() if final else draw(STAGE_CONDITIONS),
        before=() if final else draw(gates(people=True)),
        after=() if final else draw(gates(people=False)),
        fast_kill=draw(st.booleans()),
        final=final,
        env=draw(maps(TEXTS)),
        labels=draw(some(st.sampled_from(["Build", "Test", "Deploy", "Approve", "0f0f"]))),
    )


CONCURRENCIES = st.builds(
    Concurrency,
    exclusion=st.sampled_from(Exclusion),
    group=st.just("") | WORDS,
    cancel_in_progress=st.booleans(),
    queue_length=st.integers(0, 200),
    waiting_minutes=st.integers(1, 1440),
    most_running=st.integers(1, 200),
)


@st.composite
def pipelines(draw: st.DrawFn) -> Pipeline:
    """A pipeline without any origin."""
    given = draw(st.lists(stages(final=False), min_size=1, max_size=2))
    if draw(st.booleans()):
        given.append(draw(stages(final=True)))
    ids = unique_ids([stage.user_id for stage in given], "s")
    return Pipeline(
        stages=tuple(replace(stage, id=id_) for stage, id_ in zip(given, ids, strict=True)),
        name=draw(WORDS),
        description=draw(TEXTS),
        dialect=draw(st.sampled_from(Dialect)),
        parameters=draw(parameters(review=False)),
        concurrency=draw(CONCURRENCIES),
        clear_variables_on_retry=draw(st.booleans()),
        fail_on_long_value=draw(st.booleans()),
        announced=draw(
            st.sampled_from([(), ("run-succeeded",), ("run-failed",), ("run-succeeded", "run-failed")])
        ),
    )


def without_origin(pipeline: Pipeline) -> Pipeline:
    """What a pipeline means: the same without anything that only its document knows."""

    def bare(parameters: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
        return tuple(replace(parameter, origin={}) for parameter in parameters)

    def gate(found: Gate) -> Gate:
        return replace(found, parameters=bare(found.parameters))

    def step(found: Step) -> Step:
        return replace(found, origin={}, review=found.review and gate(found.review))

    def job(found: Job) -> Job:
        return replace(found, origin={}, steps=tuple(map(step, found.steps)))

    def stage(found: Stage) -> Stage:
        before = tuple(map(gate, found.before))
        return replace(found, origin={}, before=before, jobs=tuple(map(job, found.jobs)))

    return replace(
        pipeline,
        origin={},
        parameters=bare(pipeline.parameters),
        stages=tuple(map(stage, pipeline.stages)),
    )


@st.composite
def with_own_fields(draw: st.DrawFn, document: Any, *, depth: int = 0) -> Any:
    """The document with a client's own fields in some of its objects; settings of steps are no place for them."""
    if isinstance(document, list):
        return [draw(with_own_fields(item, depth=depth + 1)) for item in document]
    if not isinstance(document, dict):
        return document
    closed = (
        "input",
        "parameters",
        "customBuildEnv",
        "buildEnv",
        "displayCondition",
        "defaultValue",
        "value",
    )
    found = {
        key: value if key in closed else draw(with_own_fields(value, depth=depth + 1))
        for key, value in document.items()
    }
    if depth and draw(st.integers(0, 3)) == 0:
        found[draw(st.sampled_from(["x-own", "theirField", "Another one"]))] = draw(JSON)
    return found
