"""What a client sees of a build: the words of its detail by path, and what must hold of any answer."""

from collections.abc import Iterator, Mapping
from typing import Any

from ferryman.domain.pipeline import Job, Pipeline

Node = Mapping[str, Any]


def nodes_of(pipeline: Pipeline, model: Node) -> Iterator[tuple[str, Node]]:
    """Every stage, job and element of a model with its path; the trigger's stage is none of them."""
    for stage, part in zip(pipeline.stages, model["stages"][1:], strict=True):
        yield stage.id, part
        for job, box in zip(stage.jobs, part["containers"], strict=True):
            yield from _job(f"{stage.id}/{job.id}", job, box)


def _job(path: str, job: Job, box: Node) -> Iterator[tuple[str, Node]]:
    yield path, box
    for at, split in enumerate(box.get("groupContainers", ())):
        yield from _job(f"{path}.{at}", job, split)
    if not box.get("groupContainers"):
        for step, element in zip(job.steps, box["elements"], strict=True):
            yield f"{path}/{step.id}", element


def words_of(pipeline: Pipeline, detail: Node) -> dict[str, str]:
    """Path → word, of all that has one; checks and their only groups as in `told`."""
    found = {"run": detail["status"]}
    for path, node in nodes_of(pipeline, detail["model"]):
        found[path] = node.get("status", "")
        for sign, key in (("<", "checkIn"), (">", "checkOut")):
            check = node.get(key, {})
            found[f"{path}{sign}"] = check.get("status", "")
            groups = check.get("reviewGroups", ())
            if len(groups) == 1:
                found[f"{path}{sign}0"] = groups[0].get("status", "")
    return {path: each for path, each in found.items() if each}


def holes(value: Any, path: str = "data") -> Iterator[str]:
    """Where a null stands (bkci-v3 11, 20)."""
    if value is None:
        yield path
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from holes(each, f"{path}.{key}")
    elif isinstance(value, list):
        for at, each in enumerate(value):
            yield from holes(each, f"{path}[{at}]")
