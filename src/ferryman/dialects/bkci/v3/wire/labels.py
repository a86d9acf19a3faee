"""Labels, their groups, and views of pipelines on the wire (bkci-v3 3.1, 3.5, 4.2)."""

from enum import IntEnum, StrEnum
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from ferryman.dialects.bkci.v3.wire.pipelines import InProject

# what operations take


class PipelineGroupCreate(Struct, kw_only=True):
    """A new group."""

    name: str
    projectId: str = ""


class PipelineGroupUpdate(PipelineGroupCreate, kw_only=True):
    """Another name for a group."""

    id: str


class PipelineLabelCreate(Struct, kw_only=True):
    """A new label."""

    groupId: str
    name: str


class PipelineLabelUpdate(PipelineLabelCreate, kw_only=True):
    """Another name, or another group, for a label."""

    id: str


class AddGroupAsked(InProject, kw_only=True):
    """Add a group."""

    body: PipelineGroupCreate


class ChangeGroupAsked(InProject, kw_only=True):
    """Change a group."""

    body: PipelineGroupUpdate


class GroupAsked(InProject, kw_only=True):
    """One group."""

    groupId: str


class AddLabelAsked(InProject, kw_only=True):
    """Add a label."""

    body: PipelineLabelCreate


class ChangeLabelAsked(InProject, kw_only=True):
    """Change a label."""

    body: PipelineLabelUpdate


class LabelAsked(InProject, kw_only=True):
    """One label."""

    labelId: str


class ViewType(IntEnum):
    """What is in a view: what its filters find, or what was put into it."""

    DYNAMIC = 1
    STATIC = 2


class Condition(StrEnum):
    """How a filter compares."""

    LIKE = "LIKE"
    NOT_LIKE = "NOT_LIKE"
    EQUAL = "EQUAL"
    NOT_EQUAL = "NOT_EQUAL"
    INCLUDE = "INCLUDE"
    NOT_INCLUDE = "NOT_INCLUDE"


class FilterByName(Struct, kw_only=True, tag_field="@type", tag="filterByName"):
    """By the name of the pipeline."""

    condition: Condition = Condition.LIKE
    pipelineName: str


class FilterByCreator(Struct, kw_only=True, tag_field="@type", tag="filterByCreator"):
    """By who made the pipeline."""

    condition: Condition = Condition.INCLUDE
    userIds: list[str]


class FilterByLabel(Struct, kw_only=True, tag_field="@type", tag="filterByLabel"):
    """By labels of a group, any of which will do."""

    condition: Condition = Condition.INCLUDE
    groupId: str = ""
    labelIds: list[str]


class FilterByPacRepo(Struct, kw_only=True, tag_field="@type", tag="filterByPacRepo"):
    """By the repository that the pipeline is kept in."""

    condition: Condition = Condition.INCLUDE
    repoHashId: str
    directory: str | None = None


ViewFilter = FilterByName | FilterByCreator | FilterByLabel | FilterByPacRepo


class PipelineViewForm(Struct, kw_only=True):
    """A view as clients write it."""

    name: str
    id: str = ""
    projected: bool = False
    viewType: ViewType = ViewType.STATIC
    logic: Literal["AND", "OR"] = "AND"
    filters: list[dict[str, Any]] = []
    """As they came; what they say is read where the view is one that finds."""
    pipelineIds: list[str] | None = None


class AddViewAsked(InProject, kw_only=True):
    """Add a view."""

    body: PipelineViewForm


class ViewAsked(InProject, kw_only=True):
    """One view, by id or by name."""

    viewId: str = ""
    viewName: str = ""
    isProject: bool | None = None


class ChangeViewAsked(ViewAsked, kw_only=True):
    """Change a view."""

    body: PipelineViewForm


class ViewListAsked(InProject, kw_only=True):
    """All views, or those of one kind."""

    projected: bool | None = None


class ViewPipelinesAsked(ViewAsked, kw_only=True):
    """A page of the pipelines in a view."""

    page: int | None = None
    pageSize: int | None = None
    pageSizeNotLimit: str = ""


class BulkAdd(Struct, kw_only=True):
    """Pipelines to put into views."""

    pipelineIds: list[str]
    viewIds: list[str]


class BulkRemove(Struct, kw_only=True):
    """Pipelines to take out of a view."""

    pipelineIds: list[str]
    viewId: str


class BulkAddAsked(InProject, kw_only=True):
    """Put pipelines into views."""

    body: BulkAdd


class BulkRemoveAsked(InProject, kw_only=True):
    """Take pipelines out of a view."""

    body: BulkRemove


# what they answer


class PipelineLabel(Struct, kw_only=True):
    """A label; `uptimeTime` is spelled so (bkci-v3 11, 19). Times are seconds."""

    id: str
    groupId: str
    name: str
    createTime: int
    uptimeTime: int
    createUser: str
    updateUser: str


class PipelineGroup(Struct, kw_only=True):
    """A group with its labels. Times are seconds."""

    id: str
    projectId: str
    name: str
    createTime: int
    updateTime: int
    createUser: str
    updateUser: str
    labels: list[PipelineLabel]


class PipelineViewId(Struct, kw_only=True):
    """What a new view is called."""

    id: str


class PipelineViewSummary(Struct, kw_only=True):
    """A view in a list. Times are seconds."""

    id: str
    projectId: str
    name: str
    projected: bool
    createTime: int
    updateTime: int
    creator: str
    top: bool = False
    viewType: ViewType
    pipelineCount: int


class PipelineView(Struct, kw_only=True):
    """A view. Times are seconds."""

    id: str
    projectId: str
    name: str
    projected: bool
    createTime: int
    updateTime: int
    creator: str
    viewType: ViewType
    logic: str
    filters: list[dict[str, Any]]
    pipelineIds: list[str] | UnsetType = UNSET
