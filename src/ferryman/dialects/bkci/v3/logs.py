"""Logs between the domain and BK-CI's wire: which steps a query means, and lines as they are shown (bkci-v3 3.4).

Attempts are named here by the ids of elements, jobs and containers that a client knows from the model; a job that a
matrix was split into has ids of its own and is found under those of the whole matrix, too.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from msgspec import UNSET

from ferryman.dialects.bkci.v3.ids import build_id, run_of
from ferryman.dialects.bkci.v3.wire.logs import (
    AfterQuery,
    DownloadQuery,
    InitQuery,
    LogLine,
    LogQuery,
    LogStatus,
    LogType,
    MoreQuery,
    QueryLogLineNum,
    QueryLogs,
    QueryLogStatus,
)
from ferryman.dialects.operation import Download
from ferryman.domain import views
from ferryman.domain.ids import join, split_key
from ferryman.domain.pipeline import Job
from ferryman.domain.run import JobState, Run
from ferryman.services.logs import LogDownload, LogPage

FIRST = 5_000
"""Most lines of a first page (bkci-v3 3.4)."""
AFTER = 30_000
"""Most lines of any other page."""

MARKS: Mapping[str, LogType] = {
    "##[debug]": LogType.DEBUG,
    "##[warning]": LogType.WARN,
    "##[error]": LogType.ERROR,
}
"""What a line begins with → its kind. All others are plain."""
_MARK = re.compile(r"(?:\x1b\[[0-9;:]*m)*(##\[[a-z]+\])")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Names(NamedTuple):
    """What a client calls a step, or a job as a whole. The first of several is its own."""

    elements: tuple[str, ...]
    containers: tuple[str, ...]
    jobs: tuple[str, ...]
    step: str = ""


def split_id(whole: str, index: str) -> str:
    """The id of what a matrix was split into: the same for ever, and like any other of its kind."""
    return f"{whole[:2]}{sha256(f'{whole}/{index}'.encode()).hexdigest()[:32]}"


def names_of(run: Run) -> dict[str, Names]:
    """What a client calls each job and each step, by path. What was never saved as a model goes by its path."""
    jobs = [job for stage in run.stages for job in stage.jobs]
    # The one before the first is the trigger, whose number is 0.
    return {path: names for at, job in enumerate(jobs, start=1) for path, names in _of_job(job, at)}


def _of_job(job: JobState, number: int) -> Iterator[tuple[str, Names]]:
    define = job.define
    containers = (_text(define.origin.get("containerHashId")) or job.path,)
    yield from _of_steps(job.path, define, number, containers, (define.user_id,))
    for child in job.children:
        index = child.path.rpartition(".")[2]
        own = (split_id(containers[0], index), *containers)
        ids = (f"{define.user_id}.{index}" if define.user_id else "", define.user_id)
        yield from _of_steps(child.path, define, f"{number}{int(index):03}", own, ids, index=index)


def _of_steps(
    path: str,
    define: Job,
    number: int | str,
    containers: tuple[str, ...],
    jobs: tuple[str, ...],
    *,
    index: str = "",
) -> Iterator[tuple[str, Names]]:
    yield path, Names((f"startVM-{number}",), containers, jobs)
    for step in define.steps:
        at = join(path, step.id)
        whole = _text(step.origin.get("id")) or at
        elements = (split_id(whole, index), whole) if index else (whole,)
        yield at, Names(elements, containers, jobs, step.user_id)


def meant(query: LogQuery) -> Callable[[Run], frozenset[str]] | None:
    """The paths that a query means; None where it names none, and so means all."""
    if not (query.tag or query.containerHashId or query.jobId or query.stepId):
        return None

    def paths(run: Run) -> frozenset[str]:
        return frozenset(path for path, names in names_of(run).items() if _is_meant(names, query))

    return paths


def _is_meant(names: Names, query: LogQuery) -> bool:
    return (
        (not query.tag or query.tag in names.elements)
        and (not query.containerHashId or query.containerHashId in names.containers)
        # Once the job was named here by its container's id, and old clients still do so.
        and (not query.jobId or query.jobId in (*names.jobs, *names.containers))
        and query.stepId in ("", names.step)
    )


def type_of(text: str) -> LogType:
    """The kind of a line."""
    found = _MARK.match(text)
    return MARKS.get(found[1], LogType.LOG) if found else LogType.LOG


def kept(query: LogQuery) -> Callable[[views.Line], bool]:
    """Which lines a query wants: those of its kind, and debug lines only where they are asked for."""
    wanted: LogType | None = getattr(query, "logType", None)
    if wanted is not None:
        return lambda line: type_of(line.text) is wanted
    return lambda line: query.debug or type_of(line.text) is not LogType.DEBUG


def _asks(query: LogQuery) -> dict[str, Any]:
    return {
        "run": run_of(query.buildId),
        "pipeline": query.pipelineId,
        "chosen": meant(query),
        "execution": max(0, query.executeCount),
    }


def asks_first(query: InitQuery) -> dict[str, Any]:
    """The first page, or the last one with its newest line first."""
    return {**_asks(query), "kept": kept(query), "limit": FIRST, "newest_first": query.reverse}


def asks_between(query: MoreQuery) -> dict[str, Any]:
    """The lines from one number to another."""
    window = {"after": query.start - 1, "until": query.end, "limit": AFTER}
    return {**_asks(query), "kept": kept(query), **window, "newest_first": not query.fromStart}


def asks_after(query: AfterQuery) -> dict[str, Any]:
    """The lines from a number on."""
    return {**_asks(query), "kept": kept(query), "after": query.start - 1, "limit": AFTER}


def asks_download(query: DownloadQuery) -> dict[str, Any]:
    """All lines."""
    return {**_asks(query), "kept": kept(query)}


def asks_state(query: LogQuery) -> dict[str, Any]:
    """No lines, but how the log stands."""
    return {**_asks(query), "limit": 0}


def tells_lines(page: LogPage, query: LogQuery) -> QueryLogs:
    """A page of lines."""
    names = names_of(page.run)
    return QueryLogs(
        buildId=build_id(page.run.id),
        finished=page.finished,
        hasMore=page.more,
        logs=[_line(line, names) for line in page.lines],
        status=LogStatus.CLEANED if page.removed and not page.lines else LogStatus.FINE,
    )


def tells_mode(page: LogPage, query: LogQuery) -> QueryLogStatus:
    """Where the log is kept."""
    return QueryLogStatus(buildId=build_id(page.run.id), finished=page.finished)


def tells_last(page: LogPage, query: LogQuery) -> QueryLogLineNum:
    """The highest number of the build."""
    return QueryLogLineNum(buildId=build_id(page.run.id), finished=page.finished, lastLineNum=page.last)


def tells_file(download: LogDownload, query: DownloadQuery) -> Download:
    """The lines as a file, made while it is sent."""
    name = f"{download.pipeline}-{build_id(download.run.id)}-log.txt"
    return Download(_texts(download), name, media="application/octet-stream")


async def _texts(download: LogDownload) -> AsyncIterator[bytes]:
    async for lines in download.pages:
        yield "".join(f"{stamp(line.at)} : {line.text}\n" for line in lines).encode("utf-8", "replace")


def stamp(at: int) -> str:
    """A moment as downloads write it: `2024-05-31 09:30:00:125`, in UTC."""
    moment = _EPOCH + timedelta(milliseconds=at)
    return f"{moment:%Y-%m-%d %H:%M:%S}:{at % 1000:03}"


def _line(line: views.Line, names: Mapping[str, Names]) -> LogLine:
    path, execution, _ = split_key(line.key)
    found = names.get(path, Names((path,), ("",), ("",)))
    return LogLine(
        lineNo=line.number,
        timestamp=line.at,
        message=line.text,
        tag=found.elements[0],
        jobId=found.jobs[0] or UNSET,
        containerHashId=found.containers[0] or UNSET,
        stepId=found.step or UNSET,
        executeCount=execution or 1,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
