"""Heads of pipelines: one row each, their settings by version."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import asdict, replace

from ferryman.domain.audit import AuditEntry
from ferryman.domain.heads import PipelineHead, PipelineSetting
from ferryman.ports.heads import HeadChange, HeadCounts, KnownHead, Written
from ferryman.stores.heads import head_after, missing, taken
from ferryman.stores.sql import audit, collections, labels, pipelines
from ferryman.stores.sql.named import query
from ferryman.stores.sql.session import Row, Session, row, rows

_FIELDS = PipelineHead.__struct_fields__
_FLAGS = frozenset({"startable", "disabled"})
_to_json = msgspec.json.Encoder()
_setting_decoder = msgspec.json.Decoder(PipelineSetting)


def change(session: Session, change: HeadChange, entries: Sequence[AuditEntry]) -> PipelineHead:
    """Make or change a head; as it is then. Raises `Conflict` (name-taken, exists) and `NotFound` (pipeline)."""
    before = _known(session, change.project, change.id)
    head = head_after(change, before.head if before else None)
    holder = named(session, head.project, head.name)
    if not head.deleted_at and holder is not None and holder.id != head.id:
        raise taken(head.project, head.name)
    if change.written is not None:
        head = replace(head, version=_write(session, change, change.written))
    if change.setting is not None and (
        change.setting_anew or before is None or before.setting != change.setting
    ):
        head = replace(head, setting_version=head.setting_version + 1)
        _write_setting(session, change, change.setting, head.setting_version)
    _keep(session, head)
    if change.labels is not None:
        labels.attach(session, head.project, head.id, change.labels)
    if change.collections is not None:
        collections.put_into(session, head.project, head.id, change.collections)
    audit.add_all(session, entries)
    return head


def _write(session: Session, change: HeadChange, written: Written) -> int:
    return pipelines.save(
        session,
        change.project,
        change.id,
        written.definition,
        written.text,
        at=change.at,
        by=change.by,
        anew=written.anew,
    )


def _write_setting(session: Session, change: HeadChange, setting: PipelineSetting, version: int) -> None:
    rows(
        session,
        query("heads", "save setting"),
        project=change.project,
        pipeline=change.id,
        version=version,
        setting=_to_json.encode(setting),
        saved_at=change.at,
        saved_by=change.by,
    )


def _keep(session: Session, head: PipelineHead) -> None:
    values = asdict(head)
    values["pipeline"] = values.pop("id")
    rows(
        session,
        query("heads", "keep"),
        **{name: int(value) if name in _FLAGS else value for name, value in values.items()},
    )


def read(session: Session, project: str, pipeline: str, *, deleted: bool) -> KnownHead:
    """One head with its setting. Raises `NotFound` (pipeline)."""
    known = _known(session, project, pipeline)
    if known is None or bool(known.head.deleted_at) is not deleted:
        raise missing(project, pipeline, deleted=deleted)
    return known


def several(session: Session, project: str, ids: Sequence[str]) -> tuple[KnownHead, ...]:
    """Those that are there, each once, in the order of the ids."""
    found = (_known(session, project, pipeline) for pipeline in dict.fromkeys(ids))
    return tuple(known for known in found if known and not known.head.deleted_at)


def named(session: Session, project: str, name: str) -> PipelineHead | None:
    """The head of a name."""
    found = row(session, query("heads", "named"), project=project, name=name)
    return None if found is None else _head(found)


def page(
    session: Session, project: str, *, name: str, skip: int, limit: int
) -> tuple[int, tuple[KnownHead, ...]]:
    """How many there are, and some of them, newest creation first."""
    ((count,),) = rows(session, query("heads", "how many"), project=project, name=name)
    found = rows(session, query("heads", "page"), project=project, name=name, skip=skip, limit=limit)
    return count, tuple(map(_known_of, found))


def counts(session: Session, project: str, creator: str) -> HeadCounts:
    """There, of one creator, deleted."""
    (found,) = rows(session, query("heads", "counts"), project=project, creator=creator)
    return HeadCounts(*found)


def _known(session: Session, project: str, pipeline: str) -> KnownHead | None:
    found = row(session, query("heads", "read"), project=project, pipeline=pipeline)
    return None if found is None else _known_of(found)


def _known_of(found: Row) -> KnownHead:
    setting = found[-1]
    return KnownHead(_head(found[:-1]), None if setting is None else _setting_decoder.decode(setting))


def _head(found: Row) -> PipelineHead:
    """A head from its columns: the queries name them in the order of its fields."""
    values: dict[str, Any] = dict(zip(_FIELDS, found, strict=True))
    return PipelineHead(**values | {name: bool(values[name]) for name in _FLAGS})
