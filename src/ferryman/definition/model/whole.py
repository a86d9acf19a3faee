"""What is asked of a definition as a model, over the one mapper: to show it, to copy it, to say what lists need.

The head of a pipeline tells name, description, labels, collections and version; they are laid over what the model
says of them (bkci-v3 3.2, operation 5).
"""

from typing import NamedTuple

from ferryman.definition.model.domain.from_domain import from_domain
from ferryman.definition.model.settings import read_setting
from ferryman.definition.model.showing import shown
from ferryman.definition.model.wire.shapes import Tree
from ferryman.domain.heads import PipelineHead, PipelineSetting
from ferryman.domain.pipeline import Pipeline

MANUAL = "manualTrigger"
REMOTE = "remoteTrigger"
_TOKEN = "remoteToken"


class Attached(NamedTuple):
    """What a client's model says of the head: description (None: nothing), labels and collections by id."""

    description: str | None
    labels: tuple[str, ...]
    collections: tuple[str, ...]


class Facts(NamedTuple):
    """What lists say of a definition."""

    tasks: int
    """Elements, those of the trigger counted (bkci-v3 12, row 20)."""
    startable: bool
    """Whether an enabled trigger lets people start it."""


def facts_of(pipeline: Pipeline) -> Facts:
    """Read off the definition as a model."""
    stages = from_domain(pipeline)["model"]["stages"]
    triggers = stages[0]["containers"][0]["elements"]
    return Facts(
        sum(len(box["elements"]) for stage in stages for box in stage["containers"]),
        any(
            element["@type"] == MANUAL and element.get("additionalOptions", {}).get("enable", True)
            for element in triggers
        ),
    )


def attached_by(pipeline: Pipeline) -> Attached:
    """What the model that this pipeline was read from says of the head."""
    kept = from_domain(pipeline)["model"]
    return Attached(kept.get("desc"), tuple(kept.get("labels", ())), tuple(kept.get("staticViews", ())))


def setting_of(pipeline: Pipeline) -> PipelineSetting:
    """The setting that a definition carries in itself, as a file does."""
    return read_setting(from_domain(pipeline)["setting"])


def model_of(pipeline: Pipeline) -> Tree:
    """The model of a definition, completed as it is shown."""
    return shown(from_domain(pipeline)["model"])


def headed(
    model: Tree,
    head: PipelineHead,
    *,
    version: int,
    labels: list[str],
    collections: list[str],
    number: int | None = None,
) -> Tree:
    """A model with what the head of its pipeline tells; `number` is the one it recommends now, if it does."""
    return {
        **(model if number is None else _numbered(model, number)),
        "name": head.name,
        "desc": head.description,
        "labels": labels,
        "staticViews": collections,
        "pipelineCreator": head.creator,
        "latestVersion": version,
    }


def _numbered(model: Tree, number: int) -> Tree:
    trigger, *working = model["stages"]
    box, *others = trigger["containers"]
    box = {**box, "buildNo": {**box["buildNo"], "currentBuildNo": number}}
    return {**model, "stages": [{**trigger, "containers": [box, *others]}, *working]}


def copied(model: Tree, name: str, description: str) -> Tree:
    """The model for a copy: another name, and no token of a remote trigger (bkci-v3 3.2, operation 10)."""
    trigger, *working = model["stages"]
    box, *others = trigger["containers"]
    elements = [
        {**element, _TOKEN: ""} if element["@type"] == REMOTE and _TOKEN in element else element
        for element in box["elements"]
    ]
    trigger = {**trigger, "containers": [{**box, "elements": elements}, *others]}
    return {**model, "name": name, "desc": description, "stages": [trigger, *working]}
