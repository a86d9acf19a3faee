"""Step kinds: what a user can write behind `uses:`, each in a folder of its own.

A kind is added by its folder, one line in `KINDS` and its page in `docs/steps`. Kinds of third parties
are not here.
"""

from ferryman.steps import (
    call_pipeline,
    checkout,
    deploy,
    download_artifact,
    http,
    linux_script,
    manual_review,
    nothing,
    notify,
    promote,
    rollback,
    run,
    upload_artifact,
    wait,
    windows_script,
)
from ferryman.steps.kind import StepKind

KINDS: tuple[StepKind, ...] = (
    run.KIND,
    checkout.KIND,
    linux_script.KIND,
    windows_script.KIND,
    manual_review.KIND,
    call_pipeline.KIND,
    deploy.KIND,
    rollback.KIND,
    promote.KIND,
    upload_artifact.KIND,
    download_artifact.KIND,
    http.KIND,
    wait.KIND,
    notify.KIND,
    nothing.KIND,
)
"""All kinds, in the order the pages list them: scripts and people first, then Ferryman's own."""


def find_kind(name: str) -> StepKind | None:
    """The kind with this name, or None when nobody here knows it."""
    return next((kind for kind in KINDS if kind.name == name), None)
