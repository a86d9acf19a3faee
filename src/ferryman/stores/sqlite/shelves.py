"""The small stores of one noun each: sealed secrets and artifacts, over the store's reading and writing."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Protocol, TypeVar

import apsw

from ferryman.domain.audit import AuditEntry
from ferryman.ports.artifacts import ArtifactRow
from ferryman.ports.secrets import SecretRow
from ferryman.stores.sql import artifacts, secrets

Answer = TypeVar("Answer")


class Doing(Protocol):
    """Has work done on a connection."""

    def __call__(self, work: Callable[[apsw.Connection], Answer], /) -> Awaitable[Answer]:
        """What the work comes to."""
        ...


class SqliteSecrets:
    """Sealed secrets by project and name."""

    def __init__(self, read: Doing, write: Doing) -> None:
        """Over these ways to read and to write."""
        self._read = read
        self._write = write

    async def keep(self, row: SecretRow, *, audit: Sequence[AuditEntry] = ()) -> None:
        """Keep a secret, durably; an older one of this name is replaced."""
        await self._write(partial(secrets.keep, secret=row, entries=audit))

    async def read(self, project: str, name: str) -> SecretRow:
        """One secret."""
        return await self._read(partial(secrets.read, project=project, name=name))

    async def every(self, project: str) -> Sequence[SecretRow]:
        """All secrets of a project, by name."""
        return await self._read(partial(secrets.every, project=project))

    async def remove(self, project: str, name: str, *, audit: Sequence[AuditEntry] = ()) -> None:
        """Remove a secret, durably."""
        await self._write(partial(secrets.remove, project=project, name=name, entries=audit))


class SqliteArtifacts:
    """Artifacts by project, run, name and version."""

    def __init__(self, read: Doing, write: Doing) -> None:
        """Over these ways to read and to write."""
        self._read = read
        self._write = write

    async def keep(self, row: ArtifactRow) -> None:
        """Keep a version, durably."""
        await self._write(partial(artifacts.keep, artifact=row))

    async def read(self, project: str, run: str, name: str, version: str) -> ArtifactRow:
        """One version."""
        return await self._read(partial(artifacts.read, project=project, run=run, name=name, version=version))

    async def of_run(self, project: str, run: str) -> Sequence[ArtifactRow]:
        """All that a run put up, in the order in which it did."""
        return await self._read(partial(artifacts.of_run, project=project, run=run))

    async def versions(self, project: str, name: str, *, limit: int = 50) -> Sequence[ArtifactRow]:
        """Versions of one artifact, newest first."""
        return await self._read(partial(artifacts.versions, project=project, name=name, limit=limit))
