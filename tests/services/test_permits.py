"""Permits: what policies may know of a request (dataworks-2024 4; servicestage-v3 9), and what a refusal says."""

import pytest

from ferryman.domain.access import Rights, Role
from ferryman.domain.actions import Action
from ferryman.domain.errors import FerrymanError, Forbidden, NotFound
from ferryman.services import Caller
from ferryman.services.judging.policies import read
from ferryman.services.permits import permit, permit_own

AT = 1_800_000_000_000
"""2027-01-15T08:00:00Z."""


def _caller(condition: str = "{}", **more: object) -> Caller:
    document = f'{{"Version":"1","Statement":[{{"Effect":"Allow","Action":"*","Condition":{condition}}}]}}'
    rights = Rights(role=Role.ADMIN, policies=(read("p", document).policy,))
    fields = {"address": "10.0.0.7", "at": AT, "facts": {"dataworks:scope": "OpenAPI"}, **more}
    return Caller(name="ann", project="demo", rights=rights, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("condition", "allowed"),
    [
        ('{"StringEquals":{"g:UserName":"ann"}}', True),
        ('{"StringEquals":{"g:UserName":"bob"}}', False),
        ('{"IpAddress":{"acs:SourceIp":["192.168.0.0/16","10.0.0.0/24"]}}', True),
        ('{"IpAddress":{"acs:SourceIp":"192.168.0.0/16"}}', False),
        ('{"DateLessThan":{"acs:CurrentTime":"2027-01-15T08:00:01Z"}}', True),
        ('{"DateLessThan":{"acs:CurrentTime":"2027-01-15T08:00:00Z"}}', False),
        ('{"StringEquals":{"dataworks:Scope":"OpenAPI"}}', True),
        ('{"StringEquals":{"dataworks:Scope":"Page"}}', False),
    ],
)
def test_a_policy_knows_who_asks_from_where_and_when(condition: str, allowed: bool) -> None:
    if allowed:
        permit(_caller(condition), Action.GET_RUN)
    else:
        with pytest.raises(Forbidden, match="no policy does"):
            permit(_caller(condition), Action.GET_RUN)


def test_what_nobody_knows_of_a_request_holds_for_nothing() -> None:
    with pytest.raises(Forbidden):
        permit(_caller('{"IpAddress":{"acs:SourceIp":"0.0.0.0/0"}}', address=""), Action.GET_RUN)


REFUSALS: tuple[tuple[str, Caller, type[FerrymanError], str], ...] = (
    ("no member", Caller(name="ann", project="demo", rights=Rights()), NotFound, "project-unknown"),
    ("no project", Caller(name="ann", project="", rights=Rights()), Forbidden, "not-a-member"),
    ("role", Caller(name="ann", project="demo", rights=Rights(role=Role.VISITOR)), Forbidden, "role"),
    (
        "scope",
        Caller(name="ann", project="demo", rights=Rights(role=Role.ADMIN, scopes=("x",))),
        Forbidden,
        "scope",
    ),
)


@pytest.mark.parametrize(("name", "caller", "kind", "reason"), REFUSALS, ids=[row[0] for row in REFUSALS])
def test_a_refusal_says_why(name: str, caller: Caller, kind: type[FerrymanError], reason: str) -> None:
    with pytest.raises(kind) as refused:
        permit(caller, Action.WRITE_SECRET)
    assert getattr(refused.value, "reason", "") == reason


def test_the_owner_of_the_data_folder_may_do_everything_everywhere() -> None:
    permit(Caller(name="root", project="nowhere"), Action.MANAGE_PEOPLE)
    permit_own(Caller(name="root"), "ann")


def test_keys_of_others_are_for_who_manages_people() -> None:
    admin = Caller(name="ann", project="demo", rights=Rights(role=Role.ADMIN))
    permit_own(admin, "ann")
    with pytest.raises(Forbidden, match="only the account may"):
        permit_own(admin, "bob")
