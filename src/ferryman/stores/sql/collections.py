"""Collections, and the pipelines in them."""

from collections.abc import Mapping, Sequence

import msgspec

from ferryman.domain.audit import AuditEntry
from ferryman.domain.labels import Collection, Finder
from ferryman.ports.labels import Carried
from ferryman.stores.labels import exists, missing, sorted_out
from ferryman.stores.sql import audit, labels
from ferryman.stores.sql.named import query
from ferryman.stores.sql.session import Row, Session, row, rows


def every(session: Session, project: str) -> tuple[Collection, ...]:
    """All collections of a project, by name."""
    return tuple(map(_collection_of, rows(session, query("collections", "every"), project=project)))


def keep(
    session: Session,
    collection: Collection,
    *,
    new: bool,
    pipelines: Sequence[str] | None,
    entries: Sequence[AuditEntry],
) -> None:
    """Add or change a collection. Raises `Conflict` and `NotFound`."""
    place = {"project": collection.project, "id": collection.id}
    if not new and row(session, query("collections", "one"), **place) is None:
        raise missing("collection", collection.id, collection.project)
    owner = "" if collection.shared else collection.created_by
    holder = row(
        session,
        query("collections", "of name"),
        project=collection.project,
        owner=owner,
        name=collection.name,
    )
    if holder is not None and holder[0] != collection.id:
        raise exists("collection", collection.name)
    rows(
        session,
        query("collections", "keep"),
        **place,
        name=collection.name,
        owner=owner,
        created_at=collection.created_at,
        created_by=collection.created_by,
        updated_at=collection.updated_at,
        updated_by=collection.updated_by,
        finder=None if collection.finder is None else msgspec.json.encode(collection.finder),
        origin=msgspec.json.encode(collection.origin),
    )
    if pipelines is not None:
        rows(
            session,
            query("collections", "empty"),
            project=collection.project,
            collection=collection.id,
        )
        _put(session, collection.project, (collection.id,), pipelines)
    audit.add_all(session, entries)


def remove(session: Session, project: str, collection: str, entries: Sequence[AuditEntry]) -> None:
    """Remove a collection. Raises `NotFound` (collection)."""
    rows(session, query("collections", "empty"), project=project, collection=collection)
    if row(session, query("collections", "remove"), project=project, id=collection) is None:
        raise missing("collection", collection, project)
    audit.add_all(session, entries)


def collect(
    session: Session,
    project: str,
    wanted: Sequence[str],
    pipelines: Sequence[str],
    *,
    there: bool,
    entries: Sequence[AuditEntry],
) -> None:
    """Put pipelines into collections, or take them out. Raises `NotFound` (collection)."""
    for collection in wanted:
        if row(session, query("collections", "one"), project=project, id=collection) is None:
            raise missing("collection", collection, project)
        if there:
            _put(session, project, (collection,), pipelines)
        for pipeline in () if there else pipelines:
            rows(
                session,
                query("collections", "take"),
                project=project,
                collection=collection,
                pipeline=pipeline,
            )
    audit.add_all(session, entries)


def put_into(session: Session, project: str, pipeline: str, wanted: Sequence[str]) -> None:
    """A pipeline is in these collections and in no others."""
    rows(session, query("collections", "take from all"), project=project, pipeline=pipeline)
    _put(session, project, wanted, (pipeline,))


def _put(session: Session, project: str, wanted: Sequence[str], pipelines: Sequence[str]) -> None:
    for collection in wanted:
        for pipeline in pipelines:
            rows(
                session,
                query("collections", "put"),
                project=project,
                collection=collection,
                pipeline=pipeline,
            )


def members(session: Session, project: str, collection: str) -> tuple[str, ...]:
    """The pipelines of a collection that are there, by id."""
    found = rows(session, query("collections", "members"), project=project, collection=collection)
    return tuple(pipeline for (pipeline,) in found)


def carried(session: Session, project: str, pipelines: Sequence[str]) -> Mapping[str, Carried]:
    """How each of these pipelines is sorted."""
    attached = {
        pipeline: (
            labels.carried(session, project, pipeline),
            tuple(
                collection
                for (collection,) in rows(
                    session, query("collections", "holding"), project=project, pipeline=pipeline
                )
            ),
        )
        for pipeline in pipelines
    }
    if not any(own or held for own, held in attached.values()):
        return dict.fromkeys(attached, Carried())
    return sorted_out(
        labels.groups(session, project), labels.labels(session, project), every(session, project), attached
    )


def _collection_of(found: Row) -> Collection:
    project, id_, name, owner, created_at, created_by, updated_at, updated_by, finder, origin = found
    return Collection(
        project=project,
        id=id_,
        name=name,
        shared=not owner,
        created_at=created_at,
        created_by=created_by,
        updated_at=updated_at,
        updated_by=updated_by,
        finder=None if finder is None else msgspec.json.decode(finder, type=Finder),
        origin=msgspec.json.decode(origin),
    )
