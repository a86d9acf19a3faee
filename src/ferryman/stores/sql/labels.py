"""Labels, their groups, and who carries them."""

from collections.abc import Sequence

from msgspec.structs import asdict

from ferryman.domain.audit import AuditEntry
from ferryman.domain.labels import Label, LabelGroup
from ferryman.stores.labels import exists, missing, too_many
from ferryman.stores.sql import audit
from ferryman.stores.sql.named import query
from ferryman.stores.sql.session import Row, Session, row, rows

_GROUP = LabelGroup.__struct_fields__
_LABEL = Label.__struct_fields__


def groups(session: Session, project: str) -> tuple[LabelGroup, ...]:
    """All groups of a project, by name."""
    return tuple(map(_group_of, rows(session, query("labels", "groups"), project=project)))


def labels(session: Session, project: str) -> tuple[Label, ...]:
    """All labels of a project, by name."""
    return tuple(map(_label_of, rows(session, query("labels", "labels"), project=project)))


def keep_group(
    session: Session, group: LabelGroup, *, new: bool, most: int, entries: Sequence[AuditEntry]
) -> None:
    """Add or change a group. Raises `Conflict`, `Refused` and `NotFound`."""
    if not new and row(session, query("labels", "group"), project=group.project, id=group.id) is None:
        raise missing("group", group.id, group.project)
    ((count,),) = rows(session, query("labels", "how many groups"), project=group.project)
    if new and most and count >= most:
        raise too_many("groups", f"project {group.project}", most)
    holder = row(session, query("labels", "group of name"), project=group.project, name=group.name)
    if holder is not None and holder[0] != group.id:
        raise exists("group", group.name)
    rows(session, query("labels", "keep group"), **asdict(group))
    audit.add_all(session, entries)


def keep_label(
    session: Session, label: Label, *, new: bool, most: int, entries: Sequence[AuditEntry]
) -> None:
    """Add or change a label. Raises `Conflict`, `Refused` and `NotFound`."""
    if not new and row(session, query("labels", "label"), project=label.project, id=label.id) is None:
        raise missing("label", label.id, label.project)
    if row(session, query("labels", "group"), project=label.project, id=label.group) is None:
        raise missing("group", label.group, label.project)
    place = {"project": label.project, "kept_in": label.group}
    ((count,),) = rows(session, query("labels", "how many labels"), **place, id=label.id)
    if most and count >= most:
        raise too_many("labels", f"group {label.group}", most)
    holder = row(session, query("labels", "label of name"), **place, name=label.name)
    if holder is not None and holder[0] != label.id:
        raise exists("label", label.name)
    values = asdict(label)
    values["kept_in"] = values.pop("group")
    rows(session, query("labels", "keep label"), **values)
    audit.add_all(session, entries)


def remove_group(session: Session, project: str, group: str, entries: Sequence[AuditEntry]) -> None:
    """Remove a group with its labels. Raises `NotFound` (group)."""
    for (label,) in rows(session, query("labels", "labels of group"), project=project, kept_in=group):
        _remove_label(session, project, label)
    if row(session, query("labels", "remove group"), project=project, id=group) is None:
        raise missing("group", group, project)
    audit.add_all(session, entries)


def remove_label(session: Session, project: str, label: str, entries: Sequence[AuditEntry]) -> None:
    """Remove a label wherever it is carried. Raises `NotFound` (label)."""
    if not _remove_label(session, project, label):
        raise missing("label", label, project)
    audit.add_all(session, entries)


def _remove_label(session: Session, project: str, label: str) -> bool:
    rows(session, query("labels", "unlabel all"), project=project, label=label)
    return row(session, query("labels", "remove label"), project=project, id=label) is not None


def attach(session: Session, project: str, pipeline: str, wanted: Sequence[str]) -> None:
    """A pipeline carries these labels and no others."""
    rows(session, query("labels", "unlabel"), project=project, pipeline=pipeline)
    for label in wanted:
        rows(session, query("labels", "attach"), project=project, pipeline=pipeline, label=label)


def carried(session: Session, project: str, pipeline: str) -> tuple[str, ...]:
    """The labels of a pipeline, by id."""
    found = rows(session, query("labels", "carried"), project=project, pipeline=pipeline)
    return tuple(label for (label,) in found)


def _group_of(found: Row) -> LabelGroup:
    return LabelGroup(**dict(zip(_GROUP, found, strict=True)))


def _label_of(found: Row) -> Label:
    return Label(**dict(zip(_LABEL, found, strict=True)))
