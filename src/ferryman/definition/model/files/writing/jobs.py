"""A container of the model to a job of a file (pipeline-yaml 7, 12.1); back in `reading.jobs`."""

from collections.abc import Mapping
from typing import NamedTuple

from ferryman.definition.model.files.fields import write_fields
from ferryman.definition.model.files.ids import digest, job_id
from ferryman.definition.model.files.reading.runs_on import default_shell, runs_on_of
from ferryman.definition.model.files.tables import (
    DEFAULT_MINUTES,
    ENV,
    JOB_CONTROL,
    STRATEGY,
    minutes,
)
from ferryman.definition.model.files.text import from_text
from ferryman.definition.model.files.values import (
    Tree,
    flag,
    mapping,
    mappings,
    ordered,
    split_commas,
    text,
    texts,
    whole,
)
from ferryman.definition.model.files.words import FINAL_CONDITIONS, JOB_DEFAULT
from ferryman.definition.model.files.writing.gates import write_condition
from ferryman.definition.model.files.writing.limits import tell_classic_limit, write_limit
from ferryman.definition.model.files.writing.losses import Losses
from ferryman.definition.model.files.writing.runs_on import write_runs_on
from ferryman.definition.model.files.writing.steps import write_steps

_KEYS = (
    "name enable runs-on steps if depend-on timeout-minutes env continue-on-error mutex strategy show-runs-on"
    " services"
)
_LONGEST_ID = 64
_LONGEST_WAIT = 480
_MOST_AT_ONCE = 50
_KINDS = ("vmBuild", "normal")
_BINDING = "FERRYMAN_"
"""Names that bind a job to an environment (15.2); the only ones written for a job without a machine."""
_LOST_OF_MATRIX = {"customDispatchInfo": "machines chosen by the matrix"}


class JobNames(NamedTuple):
    """What the jobs of one stage are called in the file."""

    by_position: Mapping[int, str]
    by_name: Mapping[str, str]


def name_jobs(stages: list[Tree], losses: Losses) -> list[JobNames]:
    """The ids of all jobs: their own, unless too long or taken, for a file wants them unique."""
    boxes = [mappings(stage.get("containers")) for stage in stages]
    taken = {text(box.get("jobId")) for stage in boxes for box in stage}
    used: set[str] = set()
    names: list[JobNames] = []
    for stage_position, stage in enumerate(boxes):
        by_position: dict[int, str] = {}
        by_name: dict[str, str] = {}
        for position, box in enumerate(stage):
            if box.get("@type") not in _KINDS:
                continue
            own = text(box.get("jobId"))
            name = own
            if not own:
                name = job_id(f"stage-{stage_position + 1}/{position + 1}", taken | used)
            elif own in used or len(own) > _LONGEST_ID:
                name = f"{own[:50]}_{digest(f'{stage_position}/{position}/{own}')[:8]}"
                path = f"stages[{stage_position}].containers[{position}].jobId"
                losses.tell(path, f'a second or longer job id "{own}"; it is written as {name}', key="jobId")
            used.add(name)
            by_position[position] = name
            by_name.setdefault(own, name)
        names.append(JobNames(by_position, by_name))
    return names


def write_job(
    box: Tree, path: str, names: JobNames, position: int, losses: Losses, *, final: bool
) -> Tree | None:
    """The job of a container, or None for one that is no job; `position` counts from 1 in its stage."""
    kind = box.get("@type")
    if kind not in _KINDS:
        losses.tell(path, f"a job of the kind {text(kind) or 'that is not told'}", key="@type")
        return None
    control = mapping(box.get("jobControlOption"))
    name = text(box.get("name"))
    runs_on = write_runs_on(box, path, losses)
    words = FINAL_CONDITIONS if final else {}
    found: Tree = {
        "name": "" if name == f"Job-{position}" else name,
        "runs-on": runs_on,
        **write_fields(JOB_CONTROL, control),
        "if": write_condition(control, path, losses, default=JOB_DEFAULT, words=words, only_words=final),
        "depend-on": _needs(control, names),
        **write_limit(control, path, losses),
        "env": _env(box, path, losses),
        "mutex": _mutex(mapping(box.get("mutexGroup")), path, losses),
    }
    found = {key: value for key, value in found.items() if value not in (None, "", [], {})}
    if flag(box.get("matrixGroupFlag")):
        matrix = _strategy(mapping(box.get("matrixControlOption")), path, losses)
        _add_only_outside_final(found, "strategy", matrix, path, losses, final)
    if flag(box.get("showBuildResource")):
        _add_only_outside_final(found, "show-runs-on", True, path, losses, final)
    shell = default_shell(runs_on_of(runs_on))
    found["steps"] = write_steps(mappings(box.get("elements")), path, losses, shell=shell)
    return ordered(found, tuple(_KEYS.split()))


def _add_only_outside_final(
    found: Tree, key: str, value: Tree | bool, path: str, losses: Losses, final: bool
) -> None:
    if final:
        losses.tell(path, f"{key} of a job in the finally stage", key=key)
    else:
        found[key] = value


def _needs(control: Tree, names: JobNames) -> list[str]:
    """The jobs waited for; names of no job of the stage are dropped, as the product does on save."""
    by_name = control.get("dependOnType") == "NAME"
    needs = split_commas(control.get("dependOnName")) if by_name else texts(control.get("dependOnId"))
    found = [names.by_name.get(need, need if "${{" in need else "") for need in needs]
    return list(dict.fromkeys(need for need in found if need))


def _env(box: Tree, path: str, losses: Losses) -> Tree:
    env = mapping(write_fields(ENV, box).get("env"))
    if box.get("@type") == "vmBuild":
        return env
    kept = {key: value for key, value in env.items() if key.startswith(_BINDING)}
    if len(kept) < len(env):
        losses.tell(f"{path}.customEnv", "environment variables of a job without a machine", key="customEnv")
    return kept


def _mutex(mutex: Tree, path: str, losses: Losses) -> Tree:
    """The lock of a job; how long and how many wait is only told where waiting is on."""
    label = text(mutex.get("mutexGroupName"))
    if not flag(mutex.get("enable")) or not label:
        return {}
    found: Tree = {"label": label}
    if not flag(mutex.get("queueEnable")):
        return found
    found["queue-length"] = whole(mutex.get("queue"))
    # Nothing is a wait as well: only here 0 means what it says (semantics 6.1, 18).
    told = minutes(mutex.get("timeoutVar"))
    limit = told if isinstance(told, str) else whole(mutex.get("timeoutVar"), whole(mutex.get("timeout")))
    tell_classic_limit(mutex, path, losses)
    if isinstance(limit, int) and limit > _LONGEST_WAIT:
        if limit != DEFAULT_MINUTES:
            losses.tell(
                f"{path}.mutexGroup",
                f"a wait of {limit} minutes; it is written as {_LONGEST_WAIT}",
                key="timeout",
            )
            found["timeout-minutes"] = _LONGEST_WAIT
        return found
    return found | {"timeout-minutes": limit}


def _strategy(matrix: Tree, path: str, losses: Losses) -> Tree:
    place = f"{path}.matrixControlOption"
    losses.tell_fields(place, matrix, _LOST_OF_MATRIX)
    told = text(matrix.get("strategyStr"))
    axes = from_text(told) if told.strip() else {}
    found: Tree = {"matrix": axes if isinstance(axes, dict) else told}
    for key, field in (("include", "includeCaseStr"), ("exclude", "excludeCaseStr")):
        if text(matrix.get(field)):
            found[key] = from_text(matrix[field])
    found |= write_fields(STRATEGY, matrix)
    if whole(found.get("max-parallel")) > _MOST_AT_ONCE:
        found["max-parallel"] = _MOST_AT_ONCE
    return found
