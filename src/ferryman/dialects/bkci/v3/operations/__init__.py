"""All operations of BK-CI that are answered, in the order of its documents (bkci-v3 3.1)."""

from ferryman.dialects.bkci.v3.operations import builds, labels, logs, pipelines, projects
from ferryman.dialects.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *pipelines.OPERATIONS,
    *builds.OPERATIONS,
    *logs.OPERATIONS,
    *labels.OPERATIONS,
    *projects.OPERATIONS,
)
