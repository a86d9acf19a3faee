"""Logs: operations 40 to 45 (bkci-v3 3.1, 3.4)."""

from ferryman.dialects.bkci.v3 import logs
from ferryman.dialects.bkci.v3.wire.logs import AfterQuery, DownloadQuery, InitQuery, LogQuery, MoreQuery
from ferryman.dialects.operation import Operation

V3 = "GET /v3/projects/{projectId}/pipelines/{pipelineId}/builds/{buildId}/logs"
V4 = "GET /v4/projects/{projectId}/logs"
VIEW = ("view", "pipeline_view")
"""The vendor's names of what is done, old and new (bkci-v3 2.3)."""

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="logs-init",
        routes=(f"{V3}/init", f"{V4}/init_logs"),
        takes=InitQuery,
        verb="logs.page",
        asks=logs.asks_first,
        tells=logs.tells_lines,
        actions=VIEW,
    ),
    Operation(
        name="logs-more",
        routes=(f"{V3}/more", f"{V4}/more_logs"),
        takes=MoreQuery,
        verb="logs.page",
        asks=logs.asks_between,
        tells=logs.tells_lines,
        actions=VIEW,
    ),
    Operation(
        name="logs-after",
        routes=(f"{V3}/after", f"{V4}/after_line_logs"),
        takes=AfterQuery,
        verb="logs.page",
        asks=logs.asks_after,
        tells=logs.tells_lines,
        actions=VIEW,
    ),
    Operation(
        name="logs-download",
        routes=(f"{V3}/download", f"{V4}/download_logs"),
        takes=DownloadQuery,
        verb="logs.download",
        asks=logs.asks_download,
        tells=logs.tells_file,
        actions=VIEW,
    ),
    Operation(
        name="logs-mode",
        routes=(f"{V3}/mode", f"{V4}/log_mode"),
        takes=LogQuery,
        verb="logs.page",
        asks=logs.asks_state,
        tells=logs.tells_mode,
        actions=VIEW,
    ),
    Operation(
        name="logs-last-line-number",
        routes=(f"{V3}/last_line_num", f"{V4}/last_line_num"),
        takes=LogQuery,
        verb="logs.page",
        asks=logs.asks_state,
        tells=logs.tells_last,
        actions=VIEW,
    ),
)
