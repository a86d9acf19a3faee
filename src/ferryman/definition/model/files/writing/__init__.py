"""BK-CI's model and setting to a pipeline file (pipeline-yaml 12.1).

    top level      here, setting
    on             triggers
    variables      variables
    if, check-in   gates
    jobs, runs-on  jobs, runs_on
    steps          steps
    warnings       losses

Each has its counterpart in `reading`.
"""

from ferryman.definition.model.files.reading import FINAL_STAGE
from ferryman.definition.model.files.values import Json, Tree, flag, mapping, mappings, ordered, text, texts
from ferryman.definition.model.files.words import DEFAULT_LABEL, STAGE_DEFAULT, STAGE_LABELS, reverse
from ferryman.definition.model.files.writing.gates import write_check_in, write_condition
from ferryman.definition.model.files.writing.jobs import JobNames, name_jobs, write_job
from ferryman.definition.model.files.writing.losses import Losses
from ferryman.definition.model.files.writing.setting import write_setting
from ferryman.definition.model.files.writing.triggers import write_triggers
from ferryman.definition.model.files.writing.variables import write_parameters, write_version
from ferryman.domain.errors import Problem

VERSION = "v3.0"
_KEYS = (
    "version name desc label on variables stages finally concurrency notices custom-build-num"
    " recommended-version disable-pipeline fail-if-variable-invalid syntax-dialect cancel-policy"
)
_LOST = {
    "events": "callbacks",
    "srcTemplateId": "the template it was copied from",
    "templateId": "its template",
    "overrideTemplateField": "its template",
    "template": "its template",
    "publicVarGroups": "shared variable groups",
    "staticViews": "its views",
    "tips": "a hint text",
}
_LOST_OF_STAGE = {
    "checkOut": "a gate behind a stage",
    "customBuildEnv": "environment variables of a stage",
    "template": "a template of a stage",
}


def file_from_model(document: Tree) -> tuple[Tree, list[Problem]]:
    """The plain tree of the file that says what `{"model", "setting"}` says, and what it cannot say.

    Keys stand in the order of the tables of the format; what equals a default is left out; each thing that is
    lost is a warning. Never fails: what does not have the shape of a model counts as absent.
    """
    model, setting = mapping(document.get("model")), mapping(document.get("setting"))
    losses = Losses()
    losses.tell_fields("", model, _LOST)
    stages = mappings(model.get("stages"))
    trigger = _trigger(stages)
    written, final = _stages(stages, losses)
    keys: Tree = {
        "version": VERSION,
        "name": text(model.get("name")) or text(setting.get("pipelineName")),
        "desc": text(model.get("desc")) or text(setting.get("desc")),
        "label": _labels(model, setting, losses),
        "on": write_triggers(mappings(trigger.get("elements")), "stages[0].containers[0]", losses),
        "variables": write_parameters(trigger, "stages[0].containers[0]", losses),
        **write_version(trigger),
        **write_setting(setting, losses),
    }
    tree = {key: value for key, value in keys.items() if value not in ("", [], {})}
    tree |= {"stages": written} | ({"finally": final} if final else {})
    return ordered(tree, tuple(_KEYS.split())), losses.problems


def _trigger(stages: list[Tree]) -> Tree:
    containers = mappings(stages[0].get("containers")) if stages else []
    return containers[0] if containers and containers[0].get("@type") == "trigger" else {}


def _labels(model: Tree, setting: Tree, losses: Losses) -> list[str]:
    """The names of the labels; ids alone say nothing outside the server that gave them."""
    names = texts(setting.get("labelNames"))
    if not names and (texts(setting.get("labels")) or texts(model.get("labels"))):
        losses.tell("setting.labels", "labels whose names are not given with them", key="labels")
    return names


def _stages(stages: list[Tree], losses: Losses) -> tuple[list[Tree], Tree]:
    """The stages behind the trigger stage, and the jobs of the finally stage."""
    names = name_jobs(stages, losses)
    written: list[Tree] = []
    final: Tree = {}
    for position, stage in enumerate(stages):
        path = f"stages[{position}]"
        if position == 0 and _trigger(stages):
            continue
        losses.tell_fields(path, stage, _LOST_OF_STAGE)
        if flag(stage.get("finally")):
            _tell_final(stage, path, losses)
            final |= _jobs(stage, path, names[position], losses, final=True)
        else:
            written.append(_stage(stage, path, names[position], len(written) + 1, losses))
    return written, final


def _stage(stage: Tree, path: str, names: JobNames, position: int, losses: Losses) -> Tree:
    control = mapping(stage.get("stageControlOption"))
    name = text(stage.get("name")) or text(stage.get("id"))
    keys: Tree = {
        "name": "" if name == f"stage-{position}" else name,
        "id": text(stage.get("stageIdForUser")),
        "label": _tags(stage.get("tag")),
        "if": write_condition(control, path, losses, default=STAGE_DEFAULT),
        "check-in": write_check_in(stage, path, losses),
    }
    found = {key: value for key, value in keys.items() if value not in (None, "", [], {})}
    if not flag(control.get("enable"), True):
        found["enable"] = False
    if flag(stage.get("fastKill")):
        found["fast-kill"] = True
    found["jobs"] = _jobs(stage, path, names, losses, final=False)
    return ordered(found, ("name", "id", "label", "enable", "if", "fast-kill", "check-in", "jobs"))


def _tell_final(stage: Tree, path: str, losses: Losses) -> None:
    """A finally stage of a file is nothing but its jobs."""
    control = mapping(stage.get("stageControlOption"))
    if text(stage.get("name")) not in ("", FINAL_STAGE):
        losses.tell(f"{path}.name", "a name of the finally stage", key="name")
    if not flag(control.get("enable"), True):
        losses.tell(f"{path}.stageControlOption", "that the finally stage is switched off", key="enable")
    if control.get("runCondition") not in (None, STAGE_DEFAULT):
        losses.tell(f"{path}.stageControlOption", "a condition of the finally stage", key="runCondition")
    if flag(stage.get("fastKill")):
        losses.tell(f"{path}.fastKill", "fast kill of the finally stage", key="fastKill")
    if write_check_in(stage, path, losses):
        losses.tell(f"{path}.checkIn", "a review of the finally stage", key="checkIn")


def _tags(tags: Json) -> list[str]:
    """The words of tag ids; an unknown one is written as the default, and the default alone not at all."""
    words = reverse(STAGE_LABELS)
    labels = list(dict.fromkeys(words.get(tag, DEFAULT_LABEL) for tag in texts(tags)))
    return [] if labels == [DEFAULT_LABEL] else labels


def _jobs(stage: Tree, path: str, names: JobNames, losses: Losses, *, final: bool) -> Tree:
    jobs: Tree = {}
    for position, box in enumerate(mappings(stage.get("containers"))):
        job = write_job(box, f"{path}.containers[{position}]", names, len(jobs) + 1, losses, final=final)
        if job is not None:
            jobs[names.by_position[position]] = job
    return jobs
