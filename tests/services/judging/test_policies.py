"""Documents of three families, their conditions and patterns (dataworks-2024 4; servicestage-v3 9)."""

import re
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ferryman.domain.access import Condition, Effect, Rights, Role
from ferryman.domain.actions import Action
from ferryman.domain.errors import Invalid
from ferryman.services.judging import conditions
from ferryman.services.judging.judge import Question, judge
from ferryman.services.judging.patterns import matches
from ferryman.services.judging.policies import read

FACTS = {
    "g:username": "Ada",
    "acs:sourceip": "10.1.2.3",
    "acs:currenttime": "2026-05-01T12:00:00+00:00",
    "acs:securetransport": "true",
    "n": "7",
}
HOLD: tuple[tuple[str, str, str, bool | None], ...] = (
    ("StringEquals", "g:UserName", "Ada", True),
    ("StringEquals", "g:UserName", "ada", False),
    ("StringEqualsIgnoreCase", "g:UserName", "ada", True),
    ("StringNotEquals", "g:UserName", "Bob", True),
    ("StringNotEqualsIgnoreCase", "g:UserName", "ADA", False),
    ("StringLike", "g:UserName", "A?a", True),
    ("StringLike", "g:UserName", "a*", False),
    ("StringNotLike", "g:UserName", "B*", True),
    ("StringMatch", "g:UserName", "A*", True),
    ("StringStartWith", "g:UserName", "Ad", True),
    ("StringEndWithIfExists", "g:UserName", "x", False),
    ("StringEndWithIfExists", "g:Nobody", "x", True),
    ("StringEquals", "g:Nobody", "x", False),
    ("StringNotEquals", "g:Nobody", "x", False),
    ("NumericEquals", "n", "7.0", True),
    ("NumericNotEquals", "n", "7", False),
    ("NumericLessThan", "n", "8", True),
    ("NumericLessThanEquals", "n", "7", True),
    ("NumericGreaterThan", "n", "7", False),
    ("NumericGreaterThanEquals", "n", "7", True),
    ("NumericLessThan", "g:UserName", "8", False),
    ("DateLessThan", "acs:CurrentTime", "2026-05-01T14:00:00+02:00", False),
    ("DateLessThanEquals", "acs:CurrentTime", "2026-05-01T14:00:00+02:00", True),
    ("DateGreaterThan", "acs:CurrentTime", "2026-05-01T11:59:59Z", True),
    ("DateEquals", "acs:CurrentTime", "1777636800", True),
    ("DateNotEquals", "acs:CurrentTime", "no date", True),
    ("Bool", "acs:SecureTransport", "True", True),
    ("Bool", "acs:SecureTransport", "false", False),
    ("IpAddress", "acs:SourceIp", "10.0.0.0/8", True),
    ("IpAddress", "acs:SourceIp", "10.1.2.3", True),
    ("NotIpAddress", "acs:SourceIp", "10.0.0.0/8", False),
    ("NotIpAddress", "acs:SourceIp", "fd00::/8", True),
    ("IpAddress", "acs:SourceIp", "not a network", False),
    ("StringSoundsLike", "g:UserName", "Ada", None),
)


@pytest.mark.parametrize(("operator", "key", "value", "holds"), HOLD)
def test_an_operator_holds(operator: str, key: str, value: str, holds: bool | None) -> None:
    condition = Condition(operator=operator, key=key, values=(value,))
    assert conditions.holds(condition, FACTS) is holds
    assert conditions.is_known(operator) is (holds is not None)


def test_one_of_several_values_is_enough_and_a_negation_wants_none() -> None:
    values = ("Bob", "Ada")
    assert conditions.holds(Condition(operator="StringEquals", key="g:UserName", values=values), FACTS)
    assert not conditions.holds(Condition(operator="StringNotEquals", key="g:UserName", values=values), FACTS)


def _judged(version: str, effect: str, condition: str) -> bool:
    document = (
        f'{{"Version":"{version}","Statement":[{{"Effect":"Allow","Action":"*"}},'
        f'{{"Effect":"{effect}","Action":"*","Condition":{condition}}}]}}'
    )
    if effect == "Allow":
        document = document.replace('{"Effect":"Allow","Action":"*"},', "")
    rights = Rights(role=Role.ADMIN, policies=(read("p", document).policy,))
    return judge(rights, Question(action=Action.GET_RUN, project="p", facts=FACTS)).allowed


UNKNOWN = '{"StringSoundsLike":{"g:UserName":"x"}}'
BOTH = '{"StringEquals":{"g:UserName":"Ada","n":["7","8"]},"Bool":{"acs:SecureTransport":true}}'
ONE_NOT = '{"StringEquals":{"g:UserName":"Ada","n":"8"}}'


@pytest.mark.parametrize(
    ("version", "effect", "condition", "allowed"),
    [
        ("1", "Allow", UNKNOWN, False),
        ("1", "Deny", UNKNOWN, True),
        ("1.1", "Allow", UNKNOWN, False),
        ("1.1", "Deny", UNKNOWN, False),
        ("5.0", "Deny", UNKNOWN, False),
        ("1", "Allow", BOTH, True),
        ("1", "Deny", BOTH, False),
        ("5.0", "Allow", ONE_NOT, False),
        ("5.0", "Deny", ONE_NOT, True),
    ],
)
def test_all_conditions_must_hold_and_doubt_is_a_matter_of_the_family(
    version: str, effect: str, condition: str, allowed: bool
) -> None:
    assert _judged(version, effect, condition) is allowed


def test_what_can_never_hold_is_said_when_it_is_stored() -> None:
    """dataworks-2024 4: report such policies when they are stored."""
    document = '{"Version":"%s","Statement":{"Effect":"Deny","Action":["*"],"Condition":%s}}'
    assert read("p", document % ("1", UNKNOWN)).remarks == (
        "Statement[0]: operator StringSoundsLike is not known: the statement never applies",
    )
    assert "denies whatever else" in read("p", document % ("5.0", UNKNOWN)).remarks[0]


def test_every_fault_of_a_document_is_told_at_once() -> None:
    document = """{"Version": 1, "Statment": 2, "Statement": [
        {"Effect": "Maybe", "Action": "a", "NotAction": "b", "Principal": "*"},
        {"Effect": "Deny", "Resource": [1], "Condition": []},
        {"Effect": "Allow", "Action": [], "Condition": {"Bool": 1, "StringLike": {"k": {}}}},
        "no"]}"""
    with pytest.raises(Invalid) as refused:
        read("p", document)
    assert [problem.path for problem in refused.value.problems] == [
        "Statment",
        "Version",
        "Statement[0].Principal",
        "Statement[0].Effect",
        "Statement[0]",
        "Statement[1]",
        "Statement[1].Resource",
        "Statement[1].Condition",
        "Statement[2].Action",
        "Statement[2].Condition.Bool",
        "Statement[2].Condition.StringLike.k",
        "Statement[3]",
    ]


@pytest.mark.parametrize(
    "document", ["", "[]", "{", "1", "[" * 100_000, '{"Version":["1"],"Statement":[]}', "\ud800"]
)
def test_what_is_no_document_is_refused(document: str) -> None:
    with pytest.raises(Invalid):
        read("p", document)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "Version",
                    "Statement",
                    "Effect",
                    "Action",
                    "NotAction",
                    "Resource",
                    "Condition",
                    "Bool",
                    "x",
                ]
            ),
            inner | st.sampled_from(["1", "5.0", "Allow", "Deny", "*"]),
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_law_any_json_is_a_policy_or_refused(value: object) -> None:
    with suppress(Invalid):
        found = read("p", msgspec.json.encode(value).decode())
        assert all(statement.effect in Effect for statement in found.policy.statements)


TEXTS = st.text(alphabet="ab:", max_size=8)


@given(st.text(alphabet="ab:*?", max_size=8), TEXTS)
def test_law_a_pattern_means_what_the_expression_does(pattern: str, text: str) -> None:
    """Against the same pattern as a regular expression."""
    oracle = "".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in pattern)
    assert matches(pattern, text) is bool(re.fullmatch(oracle, text, re.DOTALL))


def test_a_pattern_of_many_stars_is_judged_at_once() -> None:
    """A token's scope is anybody's text: it must not be able to keep the server busy."""
    assert not matches("*a" * 200 + "b", "a" * 400)
