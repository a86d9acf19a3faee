"""Secrets: sealed rows in a store, and opened values for whoever starts a step.

Sealing and opening them is not the store's business: it sees no value. `ferryman.secrets` does it.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from ferryman.domain.audit import AuditEntry

NO_FIELD = "no-field"
"""Why a value was not found: the secret is there, but has no such field."""


class SecretRow(msgspec.Struct, frozen=True, kw_only=True):
    """One secret of a project. `sealed` is the encrypted value; times are milliseconds since 1970."""

    project: str
    name: str
    sealed: bytes
    created_at: int
    created_by: str


class SecretRows(Protocol):
    """Sealed secrets by project and name."""

    async def keep(self, row: SecretRow, *, audit: Sequence[AuditEntry] = ()) -> None:
        """Keep a secret together with its audit, durably; an older one of this name is replaced."""
        ...

    async def read(self, project: str, name: str) -> SecretRow:
        """One secret. Raises `NotFound`."""
        ...

    async def every(self, project: str) -> Sequence[SecretRow]:
        """All secrets of a project, by name."""
        ...

    async def remove(self, project: str, name: str, *, audit: Sequence[AuditEntry] = ()) -> None:
        """Remove a secret and keep the audit, durably. Raises `NotFound`."""
        ...


class SecretUse(msgspec.Struct, frozen=True, kw_only=True):
    """Attempt `key` of `run` was given a field of a secret at `at`, in milliseconds since 1970."""

    project: str
    name: str
    field: str
    run: str
    key: str
    at: int


class SecretUses(Protocol):
    """Who used which secret."""

    async def record(self, use: SecretUse) -> None:
        """Keep a use; the value is given out only after this returned."""
        ...


class Secrets(Protocol):
    """Opened values, at the moment of use (`settings.NAME.FIELD`, pipeline-yaml 10)."""

    async def resolve(self, project: str, name: str, field: str, *, run: str, key: str) -> str:
        """The value of a field, for this attempt; its use is recorded before it is given. Raises `NotFound`, for the
        reason NO_FIELD where it is only the field that is not there."""
        ...

    async def values(self, project: str) -> Sequence[str]:
        """Every value of a project, to be masked in the logs of its steps."""
        ...
