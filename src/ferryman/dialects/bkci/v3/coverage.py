"""How much of BK-CI's API is answered, as data for the page about it: operations and states (VEN-6; RULINGS 24).

The rows of operations say what is called how; what no row can say, how whole its answer is, stands here beside their
names. Numbers are those of the documents (bkci-v3 3.1).
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from ferryman.dialects.bkci.errors import CODES
from ferryman.dialects.bkci.v3.operations import OPERATIONS
from ferryman.dialects.bkci.v3.statuses import CLASSES, NEVER, NOWHERE, TABLE, Level


class Grade(StrEnum):
    """How whole an operation is."""

    FULL = "full"
    PARTIAL = "partial"
    ABSENT = "not offered"


class Cover(NamedTuple):
    """An operation as the documents have it: its number, if any; how whole it is; what is missing, or what is more."""

    number: int | None
    grade: Grade = Grade.FULL
    remark: str = ""


FULL, PARTIAL, ABSENT = Grade

CODE = "`branch` is for pipelines kept as code, which there are none of"

COVERS: Mapping[str, Cover] = MappingProxyType(
    {
        "pipeline-create": Cover(1),
        "pipeline-edit": Cover(2, FULL, "what ties a pipeline to a template is kept, and ties it to nothing"),
        "pipeline-upload": Cover(3),
        "pipeline-update": Cover(4),
        "pipeline-get": Cover(5),
        "pipeline-batch-get": Cover(6),
        "pipeline-list": Cover(7),
        "pipeline-status": Cover(8),
        "pipeline-delete": Cover(9),
        "pipeline-copy": Cover(10),
        "pipeline-rename": Cover(11),
        "pipeline-restore": Cover(12),
        "setting-update": Cover(13),
        "setting-get": Cover(14),
        "pipeline-search": Cover(15),
        "pipeline-search-page": Cover(16),
        "pipeline-count": Cover(
            17, PARTIAL, "nobody's favorites are kept; all pipelines count as used of late"
        ),
        "pipeline-lock": Cover(18),
        "build-start": Cover(20, PARTIAL, CODE),
        "build-manual-startup-info": Cover(21, PARTIAL, f"there are no drafts for `version`; {CODE}"),
        "build-stop": Cover(22),
        "build-retry": Cover(23),
        "build-status": Cover(24),
        "build-detail": Cover(25),
        "build-history": Cover(
            26,
            PARTIAL,
            "filters of material and of a repository's trigger find nothing; no archive for `archiveFlag`",
        ),
        "build-batch-status": Cover(27),
        "build-variables": Cover(28),
        "build-pause": Cover(29),
        "build-stage-review": Cover(30),
        "build-manual-review": Cover(
            31, FULL, "under version 3 too, where the documents have no path for it"
        ),
        "build-restart": Cover(32),
        "build-light-history": Cover(33),
        "build-failed-tasks": Cover(34),
        "build-remark": Cover(35),
        "build-startup-options": Cover(36),
        "build-unstick": Cover(37, PARTIAL, "no build gets stuck; looks only whether the pipeline is there"),
        "build-quality-verdict": Cover(
            None, FULL, "an inner call of the product, for want of a quality service"
        ),
        "build-trigger-review": Cover(None, ABSENT, "nobody is asked before the queue; always 2101169"),
        "logs-init": Cover(40),
        "logs-more": Cover(41),
        "logs-after": Cover(42),
        "logs-download": Cover(43),
        "logs-mode": Cover(44, FULL, "a log is always with the server"),
        "logs-last-line-number": Cover(45),
        "label-groups": Cover(50),
        "label-group-add": Cover(51),
        "label-group-change": Cover(52),
        "label-group-delete": Cover(53),
        "label-add": Cover(54),
        "label-change": Cover(55),
        "label-delete": Cover(56),
        "view-add": Cover(None, FULL, "filters by repository find nothing: no pipeline is kept in one"),
        "view-get": Cover(None),
        "view-change": Cover(None, FULL, "as `view-add`"),
        "view-delete": Cover(None),
        "view-list": Cover(None),
        "view-pipelines": Cover(None),
        "view-bulk-add": Cover(None),
        "view-bulk-remove": Cover(None),
        "is-project-user": Cover(None),
        "validate-permission": Cover(
            None,
            PARTIAL,
            "pipelines only; nobody may share, archive or deploy, and nobody may do what is not known",
        ),
    }
)
"""Operation → how it is covered. What is no operation of the tables is not offered."""

LEVELS: Mapping[Level, str] = MappingProxyType(
    {
        Level.RUN: "build",
        Level.STAGE: "stage",
        Level.JOB: "job",
        Level.STEP: "element",
        Level.CHECK: "checkIn, checkOut",
        Level.GROUP: "review group",
    }
)


def operations() -> Iterator[tuple[str, ...]]:
    """A row for each operation: number, name, its paths, how whole, what is missing."""
    for row in OPERATIONS:
        cover = COVERS[row.name]
        paths = "<br>".join(f"`{route}`" for route in row.routes)
        yield str(cover.number or ""), f"`{row.name}`", paths, cover.grade, cover.remark


def states() -> Iterator[tuple[str, ...]]:
    """A row for each state of ours on each level: level, phase, outcome, reason, and the word for it."""
    for (level, phase, outcome, why, beside), shown in TABLE.items():
        reason = " and ".join(part.value for part in (why, beside) if part is not None)
        word = f"`{shown}`" if shown else "left out"
        yield LEVELS[level], phase.value, outcome.value if outcome else "", reason, word


def words() -> Iterator[tuple[str, ...]]:
    """A row for each word of the documents: what it amounts to, and where it is never shown, and why."""
    for word, amounts_to in CLASSES.items():
        never = [f"{LEVELS[level]}: {why}" for (level, one), why in NEVER.items() if one == word]
        yield f"`{word}`", amounts_to.value, NOWHERE.get(word, "; ".join(never))


def refusals() -> Iterator[tuple[str, str, str]]:
    """Each code of a refusal with its HTTP status and the reasons it stands for (ERR-9), by code."""
    reasons: dict[tuple[int, int], list[str]] = {}
    for (kind, reason), (http, code) in CODES.items():
        reasons.setdefault((code, http), []).append(f"`{reason or kind.code}`")
    for (code, http), each in sorted(reasons.items()):
        yield f"`{code}`", str(http), ", ".join(each)
