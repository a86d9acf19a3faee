"""Pipelines: definitions by version, and the numbers of runs."""

from ferryman.domain.errors import NotFound
from ferryman.stores.sql.named import query
from ferryman.stores.sql.session import Session, row, rows


def save(
    session: Session,
    project: str,
    pipeline: str,
    definition: bytes,
    text: str,
    *,
    at: int,
    by: str,
    anew: bool = False,
) -> int:
    """Write a definition; the number of its version. The very same as the newest is that one, unless `anew`."""
    newest = row(session, query("pipelines", "newest"), project=project, pipeline=pipeline)
    if newest and not anew and newest[1:] == (definition, text):
        return int(newest[0])
    version = int(newest[0]) + 1 if newest else 1
    rows(
        session,
        query("pipelines", "save"),
        project=project,
        pipeline=pipeline,
        version=version,
        definition=definition,
        text=text,
        saved_at=at,
        saved_by=by,
    )
    return version


def read(session: Session, project: str, pipeline: str, version: int) -> tuple[int, bytes, str]:
    """Version, definition and text; the newest where `version` is 0. Raises `NotFound`."""
    if version:
        found = row(
            session, query("pipelines", "by version"), project=project, pipeline=pipeline, version=version
        )
    else:
        found = row(session, query("pipelines", "newest"), project=project, pipeline=pipeline)
    if found is None:
        which = f"version {version} of pipeline" if version else "pipeline"
        raise NotFound(f"there is no {which} {pipeline} in project {project}")
    return found[0], found[1], found[2]


def is_there(session: Session, project: str, pipeline: str, version: int) -> bool:
    """Whether this version was ever saved."""
    statement = query("pipelines", "is there")
    return row(session, statement, project=project, pipeline=pipeline, version=version) is not None


def next_number(session: Session, project: str, pipeline: str) -> int:
    """The number of the next run of a pipeline."""
    (number,) = rows(session, query("pipelines", "next number"), project=project, pipeline=pipeline)
    return int(number[0])
