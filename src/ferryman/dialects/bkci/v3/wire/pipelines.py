"""Pipelines on the wire (bkci-v3 3.2, 4.1, 4.2). Models and settings go through whole: `definition` knows them."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType

Document = dict[str, Any]
"""A Model or a PipelineSetting."""

# what operations take


class InProject(Struct, kw_only=True):
    """An operation on a project."""

    projectId: str


class OfPipeline(InProject, kw_only=True):
    """An operation on one pipeline."""

    pipelineId: str


class CreateAsked(InProject, kw_only=True):
    """A model for a new pipeline."""

    body: Document


class EditAsked(OfPipeline, kw_only=True):
    """A model, or a setting, for a pipeline."""

    body: Document


class ModelAndSetting(Struct, kw_only=True):
    """Both at once."""

    model: Document
    setting: Document


class UploadAsked(InProject, kw_only=True):
    """Both, for a new pipeline."""

    body: ModelAndSetting


class UpdateAsked(OfPipeline, kw_only=True):
    """Both, for a pipeline."""

    body: ModelAndSetting


class BatchAsked(InProject, kw_only=True):
    """Ids of pipelines."""

    body: list[str]


class PageAsked(InProject, kw_only=True):
    """A page of all pipelines; any value of the last lifts the limit of a page."""

    page: int | None = None
    pageSize: int | None = None
    pageSizeNotLimit: str = ""
    channelCode: str = "BS"


class SearchAsked(PageAsked, kw_only=True):
    """Pipelines with this in their name."""

    pipelineName: str = ""


class PipelineCopy(Struct, kw_only=True):
    """What a copy is called, and what it carries."""

    name: str
    desc: str = ""
    labels: list[str] = []
    staticViews: list[str] = []


class CopyAsked(OfPipeline, kw_only=True):
    """A copy of a pipeline."""

    body: PipelineCopy


class PipelineName(Struct, kw_only=True):
    """Another name."""

    name: str
    oldName: str = ""


class RenameAsked(OfPipeline, kw_only=True):
    """Another name for a pipeline."""

    body: PipelineName


class LockAsked(OfPipeline, kw_only=True):
    """Whether it may be started."""

    enable: bool


# what they answer


class PipelineId(Struct, kw_only=True):
    """What a new pipeline is called."""

    id: str


class DeployPipelineResult(Struct, kw_only=True):
    """What an update came to."""

    pipelineId: str
    pipelineName: str
    version: int
    versionNum: int


class GroupLabel(Struct, kw_only=True):
    """The labels of one group that a pipeline carries."""

    groupName: str
    labelName: list[str]


class PipelinePermissions(Struct, kw_only=True):
    """What the reader may do."""

    canManage: bool
    canDelete: bool
    canView: bool
    canEdit: bool
    canExecute: bool
    canDownload: bool
    canShare: bool = False
    canArchive: bool = False


class Pipeline(Struct, kw_only=True):
    """A pipeline in status, list and batch get (bkci-v3 4.1)."""

    projectId: str
    pipelineId: str
    pipelineName: str
    pipelineDesc: str
    taskCount: int
    buildCount: int
    lock: bool
    canManualStartup: bool
    latestBuildStartTime: int = 0
    latestBuildEndTime: int = 0
    latestBuildStatus: str | UnsetType = UNSET
    latestBuildNum: int = 0
    latestBuildTaskName: str | UnsetType = UNSET
    latestBuildEstimatedExecutionSeconds: int = 1
    latestBuildId: str | UnsetType = UNSET
    latestBuildUserId: str = ""
    latestBuildNumAlias: str | UnsetType = UNSET
    latestBuildStageStatus: list[Any] | UnsetType = UNSET
    createTime: int
    updateTime: int
    deploymentTime: int
    currentTimestamp: int
    pipelineVersion: int
    runningBuildCount: int
    creator: str
    updater: str
    groupLabel: list[GroupLabel] | UnsetType = UNSET
    viewNames: list[str] | UnsetType = UNSET
    model: Document | UnsetType = UNSET
    buildNumRule: str | UnsetType = UNSET
    hasPermission: bool
    hasCollect: bool = False
    instanceFromTemplate: bool = False
    lastBuildMsg: str | UnsetType = UNSET
    lastBuildTotalCount: int | UnsetType = UNSET
    lastBuildFinishCount: int | UnsetType = UNSET
    startType: str | UnsetType = UNSET
    trigger: str | UnsetType = UNSET
    delete: bool = False
    latestVersionStatus: str = "RELEASED"
    permissions: PipelinePermissions
    yamlExist: bool = False


class Page(Struct, kw_only=True):
    """Some of many records (bkci-v3 1.4)."""

    count: int
    page: int
    pageSize: int
    totalPages: int
    records: list[Any]


class PipelineIdAndName(Struct, kw_only=True):
    """A pipeline found by its name."""

    pipelineId: str
    pipelineName: str
    channelCode: str = "BS"


class PipelineInfo(Struct, kw_only=True):
    """A pipeline found by its name, with a little more."""

    projectId: str
    pipelineId: str
    pipelineName: str
    pipelineDesc: str
    version: int
    createTime: int
    updateTime: int
    creator: str
    lastModifyUser: str
    channelCode: str = "BS"
    canManualStartup: bool
    taskCount: int
    locked: bool
    latestVersionStatus: str = "RELEASED"


class PipelineCount(Struct, kw_only=True):
    """How many pipelines there are."""

    totalCount: int
    myFavoriteCount: int = 0
    myPipelineCount: int
    recycleCount: int
    recentUseCount: int
