"""What every store does with a change of a head before it writes: is it allowed, and what comes of it."""

from msgspec.structs import replace

from ferryman.domain.errors import Conflict, NotFound
from ferryman.domain.heads import PipelineHead
from ferryman.ports.heads import HeadChange


def head_after(change: HeadChange, before: PipelineHead | None) -> PipelineHead:
    """The head as it is after a change, but for the numbers of new versions. Raises `NotFound` (pipeline) and
    `Conflict` (exists) where another was expected."""
    check_expected(change, before)
    if before is None:
        if change.written is None:
            raise missing(change.project, change.id)
        before = PipelineHead(
            project=change.project,
            id=change.id,
            name=change.id,
            version=0,
            setting_version=0,
            creator=change.by,
            created_at=change.at,
        )
    given = {
        "name": change.name,
        "description": change.description,
        "disabled": change.disabled,
        "deleted_at": None if change.deleted is None else change.at if change.deleted else 0,
    }
    head = replace(before, **{name: value for name, value in given.items() if value is not None})
    if change.written is not None:
        head = replace(head, tasks=change.written.tasks, startable=change.written.startable)
    edited = (change.name, change.description, change.written, change.setting)
    if any(part is not None for part in edited):
        head = replace(head, updater=change.by, updated_at=change.at)
    return head


def check_expected(change: HeadChange, before: PipelineHead | None) -> None:
    """Refuse a change that expects something else than there is."""
    match change.expects:
        case "none" if before is not None:
            raise Conflict(
                f"there is a pipeline {change.id} in project {change.project} already",
                reason="pipeline-exists",
            )
        case "there" if before is None or before.deleted_at:
            raise missing(change.project, change.id)
        case "deleted" if before is None or not before.deleted_at:
            raise missing(change.project, change.id, deleted=True)


def missing(project: str, pipeline: str, *, deleted: bool = False) -> NotFound:
    """No such pipeline."""
    kind = "deleted pipeline" if deleted else "pipeline"
    return NotFound(f"there is no {kind} {pipeline} in project {project}", reason="pipeline-unknown")


def taken(project: str, name: str) -> Conflict:
    """The name is another pipeline's."""
    return Conflict(
        f'another pipeline of project {project} is called "{name}"; choose another name', reason="name-taken"
    )
