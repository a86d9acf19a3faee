"""What runs inside the server: requests, notices, waits, calls of pipelines, artifacts, nothing, and what cannot be.

`executor` begins, ends and finds attempts; each action has a doer in a file of its own: `requests`, `notices`, `calls`,
`artifacts`, `waits`. `everything` puts them together.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ferryman.domain.work import (
    CallHttp,
    CallPipeline,
    FetchArtifact,
    Impossible,
    KeepArtifact,
    Nothing,
    Notify,
    Wait,
)
from ferryman.executors.inside.addresses import networks
from ferryman.executors.inside.artifacts import ArtifactFetching, ArtifactKeeping, FolderOf, RunRows
from ferryman.executors.inside.calls import PipelineCalls, RunEnd, Runs, called_run
from ferryman.executors.inside.credentials import Mask, mask_plainly
from ferryman.executors.inside.executor import InsideExecutor
from ferryman.executors.inside.fetch import Fetch
from ferryman.executors.inside.notices import Notices, Webhook
from ferryman.executors.inside.records import Records
from ferryman.executors.inside.requests import HttpCalls
from ferryman.executors.inside.waits import impossible, wait
from ferryman.ports.artifacts import ArtifactRows
from ferryman.ports.clock import Clock
from ferryman.ports.contents import Contents
from ferryman.ports.logs import LogBook
from ferryman.ports.secrets import Secrets

ACTIONS: tuple[type, ...] = (
    CallHttp,
    Notify,
    Wait,
    CallPipeline,
    KeepArtifact,
    FetchArtifact,
    Nothing,
    Impossible,
)
"""The actions that are carried out here; all others need a machine."""

__all__ = [
    "ACTIONS",
    "InsideExecutor",
    "RunEnd",
    "Runs",
    "Webhook",
    "called_run",
    "everything",
]


def everything(
    *,
    records: Path,
    clock: Clock,
    logs: LogBook,
    safe: Secrets,
    runs: Runs,
    run_rows: RunRows,
    contents: Contents,
    artifacts: ArtifactRows,
    folder_of: FolderOf,
    allow: Sequence[str] = (),
    senders: Mapping[str, Webhook] | None = None,
    mask: Mask = mask_plainly,
) -> InsideExecutor:
    """The executor with a doer for every action; to do nothing it needs none.

    `records` is a file that only this executor writes, `allow` the networks that requests may go to besides public
    ones, `senders` the webhooks of notices by their type.
    """
    fetch, calls = Fetch(allow=networks(allow)), PipelineCalls(runs)
    return InsideExecutor(
        doers={
            CallHttp: HttpCalls(fetch, safe, mask=mask),
            Notify: Notices(fetch, safe, senders or {}, mask=mask),
            Wait: wait,
            CallPipeline: calls,
            KeepArtifact: ArtifactKeeping(
                contents=contents, rows=artifacts, runs=run_rows, folder_of=folder_of
            ),
            FetchArtifact: ArtifactFetching(
                contents=contents, rows=artifacts, runs=run_rows, folder_of=folder_of
            ),
            Impossible: impossible,
        },
        abandon={CallPipeline: calls.abandon},
        records=Records(records),
        clock=clock,
        logs=logs,
    )
