"""The domain to BK-CI's model: the same tables as in `to_domain`, read the other way.

What a node says is laid over its origin, so that a client finds its own fields again. Without any origin the model is
a new one that means the same: identifiers are made from positions.
"""

from ferryman.definition.model.domain.places import found, laid, put, removed
from ferryman.definition.model.domain.places_gates import parameter_entries
from ferryman.definition.model.domain.places_jobs import JOB
from ferryman.definition.model.domain.places_pipeline import PARAMETER, PIPELINE, STAGE
from ferryman.definition.model.domain.places_steps import STEP
from ferryman.definition.model.domain.to_domain import POST
from ferryman.definition.model.saving.normal import normalized
from ferryman.definition.model.wire.shapes import Tree
from ferryman.definition.model.wire.words import AGENTLESS, MACHINE, MARKET, MARKET_AGENTLESS, TRIGGER
from ferryman.domain.pipeline import Job, Pipeline, Stage, Step

_NEW_TRIGGER: Tree = {"@type": TRIGGER, "name": "trigger", "elements": [{"@type": "manualTrigger"}]}


def from_domain(pipeline: Pipeline) -> Tree:
    """`{"model", "setting"}` of a pipeline, as it would be after a save.

    What BK-CI's model has no word for is left out: pauses between attempts, quorums above one, gates that anyone may
    open, a retry that is not allowed; a condition that its level does not know becomes the default.
    """
    origin = {key: value for key, value in pipeline.origin.items() if key != "trigger"}
    document = laid(PIPELINE, pipeline, {"model": {}, "setting": {}, **origin})
    stages = [_trigger_stage(pipeline), *(_stage(stage) for stage in pipeline.stages)]
    document = normalized({**document, "model": {**document["model"], "stages": stages}})
    for stage, part in zip(pipeline.stages, document["model"]["stages"][1:], strict=True):
        for job, box in zip(stage.jobs, part["containers"], strict=True):
            _tie(job.steps, box["elements"])
    return document


def _trigger_stage(pipeline: Pipeline) -> Tree:
    stage: Tree = pipeline.origin.get("trigger", {"containers": [_NEW_TRIGGER]})
    box, *others = stage["containers"]
    params = parameter_entries(PARAMETER, pipeline.parameters)
    return {**stage, "containers": [{**box, "params": params} if params else box, *others]}


def _stage(stage: Stage) -> Tree:
    return {**laid(STAGE, stage, stage.origin), "containers": [_job(job) for job in stage.jobs]}


def _job(job: Job) -> Tree:
    part = laid(JOB, job, {"@type": MACHINE, **job.origin})
    market = MARKET_AGENTLESS if part["@type"] == AGENTLESS else MARKET
    return {**part, "elements": [_element(step, market) for step in job.steps]}


def _element(step: Step, market: str) -> Tree:
    part = laid(STEP, step, {"@type": market, **step.origin})
    return put(part, POST, found(part, POST, {})) if step.post_of else part


def _tie(steps: tuple[Step, ...], elements: list[Tree]) -> None:
    """Let post-actions name the elements they follow up, once every element has its identifier."""
    at_of = {step.id: at for at, step in enumerate(steps)}
    for at, step in enumerate(steps):
        parent = at_of.get(step.post_of) if step.post_of else None
        if parent is not None:
            elements[at] = _tied(elements[at], elements[parent], parent)
        elif _is_tied(elements, at):
            elements[at] = removed(elements[at], (POST,))


def _tied(element: Tree, parent: Tree, at: int) -> Tree:
    if found(element, (*POST, "parentElementId")) == parent["id"]:
        return element
    said = {"parentElementId": parent["id"], "parentElementName": parent["name"], "parentElementJobIndex": at}
    return put(element, POST, {**found(element, POST, {}), **said})


def _is_tied(elements: list[Tree], at: int) -> bool:
    """Whether an element would be read as a post-action."""
    wanted = found(elements[at], (*POST, "parentElementId"))
    return any(other["id"] == wanted and not found(other, POST) for other in elements)
