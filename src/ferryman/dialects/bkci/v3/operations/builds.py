"""Builds: operations 20 to 37, verdicts and reviews (bkci-v3 3.1, 3.3, 12)."""

from typing import Any

from ferryman.dialects.bkci.v3 import asking
from ferryman.dialects.bkci.v3.ids import run_of
from ferryman.dialects.bkci.v3.wire import builds as wire
from ferryman.dialects.operation import Operation

B = "/v3/projects/{projectId}/pipelines/{pipelineId}/builds"
ONE = f"{B}/{{buildId}}"
B4 = "/v4/projects/{projectId}"
VIEW = ("view", "pipeline_view")
EXECUTE = ("execute", "pipeline_execute")
"""The vendor's names of what is done, old and new (bkci-v3 2.3)."""


def _asks_build(asked: wire.BuildQuery) -> dict[str, Any]:
    return {"run": run_of(asked.buildId), "pipeline": asked.pipelineId}


def _asks_note(asked: wire.RemarkQuery) -> dict[str, Any]:
    return {**_asks_build(asked), "text": asked.body.remark}


def _tells_done(result: Any, asked: Any) -> bool:
    return True


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="build-start",
        routes=(f"POST {B}/start", f"POST {B4}/build_start"),
        takes=wire.StartQuery,
        exceptional=asking.start,
        actions=EXECUTE,
    ),
    Operation(
        name="build-manual-startup-info",
        routes=(f"GET {B}/manualStartupInfo", f"GET {B4}/build_manual_startup_info"),
        takes=wire.StartupQuery,
        exceptional=asking.startup_info,
        actions=EXECUTE,
    ),
    Operation(
        name="build-stop",
        routes=(f"POST {ONE}/stop", f"POST {B4}/build_stop"),
        takes=wire.BuildQuery,
        verb="requests.cancel",
        asks=_asks_build,
        tells=_tells_done,
        actions=EXECUTE,
    ),
    Operation(
        name="build-retry",
        routes=(f"POST {ONE}/retry", f"POST {B4}/build_retry"),
        takes=wire.RetryQuery,
        exceptional=asking.retry,
        actions=EXECUTE,
    ),
    Operation(
        name="build-status",
        routes=(f"GET {ONE}/status", f"GET {B4}/build_status"),
        takes=wire.BuildQuery,
        exceptional=asking.status,
        actions=VIEW,
    ),
    Operation(
        name="build-detail",
        routes=(f"GET {ONE}/detail", f"GET {B4}/build_detail"),
        takes=wire.DetailQuery,
        exceptional=asking.detail,
        actions=VIEW,
    ),
    Operation(
        name="build-history",
        routes=(f"GET {B}/history", f"GET {B4}/build_histories"),
        takes=wire.HistoryQuery,
        exceptional=asking.history,
        actions=VIEW,
    ),
    Operation(
        name="build-batch-status",
        routes=(f"POST {B4}/batch_get_build_status",),
        takes=wire.SeveralQuery,
        exceptional=asking.several,
        actions=VIEW,
    ),
    Operation(
        name="build-variables",
        routes=(f"POST {ONE}/variables", f"POST {B4}/build_variables"),
        takes=wire.VariablesQuery,
        exceptional=asking.variables,
        actions=VIEW,
    ),
    Operation(
        name="build-pause",
        routes=(f"POST {ONE}/execute/pause", f"POST {B4}/build_execute_pause"),
        takes=wire.PauseQuery,
        exceptional=asking.pause,
        actions=EXECUTE,
    ),
    Operation(
        name="build-stage-review",
        routes=(f"POST {ONE}/stages/{{stageId}}/manualStart", f"POST {B4}/manual_start_build_stage"),
        takes=wire.StageReviewQuery,
        exceptional=asking.stage_review,
    ),
    Operation(
        name="build-manual-review",
        routes=(f"POST {ONE}/elements/{{elementId}}/review", f"POST {B4}/manual_review"),
        takes=wire.ReviewQuery,
        exceptional=asking.review,
    ),
    Operation(
        name="build-restart",
        routes=(f"POST {ONE}/build/restart", f"POST {B4}/build_restart"),
        takes=wire.BuildQuery,
        exceptional=asking.restart,
        actions=EXECUTE,
    ),
    Operation(
        name="build-light-history",
        routes=(f"GET {B4}/build_histories/simple",),
        takes=wire.LightQuery,
        exceptional=asking.light_history,
        actions=VIEW,
    ),
    Operation(
        name="build-failed-tasks",
        routes=(f"GET {B4}/build_failed_tasks",),
        takes=wire.BuildQuery,
        exceptional=asking.failed_tasks,
        actions=VIEW,
    ),
    Operation(
        name="build-remark",
        routes=(f"POST {B4}/update_remark",),
        takes=wire.RemarkQuery,
        verb="requests.note",
        asks=_asks_note,
        tells=_tells_done,
        actions=EXECUTE,
    ),
    Operation(
        name="build-startup-options",
        routes=(f"POST {B4}/build_manual_startup_options",),
        takes=wire.OptionsQuery,
        exceptional=asking.startup_options,
        actions=EXECUTE,
    ),
    Operation(
        name="build-unstick",
        routes=(f"POST {B4}/try_fix_stuck_builds",),
        takes=wire.UnstickQuery,
        exceptional=asking.unstick,
        actions=EXECUTE,
    ),
    Operation(
        name="build-quality-verdict",
        routes=(f"POST {ONE}/stages/{{stageId}}/qualityTrigger", f"POST {B4}/quality_trigger"),
        takes=wire.QualityQuery,
        exceptional=asking.judge,
    ),
    Operation(
        name="build-trigger-review",
        routes=(f"POST {ONE}/review",),
        takes=wire.TriggerReviewQuery,
        exceptional=asking.trigger_review,
    ),
)
