"""Which artifacts there are. Their contents lie in files by digest; kept here is what a manifest says of them."""

from collections.abc import Sequence
from typing import Protocol

import msgspec


class ArtifactRow(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an artifact, as a run put it up.

    `manifest` is JSON: files with their digests. `created_at` is in milliseconds since 1970.
    """

    project: str
    run: str
    name: str
    version: str
    manifest: bytes
    created_at: int


class ArtifactRows(Protocol):
    """Artifacts by project, run, name and version. A version never changes."""

    async def keep(self, row: ArtifactRow) -> None:
        """Keep a version, durably. The same manifest again changes nothing; another one is a `Conflict`."""
        ...

    async def read(self, project: str, run: str, name: str, version: str) -> ArtifactRow:
        """One version. Raises `NotFound`."""
        ...

    async def of_run(self, project: str, run: str) -> Sequence[ArtifactRow]:
        """All that a run put up, in the order in which it did."""
        ...

    async def versions(self, project: str, name: str, *, limit: int = 50) -> Sequence[ArtifactRow]:
        """Versions of one artifact, whoever put them up, newest first."""
        ...
