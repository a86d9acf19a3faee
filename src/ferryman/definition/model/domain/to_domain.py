"""BK-CI's model to the domain (bkci-v3 5, semantics 2 to 9).

The trigger stage gives the parameters; all other stages are the stages of the pipeline. What the domain has no word for
stays in the `origin` of its node: identifiers of the vendor, fields of a client, the trigger stage whole. The tables
of places are in `places_pipeline`, `places_gates`, `places_jobs` and `places_steps`.
"""

from ferryman.definition.model.domain.places import found, taken
from ferryman.definition.model.domain.places_gates import parameters
from ferryman.definition.model.domain.places_jobs import JOB
from ferryman.definition.model.domain.places_pipeline import PARAMETER, PIPELINE, STAGE, with_dialect_settled
from ferryman.definition.model.domain.places_steps import STEP
from ferryman.definition.model.saving.normal import normalized
from ferryman.definition.model.wire.shapes import Tree
from ferryman.domain.dialect import Dialect
from ferryman.domain.ids import unique_ids
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step
from ferryman.steps import find_kind

POST = ("additionalOptions", "elementPostInfo")
"""What makes an element a post-action (semantics 9)."""


def to_domain(document: Tree, *, default: Dialect = Dialect.CLASSIC) -> Pipeline:
    """The pipeline that a `{"model", "setting"}` without errors (`checks`) describes.

    `default` is the dialect of texts where the document leaves it to others.
    """
    kept = with_dialect_settled(normalized(document), default)
    trigger, *working = kept["model"]["stages"]
    values, rest = taken(PIPELINE, {**kept, "model": _without(kept["model"], "stages")})
    box = trigger["containers"][0]
    ids = unique_ids([stage.get("stageIdForUser", "") for stage in working], "s")
    return Pipeline(
        stages=tuple(_stage(id_, stage) for id_, stage in zip(ids, working, strict=True)),
        parameters=parameters(PARAMETER, box.get("params", [])),
        origin={**rest, "trigger": {**trigger, "containers": [_without(box, "params")]}},
        **values,
    )


def _stage(id_: str, stage: Tree) -> Stage:
    boxes = stage["containers"]
    values, rest = taken(STAGE, _without(stage, "containers"))
    ids = unique_ids([box.get("jobId", "") for box in boxes], "j")
    jobs = tuple(_job(job_id, box) for job_id, box in zip(ids, boxes, strict=True))
    return Stage(id=id_, jobs=jobs, origin=rest, **values)


def _job(id_: str, box: Tree) -> Job:
    elements = box["elements"]
    values, rest = taken(JOB, _without(box, "elements"))
    parents = _parents(elements)
    ids = _step_ids(elements, parents)
    steps = tuple(
        _step(step_id, element, "" if parent is None else ids[parent])
        for step_id, element, parent in zip(ids, elements, parents, strict=True)
    )
    return Job(id=id_, steps=steps, origin=rest, **values)


def _step(id_: str, element: Tree, post_of: str) -> Step:
    values, rest = taken(STEP, element)
    kind = find_kind(values["kind"])
    return Step(
        id=id_, post_of=post_of, repeatable=kind is not None and kind.repeatable, origin=rest, **values
    )


def _parents(elements: list[Tree]) -> list[int | None]:
    """For each element the place of the one it follows up, if it is a post-action of this job."""
    own = {element["id"]: at for at, element in enumerate(elements) if not found(element, POST)}
    return [own.get(found(element, (*POST, "parentElementId"), "")) for element in elements]


def _step_ids(elements: list[Tree], parents: list[int | None]) -> list[str]:
    """Ids of the steps of a job; a post-action is named after its step (RULINGS 7)."""
    given = [
        element.get("stepId", "") if parent is None else ""
        for element, parent in zip(elements, parents, strict=True)
    ]
    ids = list(unique_ids(given, "t"))
    taken_ids = set(ids)
    for at, parent in enumerate(parents):
        if parent is not None:
            wish = f"{ids[parent]}.post"
            while wish in taken_ids:
                wish += "~"
            taken_ids.add(wish)
            ids[at] = wish
    return ids


def _without(part: Tree, key: str) -> Tree:
    return {name: value for name, value in part.items() if name != key}
