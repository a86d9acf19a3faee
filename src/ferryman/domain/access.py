"""Who acts, and what they may do: projects, principals and what they prove themselves with, roles, policies; as data.
Judging them is for `services.access`.

A `Record` is what is kept of one thing. No record holds a secret in the clear, and none shows what it holds when it is
printed: secrets that signatures need are sealed with the key file, everything else is a digest (SEC-1, SEC-3).
Times are milliseconds since 1970; 0 where there is none.
"""

from enum import StrEnum

import msgspec


class Role(StrEnum):
    """What somebody is in a project. What each may do is one table: `services.judging.roles` (RULINGS 21)."""

    ADMIN = "admin"
    DEVELOPER = "developer"
    DEPLOYER = "deployer"
    OPERATOR = "operator"
    VISITOR = "visitor"


class Mode(StrEnum):
    """How a project is made up: simple ones have no development environment."""

    STANDARD = "standard"
    SIMPLE = "simple"


class Effect(StrEnum):
    """What a statement does when it matches. An explicit deny always wins."""

    ALLOW = "Allow"
    DENY = "Deny"


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """One key of a statement's condition: its value in the request is compared with these, one of which must fit."""

    operator: str
    """As the document spells it; what it means is `services.judging.conditions`."""
    key: str
    values: tuple[str, ...]


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One statement of a policy: patterns over actions and resources, `*` and `?` as wildcards."""

    effect: Effect
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ("*",)
    not_resources: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    """All must hold."""
    doubt_denies: bool = False
    """Whether a deny holds where a condition cannot be understood (servicestage-v3 9); in the other family of
    documents it does not (dataworks-2024 4). An allow never holds then."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """A named policy as it is judged; the document it was read from is kept beside it."""

    name: str
    statements: tuple[Statement, ...]


class Rights(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller has in the project of the request, resolved anew for every request."""

    account: bool = False
    """Everything is allowed."""
    role: Role | None = None
    """None: no member of the project, unless single environments say otherwise."""
    environments: dict[str, Role] = {}
    """Roles that differ in single environments."""
    policies: tuple[Policy, ...] = ()
    """With any, role and policies must both allow."""
    scopes: tuple[str, ...] = ()
    """Action patterns a token is limited to; none: no limit."""
    projects: tuple[str, ...] = ()
    """Projects a token is limited to; none: no limit."""

    @property
    def is_member(self) -> bool:
        """Whether the project is one to know of."""
        return self.account or self.role is not None or bool(self.environments)


EVERYTHING = Rights(account=True)
"""The owner of the data folder, on the machine itself."""
NOTHING = Rights()
"""No member: the project may as well not be there."""


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag=True):
    """What is kept of one thing, under a key that no other of its kind has. Printed, it shows its key only."""

    @property
    def key(self) -> str:
        """What it is found under."""
        raise LookupError(f"{type(self).__name__} has no key")

    def __repr__(self) -> str:
        """Its kind and key; never what it holds."""
        return f"{type(self).__name__}({self.key!r})"


class Project(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A project, known by name to BK-CI, by number to DataWorks and by id to ServiceStage."""

    name: str
    number: int
    id: str
    """32 characters of hex."""
    mode: Mode = Mode.STANDARD
    connections: tuple[str, ...] | None = None
    """Connections that files may name; None: any."""
    disabled: bool = False
    created_at: int = 0

    @property
    def key(self) -> str:
        """Its name."""
        return self.name


class Principal(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A person or a program that acts, with its roles and the names of its policies."""

    name: str
    account: bool = False
    user_id: str = ""
    """Digits; empty: none."""
    domain: str = ""
    roles: dict[str, Role] = {}
    """By project."""
    environments: dict[str, dict[str, Role]] = {}
    """By project and environment, where they differ from the project's."""
    policies: tuple[str, ...] = ()
    disabled: bool = False
    created_at: int = 0

    @property
    def key(self) -> str:
        """Its name."""
        return self.name


class Password(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What a principal's password is checked against: an argon2 hash."""

    principal: str
    hash: str

    @property
    def key(self) -> str:
        """Whose it is."""
        return self.principal


class PolicyDocument(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A policy as it was written."""

    name: str
    document: str
    created_at: int = 0

    @property
    def key(self) -> str:
        """Its name."""
        return self.name


class AccessKey(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A key that signs requests. The secret is sealed; it is opened to check a signature and never shown."""

    id: str
    owner: str
    sealed: bytes
    enabled: bool = True
    created_at: int = 0

    @property
    def key(self) -> str:
        """Its id."""
        return self.id


class Session(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Temporary credentials: a key that counts together with its token only, until it expires."""

    id: str
    owner: str
    sealed: bytes
    token_digest: str
    expires_at: int

    @property
    def key(self) -> str:
        """Its id."""
        return self.id


class Token(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A bearer token: whoever brings it is its owner, within its scopes and projects (API-8)."""

    id: str
    """Names it in lists; no part of its text."""
    digest: str
    """SHA-256 of its text, in hex."""
    name: str = ""
    owner: str
    scopes: tuple[str, ...] = ()
    """Patterns over actions; none: whatever the owner may."""
    projects: tuple[str, ...] = ()
    """None: wherever the owner is a member."""
    expires_at: int = 0
    """0: never."""
    revoked_at: int = 0
    """A token once revoked is never good again; it stays in the list."""
    created_at: int = 0

    @property
    def key(self) -> str:
        """Its digest."""
        return self.digest

    def __repr__(self) -> str:
        """Its id; a digest could be guessed back into a weak text."""
        return f"Token({self.id!r})"


class App(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A BK-CI application: proves itself by code and secret, and may act in these projects (bkci-v3 2.2)."""

    code: str
    digest: str
    """SHA-256 of its secret, in hex."""
    projects: tuple[str, ...] = ()
    created_at: int = 0

    @property
    def key(self) -> str:
        """Its code."""
        return self.code


class Use(Record, frozen=True, kw_only=True, omit_defaults=True):
    """When a token or an access key was last used, to about a minute."""

    of: str
    """`token:ID` or `key:ID`."""
    at: int

    @property
    def key(self) -> str:
        """Of what."""
        return self.of
