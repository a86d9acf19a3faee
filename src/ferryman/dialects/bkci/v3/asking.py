"""What is asked of builds, done: operations 20 to 37 that are more than one verb (bkci-v3 3.3, 12).

Each keeps the order in which the reference refuses. Where a rule's refusal has another code in one operation than in
another, `reworded` gives it a reason of its own.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from ferryman.dialects.bkci.errors import WireRefusal
from ferryman.dialects.bkci.v3 import builds, paging, places, searches, startup
from ferryman.dialects.bkci.v3.ids import build_id, run_of
from ferryman.dialects.bkci.v3.wire import builds as wire
from ferryman.domain import words
from ferryman.domain.errors import FerrymanError, Forbidden, NotFound, Refused
from ferryman.domain.gates import Gate
from ferryman.domain.ids import join
from ferryman.domain.pipeline import Pipeline
from ferryman.domain.run import Run
from ferryman.domain.status import Phase
from ferryman.services import Caller, Services

MESSAGE = "BK_CI_BUILD_MSG"
SKIPPED = "devops_container_condition_skip_atoms_"
"""Prefix of the start values that switch an element off for one build."""
PARAMETER_EMPTY = 2100002
MOST_NAMES = 50
POSITIONS = {"BEFORE": "before", "AFTER": "after"}
ANSWERS = {"PROCESS": True, "ABORT": False}


@contextmanager
def reworded(reasons: Mapping[str, str]) -> Iterator[None]:
    """Refusals for these reasons are refusals for those."""
    try:
        yield
    except Refused as refusal:
        if refusal.reason not in reasons:
            raise
        raise Refused(str(refusal), reason=reasons[refusal.reason], path=refusal.path) from refusal


# 20, 21, 36: starting


async def start(services: Services, caller: Caller, query: wire.StartQuery) -> wire.BuildId:
    """Start a build."""
    values = {name: as_text(value) for name, value in query.body.items()}
    elements = {
        name.removeprefix(SKIPPED)
        for name, text in values.items()
        if name.startswith(SKIPPED) and text == "true"
    }
    disabled: tuple[str, ...] = ()
    if elements:
        startup_ = await services.requests.startup(caller, pipeline=query.pipelineId)
        disabled = _paths_of(startup_.define, elements)
    view = await services.requests.start(
        caller,
        pipeline=query.pipelineId,
        values={name: text for name, text in values.items() if not name.startswith(SKIPPED)},
        reason=values.get(MESSAGE, ""),
        disabled=disabled,
        how=words.BY_API,
        unasked=True,
        recommended=query.buildNo,
    )
    return wire.BuildId(
        id=build_id(view.id),
        executeCount=view.execution,
        projectId=view.project,
        pipelineId=view.pipeline,
        num=view.number,
    )


def _paths_of(define: Pipeline, elements: set[str]) -> tuple[str, ...]:
    return tuple(
        join(stage.id, job.id, step.id)
        for stage in define.stages
        for job in stage.jobs
        for step in job.steps
        if step.origin.get("id") in elements
    )


async def startup_info(
    services: Services, caller: Caller, query: wire.StartupQuery
) -> wire.BuildManualStartupInfo:
    """What a start page shows."""
    return startup.info_of(await services.requests.startup(caller, pipeline=query.pipelineId))


async def startup_options(services: Services, caller: Caller, query: wire.OptionsQuery) -> list[wire.Choice]:
    """The choices of start options that hold a text."""
    return startup.options_of(
        await services.requests.startup(caller, pipeline=query.pipelineId), query.search
    )


# 22, 23, 32: stopping, going on, beginning anew


async def retry(services: Services, caller: Caller, query: wire.RetryQuery) -> wire.BuildId:
    """Run a build again, from what is named on."""
    run, pipeline = await _named(services, caller, query), query.pipelineId
    if not query.taskId:
        if query.skip:
            raise WireRefusal(400, "skip wants a taskId", code=PARAMETER_EMPTY)
        with reworded({"not-ended": "run-not-ended"}):
            await services.requests.retry(caller, run=run, pipeline=pipeline)
    else:
        whole = await services.runs.whole(caller, run=run, pipeline=pipeline)
        path = _task(whole.run, query.taskId)
        depth = path.count("/")
        reasons = {
            "not-ended": ("stage-not-running", "job-not-ended", "stage-not-running")[depth],
            "not-failed": ("stage-not-failed", "step-not-failed", "step-not-failed")[depth],
            "being-ended": "stage-not-running",
            "no-such-step": "step-not-failed",
        }
        if not query.skip:
            reasons["not-offered"] = "failed"
        if depth == 2 and _job_works(whole.run, path):
            reasons["not-ended"] = "job-not-ended"
        with reworded(reasons):
            if query.skip:
                await services.requests.skip(caller, run=run, path=path, pipeline=pipeline)
            else:
                await services.requests.retry(
                    caller, run=run, path=path, failed_only=query.failedContainer, pipeline=pipeline
                )
    return builds.id_of(await services.runs.find(caller, run))


async def _named(services: Services, caller: Caller, query: wire.RetryQuery) -> str:
    if query.buildId:
        return run_of(query.buildId)
    if not (query.buildNumber and query.pipelineId):
        raise WireRefusal(400, "buildId is missing")
    try:
        return (await services.runs.find(caller, f"{query.pipelineId}#{query.buildNumber}")).id
    except NotFound as unknown:
        raise NotFound(str(unknown), reason="run") from unknown


def _task(run: Run, name: str) -> str:
    try:
        return places.task_named(run, name)
    except NotFound as unknown:
        raise NotFound(str(unknown), reason="record-gone") from unknown


def _job_works(run: Run, path: str) -> bool:
    """Whether the stage of a step is open and its job has not ended."""
    place = next((each for each in places.steps_of(run) if each.path == path), None)
    if place is None:
        return False
    return place.job.stage.phase is Phase.RUNNING and place.job.state.phase is not Phase.FINISHED


async def restart(services: Services, caller: Caller, query: wire.BuildQuery) -> str:
    """Begin a build anew; the id of the new one."""
    view = await services.requests.restart(caller, run=run_of(query.buildId), pipeline=query.pipelineId)
    return build_id(view.id)


# 24, 25, 28, 34: looking at one


async def _whole_or_gone(
    services: Services, caller: Caller, query: wire.BuildQuery, execution: int | None = None
) -> Any:
    """A build of another pipeline is one that is not there (bkci-v3 3.3, operation 25)."""
    try:
        return await services.runs.whole(
            caller,
            run=run_of(query.buildId),
            pipeline=query.pipelineId,
            execution=max(execution or 0, 0),
            retold=execution is not None,
        )
    except Refused as refusal:
        raise NotFound(str(refusal), reason="run") from refusal


async def status(services: Services, caller: Caller, query: wire.BuildQuery) -> wire.BuildHistoryWithVars:
    """A build with its variables."""
    return builds.status_of(await _whole_or_gone(services, caller, query))


async def detail(services: Services, caller: Caller, query: wire.DetailQuery) -> wire.ModelRecord:
    """A build with its model."""
    return builds.detail_of(await _whole_or_gone(services, caller, query, query.executeCount))


async def variables(services: Services, caller: Caller, query: wire.VariablesQuery) -> dict[str, str]:
    """Variables of a build by name; one that is not there is empty."""
    if not 1 <= len(query.body) <= MOST_NAMES:
        raise WireRefusal(
            400, f"{len(query.body)} names were sent; 1 to {MOST_NAMES} are wanted", technical=True
        )
    whole = await services.runs.whole(caller, run=run_of(query.buildId), pipeline=query.pipelineId)
    known = builds.variables_of(whole.row, whole.run)
    return {name: builds.variable(known, name) for name in query.body}


async def failed_tasks(
    services: Services, caller: Caller, query: wire.BuildQuery
) -> list[wire.PipelineFailTaskDetail]:
    """The tasks of a build that failed."""
    whole = await _whole_or_gone(services, caller, query)
    return builds.failed_of(whole.run)


# 26, 27, 33: looking at several


async def history(services: Services, caller: Caller, query: wire.HistoryQuery) -> wire.BuildHistoryPage:
    """Builds of a pipeline that fit."""
    page = paging.meant(query.page, query.pageSize, limited=not query.pageSizeNotLimit)
    order = {None: "number", True: "newest-change", False: "oldest-change"}[query.updateTimeDesc]
    found = await services.runs.search(
        caller,
        pipeline=query.pipelineId,
        wanted=searches.of_history(query),
        order=order,  # type: ignore[arg-type]
        skip=page.skip,
        limit=page.size,
    )
    records = [builds.history_of(row, run, found.at) for row, run in zip(found.rows, found.runs, strict=True)]
    return wire.BuildHistoryPage(
        count=found.count,
        page=page.page,
        pageSize=page.size,
        totalPages=-(-found.count // page.size),
        records=records,
        hasDownloadPermission=found.may_start,
        pipelineVersion=found.newest_version,
    )


async def several(services: Services, caller: Caller, query: wire.SeveralQuery) -> list[wire.BuildHistory]:
    """Builds of a pipeline by their ids."""
    found = await services.runs.search(
        caller, pipeline=query.pipelineId, wanted=searches.of_several(query), limit=searches.MOST_IDS
    )
    return [builds.history_of(row, run, found.at) for row, run in zip(found.rows, found.runs, strict=True)]


async def light_history(services: Services, caller: Caller, query: wire.LightQuery) -> Any:
    """Builds of a pipeline in few words, newest first."""
    page = paging.meant(query.page, query.pageSize, limited=not query.pageSizeNotLimit)
    found = await services.runs.search(
        caller, pipeline=query.pipelineId, wanted=searches.EVERYTHING, skip=page.skip, limit=page.size
    )
    rows = zip(found.rows, found.runs, strict=True)
    return paging.told(found.count, [builds.light_of(row, run, found.at) for row, run in rows], page)


# 29, 30, 31 and verdicts: deciding


async def pause(services: Services, caller: Caller, query: wire.PauseQuery) -> bool:
    """Let a paused task go on, or end there."""
    body = query.body
    goes_on = body.isContinue if body.isContinue is not None else body.continue_
    if goes_on is None:
        raise WireRefusal(400, "isContinue is missing")
    if not (body.taskId or body.stepId):
        raise WireRefusal(400, "taskId or stepId is missing", code=PARAMETER_EMPTY)
    run = run_of(query.buildId)
    whole = await services.runs.whole(caller, run=run, pipeline=query.pipelineId)
    if whole.run.phase is Phase.FINISHED:
        raise Refused(f"cannot decide a pause of build {whole.row.number}: it has ended", reason="failed")
    place = places.step_named(whole.run, body.taskId, body.stepId)
    if place is None:
        return False
    with reworded({"no-such-job": "not-paused"}):
        if goes_on:
            await services.requests.resume(
                caller, run=run, path=place.path, settings=_inputs(body.element), pipeline=query.pipelineId
            )
        else:
            await services.requests.halt(caller, run=run, path=place.path, pipeline=query.pipelineId)
    return True


def _inputs(element: wire.Tree | None) -> dict[str, Any]:
    """Of a replacement only the inputs of a plugin are taken."""
    content = (element or {}).get("data")
    inputs = content.get("input") if isinstance(content, dict) else None
    return dict(inputs) if isinstance(inputs, dict) else {}


async def stage_review(services: Services, caller: Caller, query: wire.StageReviewQuery) -> bool:
    """Answer at the review before a stage."""
    if query.pipelineId:
        await services.runs.expect_pipeline(caller, pipeline=query.pipelineId)
    run, body = run_of(query.buildId), query.body
    whole = await services.runs.whole(caller, run=run, pipeline=query.pipelineId)
    path = places.stage_named(whole.run, query.stageId)
    values = _values(body.reviewParams if body else [])
    try:
        await services.requests.answer(
            caller,
            run=run,
            path=path,
            yes=not query.cancel,
            comment=body.suggest if body else "",
            values=values,
            group=body.id if body else "",
            pipeline=query.pipelineId,
        )
    except Refused as refusal:
        if refusal.reason in ("not-a-reviewer", "own-run"):
            raise Forbidden(str(refusal)) from refusal
        raise _of_review(refusal) from refusal
    return True


async def review(services: Services, caller: Caller, query: wire.ReviewQuery) -> bool:
    """Answer at a review that is a task."""
    body = query.body
    if body.status not in ANSWERS:
        raise WireRefusal(400, f"status has no word {body.status[:50]}", technical=True)
    run = run_of(query.buildId)
    whole = await services.runs.whole(caller, run=run, pipeline=query.pipelineId)
    place = places.step_named(whole.run, query.elementId, query.stepId)
    if place is None or place.state.gate is None or place.define.review is None:
        raise Refused("the build has no such review that waits", reason="no-review")
    values = _values(body.params)
    gate = place.state.gate
    if ANSWERS[body.status] and any(caller.name in group.reviewers for group in gate.groups):
        _check_choices(place.define.review, {**gate.values, **values})
    try:
        with reworded({"gate-not-open": "no-review"}):
            await services.requests.answer(
                caller,
                run=run,
                path=place.path,
                yes=ANSWERS[body.status],
                comment=body.suggest,
                values=values,
                pipeline=query.pipelineId,
            )
    except Refused as refusal:
        raise _of_review(refusal) from refusal
    return True


def _of_review(refusal: Refused) -> FerrymanError | WireRefusal:
    """A value that is missing or unknown has no code of its own at a review."""
    if refusal.reason in ("value-missing", "unknown-values", "unknown-choice"):
        return WireRefusal(400, str(refusal))
    return refusal


def _values(params: list[wire.ManualReviewParam]) -> dict[str, str]:
    return {each.key: as_text(each.value) for each in params if each.key}


def _check_choices(gate: Gate, values: Mapping[str, str]) -> None:
    """Choices must be among their options, and a box that is required must be checked (bkci-v3 3.3, 31)."""
    for each in gate.parameters:
        text = values.get(each.name, "")
        chosen = [text] if each.kind == "choice" else _listed(text) if each.kind == "choices" else []
        known = {key for key, _ in each.options}
        odd = [one for one in chosen if one and known and one not in known]
        if odd:
            raise WireRefusal(400, f"{each.name} has no choice {odd[0][:50]}")
        if each.kind == "checkbox" and each.not_empty and text != "true":
            raise WireRefusal(400, f"{each.name} must be checked")


def _listed(text: str) -> list[str]:
    """The choices of a text: a JSON list, or what stands between commas."""
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError:
        found = None
    return [as_text(one) for one in found] if isinstance(found, list) else text.split(",")


async def judge(services: Services, caller: Caller, query: wire.QualityQuery) -> bool:
    """Tell the verdict on the quality rules of a stage (bkci-v3 12, row 11)."""
    run = run_of(query.buildId)
    whole = await services.runs.whole(caller, run=run, pipeline=query.pipelineId)
    path = places.stage_named(whole.run, query.stageId)
    where = POSITIONS.get(query.body.position)
    if where is None:
        raise Refused(f"there is no position {query.body.position[:50]}", reason="wrong-place")
    with reworded({"not-a-verdict": "gate-not-open"}):
        await services.requests.judge(
            caller,
            run=run,
            path=path,
            passed=query.body.passed,
            where="before" if where == "before" else "after",
            pipeline=query.pipelineId,
        )
    return True


async def trigger_review(services: Services, caller: Caller, query: wire.TriggerReviewQuery) -> bool:
    """Nobody is asked before a build stands in the queue, so none waits for that."""
    await services.runs.whole(caller, run=run_of(query.buildId), pipeline=query.pipelineId)
    raise Refused("the build does not wait for a review before the queue", reason="no-trigger-review")


# 35, 37


async def unstick(services: Services, caller: Caller, query: wire.UnstickQuery) -> bool:
    """No build gets stuck: each goes on by itself as soon as it can. Only that the pipeline is there is looked at."""
    await services.runs.expect_pipeline(caller, pipeline=query.pipelineId)
    return True


def as_text(value: Any) -> str:
    """A value as the text that variables are."""
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
