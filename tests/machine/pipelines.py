"""Random pipelines: a few stages, jobs and steps, each with a few twists out of tables.

A twist is a handful of fields, so one draw gives a node its whole character: cheap to draw, and it shrinks to the plain
node that stands first in each table. Everything the domain can say has its row.
"""

from typing import Any

from hypothesis import strategies as st

from ferryman.domain.conditions import After, AfterStage, Holds, Matches, Previous, Upstream
from ferryman.domain.dialect import Dialect
from ferryman.domain.events import Started
from ferryman.domain.gates import Gate, GateKind, ReviewGroup
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.domain.policies import Concurrency, Exclusion, Limit, Matrix, Mutex, OnFailure, Retry, RunsOn
from ferryman.domain.values import Parameter

Twist = dict[str, Any]

STARTER = "ann"
PEOPLE = (STARTER, "bob", "cleo")

PARAMETERS = (
    Parameter(name="v", default="a"),
    Parameter(name="w", default="b"),
    Parameter(name="need", default=""),
    Parameter(name="who", default="bob,cleo"),
    Parameter(name="limit", default="3"),
    Parameter(name="axes", default='{"os": ["l", "w"]}'),
    Parameter(name="fixed", default="f", read_only=True),
)

WRITES: tuple[dict[str, str], ...] = (
    {},
    {"v": "b"},
    {"v": "a", "w": "a"},
    {"need": "j2;j3"},
    {"need": "j1;j3"},
    {"who": ""},
    {"limit": "soon", "axes": "nothing"},
    {"fixed": "g"},
    {"v": "x" * 4001},
)
"""What an attempt may write; the last two are refused or dropped."""

V_IS_A = Matches((("v", "a"),))
CONDITIONS = (
    V_IS_A,
    Matches((("w", "b"),)),
    Holds("variables.w == 'b' || variables.v == 'b'"),
    Holds("jobs.j1.outcome != 'FAILED'"),
    Matches((("v", "a"), ("w", "${{ variables.w }}")), wanted=False),
    Matches((), when_empty=False),
    Holds("variables.v == 'a'"),
    Holds("variables.v != 'a' && variables.w == 'b'"),
    Holds("nobody.knows == 1"),
    Holds(""),
)
"""Conditions on values: met at first, not met at first, changed by what steps write, in error, blank."""


def review(*groups: ReviewGroup, **more: Any) -> Gate:
    """A gate that asks people."""
    return Gate(kind=GateKind.REVIEW, groups=groups, **more)


ONE = ReviewGroup(name="owners", reviewers=("bob",))
BOTH = ReviewGroup(name="both", id="g2", reviewers=("${{ variables.who }}",), quorum=2)
ANY_OF_TWO = ReviewGroup(name="any", reviewers=("bob,cleo",))
BY_ROLE = ReviewGroup(name="role", roles=("testers",))
TARGET = Parameter(name="target", default="")
MUST = Parameter(name="must", default="", not_empty=True)

QUESTIONS = (
    review(ONE),
    review(BOTH),
    review(BY_ROLE),
    review(ANY_OF_TWO, ONE, veto=False),
    review(
        ReviewGroup(name="own", reviewers=PEOPLE), self_approval=False, parameters=(TARGET,), namespace="ns"
    ),
    review(ReviewGroup(name="must", reviewers=("bob",)), parameters=(MUST,)),
    review(ONE, hours=0, parameters=(Parameter(name="v", default="b"),)),
)
MANUAL = Gate(kind=GateKind.MANUAL)
VERDICT = Gate(kind=GateKind.VERDICT, rules=("coverage",))

PLAIN: tuple[Twist, ...] = ({},) * 8

STEP_TWISTS: tuple[Twist, ...] = (
    *PLAIN,
    {"on_failure": OnFailure.ASK},
    {"on_failure": OnFailure.ASK, "retry": Retry(1)},
    {"retry": Retry(1)},
    {"retry": Retry(2, backoff_ms=5_000)},
    {"on_failure": OnFailure.CONTINUE},
    {"on_failure": OnFailure.ASK},
    *(
        {"condition": Upstream(after)}
        for after in (*After, After.ALWAYS, After.FAILURE, After.UNLESS_CANCELED)
    ),
    *({"condition": condition} for condition in (*CONDITIONS, Holds("", when_blank=True))),
    {"pause_before": True, "settings": {"script": "make"}, "tell_on_pause": ("bob",)},
    *({"review": gate} for gate in QUESTIONS),
    {"pause_before": True, "review": QUESTIONS[0]},
    {"limit": Limit(1)},
    {"limit": Limit(2, "${{ variables.limit }}"), "retry": Retry(1)},
    {"repeatable": True},
    {"enabled": False},
    {"env": {"E": "${{ variables.v }}"}, "retry": Retry(by_hand=False)},
)
"""What a step may be besides plain."""

POST_CONDITIONS = tuple(
    Upstream(after)
    for after in (
        After.SUCCESS,
        After.FAILURE,
        After.UNLESS_CANCELED,
        After.PARENT_STOPPED,
        After.PARENT_ENDED,
    )
)

JOB_TWISTS: tuple[Twist, ...] = (
    *PLAIN,
    {"continue_on_failure": True},
    {"mutex": Mutex(group="g")},
    {"mutex": Mutex(group="g-${{ variables.v }}", queue=True, length=2, limit=Limit(5))},
    {"mutex": Mutex(group=" ")},
    {"matrix": Matrix(axes={"os": ["l", "w", "m"]})},
    {"matrix": Matrix(axes={"os": ["l", "w", "m"]}, parallel=1), "continue_on_failure": True},
    {"matrix": Matrix(axes={"os": ["l", "w", "m"]}, fast_kill=True, parallel=2)},
    {
        "matrix": Matrix(axes="${{ fromJSON(variables.axes) }}", include=[{"os": "m"}]),
        "mutex": Mutex(group="g"),
    },
    {"matrix": Matrix(axes={"os": ["l"]}, exclude=[{"os": "l"}])},
    {"limit": Limit(2)},
    {"limit": Limit(4, "${{ variables.limit }}")},
    {"runs_on": RunsOn(kind="agentless")},
    {"env": {"J": "1"}},
    {"enabled": False},
)
"""What a job may be besides plain, its condition and needs apart."""

STAGE_TWISTS: tuple[Twist, ...] = (
    *PLAIN,
    {"fast_kill": True},
    {"fast_kill": True},
    *({"condition": condition} for condition in CONDITIONS),
    *({"before": (gate,)} for gate in (*QUESTIONS, MANUAL, VERDICT)),
    {"before": (VERDICT, QUESTIONS[-1]), "condition": V_IS_A},
    {"before": (MANUAL, QUESTIONS[0]), "fast_kill": True},
    *({"after": (gate,)} for gate in (VERDICT, MANUAL, QUESTIONS[0], QUESTIONS[-1])),
    {"after": (VERDICT, VERDICT)},
    {"enabled": False},
)
"""What a stage may be besides plain."""

PIPELINE_TWISTS: tuple[Twist, ...] = (
    *PLAIN[:3],
    {"dialect": Dialect.CLASSIC},
    {"announced": ("run-succeeded", "run-failed")},
    {"concurrency": Concurrency(exclusion=Exclusion.GROUP, group="lock-${{ variables.v }}")},
    {"concurrency": Concurrency(exclusion=Exclusion.SINGLE)},
    {"clear_variables_on_retry": True},
    {"fail_on_long_value": True},
    {"retry_allowed": False},
)
"""What a pipeline may be besides plain."""

START_TWISTS: tuple[Twist, ...] = (
    {"turn": True},
    {},
    {"turn": True, "patience_ms": 0},
    {"turn": True, "earliest_repeat_ms": 0},
    {"turn": True, "values": {"v": "b", "extra": "1"}},
    {"turn": True, "disabled": ("s1/j1/t1", "s1/j2/t2")},
)
"""What a start may bring."""

NEEDS = (
    (),
    (),
    ("j1",),
    ("j2",),
    ("j1,j2",),
    ("j3; j1",),
    ("${{ variables.need }}",),
    ("${{ variables.need }}",),
)
"""What a job may wait for; only jobs before it in its list are kept, save in what is known only later."""


def twisted(draw: st.DrawFn, table: tuple[Twist, ...], *, most: int = 2) -> Twist:
    """The fields of up to `most` twists; the later ones win."""
    fields: Twist = {}
    for _ in range(most):
        twist = draw(st.sampled_from(table))
        if not twist:
            break
        fields |= twist
    return fields


@st.composite
def steps(draw: st.DrawFn, most: int) -> tuple[Step, ...]:
    """The steps of one job, with post-actions behind them in reverse order."""
    plain: list[Step] = []
    posts: list[Step] = []
    for number in range(1, draw(st.integers(1, most)) + 1):
        step_id = f"t{number}"
        plain.append(Step(id=step_id, kind="noop", user_id=step_id, **twisted(draw, STEP_TWISTS)))
        if draw(st.integers(0, 7)) == 7:
            follows = Step(
                id=f"{step_id}.post",
                kind="noop",
                post_of=step_id,
                on_failure=OnFailure.CONTINUE,
                condition=draw(st.sampled_from(POST_CONDITIONS)),
            )
            posts.insert(0, follows)
    return (*plain, *posts)


@st.composite
def jobs(draw: st.DrawFn, number: int, *, final: bool, most_steps: int) -> Job:
    """One job; it may wait for those before it, or for whatever a variable comes to name."""
    fields = twisted(draw, JOB_TWISTS)
    condition = draw(st.integers(0, 5))
    if final and condition >= 3:
        fields["condition"] = AfterStage(draw(st.sampled_from(tuple(Previous))))
    elif condition == 5:
        fields["condition"] = draw(st.sampled_from(CONDITIONS))
    needs = draw(st.sampled_from(NEEDS)) if number > 1 else ()
    if all(later not in text for later in ("j1", "j2", "j3")[number - 1 :] for text in needs):
        fields["needs"] = needs
    return Job(id=f"j{number}", user_id=f"j{number}", steps=draw(steps(most_steps)), **fields)


@st.composite
def stages(draw: st.DrawFn, number: int, *, final: bool, most_jobs: int, most_steps: int) -> Stage:
    """One stage."""
    fields = twisted(draw, STAGE_TWISTS)
    width = draw(st.sampled_from((1, 2, 3, 4, 3)[: most_jobs + (most_jobs == 4)]))
    inside = tuple(draw(jobs(beside, final=final, most_steps=most_steps)) for beside in range(1, width + 1))
    return Stage(id=f"s{number}", user_id=f"s{number}", jobs=inside, final=final, **fields)


@st.composite
def pipelines(draw: st.DrawFn, *, most_stages: int = 4, most_jobs: int = 4, most_steps: int = 4) -> Pipeline:
    """A pipeline of one to four stages, the last of them sometimes a finally stage."""
    length = draw(st.integers(1, most_stages))
    has_final = length > 1 and draw(st.booleans())
    inside = tuple(
        draw(
            stages(
                number,
                final=has_final and number == length,
                most_jobs=most_jobs if number < 3 else min(most_jobs, 2),
                most_steps=most_steps if number < 3 else min(most_steps, 2),
            )
        )
        for number in range(1, length + 1)
    )
    return Pipeline(stages=inside, parameters=PARAMETERS, **twisted(draw, PIPELINE_TWISTS))


def starts() -> st.SearchStrategy[Started]:
    """A start of one of these pipelines."""
    return st.sampled_from(START_TWISTS).map(lambda twist: Started(at=1_000, run="r1", by=STARTER, **twist))
