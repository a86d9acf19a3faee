"""Where sealed secrets are kept. Sealing and opening them is not the store's business: it sees no value."""

from collections.abc import Sequence
from typing import Protocol

import msgspec


class SecretRow(msgspec.Struct, frozen=True, kw_only=True):
    """One secret of a project. `sealed` is the encrypted value; times are milliseconds since 1970."""

    project: str
    name: str
    sealed: bytes
    created_at: int
    created_by: str


class SecretRows(Protocol):
    """Sealed secrets by project and name."""

    async def keep(self, row: SecretRow) -> None:
        """Keep a secret, durably; an older one of this name is replaced."""
        ...

    async def read(self, project: str, name: str) -> SecretRow:
        """One secret. Raises `NotFound`."""
        ...

    async def every(self, project: str) -> Sequence[SecretRow]:
        """All secrets of a project, by name."""
        ...

    async def remove(self, project: str, name: str) -> None:
        """Remove a secret, durably. Raises `NotFound`."""
        ...
