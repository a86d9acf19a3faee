"""Artifacts: what manifests say, by project, run, name and version."""

from msgspec.structs import asdict

from ferryman.domain.errors import Conflict, NotFound
from ferryman.ports.artifacts import ArtifactRow
from ferryman.stores.sql.named import query
from ferryman.stores.sql.rows import artifact_of
from ferryman.stores.sql.session import Session, row, rows


def keep(session: Session, artifact: ArtifactRow) -> None:
    """Write a version. Raises `Conflict` where it is there with another manifest."""
    if row(session, query("artifacts", "keep"), **asdict(artifact)) is None:
        kept = read(session, artifact.project, artifact.run, artifact.name, artifact.version)
        if kept.manifest != artifact.manifest:
            raise Conflict(
                f"cannot keep version {artifact.version} of artifact {artifact.name}: run {artifact.run} put it up "
                "already, with other contents"
            )


def read(session: Session, project: str, run: str, name: str, version: str) -> ArtifactRow:
    """One version. Raises `NotFound`."""
    statement = query("artifacts", "read")
    found = row(session, statement, project=project, run=run, name=name, version=version)
    if found is None:
        raise NotFound(f"there is no version {version} of artifact {name} of run {run} in project {project}")
    return artifact_of(found)


def of_run(session: Session, project: str, run: str) -> tuple[ArtifactRow, ...]:
    """All that a run put up, in the order in which it did."""
    return tuple(map(artifact_of, rows(session, query("artifacts", "of run"), project=project, run=run)))


def versions(session: Session, project: str, name: str, limit: int) -> tuple[ArtifactRow, ...]:
    """Versions of one artifact, newest first."""
    found = rows(session, query("artifacts", "versions"), project=project, name=name, limit=max(limit, 0))
    return tuple(map(artifact_of, found))
