"""What faces show of access: plain and complete, never with a secret that was shown before.

As in `views`, names are a promise and times are milliseconds since 1970, 0 where there is none.
"""

import msgspec

from ferryman.domain.access import Mode, Role
from ferryman.domain.values import Json


class ProjectView(msgspec.Struct, frozen=True, kw_only=True):
    """A project."""

    name: str
    number: int
    id: str
    mode: Mode
    connections: tuple[str, ...] | None
    disabled: bool
    created_at: int


class PersonView(msgspec.Struct, frozen=True, kw_only=True):
    """A principal. Roles are by project, and by project and environment where they differ there."""

    name: str
    account: bool
    user_id: str
    domain: str
    roles: dict[str, Role]
    environments: dict[str, dict[str, Role]]
    policies: tuple[str, ...]
    disabled: bool
    has_password: bool
    created_at: int


class MemberView(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is in one project."""

    name: str
    role: Role | None
    environments: dict[str, Role]


class KeyView(msgspec.Struct, frozen=True, kw_only=True):
    """An access key, or temporary credentials where it expires."""

    id: str
    owner: str
    enabled: bool
    created_at: int
    used_at: int
    expires_at: int = 0


class KeyMade(msgspec.Struct, frozen=True, kw_only=True):
    """A new access key, with its secret: this once."""

    id: str
    owner: str
    secret: str

    def __repr__(self) -> str:
        """Its id."""
        return f"KeyMade({self.id!r})"


class TokenView(msgspec.Struct, frozen=True, kw_only=True):
    """A token (API-8)."""

    id: str
    name: str
    owner: str
    scopes: tuple[str, ...]
    projects: tuple[str, ...]
    expires_at: int
    revoked_at: int
    created_at: int
    used_at: int


class TokenMade(msgspec.Struct, frozen=True, kw_only=True):
    """A new token, with its text: this once."""

    id: str
    owner: str
    text: str

    def __repr__(self) -> str:
        """Its id."""
        return f"TokenMade({self.id!r})"


class PolicyView(msgspec.Struct, frozen=True, kw_only=True):
    """A policy as it was written, who has it, and what there is to know of it."""

    name: str
    document: str
    people: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    created_at: int = 0


class VerdictView(msgspec.Struct, frozen=True, kw_only=True):
    """Whether somebody may do something, and why (API-9)."""

    allowed: bool
    ground: str
    """account, role, policy, scope, explicit-deny, implicit-deny, not-a-member, disabled."""
    because: str
    policy: str = ""


class AuditView(msgspec.Struct, frozen=True, kw_only=True):
    """One change or decision (PAGE-19)."""

    place: int
    at: int
    by: str
    project: str
    action: str
    subject: str
    request: str
    address: str
    reason: str
    before: Json
    after: Json
