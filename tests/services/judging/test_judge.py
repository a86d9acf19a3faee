"""The judge: tables of verdicts (RULINGS 21; dataworks-2024 4; servicestage-v3 9), and its laws."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.domain.access import EVERYTHING, NOTHING, Effect, Policy, Rights, Role, Statement
from ferryman.domain.actions import Action
from ferryman.services.judging import roles
from ferryman.services.judging.judge import Ground, Question, judge
from ferryman.services.judging.policies import read

GET = Question(action=Action.GET_RUN, actions=("dataworks:GetPipelineRun",), project="demo")
ADMIN = Rights(role=Role.ADMIN)


def policy(*statements: str, version: str = "1") -> Policy:
    """A policy of these statements."""
    return read("p", f'{{"Version":"{version}","Statement":[{",".join(statements)}]}}').policy


def allow(action: str, more: str = "") -> str:
    return f'{{"Effect":"Allow","Action":"{action}","Resource":"*"{more}}}'


def deny(action: str, more: str = "") -> str:
    return f'{{"Effect":"Deny","Action":"{action}","Resource":"*"{more}}}'


MANAGE_OWN = Question(action=Action.MANAGE_PIPELINE, project="demo", own=True)
MANAGE_OF_OTHERS = Question(action=Action.MANAGE_PIPELINE, project="demo")

VERDICTS: tuple[tuple[str, Rights, Question, Ground], ...] = (
    ("the account may do everything", EVERYTHING, GET, Ground.ACCOUNT),
    ("nobody in particular may know of nothing", NOTHING, GET, Ground.NOT_A_MEMBER),
    ("without policies the role decides", ADMIN, GET, Ground.ROLE),
    (
        "what the role lacks no policy gives",
        Rights(role=Role.VISITOR, policies=(policy(allow("*")),)),
        Question(action=Action.START_RUN, project="demo"),
        Ground.ROLE,
    ),
    (
        "who made a pipeline manages it (bkci-v3 2.3)",
        Rights(role=Role.DEVELOPER),
        MANAGE_OWN,
        Ground.MAKER,
    ),
    ("but not what others made", Rights(role=Role.DEVELOPER), MANAGE_OF_OTHERS, Ground.ROLE),
    (
        "and does nothing else for that",
        Rights(role=Role.VISITOR),
        Question(action=Action.DELETE_PIPELINE, project="demo", own=True),
        Ground.ROLE,
    ),
    ("and no more once no member", NOTHING, MANAGE_OWN, Ground.NOT_A_MEMBER),
    (
        "a policy takes it away",
        Rights(role=Role.DEVELOPER, policies=(policy(allow("*"), deny("*:Manage*")),)),
        MANAGE_OWN,
        Ground.EXPLICIT_DENY,
    ),
    (
        "and has to allow it",
        Rights(role=Role.DEVELOPER, policies=(policy(allow("*:Get*")),)),
        MANAGE_OWN,
        Ground.IMPLICIT_DENY,
    ),
    (
        "with policies one must allow",
        Rights(role=Role.ADMIN, policies=(policy(),)),
        GET,
        Ground.IMPLICIT_DENY,
    ),
    (
        "a policy may use the native name",
        Rights(role=Role.ADMIN, policies=(policy(allow("ferryman:GetRun")),)),
        GET,
        Ground.POLICY,
    ),
    (
        "a policy may use the vendor's name, in letters of either case",
        Rights(role=Role.ADMIN, policies=(policy(allow("dataworks:getpipeline*")),)),
        GET,
        Ground.POLICY,
    ),
    (
        "a deny of either name wins over an allow of the other",
        Rights(
            role=Role.ADMIN, policies=(policy(allow("ferryman:GetRun"), deny("dataworks:GetPipelineRun")),)
        ),
        GET,
        Ground.EXPLICIT_DENY,
    ),
    (
        "a deny in another policy wins as well",
        Rights(role=Role.ADMIN, policies=(policy(allow("*")), policy(deny("*:Get*")))),
        GET,
        Ground.EXPLICIT_DENY,
    ),
    (
        "a deny holds for the account's person no more than for the account",
        Rights(account=True, policies=(policy(deny("*")),)),
        GET,
        Ground.ACCOUNT,
    ),
    (
        "an excluded action is not meant by any of its names",
        Rights(
            role=Role.ADMIN,
            policies=(policy('{"Effect":"Allow","NotAction":"dataworks:Get*","Resource":"*"}'),),
        ),
        GET,
        Ground.IMPLICIT_DENY,
    ),
    (
        "a resource of one project does not fit another",
        Rights(
            role=Role.ADMIN,
            policies=(policy('{"Effect":"Allow","Action":"*","Resource":"acs:dataworks:*:*:project/far"}'),),
        ),
        GET,
        Ground.IMPLICIT_DENY,
    ),
    (
        "a resource of this project does",
        Rights(
            role=Role.ADMIN,
            policies=(policy('{"Effect":"Allow","Action":"*","Resource":"acs:dataworks:*:*:project/demo"}'),),
        ),
        GET,
        Ground.POLICY,
    ),
    (
        "a resource may be excluded",
        Rights(
            role=Role.ADMIN,
            policies=(policy('{"Effect":"Allow","Action":"*","NotResource":"pipeline/shop"}'),),
        ),
        Question(action=Action.GET_PIPELINE, project="demo", resource="pipeline/shop"),
        Ground.IMPLICIT_DENY,
    ),
    (
        "an urn of the other family says its resource too",
        Rights(
            role=Role.ADMIN,
            policies=(
                policy(
                    '{"Effect":"Allow","Action":"*","Resource":["servicestage:*:*:application:shop"]}',
                    version="5.0",
                ),
            ),
        ),
        Question(action=Action.GET_PIPELINE, project="demo", resource="application/shop"),
        Ground.POLICY,
    ),
    ("a scope that does not name it refuses", Rights(account=True, scopes=("*:List*",)), GET, Ground.SCOPE),
    (
        "a scope that names it leaves it to the rest",
        Rights(role=Role.ADMIN, scopes=("*:Get*",)),
        GET,
        Ground.ROLE,
    ),
    (
        "a token of one project does nothing to the whole installation",
        Rights(account=True, projects=("demo",)),
        Question(action=Action.MANAGE_PEOPLE, project="demo"),
        Ground.SCOPE,
    ),
    (
        "an environment may have a role of its own: less",
        Rights(role=Role.ADMIN, environments={"production": Role.VISITOR}),
        Question(action=Action.START_RUN, project="demo", environment="production"),
        Ground.ROLE,
    ),
    (
        "a member of one environment is nothing elsewhere, but may know",
        Rights(environments={"production": Role.ADMIN}),
        Question(action=Action.START_RUN, project="demo"),
        Ground.ROLE,
    ),
    (
        "what the table does not know nobody may",
        ADMIN,
        Question(action="ferryman:Fly", project="demo"),
        Ground.ROLE,
    ),
)
ALLOWING = {Ground.ACCOUNT, Ground.POLICY, Ground.MAKER}


@pytest.mark.parametrize(
    ("sentence", "rights", "question", "ground"), VERDICTS, ids=[row[0] for row in VERDICTS]
)
def test_a_verdict_rests_on_its_ground(
    sentence: str, rights: Rights, question: Question, ground: Ground
) -> None:
    verdict = judge(rights, question)
    assert verdict.ground is ground
    role = rights.environments.get(question.environment, rights.role)
    by_role = ground is Ground.ROLE and role is not None and roles.allows(role, question.action)
    assert verdict.allowed is (ground in ALLOWING or by_role)
    assert verdict.because


@pytest.mark.parametrize(("role", "action"), list(product(Role, Action)))
def test_without_policies_the_table_decides(role: Role, action: Action) -> None:
    assert judge(Rights(role=role), Question(action=action, project="p")).allowed is roles.allows(
        role, action
    )


def test_every_action_stands_in_the_table_once() -> None:
    rows = [action for family in roles.FAMILIES.values() for action in family]
    assert sorted(rows) == sorted(Action)


def test_a_visitor_only_reads() -> None:
    """dataworks-2024 2.8: visitors read, nothing else."""
    may = {action for action in Action if roles.allows(Role.VISITOR, action)}
    reading = ("List", "Get")
    assert {action for action in may if not action.split(":")[1].startswith(reading)} == {
        Action.MANAGE_OWN_KEYS
    }


PATTERNS = st.sampled_from(["*", "ferryman:*", "*:Get*", "ferryman:GetRun", "*:Start?un", "dataworks:*", "x"])
STATEMENTS = st.builds(
    lambda effect, actions, excluded: Statement(
        effect=effect, actions=() if excluded else actions, not_actions=actions if excluded else ()
    ),
    st.sampled_from(Effect),
    st.lists(PATTERNS, min_size=1, max_size=3).map(tuple),
    st.booleans(),
)
POLICIES = st.lists(
    st.builds(lambda each: Policy(name="p", statements=tuple(each)), st.lists(STATEMENTS, max_size=4)),
    max_size=3,
).map(tuple)
QUESTIONS = st.builds(
    lambda action, environment: Question(
        action=action, actions=("dataworks:GetPipelineRun",), project="demo", environment=environment
    ),
    st.sampled_from([*Action, "ferryman:Fly"]),
    st.sampled_from(["", "production"]),
)
ROLES = st.sampled_from([*Role, None])
RIGHTS = st.builds(
    lambda role, environment, policies: Rights(
        role=role, environments={"production": environment} if environment else {}, policies=policies
    ),
    ROLES,
    ROLES,
    POLICIES,
)


@given(RIGHTS, QUESTIONS)
def test_law_a_deny_always_wins(rights: Rights, question: Question) -> None:
    everything = Statement(effect=Effect.DENY, actions=("*",))
    for at in range(len(rights.policies) + 1):
        denying = Policy(name="no", statements=(everything,))
        policies = (*rights.policies[:at], denying, *rights.policies[at:])
        denied = Rights(role=rights.role, environments=rights.environments, policies=policies)
        assert not judge(denied, question).allowed


@given(POLICIES, QUESTIONS)
def test_law_without_a_role_nothing_is_allowed(policies: tuple[Policy, ...], question: Question) -> None:
    verdict = judge(Rights(policies=policies), question)
    assert (verdict.allowed, verdict.ground) == (False, Ground.NOT_A_MEMBER)


@given(RIGHTS, QUESTIONS)
def test_law_policies_and_scopes_only_take_away(rights: Rights, question: Question) -> None:
    bare = Rights(role=rights.role, environments=rights.environments)
    if judge(rights, question).allowed:
        assert judge(bare, question).allowed
    scoped = Rights(
        role=rights.role, environments=rights.environments, policies=rights.policies, scopes=("*:Get*",)
    )
    if judge(scoped, question).allowed:
        assert judge(rights, question).allowed
