"""Labels, groups and views between the domain and BK-CI's wire (bkci-v3 3.5, 4.2)."""

from collections.abc import Sequence
from typing import Any

from ferryman.dialects.bkci.conversion import converted
from ferryman.dialects.bkci.errors import WireRefusal
from ferryman.dialects.bkci.v3 import paging
from ferryman.dialects.bkci.v3.pipelines import info_of
from ferryman.dialects.bkci.v3.wire.labels import (
    AddGroupAsked,
    AddLabelAsked,
    AddViewAsked,
    BulkAddAsked,
    BulkRemoveAsked,
    ChangeGroupAsked,
    ChangeLabelAsked,
    ChangeViewAsked,
    Condition,
    FilterByCreator,
    FilterByLabel,
    FilterByName,
    FilterByPacRepo,
    GroupAsked,
    LabelAsked,
    PipelineGroup,
    PipelineLabel,
    PipelineView,
    PipelineViewForm,
    PipelineViewId,
    PipelineViewSummary,
    ViewAsked,
    ViewFilter,
    ViewListAsked,
    ViewPipelinesAsked,
    ViewType,
)
from ferryman.dialects.bkci.v3.wire.pipelines import Page
from ferryman.domain.heads import PipelineHead
from ferryman.domain.labels import Collection, Filter, Finder, Label, Trait
from ferryman.services.labels import CollectionWithPipelines, GroupWithLabels

SECOND = 1000
"""Milliseconds; these objects count in seconds (bkci-v3 4.2)."""

# groups and labels


def asks_add_group(asked: AddGroupAsked) -> dict[str, Any]:
    """A group of this name."""
    return {"name": _named(asked.body.name)}


def asks_change_group(asked: ChangeGroupAsked) -> dict[str, Any]:
    """This name for a group."""
    return {"group": asked.body.id, "name": _named(asked.body.name)}


def asks_group(asked: GroupAsked) -> dict[str, Any]:
    """This group."""
    return {"group": asked.groupId}


def asks_add_label(asked: AddLabelAsked) -> dict[str, Any]:
    """A label of this name."""
    return {"group": asked.body.groupId, "name": _named(asked.body.name)}


def asks_change_label(asked: ChangeLabelAsked) -> dict[str, Any]:
    """This name, and this group, for a label."""
    body = asked.body
    return {"label": body.id, "group": body.groupId, "name": _named(body.name)}


def asks_label(asked: LabelAsked) -> dict[str, Any]:
    """This label."""
    return {"label": asked.labelId}


def _named(name: str) -> str:
    if not name.strip():
        raise WireRefusal(400, "name is blank")
    return name


def tells_groups(found: Sequence[GroupWithLabels], asked: Any) -> list[PipelineGroup]:
    """All groups with their labels."""
    return [
        PipelineGroup(
            id=each.group.id,
            projectId=each.group.project,
            name=each.group.name,
            createTime=each.group.created_at // SECOND,
            updateTime=each.group.updated_at // SECOND,
            createUser=each.group.created_by,
            updateUser=each.group.updated_by,
            labels=[_label(label) for label in each.labels],
        )
        for each in found
    ]


def _label(label: Label) -> PipelineLabel:
    return PipelineLabel(
        id=label.id,
        groupId=label.group,
        name=label.name,
        createTime=label.created_at // SECOND,
        uptimeTime=label.updated_at // SECOND,
        createUser=label.created_by,
        updateUser=label.updated_by,
    )


# views


def asks_add_view(asked: AddViewAsked) -> dict[str, Any]:
    """A view."""
    body = asked.body
    return {
        "name": _named(body.name),
        "shared": body.projected,
        "pipelines": body.pipelineIds or [],
        "finder": _finder(body),
        "origin": _origin(body),
    }


def asks_change_view(asked: ChangeViewAsked) -> dict[str, Any]:
    """A view as it is to be."""
    body = asked.body
    return {
        "collection": asked.viewId or body.id,
        "old_name": asked.viewName,
        "name": _named(body.name),
        "shared": body.projected,
        "pipelines": body.pipelineIds,
        "finder": _finder(body),
        "origin": _origin(body),
    }


def _origin(body: PipelineViewForm) -> dict[str, Any]:
    return {"viewType": int(body.viewType), "logic": body.logic, "filters": body.filters}


def _finder(body: PipelineViewForm) -> Finder | None:
    """What a view finds; None for one that holds what was put into it. Raises `WireRefusal` for a filter of no known
    kind, or one that lacks something."""
    if body.viewType is not ViewType.DYNAMIC:
        return None
    read = converted(body.filters, list[ViewFilter])
    return Finder(filters=tuple(map(_filter, read)), any=body.logic == "OR")


def _filter(one: ViewFilter) -> Filter:
    trait, texts = _asked_of(one)
    like = one.condition in (Condition.LIKE, Condition.NOT_LIKE)
    # A name includes any part of it; of people and labels a list includes whole ones.
    included = trait is Trait.NAME and one.condition in (Condition.INCLUDE, Condition.NOT_INCLUDE)
    return Filter(
        trait=trait, texts=tuple(texts), part=like or included, negated=one.condition.value.startswith("NOT_")
    )


def _asked_of(one: ViewFilter) -> tuple[Trait, Sequence[str]]:
    match one:
        case FilterByName():
            return Trait.NAME, (one.pipelineName,)
        case FilterByCreator():
            return Trait.CREATOR, one.userIds
        case FilterByLabel():
            return Trait.LABEL, one.labelIds
        case FilterByPacRepo():
            return Trait.REPOSITORY, (one.repoHashId,)


def asks_view(asked: ViewAsked) -> dict[str, Any]:
    """This view. Raises `WireRefusal` where it is named in no way."""
    if not asked.viewId and not asked.viewName:
        raise WireRefusal(400, "viewId or viewName is missing")
    return {"collection": asked.viewId, "name": asked.viewName, "shared": asked.isProject}


def asks_views(asked: ViewListAsked) -> dict[str, Any]:
    """All views, or those of one kind."""
    return {"shared": asked.projected}


def asks_bulk_add(asked: BulkAddAsked) -> dict[str, Any]:
    """These pipelines into these views."""
    return {"collections": asked.body.viewIds, "pipelines": asked.body.pipelineIds, "there": True}


def asks_bulk_remove(asked: BulkRemoveAsked) -> dict[str, Any]:
    """These pipelines out of this view."""
    return {"collections": [asked.body.viewId], "pipelines": asked.body.pipelineIds, "there": False}


def tells_view_id(made: Collection, asked: Any) -> PipelineViewId:
    """What the new view is called."""
    return PipelineViewId(id=made.id)


def tells_view(found: CollectionWithPipelines, asked: Any) -> PipelineView:
    """A view."""
    one = found.collection
    return PipelineView(
        id=one.id,
        projectId=one.project,
        name=one.name,
        projected=one.shared,
        createTime=one.created_at // SECOND,
        updateTime=one.updated_at // SECOND,
        creator=one.created_by,
        viewType=_type(one),
        logic=one.origin.get("logic", "AND"),
        filters=one.origin.get("filters", []),
        pipelineIds=list(found.pipelines),
    )


def tells_views(found: Sequence[CollectionWithPipelines], asked: Any) -> list[PipelineViewSummary]:
    """All views that the caller sees."""
    return [
        PipelineViewSummary(
            id=one.id,
            projectId=one.project,
            name=one.name,
            projected=one.shared,
            createTime=one.created_at // SECOND,
            updateTime=one.updated_at // SECOND,
            creator=one.created_by,
            viewType=_type(one),
            pipelineCount=len(pipelines),
        )
        for one, pipelines in found
    ]


def tells_view_pipelines(heads: Sequence[PipelineHead], asked: ViewPipelinesAsked) -> Page:
    """A page of the pipelines in a view; a size of -1 means all of them."""
    if asked.pageSize == paging.ALL:
        return paging.whole([info_of(head) for head in heads])
    page = paging.meant(asked.page, asked.pageSize, least=10, limited=not asked.pageSizeNotLimit)
    records = [info_of(head) for head in heads[page.skip : page.skip + page.size]]
    return paging.told(len(heads), records, page)


def _type(one: Collection) -> ViewType:
    return ViewType(one.origin.get("viewType", ViewType.STATIC))
