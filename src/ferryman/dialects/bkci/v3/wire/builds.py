"""Builds on the wire: what operations 20 to 37 take and answer (bkci-v3 3.3, 4.2 to 4.7).

Fields are named and cased as the vendor's. A field without a value is UNSET and stays out; null never goes out. Models
go out as plain trees, since what a client put into them comes back as it came.
"""

from typing import Any

from msgspec import UNSET, Struct, UnsetType, field

Tree = dict[str, Any]


class Answer(Struct, kw_only=True):
    """What goes out."""


# Small results (4.2)


class BuildId(Answer, kw_only=True):
    """A build that was started or goes on."""

    id: str
    executeCount: int = 1
    projectId: str
    pipelineId: str
    num: int


class BuildManualStartupInfo(Answer, kw_only=True):
    """What a start page shows."""

    canManualStartup: bool
    canElementSkip: bool
    properties: list[Tree]
    buildNo: Tree | UnsetType = UNSET
    useLatestParameters: bool


class LightBuildHistory(Answer, kw_only=True):
    """A build in few words. Start and end are text: `yyyy-MM-dd HH:mm:ss`."""

    id: str
    userId: str
    buildNum: int
    startTime: str | UnsetType = UNSET
    endTime: str | UnsetType = UNSET
    status: str
    remark: str | UnsetType = UNSET
    executeTime: int | UnsetType = UNSET
    retry: bool
    trigger: str
    errorInfoList: "list[ErrorInfo] | UnsetType" = UNSET
    buildParameters: "list[BuildParameters] | UnsetType" = UNSET


class PipelineFailTaskDetail(Answer, kw_only=True):
    """A task that failed, and where."""

    stepId: str | UnsetType = UNSET
    taskId: str
    taskName: str
    jobId: str
    jobName: str
    stageName: str
    errorMsg: str | UnsetType = UNSET
    matrixFlag: bool


class Choice(Answer, kw_only=True):
    """One choice of a start option."""

    key: str
    value: str


# Parts of builds: bkci-v3 4.5 and 4.7


class BuildRecordTimeCost(Answer, kw_only=True):
    """Where the time went, in milliseconds (semantics 19)."""

    systemCost: int = 0
    executeCost: int = 0
    waitCost: int = 0
    queueCost: int = 0
    totalCost: int = 0


class BuildStageStatus(Answer, kw_only=True):
    """One stage of a build."""

    stageId: str
    name: str
    status: str | UnsetType = UNSET
    tag: list[str] | UnsetType = UNSET
    startEpoch: int | UnsetType = UNSET
    elapsed: int | UnsetType = UNSET
    timeCost: BuildRecordTimeCost | UnsetType = UNSET
    showMsg: str | UnsetType = UNSET


class ErrorInfo(Answer, kw_only=True):
    """A task that failed. `errorType` is a number here, and a word on an element."""

    taskId: str
    taskName: str
    atomCode: str
    errorType: int
    errorCode: int
    errorMsg: str
    stageId: str
    containerId: str
    matrixFlag: bool


class BuildParameters(Answer, kw_only=True):
    """A value that a build was started with."""

    key: str
    value: Any
    valueType: str | UnsetType = UNSET
    readOnly: bool = False
    desc: str | UnsetType = UNSET
    defaultValue: Any = UNSET
    sensitive: bool | UnsetType = UNSET


class StartedBy(Answer, kw_only=True):
    """One execution of a build: an entry of `recordList`."""

    startUser: str
    timeCost: BuildRecordTimeCost


# A build (4.3, 4.4, 4.6)


class _Build(Answer, kw_only=True):
    id: str
    userId: str
    trigger: str
    buildNum: int
    pipelineVersion: int
    startTime: int
    endTime: int | UnsetType = UNSET
    status: str
    stageStatus: list[BuildStageStatus]
    currentTimestamp: int
    mobileStart: bool = False
    isMobileStart: bool = False
    queueTime: int
    remark: str | UnsetType = UNSET
    totalTime: int | UnsetType = UNSET
    executeTime: int | UnsetType = UNSET
    buildParameters: list[BuildParameters]
    startType: str
    recommendVersion: str | UnsetType = UNSET
    retry: bool
    errorInfoList: list[ErrorInfo] | UnsetType = UNSET
    buildMsg: str
    buildNumAlias: str | UnsetType = UNSET


class BuildHistory(_Build, kw_only=True):
    """A build as lists show it."""

    updateTime: int
    concurrencyGroup: str | UnsetType = UNSET
    executeCount: int


class BuildHistoryWithVars(_Build, kw_only=True):
    """A build with its variables: the answer of the status."""

    variables: dict[str, str]
    currentQueuePosition: int = 0


class ModelRecord(Answer, kw_only=True):
    """A build with its model, runtime fields filled: the answer of the detail (bkci-v3 12, row 7)."""

    id: str
    pipelineId: str
    pipelineName: str
    userId: str
    triggerUser: str
    trigger: str
    startTime: int
    endTime: int | UnsetType = UNSET
    status: str
    model: Tree
    currentTimestamp: int
    buildNum: int
    cancelUserId: str | UnsetType = UNSET
    curVersion: int
    latestVersion: int
    latestBuildNum: int
    executeTime: int
    debug: bool = False
    queueTime: int
    queueTimeCost: int
    errorInfoList: list[ErrorInfo] | UnsetType = UNSET
    stageStatus: list[BuildStageStatus]
    executeCount: int
    startUserList: list[str]
    recordList: list[StartedBy]
    buildMsg: str
    remark: str | UnsetType = UNSET


class BuildHistoryPage(Answer, kw_only=True):
    """A page of builds."""

    count: int
    page: int
    pageSize: int
    totalPages: int
    records: list[BuildHistory]
    hasDownloadPermission: bool
    pipelineVersion: int


class LightPage(Answer, kw_only=True):
    """A page of builds in few words."""

    count: int
    page: int
    pageSize: int
    totalPages: int
    records: list[LightBuildHistory]


# What is taken


class PipelineQuery(Struct, kw_only=True):
    """A pipeline that is named."""

    projectId: str
    pipelineId: str


class StartQuery(PipelineQuery, kw_only=True):
    """A start; values are texts, and whatever else JSON has is written as text."""

    buildNo: int | None = None
    branch: str = ""
    body: dict[str, Any] = {}


class StartupQuery(PipelineQuery, kw_only=True):
    """What a start page shows; a draft or a branch has nothing of its own here."""

    version: int = 0
    branch: str = ""


class OptionsQuery(PipelineQuery, kw_only=True):
    """The choices of start options whose key or value holds a text."""

    search: str = ""
    body: Any = None


class BuildQuery(Struct, kw_only=True):
    """A build that is named; version 4 may leave its pipeline out."""

    projectId: str
    buildId: str
    pipelineId: str = ""


class RetryQuery(BuildQuery, kw_only=True):
    """What of a build is to run again. `buildNumber` may stand for the build."""

    buildId: str = ""
    buildNumber: int = 0
    taskId: str = ""
    failedContainer: bool = False
    skip: bool = False


class DetailQuery(BuildQuery, kw_only=True):
    """A build as it stands, or as it stood at the end of an execution."""

    executeCount: int = 0


class HistoryQuery(PipelineQuery, kw_only=True):
    """Builds of a pipeline that fit, some of them."""

    page: int = 1
    pageSize: int = 20
    pageSizeNotLimit: str = ""
    updateTimeDesc: bool | None = None
    status: list[str] = []
    trigger: list[str] = []
    startUser: list[str] = []
    remark: str = ""
    buildMsg: str = ""
    buildNoStart: int | None = None
    buildNoEnd: int | None = None
    queueTimeStartTime: int | None = None
    queueTimeEndTime: int | None = None
    startTimeStartTime: int | None = None
    startTimeEndTime: int | None = None
    endTimeStartTime: int | None = None
    endTimeEndTime: int | None = None
    totalTimeMin: int | None = None
    totalTimeMax: int | None = None
    materialAlias: list[str] = []
    materialUrl: str = ""
    materialBranch: list[str] = []
    materialCommitId: str = ""
    materialCommitMessage: str = ""
    triggerAlias: list[str] = []
    triggerBranch: list[str] = []


class LightQuery(PipelineQuery, kw_only=True):
    """Builds of a pipeline, newest first."""

    page: int = 1
    pageSize: int = 20
    pageSizeNotLimit: str = ""


class SeveralQuery(PipelineQuery, kw_only=True):
    """Builds by their ids; bounds are text: `yyyy-MM-dd HH:mm:ss`."""

    startBeginTime: str = ""
    endBeginTime: str = ""
    body: list[str]


class VariablesQuery(BuildQuery, kw_only=True):
    """Names of variables."""

    body: list[str]


class ManualReviewParam(Struct, kw_only=True):
    """A value that a reviewer fills in."""

    key: str = ""
    value: Any = None


class StageReviewRequest(Struct, kw_only=True):
    """An answer at a review."""

    reviewParams: list[ManualReviewParam]
    id: str = ""
    suggest: str = ""


class StageReviewQuery(BuildQuery, kw_only=True):
    """An answer at a stage's review; `cancel` refuses."""

    stageId: str
    cancel: bool = False
    body: StageReviewRequest | None = None


class ReviewParam(Struct, kw_only=True):
    """An answer at a review task."""

    status: str
    suggest: str = ""
    params: list[ManualReviewParam] = []


class ReviewQuery(BuildQuery, kw_only=True):
    """An answer at a review task, which is named by its element or by its step."""

    elementId: str = ""
    stepId: str = ""
    body: ReviewParam


class StageQualityRequest(Struct, kw_only=True):
    """A verdict on quality rules."""

    position: str
    passed: bool = field(name="pass")
    checkTimes: int = 0


class QualityQuery(BuildQuery, kw_only=True):
    """A verdict on quality rules of a stage."""

    stageId: str
    body: StageQualityRequest


class BuildTaskPauseInfo(Struct, kw_only=True):
    """What is to become of a paused task. `continue` is an old spelling (bkci-v3 3.3, operation 29)."""

    taskId: str = ""
    stepId: str = ""
    element: Tree | None = None
    isContinue: bool | None = None
    continue_: bool | None = field(default=None, name="continue")
    stageId: str
    containerId: str


class PauseQuery(BuildQuery, kw_only=True):
    """What is to become of a paused task."""

    body: BuildTaskPauseInfo


class RemarkBody(Struct, kw_only=True, frozen=True):
    """A remark."""

    remark: str = ""


class RemarkQuery(BuildQuery, kw_only=True):
    """A remark on a build."""

    body: RemarkBody = RemarkBody()


class TriggerReviewQuery(BuildQuery, kw_only=True):
    """An answer at a review before the queue."""

    approve: bool = True
    body: Any = None


class UnstickQuery(PipelineQuery, kw_only=True):
    """Builds that do not move."""

    body: Any = None
