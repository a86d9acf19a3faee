"""Who acts, and what they may do: principals, roles, policies as data. Judging them is for `services.access`."""

from enum import StrEnum

import msgspec


class Role(StrEnum):
    """What somebody is in a project. What each may do is one table: `services.access.roles` (RULINGS 21)."""

    ADMIN = "admin"
    DEVELOPER = "developer"
    DEPLOYER = "deployer"
    OPERATOR = "operator"
    VISITOR = "visitor"


class Effect(StrEnum):
    """What a statement does when it matches. An explicit deny always wins."""

    ALLOW = "Allow"
    DENY = "Deny"


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One statement of a policy: patterns over actions and resources, `*` and `?` as wildcards."""

    effect: Effect
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ("*",)
    not_resources: tuple[str, ...] = ()
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    """Operator, key and values; all must hold."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A named policy as it is judged; the document it was read from is kept beside it."""

    name: str
    statements: tuple[Statement, ...]


class Rights(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller has in the project of the request, resolved anew for every request."""

    account: bool = False
    """Everything is allowed."""
    role: Role | None = None
    """None: no member of the project."""
    environments: dict[str, Role] = {}
    """Roles that differ in single environments."""
    policies: tuple[Policy, ...] = ()
    """With any, role and policies must both allow."""
    scopes: tuple[str, ...] = ()
    """Action patterns a token is limited to; none: no limit."""


EVERYTHING = Rights(account=True)
"""The owner of the data folder, on the machine itself."""
