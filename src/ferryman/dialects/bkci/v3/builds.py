"""Builds between the domain and BK-CI's wire: history, status, detail and what stands in them (bkci-v3 4.2 to 4.7).

Pure. A row tells what lists know, the run tells all else. Sensitive values are six asterisks wherever they stand.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from msgspec import UNSET

from ferryman.dialects.bkci.v3 import seen, times, triggers
from ferryman.dialects.bkci.v3.decisions import decisions_of
from ferryman.dialects.bkci.v3.detail import model_of
from ferryman.dialects.bkci.v3.faults import NUMBERS, fault_of
from ferryman.dialects.bkci.v3.ids import build_id
from ferryman.dialects.bkci.v3.places import StepPlace, stage_id, steps_of
from ferryman.dialects.bkci.v3.statuses import Level
from ferryman.dialects.bkci.v3.wire.builds import (
    BuildHistory,
    BuildHistoryWithVars,
    BuildId,
    BuildParameters,
    BuildStageStatus,
    ErrorInfo,
    LightBuildHistory,
    ModelRecord,
    PipelineFailTaskDetail,
    StartedBy,
)
from ferryman.domain import words
from ferryman.domain.run import Run
from ferryman.domain.status import Outcome, Why
from ferryman.domain.values import Parameter
from ferryman.services.runs import RunRow as Row
from ferryman.services.runs import Whole
from ferryman.services.views import hider

VALUE_TYPES = {"text": "STRING", "long-text": "TEXTAREA", "choice": "ENUM", "choices": "MULTIPLE"}
"""Kinds of parameters whose word is another; all others are the word itself in lower case."""
VERSION = ("BK_CI_MAJOR_VERSION", "BK_CI_MINOR_VERSION", "BK_CI_FIX_VERSION")
START = "BK_CI_START_TASK_ID"
DETAIL = "/ms/openapi/api/apigw/v3/projects/{}/pipelines/{}/builds/{}/detail"

ALIASES: dict[str, tuple[str, ...]] = {
    "BK_CI_PIPELINE_ID": ("pipeline.id", "ci.pipeline_id"),
    "BK_CI_PIPELINE_NAME": ("pipeline.name", "ci.pipeline_name"),
    "BK_CI_PIPELINE_VERSION": ("pipeline.version",),
    "BK_CI_BUILD_ID": ("pipeline.build.id", "ci.build_id"),
    "BK_CI_BUILD_NUM": ("pipeline.build.num", "ci.build_num"),
    "BK_CI_BUILD_MSG": ("ci.build_msg",),
    "BK_CI_PROJECT_NAME": ("project.name", "ci.project_name"),
    "BK_CI_START_USER_NAME": ("pipeline.start.user.name", "ci.actor"),
    "BK_CI_START_TYPE": ("pipeline.start.type",),
}
"""Names of built-in variables, and the old and the context names under which they are read too (bkci-v3 4.4)."""


def id_of(row: Row, *, execution: int = 0) -> BuildId:
    """A build that was started or goes on."""
    return BuildId(
        id=build_id(row.id),
        executeCount=execution or row.execution,
        projectId=row.project,
        pipelineId=row.pipeline,
        num=row.number,
    )


def history_of(row: Row, run: Run, at: int) -> BuildHistory:
    """A build as lists show it."""
    group = run.pipeline.concurrency.group
    return BuildHistory(
        **_build(row, run, at),
        updateTime=row.updated_at or run.at,
        executeCount=run.execution,
        concurrencyGroup=run.group if group and run.group else UNSET,
    )


def status_of(whole: Whole) -> BuildHistoryWithVars:
    """A build with its variables and its place in the queue."""
    return BuildHistoryWithVars(
        **_build(whole.row, whole.run, whole.at),
        variables=variables_of(whole.row, whole.run),
        currentQueuePosition=whole.place,
    )


def detail_of(whole: Whole) -> ModelRecord:
    """A build with its model, runtime fields filled."""
    row, run, at = whole.row, whole.run, whole.at
    build = _build(row, run, at)
    shared = {name: build[name] for name in ModelRecord.__struct_fields__ if name in build}
    costs = [times.cost_of_run(each, each.ended_at or each.at) for each in whole.earlier]
    costs.append(times.cost_of_run(run, at))
    model = model_of(
        run, whole.model, at=at, newest=run.execution == row.execution, preparing=whole.preparing
    )
    return ModelRecord(
        **{**shared, "executeTime": times.executed(run)},
        pipelineId=row.pipeline,
        pipelineName=str(run.facts.get("pipeline_name", run.pipeline.name)),
        triggerUser=run.started_by,
        model={**model, **_headed(row, run)},
        cancelUserId=canceler_of(run) or UNSET,
        curVersion=row.version,
        latestVersion=whole.newest_version,
        latestBuildNum=whole.newest_number,
        queueTimeCost=max(0, (run.started_at or run.ended_at or at) - run.queued_at),
        executeCount=run.execution,
        startUserList=list(whole.starters),
        recordList=[
            StartedBy(startUser=by, timeCost=cost) for by, cost in zip(whole.starters, costs, strict=True)
        ],
    )


def _headed(row: Row, run: Run) -> dict[str, Any]:
    """What a model says of its pipeline on output: whose it is, and which version this one is (bkci-v3 5.1)."""
    creator = run.facts.get("pipeline_creator", "")
    return {**({"pipelineCreator": str(creator)} if creator else {}), "latestVersion": row.version}


def light_of(row: Row, run: Run, at: int) -> LightBuildHistory:
    """A build in few words."""
    build = _build(row, run, at)
    return LightBuildHistory(
        id=build["id"],
        userId=build["userId"],
        buildNum=row.number,
        startTime=moment(run.started_at) if run.started_at else UNSET,
        endTime=moment(run.ended_at) if run.ended_at else UNSET,
        **{
            name: build[name]
            for name in (
                "status",
                "remark",
                "executeTime",
                "retry",
                "trigger",
                "errorInfoList",
                "buildParameters",
            )
        },
    )


def _build(row: Row, run: Run, at: int) -> dict[str, Any]:
    """What history, status and detail say alike."""
    how = triggers.start_of(row.how)
    took = run.ended_at - run.started_at if run.ended_at and run.started_at else 0
    return {
        "id": build_id(row.id),
        "userId": row.started_by,
        "trigger": how.text,
        "buildNum": row.number,
        "pipelineVersion": row.version,
        # A build that ended in the queue began and ended at once.
        "startTime": run.started_at or run.ended_at,
        "endTime": run.ended_at or UNSET,
        "status": seen.of_run(run),
        "stageStatus": stages_of(run, at),
        "currentTimestamp": at,
        "queueTime": run.queued_at,
        "remark": row.note or hider(run)(run.remark) or UNSET,
        "totalTime": took or UNSET,
        "executeTime": times.executed(run) or UNSET,
        "buildParameters": parameters_of(run),
        "startType": how.kind,
        "recommendVersion": _recommended(run) or UNSET,
        "retry": run.execution > 1,
        "errorInfoList": errors_of(run) or UNSET,
        "buildMsg": row.message or how.text,
        "buildNumAlias": run.values.get(words.NUMBER_ALIAS) or UNSET,
    }


def stages_of(run: Run, at: int) -> list[BuildStageStatus]:
    """Every stage, the trigger first."""
    trigger = run.pipeline.origin.get("trigger")
    named = trigger.get("name") if isinstance(trigger, dict) else None
    first = BuildStageStatus(
        stageId="stage-1",
        name=str(named or "stage-1"),
        status=triggers.status_of(run) or UNSET,
        startEpoch=run.started_at or UNSET,
        elapsed=0 if run.started_at else UNSET,
    )
    return [first, *_stages(run, at)]


def _stages(run: Run, at: int) -> Iterator[BuildStageStatus]:
    for place, (state, define) in enumerate(zip(run.stages, run.pipeline.stages, strict=True)):
        began = bool(state.started_at)
        yield BuildStageStatus(
            stageId=stage_id(place),
            name=define.name or stage_id(place),
            status=seen.of_node(Level.STAGE, state, seen.beside_of(run, state)) or UNSET,
            tag=list(define.labels) or UNSET,
            startEpoch=state.started_at or UNSET,
            elapsed=times.of_stage(state, at) if began else UNSET,
            timeCost=times.cost_of_stage(state, at) if began else UNSET,
        )


def errors_of(run: Run) -> list[ErrorInfo]:
    """Every element that failed, those whose failure was let pass too."""
    hide = hider(run)
    found = []
    for place in steps_of(run):
        fault = fault_of(place.state)
        if fault is not None and place.state.outcome is not None:
            found.append(
                ErrorInfo(
                    taskId=place.element_id,
                    taskName=place.define.name,
                    atomCode=place.define.kind,
                    errorType=NUMBERS[fault.kind],
                    errorCode=int(fault.code),
                    errorMsg=hide(fault.text),
                    stageId=place.job.stage_id,
                    containerId=place.job.container_id,
                    matrixFlag=place.job.is_split,
                )
            )
    return found


def failed_of(run: Run) -> list[PipelineFailTaskDetail]:
    """Every element that failed, with where it stands."""
    messages = {each.taskId: each.errorMsg for each in errors_of(run)}
    bad = (Outcome.FAILED, Outcome.ERRORED)
    return [_failed(place, messages) for place in steps_of(run) if place.state.outcome in bad]


def _failed(place: StepPlace, messages: dict[str, str]) -> PipelineFailTaskDetail:
    return PipelineFailTaskDetail(
        stepId=place.define.user_id or UNSET,
        taskId=place.element_id,
        taskName=place.define.name,
        jobId=place.job.job_id,
        jobName=place.job.define.name,
        stageName=place.job.stage_define.name or place.job.stage_id,
        errorMsg=messages.get(place.element_id, UNSET),
        matrixFlag=place.job.is_split,
    )


def parameters_of(run: Run) -> list[BuildParameters]:
    """What a build was started with: its parameters, then what nobody had declared."""
    declared = {each.name: each for each in run.pipeline.parameters}
    known = [_parameter(each, run.values.get(each.name, "")) for each in run.pipeline.parameters]
    own = {*words.BUILT_IN, words.BUILD_NUMBER, words.NUMBER_ALIAS, *declared}
    hide = hider(run)
    return known + [
        BuildParameters(key=name, value=hide(text)) for name, text in run.values.items() if name not in own
    ]


def _parameter(define: Parameter, text: str) -> BuildParameters:
    def shown(value: Any) -> Any:
        return words.HIDDEN if define.sensitive and value else value

    return BuildParameters(
        key=define.name,
        value=shown(text),
        valueType=value_type(define.kind),
        readOnly=define.read_only or define.constant,
        desc=define.description or UNSET,
        defaultValue=UNSET if define.default is None else shown(define.default),
        sensitive=True if define.sensitive else UNSET,
    )


def value_type(kind: str) -> str:
    """The type of a parameter in the vendor's word."""
    return VALUE_TYPES.get(kind, kind.upper().replace("-", "_"))


def variables_of(row: Row, run: Run) -> dict[str, str]:
    """Every variable of a build, under every name it has (bkci-v3 4.4)."""
    hide = hider(run)
    sensitive = {each.name for each in run.pipeline.parameters if each.sensitive}
    own = {
        name: words.HIDDEN if name in sensitive and text else hide(text)
        for name, text in run.variables.items()
    }
    known = {name: str(run.facts[fact]) for name, fact in words.BUILT_IN.items() if fact in run.facts}
    known |= {
        # The id by which clients of this wire know the build.
        "BK_CI_BUILD_ID": build_id(row.id),
        "BK_CI_BUILD_NUM": str(row.number),
        "BK_CI_BUILD_MSG": row.message or triggers.start_of(row.how).text,
        "BK_CI_PIPELINE_ID": row.pipeline,
        "BK_CI_PIPELINE_VERSION": str(row.version),
        "BK_CI_PIPELINE_CREATE_USER": str(run.facts.get("pipeline_creator", "")),
        "BK_CI_PIPELINE_UPDATE_USER": str(run.facts.get("pipeline_modifier", "")),
        "BK_CI_PROJECT_NAME": row.project,
        "BK_CI_PROJECT_NAME_CN": row.project,
        "BK_CI_START_USER_ID": row.started_by,
        "BK_CI_START_USER_NAME": row.started_by,
        "BK_CI_START_TYPE": row.how or words.MANUAL,
        "BK_CI_START_CHANNEL": "BS",
        "BK_CI_IS_MOBILE": "false",
        "BK_CI_BUILD_REMARK": row.note or hide(run.remark),
        # The path of its detail: by which name this server is known, only its clients know.
        "BK_CI_BUILD_URL": DETAIL.format(
            *(quote(part, safe="") for part in (row.project, row.pipeline, build_id(row.id)))
        ),
    }
    known[START] = _start_task(row, run)
    if run.execution > 1:
        known |= {"BK_CI_RETRY_COUNT": str(run.execution - 1), "BK_CI_RETRY_BUILD_ID": build_id(row.id)}
    aliases = {alias: known[name] for name, names in ALIASES.items() if name in known for alias in names}
    prefixed = {f"variables.{name}": text for name, text in own.items() if name not in known}
    return {
        **aliases,
        **prefixed,
        **decisions_of(run),
        **own,
        **{name: text for name, text in known.items() if text},
    }


def _start_task(row: Row, run: Run) -> str:
    """The trigger element that fired."""
    trigger = run.pipeline.origin.get("trigger")
    boxes: Sequence[Any] = trigger.get("containers", ()) if isinstance(trigger, dict) else ()
    elements = boxes[0].get("elements", ()) if boxes else ()
    return str(elements[triggers.fired(elements, row.how)].get("id", "")) if elements else ""


def variable(values: dict[str, str], name: str) -> str:
    """One variable by any of its names; empty where there is none of it (bkci-v3 3.3, operation 28)."""
    return values.get(name) or values.get(name.removeprefix("variables."), "")


def canceler_of(run: Run) -> str:
    """Who ended a build before its time: by a stop, at a pause, or at a review task."""
    if run.outcome is Outcome.CANCELED or run.reason.kind is Why.FORCED_STOP:
        return run.reason.facts.get("by", "") or (run.stopping.by if run.stopping is not None else "")
    for place in steps_of(run):
        if place.state.reason.kind is Why.REVIEW_REJECTED:
            return place.state.reason.facts.get("by", "")
    return ""


def _recommended(run: Run) -> str:
    """major.minor.fix.build, where the pipeline recommends a number."""
    if words.BUILD_NUMBER not in run.values:
        return ""
    return ".".join((*(run.values.get(name) or "0" for name in VERSION), run.values[words.BUILD_NUMBER]))


def moment(at: int) -> str:
    """A moment as text, in UTC."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
