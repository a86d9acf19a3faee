"""Logs on the wire (bkci-v3 3.4, 4.2, 6.4)."""

from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType


class LogType(StrEnum):
    """What kind of line is wanted."""

    LOG = "LOG"
    DEBUG = "DEBUG"
    WARN = "WARN"
    ERROR = "ERROR"


class LogStatus:
    """How a query went: the number in `QueryLogs.status`."""

    FINE = 0
    CLEANED = 3


class LogStorageMode(StrEnum):
    """Where the log of a task is kept; here it is always with the server."""

    UPLOAD = "UPLOAD"


class LogLine(Struct, kw_only=True):
    """One line. `lineNo` grows over the whole build."""

    lineNo: int
    timestamp: int
    message: str
    priority: int = 0
    tag: str
    subTag: str = ""
    jobId: str | UnsetType = UNSET
    containerHashId: str | UnsetType = UNSET
    stepId: str | UnsetType = UNSET
    executeCount: int


class QueryLogs(Struct, kw_only=True):
    """A page of lines."""

    buildId: str
    finished: bool
    hasMore: bool = False
    logs: list[LogLine]
    status: int = LogStatus.FINE


class QueryLogStatus(Struct, kw_only=True):
    """Where a log is kept."""

    buildId: str
    finished: bool
    logMode: LogStorageMode = LogStorageMode.UPLOAD


class QueryLogLineNum(Struct, kw_only=True):
    """How far a log has come."""

    buildId: str
    finished: bool
    lastLineNum: int


class LogQuery(Struct, kw_only=True):
    """What all operations on logs take. What is not named is not asked for: all of it counts."""

    projectId: str
    buildId: str
    pipelineId: str = ""
    tag: str = ""
    containerHashId: str = ""
    jobId: str = ""
    stepId: str = ""
    executeCount: int = 0
    debug: bool = False


class InitQuery(LogQuery, kw_only=True):
    """The first lines, or the newest ones."""

    reverse: bool = False
    logType: LogType | None = None


class MoreQuery(LogQuery, kw_only=True):
    """Lines between two numbers, both included; `fromStart` false gives the newest first."""

    start: int
    end: int
    fromStart: bool = True
    logType: LogType | None = None


class AfterQuery(LogQuery, kw_only=True):
    """Lines from a number on."""

    start: int
    logType: LogType | None = None


class DownloadQuery(LogQuery, kw_only=True):
    """All lines of one execution, as a file."""

    executeCount: int = 1
