"""Pipelines between the domain and BK-CI's wire (bkci-v3 3.2, 4.1, 4.2)."""

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET, UnsetType

from ferryman.dialects.bkci.errors import WireRefusal
from ferryman.dialects.bkci.v3 import detail, paging, seen, triggers
from ferryman.dialects.bkci.v3.builds import stages_of
from ferryman.dialects.bkci.v3.ids import build_id
from ferryman.dialects.bkci.v3.statuses import Level
from ferryman.dialects.bkci.v3.wire.pipelines import (
    BatchAsked,
    CopyAsked,
    CreateAsked,
    DeployPipelineResult,
    EditAsked,
    GroupLabel,
    LockAsked,
    OfPipeline,
    Page,
    PageAsked,
    Pipeline,
    PipelineCount,
    PipelineId,
    PipelineIdAndName,
    PipelineInfo,
    PipelinePermissions,
    RenameAsked,
    SearchAsked,
    UpdateAsked,
    UploadAsked,
)
from ferryman.domain import words
from ferryman.domain.actions import Action
from ferryman.domain.heads import PipelineHead
from ferryman.domain.pipeline import Step
from ferryman.domain.run import JobState, Run, StepState
from ferryman.services.catalog import Shown, ShownPage

MOST_IN_BATCH = 100
TOO_MANY_PIPELINES = 2101007
LONGEST_COPY_NAME = 128
LONGEST_NAME = 255
TOO_LONG = 2100015
NAME_TOO_LONG = 2101015
CHANNEL = "BS"

# from what was asked to the verb's arguments


def asks_create(asked: CreateAsked) -> dict[str, Any]:
    """A model."""
    return {"model": asked.body}


def asks_edit(asked: EditAsked) -> dict[str, Any]:
    """A model for this pipeline."""
    return {"pipeline": asked.pipelineId, "model": asked.body}


def asks_upload(asked: UploadAsked) -> dict[str, Any]:
    """A model with its setting."""
    return {"model": asked.body.model, "setting": asked.body.setting}


def asks_update(asked: UpdateAsked) -> dict[str, Any]:
    """Both for this pipeline."""
    return {"pipeline": asked.pipelineId, "model": asked.body.model, "setting": asked.body.setting}


def asks_one(asked: OfPipeline) -> dict[str, Any]:
    """This pipeline."""
    return {"pipeline": asked.pipelineId}


def asks_batch(asked: BatchAsked) -> dict[str, Any]:
    """These pipelines. Raises `WireRefusal` for none, and for more than 100."""
    if not 1 <= len(asked.body) <= MOST_IN_BATCH:
        code = TOO_MANY_PIPELINES if asked.body else 0
        raise WireRefusal(400, f"{len(asked.body)} ids were sent; 1 to {MOST_IN_BATCH} are wanted", code=code)
    return {"pipelines": asked.body}


def asks_page(asked: PageAsked) -> dict[str, Any]:
    """This page."""
    page = _page(asked)
    return {"skip": page.skip, "limit": page.size if asked.channelCode == CHANNEL else 0}


def asks_copy(asked: CopyAsked) -> dict[str, Any]:
    """A copy of this pipeline. Raises `WireRefusal` for texts that are too long."""
    body = asked.body
    if not body.name.strip():
        raise WireRefusal(400, "name is blank")
    if len(body.name) > LONGEST_COPY_NAME:
        raise WireRefusal(400, f"name has more than {LONGEST_COPY_NAME} characters", code=TOO_LONG)
    if len(body.desc) > LONGEST_NAME:
        raise WireRefusal(400, f"desc has more than {LONGEST_NAME} characters", code=TOO_LONG)
    return {
        "pipeline": asked.pipelineId,
        "name": body.name,
        "description": body.desc,
        "labels": body.labels,
        "collections": body.staticViews,
    }


def asks_rename(asked: RenameAsked) -> dict[str, Any]:
    """Another name. Raises `WireRefusal` for none, or one that is too long."""
    if not asked.body.name.strip():
        raise WireRefusal(400, "name is blank")
    if len(asked.body.name) > LONGEST_NAME:
        raise WireRefusal(400, f"name has more than {LONGEST_NAME} characters", code=NAME_TOO_LONG)
    return {"pipeline": asked.pipelineId, "name": asked.body.name}


def asks_setting(asked: EditAsked) -> dict[str, Any]:
    """A setting for this pipeline."""
    return {"pipeline": asked.pipelineId, "setting": asked.body}


def asks_lock(asked: LockAsked) -> dict[str, Any]:
    """Whether it may be started."""
    return {"pipeline": asked.pipelineId, "enable": asked.enable}


def asks_search(asked: SearchAsked) -> dict[str, Any]:
    """Everything with this in its name."""
    return {"name": asked.pipelineName, "limit": paging.EVERYTHING}


def asks_search_page(asked: SearchAsked) -> dict[str, Any]:
    """A page of that; a size of -1 means everything."""
    if asked.pageSize == paging.ALL:
        return asks_search(asked)
    return {"name": asked.pipelineName, **asks_page(asked)}


def _page(asked: PageAsked) -> paging.Meant:
    return paging.meant(asked.page, asked.pageSize, least=10, limited=not asked.pageSizeNotLimit)


# from the verb's result to the answer


def tells_id(head: PipelineHead, asked: Any) -> PipelineId:
    """What the new pipeline is called."""
    return PipelineId(id=head.id)


def tells_done(result: Any, asked: Any) -> bool:
    """It is done."""
    return True


def tells_deployed(head: PipelineHead, asked: Any) -> DeployPipelineResult:
    """What an update came to."""
    return DeployPipelineResult(
        pipelineId=head.id, pipelineName=head.name, version=head.version, versionNum=head.version
    )


def tells_status(found: Shown | None, asked: Any) -> Pipeline | None:
    """How a pipeline stands; nothing where there is none (bkci-v3 11, 1)."""
    return None if found is None else pipeline_of(found)


def tells_several(found: tuple[Shown, ...], asked: Any) -> list[Pipeline]:
    """Those that there are."""
    return [pipeline_of(one) for one in found]


def tells_page(found: ShownPage, asked: PageAsked) -> Page:
    """A page of pipelines."""
    if asked.channelCode != CHANNEL:
        return paging.told(0, [], _page(asked))
    return paging.told(found.total, [pipeline_of(one) for one in found.pipelines], _page(asked))


def tells_names(found: tuple[int, tuple[PipelineHead, ...]], asked: SearchAsked) -> list[PipelineIdAndName]:
    """Ids and names."""
    return [PipelineIdAndName(pipelineId=head.id, pipelineName=head.name) for head in found[1]]


def tells_infos(found: tuple[int, tuple[PipelineHead, ...]], asked: SearchAsked) -> Page:
    """A page of what was found by name."""
    infos = [info_of(head) for head in found[1]]
    return paging.whole(infos) if asked.pageSize == paging.ALL else paging.told(found[0], infos, _page(asked))


def tells_counts(found: Any, asked: Any) -> PipelineCount:
    """How many there are. Nobody's favorites are kept; all of them count as used of late."""
    return PipelineCount(
        totalCount=found.there,
        myPipelineCount=found.own,
        recycleCount=found.deleted,
        recentUseCount=found.there,
    )


def info_of(head: PipelineHead) -> PipelineInfo:
    """A pipeline as searches show it."""
    return PipelineInfo(
        projectId=head.project,
        pipelineId=head.id,
        pipelineName=head.name,
        pipelineDesc=head.description,
        version=head.version,
        createTime=head.created_at,
        updateTime=head.updated_at,
        creator=head.creator,
        lastModifyUser=head.updater,
        canManualStartup=head.startable,
        taskCount=head.tasks,
        locked=head.disabled,
    )


def pipeline_of(shown: Shown) -> Pipeline:
    """A pipeline as status, list and batch get show it (bkci-v3 4.1; 12, rows 1, 2, 20, 21).

    Of views it names the project's alone: all readers are told alike, and those of one member concern nobody else.
    """
    head = shown.head
    return Pipeline(
        projectId=head.project,
        pipelineId=head.id,
        pipelineName=head.name,
        pipelineDesc=head.description,
        taskCount=head.tasks,
        buildCount=shown.standing.runs,
        lock=head.disabled or shown.setting.policies.is_closed,
        canManualStartup=head.startable,
        createTime=head.created_at,
        updateTime=head.updated_at,
        deploymentTime=head.updated_at,
        currentTimestamp=shown.now,
        pipelineVersion=head.version,
        runningBuildCount=shown.standing.running,
        creator=head.creator,
        updater=head.updater,
        groupLabel=_labels(shown) or UNSET,
        viewNames=[one.name for one in shown.carried.collections if one.shared] or UNSET,
        model=_model(shown),
        buildNumRule=shown.setting.number_rule or UNSET,
        hasPermission=Action.LIST_PIPELINES in shown.allowed,
        permissions=_permissions(shown.allowed),
        **_latest(shown),
    )


def _model(shown: Shown) -> dict[str, Any] | UnsetType:
    """The newest model; where the newest build runs that version, as the detail shows it."""
    row, run = shown.standing.newest, shown.standing.run
    if shown.model is None:
        return UNSET
    if row is None or run is None or row.version != shown.head.version:
        return shown.model
    return detail.model_of(run, shown.model, at=shown.now)


def _labels(shown: Shown) -> list[GroupLabel]:
    return [
        GroupLabel(groupName=group.name, labelName=[label.name for label in labels])
        for group, labels in shown.carried.labels
    ]


def _permissions(allowed: frozenset[str]) -> PipelinePermissions:
    return PipelinePermissions(
        canManage=Action.MANAGE_PIPELINE in allowed,
        canDelete=Action.DELETE_PIPELINE in allowed,
        canView=Action.GET_PIPELINE in allowed,
        canEdit=Action.UPDATE_PIPELINE in allowed,
        canExecute=Action.START_RUN in allowed,
        canDownload=Action.DOWNLOAD_ARTIFACT in allowed,
    )


def _latest(shown: Shown) -> dict[str, Any]:
    """What the newest build tells; nothing where there was none."""
    row, run = shown.standing.newest, shown.standing.run
    if row is None or run is None:
        return {}
    start = triggers.start_of(row.how)
    steps = list(_steps(run))
    begun = [each for each in steps if each[1].started_at]
    last = max(begun, key=lambda each: each[1].started_at, default=None)
    ended_well = sum(seen.of_node(Level.STEP, state) == "SUCCEED" for _, state in steps)
    # Triggers are tasks too, and those of a run have done their part.
    own = max(shown.head.tasks - _tasks(run), 0) if row.version == shown.head.version else 1
    return {
        # As the build itself tells it: one that ended in the queue began and ended at once.
        "latestBuildStartTime": row.started_at or row.ended_at,
        "latestBuildEndTime": row.ended_at,
        "latestBuildStatus": seen.of_run(run),
        "latestBuildNum": row.number,
        "latestBuildNumAlias": run.values.get(words.NUMBER_ALIAS) or UNSET,
        "latestBuildTaskName": UNSET if last is None else last[0].name or UNSET,
        "latestBuildId": build_id(row.id),
        "latestBuildUserId": row.started_by,
        "latestBuildStageStatus": stages_of(run, shown.now),
        "startType": start.kind,
        "trigger": start.text,
        "lastBuildMsg": row.message or UNSET,
        "lastBuildTotalCount": len(steps) + own,
        "lastBuildFinishCount": ended_well + own,
    }


def _tasks(run: Run) -> int:
    return sum(len(job.steps) for stage in run.pipeline.stages for job in stage.jobs)


def _steps(run: Run) -> Iterator[tuple[Step, StepState]]:
    for stage in run.stages:
        for job in stage.jobs:
            yield from _steps_of(job)


def _steps_of(job: JobState) -> Iterator[tuple[Step, StepState]]:
    if not job.children:
        yield from zip(job.define.steps, job.steps, strict=False)
    for child in job.children:
        yield from _steps_of(child)
