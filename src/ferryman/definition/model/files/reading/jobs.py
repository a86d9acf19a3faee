"""A job of a file to a container of the model (pipeline-yaml 7); back in `writing.jobs`."""

from ferryman.definition.model.files.fields import read_fields
from ferryman.definition.model.files.reading.gates import condition
from ferryman.definition.model.files.reading.runs_on import default_shell, is_agentless, machine, runs_on_of
from ferryman.definition.model.files.reading.steps import element
from ferryman.definition.model.files.tables import ENV, JOB_CONTROL, RUNS_ON_CONTROL, STRATEGY, minutes_fields
from ferryman.definition.model.files.text import to_text
from ferryman.definition.model.files.values import (
    Tree,
    flag,
    listing,
    mapping,
    mappings,
    text,
    texts,
    whole,
)
from ferryman.definition.model.files.words import FINAL_CONDITIONS, JOB_DEFAULT

DEFAULT_QUEUE = 5
"""How many may wait for a lock when the file does not say."""


def container(name: str, job: Tree, position: int, *, final: bool) -> Tree:
    """The container of a job; `position` counts from 1 in its stage, `final` is said of the finally stage."""
    runs_on = runs_on_of(job.get("runs-on"))
    agentless = is_agentless(runs_on)
    shell = default_shell(runs_on)
    found: Tree = {
        "@type": "normal" if agentless else "vmBuild",
        "name": text(job.get("name")) or f"Job-{position}",
        "jobId": name,
        "elements": [element(step, agentless=agentless, shell=shell) for step in mappings(job.get("steps"))],
        **({} if agentless else machine(runs_on)),
        "jobControlOption": _control(job, runs_on, final=final),
        **read_fields(ENV, job),
    }
    if flag(job.get("show-runs-on")):
        found["showBuildResource"] = True
    if mapping(job.get("mutex")):
        found["mutexGroup"] = _mutex(job["mutex"])
    if mapping(job.get("strategy")):
        found["matrixGroupFlag"] = True
        found["matrixControlOption"] = _matrix(job["strategy"])
    return found


def _control(job: Tree, runs_on: Tree, *, final: bool) -> Tree:
    words = FINAL_CONDITIONS if final else {}
    found = {
        **read_fields(JOB_CONTROL, job),
        **condition(job.get("if"), default=JOB_DEFAULT, words=words),
        **minutes_fields(job.get("timeout-minutes")),
        **read_fields(RUNS_ON_CONTROL, runs_on),
    }
    needs = texts(job.get("depend-on"))
    return found | ({"dependOnType": "NAME", "dependOnName": ",".join(needs)} if needs else {})


def _mutex(mutex: Tree) -> Tree:
    """Without a length of the queue nobody waits (7.2)."""
    return {
        "enable": True,
        "mutexGroupName": text(mutex.get("label")),
        "queueEnable": mutex.get("queue-length") is not None,
        "queue": whole(mutex.get("queue-length"), DEFAULT_QUEUE),
        **minutes_fields(mutex.get("timeout-minutes")),
    }


def _matrix(strategy: Tree) -> Tree:
    """include and exclude may stand inside matrix, the older form (7.3)."""
    axes = strategy.get("matrix")
    outer = dict(strategy)
    if isinstance(axes, dict):
        axes = dict(axes)
        for key in ("include", "exclude"):
            inner = axes.pop(key, None)
            outer[key] = inner if outer.get(key) is None else outer[key]
    found: Tree = {"strategyStr": "" if axes is None else to_text(axes)}
    for key, field in (("include", "includeCaseStr"), ("exclude", "excludeCaseStr")):
        if listing(outer.get(key)):
            found[field] = to_text(outer[key])
    return found | read_fields(STRATEGY, strategy)
