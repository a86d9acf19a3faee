"""A pipeline file to BK-CI's model and setting (pipeline-yaml 12).

    top level      here, setting
    on             triggers
    variables      variables
    if, check-in   gates
    jobs, runs-on  jobs, runs_on
    steps          steps

Each has its counterpart in `writing`. The tree is that of a valid file; short forms are accepted everywhere.
"""

from ferryman.definition.model.files.ids import Ids, job_id
from ferryman.definition.model.files.reading.gates import check_in, condition
from ferryman.definition.model.files.reading.jobs import container
from ferryman.definition.model.files.reading.setting import setting
from ferryman.definition.model.files.reading.triggers import trigger_elements
from ferryman.definition.model.files.reading.variables import build_number, parameters
from ferryman.definition.model.files.values import Json, Tree, flag, listing, mapping, mappings, text
from ferryman.definition.model.files.words import DEFAULT_LABEL, STAGE_DEFAULT, STAGE_LABELS

SHORT_STAGE = "stage_1"
"""The name of the stage of a file that begins with `jobs` or `steps` (3)."""
SHORT_JOB = "job1"
"""The name of the job of a file that begins with `steps` (3)."""
FINAL_STAGE = "Finally"


def model_from_file(tree: Tree, *, file_name: str = "", keep: Tree | None = None) -> Tree:
    """`{"model": …, "setting": …}` of the plain tree of a valid file.

    The same tree gives the same ids. `keep` is an earlier answer for the same pipeline: jobs and steps that
    are recognized in it keep their ids, and what the file leaves to the pipeline (name, desc) is taken from it.
    """
    older = mapping(mapping(keep).get("model"))
    name = text(tree.get("name")) or _stem(file_name) or text(older.get("name"))
    desc = text(tree.get("desc")) if "desc" in tree else text(older.get("desc"))
    stages = [_trigger_stage(tree), *_stages(tree)]
    ids = Ids(keep)
    number = 0
    for position, stage in enumerate(stages, start=1):
        stage["id"] = f"stage-{position}"
        for box in stage["containers"]:
            box["id"] = str(number)
            ids.name_job(box, stage["id"])
            number += 1
    model = {"name": name, "desc": desc, "stages": [_ordered(stage) for stage in stages]}
    return {"model": model, "setting": setting(tree, name, desc)}


def _stem(file_name: str) -> str:
    """A file name without folder and ending."""
    last = file_name.replace("\\", "/").rpartition("/")[2]
    return last.rpartition(".")[0] or last


def _ordered(stage: Tree) -> Tree:
    """The stage with what identifies things in front, as clients show them."""
    front = ("@type", "id", "containerHashId", "name", "stepId", "jobId")
    boxes = []
    for box in stage["containers"]:
        steps = [_front(step, front) for step in box["elements"]]
        boxes.append(_front({**box, "elements": steps}, front))
    return _front({**stage, "containers": boxes}, front)


def _front(tree: Tree, keys: tuple[str, ...]) -> Tree:
    return {**{key: tree[key] for key in keys if key in tree}, **tree}


def _trigger_stage(tree: Tree) -> Tree:
    box: Tree = {
        "@type": "trigger",
        "name": "trigger",
        "elements": trigger_elements(tree.get("on")),
        "params": parameters(tree),
    }
    number = build_number(tree)
    if number is not None:
        box["buildNo"] = number
    return {"name": "stage-1", "containers": [box]}


def _stages(tree: Tree) -> list[Tree]:
    stages = [_stage(stage, position) for position, stage in enumerate(_written_stages(tree), start=1)]
    if mapping(tree.get("finally")):
        stages.append(_final_stage(mapping(tree["finally"])))
    return stages


def _written_stages(tree: Tree) -> list[Tree]:
    """The stages of a file in the long form."""
    if "stages" in tree:
        return mappings(tree["stages"])
    if "jobs" in tree:
        return [{"name": SHORT_STAGE, "jobs": tree["jobs"]}]
    if "steps" in tree:
        others = mapping(tree.get("finally"))
        name = job_id("stage-2/1", others)
        return [{"name": SHORT_STAGE, "jobs": {name: {"name": SHORT_JOB, "steps": tree["steps"]}}}]
    return []


def _stage(stage: Tree, position: int) -> Tree:
    """A stage of the file; `position` counts from 1 without the trigger stage (6)."""
    found: Tree = {
        "name": text(stage.get("name")) or f"stage-{position}",
        "tag": _tags(stage.get("label")),
        "stageControlOption": {
            "enable": flag(stage.get("enable"), True),
            **condition(stage.get("if"), default=STAGE_DEFAULT),
        },
        "containers": _containers(mapping(stage.get("jobs")), final=False),
    }
    if text(stage.get("id")):
        found["stageIdForUser"] = text(stage["id"])
    if flag(stage.get("fast-kill")):
        found["fastKill"] = True
    if mapping(stage.get("check-in")):
        found["checkIn"] = check_in(stage["check-in"], f"stage-{position + 1}")
    return found


def _final_stage(jobs: Tree) -> Tree:
    """The last stage, which runs however the others ended (9)."""
    return {
        "name": FINAL_STAGE,
        "finally": True,
        "stageControlOption": {"enable": True, "runCondition": STAGE_DEFAULT},
        "containers": _containers(jobs, final=True),
    }


def _tags(labels: Json) -> list[str]:
    known = [STAGE_LABELS[label] for label in listing(labels) if label in STAGE_LABELS]
    return known or [STAGE_LABELS[DEFAULT_LABEL]]


def _containers(jobs: Tree, *, final: bool) -> list[Tree]:
    return [
        container(name, mapping(job), position, final=final)
        for position, (name, job) in enumerate(jobs.items(), 1)
    ]
