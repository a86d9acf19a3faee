"""Secrets and artifacts in memory."""

from collections.abc import Callable, Sequence

from ferryman.domain.audit import AuditEntry
from ferryman.domain.errors import Conflict, NotFound
from ferryman.ports.artifacts import ArtifactRow
from ferryman.ports.secrets import SecretRow

Pass = Callable[[], None]
"""Called before each deed; raises where the store is not open for it."""
Note = Callable[[Sequence[AuditEntry]], None]
"""Keeps entries of the audit."""


class MemorySecrets:
    """Sealed secrets by project and name."""

    def __init__(self, may_read: Pass, may_write: Pass, note: Note) -> None:
        """Empty; the audit is kept by `note`."""
        self._rows: dict[tuple[str, str], SecretRow] = {}
        self._may_read = may_read
        self._may_write = may_write
        self._note = note

    async def keep(self, row: SecretRow, *, audit: Sequence[AuditEntry] = ()) -> None:
        """Keep a secret; an older one of this name is replaced."""
        self._may_write()
        self._note(audit)
        self._rows[row.project, row.name] = row

    async def read(self, project: str, name: str) -> SecretRow:
        """One secret."""
        self._may_read()
        if (project, name) not in self._rows:
            raise NotFound(f"there is no secret {name} in project {project}")
        return self._rows[project, name]

    async def every(self, project: str) -> Sequence[SecretRow]:
        """All secrets of a project, by name."""
        self._may_read()
        return tuple(row for key, row in sorted(self._rows.items()) if key[0] == project)

    async def remove(self, project: str, name: str, *, audit: Sequence[AuditEntry] = ()) -> None:
        """Remove a secret."""
        self._may_write()
        if (project, name) not in self._rows:
            raise NotFound(f"there is no secret {name} in project {project}")
        self._note(audit)
        del self._rows[project, name]


class MemoryArtifacts:
    """Artifacts by project, run, name and version, in the order of their arrival."""

    def __init__(self, may_read: Pass, may_write: Pass) -> None:
        """Empty."""
        self._rows: dict[tuple[str, str, str, str], ArtifactRow] = {}
        self._may_read = may_read
        self._may_write = may_write

    async def keep(self, row: ArtifactRow) -> None:
        """Keep a version."""
        self._may_write()
        kept = self._rows.setdefault((row.project, row.run, row.name, row.version), row)
        if kept.manifest != row.manifest:
            raise Conflict(
                f"cannot keep version {row.version} of artifact {row.name}: run {row.run} put it up already, with "
                "other contents"
            )

    async def read(self, project: str, run: str, name: str, version: str) -> ArtifactRow:
        """One version."""
        self._may_read()
        if (project, run, name, version) not in self._rows:
            raise NotFound(
                f"there is no version {version} of artifact {name} of run {run} in project {project}"
            )
        return self._rows[project, run, name, version]

    async def of_run(self, project: str, run: str) -> Sequence[ArtifactRow]:
        """All that a run put up, in the order in which it did."""
        self._may_read()
        return tuple(row for row in self._rows.values() if (row.project, row.run) == (project, run))

    async def versions(self, project: str, name: str, *, limit: int = 50) -> Sequence[ArtifactRow]:
        """Versions of one artifact, newest first."""
        self._may_read()
        found = [row for row in self._rows.values() if (row.project, row.name) == (project, name)]
        found.sort(key=lambda row: row.created_at)
        found.reverse()
        return tuple(found[: max(limit, 0)])
