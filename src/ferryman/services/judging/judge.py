"""The judge: may this be done, and why (or why not). Pure; the order of its questions is RULINGS 21.

1. What a token is limited to limits everybody.     2. The account may do everything.
3. Who is no member learns nothing.                 4. One matching deny, anywhere, refuses.
5. The role must allow, or what was made oneself.   6. With policies, one of them must allow too.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from ferryman.domain.access import Effect, Policy, Rights, Role, Statement
from ferryman.services.judging import conditions, roles
from ferryman.services.judging.patterns import matches


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be judged."""

    action: str
    """The native action."""
    actions: tuple[str, ...] = ()
    """What the API that was spoken calls it; policies may name it by any of these."""
    project: str = ""
    resource: str = "*"
    """`pipeline/shop`; `*` where an action has no narrower one."""
    environment: str = ""
    own: bool = False
    """It is about something that who asks has made."""
    facts: Mapping[str, str] = {}
    """What conditions ask for, by key in lower case: who, from where, when."""


class Ground(StrEnum):
    """What a verdict rests on."""

    ACCOUNT = "account"
    ROLE = "role"
    MAKER = "maker"
    """What it is about was made by who asks."""
    POLICY = "policy"
    SCOPE = "scope"
    """The token is limited to other actions."""
    EXPLICIT_DENY = "explicit-deny"
    IMPLICIT_DENY = "implicit-deny"
    """There are policies, and none allows it."""
    NOT_A_MEMBER = "not-a-member"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether it may be done, and why; `because` is one clause, without the name of who asks."""

    allowed: bool
    ground: Ground
    because: str
    policy: str = ""
    """The policy that decided."""


def judge(rights: Rights, question: Question) -> Verdict:
    """May this be done?"""
    names = (question.action, *question.actions)
    if rights.scopes and not _named(rights.scopes, names):
        return _no(Ground.SCOPE, f"the token is limited to {', '.join(rights.scopes)}")
    if rights.projects and not roles.ALLOWED.get(question.action):
        # What is no role's concerns the whole installation.
        return _no(Ground.SCOPE, f"the token is limited to project {', '.join(rights.projects)}")
    if rights.account:
        return Verdict(allowed=True, ground=Ground.ACCOUNT, because="the account may do everything")
    role = rights.environments.get(question.environment, rights.role)
    if role is None and not rights.environments:
        because = f"no member of project {question.project}" if question.project else "only the account may"
        return _no(Ground.NOT_A_MEMBER, because)
    for policy in rights.policies:
        if _has(policy, Effect.DENY, names, question):
            return _no(Ground.EXPLICIT_DENY, f"policy {policy.name} denies it", policy.name)
    if role is not None and roles.allows(role, question.action):
        ground, whence = Ground.ROLE, f"role {role}"
    elif question.own and question.action in roles.OF_MAKERS:
        ground, whence = Ground.MAKER, "having made it"
    else:
        return _no(Ground.ROLE, _role_lacks(role, question))
    if not rights.policies:
        return Verdict(allowed=True, ground=ground, because=f"{whence} allows it")
    for policy in rights.policies:
        if _has(policy, Effect.ALLOW, names, question):
            return Verdict(
                allowed=True,
                ground=Ground.POLICY,
                because=f"{whence} and policy {policy.name} allow it",
                policy=policy.name,
            )
    listed = ", ".join(policy.name for policy in rights.policies)
    return _no(Ground.IMPLICIT_DENY, f"{whence} allows it, but no policy does ({listed})")


def _no(ground: Ground, because: str, policy: str = "") -> Verdict:
    return Verdict(allowed=False, ground=ground, because=because, policy=policy)


def _role_lacks(role: Role | None, question: Question) -> str:
    where = f" in environment {question.environment}" if question.environment else ""
    able = sorted(roles.ALLOWED.get(question.action, ()))
    whose = f"only {', '.join(able)} may" if able else "only the account may"
    return f"role {role or 'none'}{where} does not allow it; {whose}"


def _has(policy: Policy, effect: Effect, names: tuple[str, ...], question: Question) -> bool:
    """Whether a statement of this effect applies."""
    return any(
        statement.effect is effect and _applies(statement, names, question) for statement in policy.statements
    )


def _applies(statement: Statement, names: tuple[str, ...], question: Question) -> bool:
    acts = _fits(statement.actions, statement.not_actions, names)
    if not acts or not _fits(statement.resources, statement.not_resources, _resources(question)):
        return False
    held = [conditions.holds(condition, question.facts) for condition in statement.conditions]
    if None in held:
        return statement.effect is Effect.DENY and statement.doubt_denies
    return all(held)


def _fits(wanted: tuple[str, ...], unwanted: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Something is meant by any of its names: excluded by one of them, it is excluded."""
    return not _named(unwanted, names) if unwanted else _named(wanted, names)


def _named(patterns: tuple[str, ...], names: tuple[str, ...]) -> bool:
    return any(matches(pattern, name) for pattern in patterns for name in names)


def _resources(question: Question) -> tuple[str, ...]:
    """A resource under all its names: by itself, as its project, and inside it."""
    project = f"project/{question.project}"
    return (question.resource, project, f"{project}/{question.resource}")
