"""What the tests of the mapping share: example files, and the way from text to model and back."""

from pathlib import Path
from typing import Any

from ferryman.definition.file import read
from ferryman.definition.file.writer import write
from ferryman.definition.model.files.reading import model_from_file
from ferryman.definition.model.files.writing import file_from_model

FILES = sorted((Path(__file__).parent / "files").glob("*.yaml"))


def tree(text: str) -> dict[str, Any]:
    """The plain tree of a valid file."""
    found = read(text)
    assert not found.errors, found.errors
    return found.value


def imported(text: str) -> dict[str, Any]:
    """The model and setting of a valid file."""
    return model_from_file(tree(text))


def exported(document: dict[str, Any]) -> str:
    """The text of the file of a model."""
    return write(file_from_model(document)[0])


def job(document: dict[str, Any], *, stage: int = 1, position: int = 0) -> dict[str, Any]:
    """A container of the model."""
    return document["model"]["stages"][stage]["containers"][position]


def with_job(yaml: str, *, steps: str = "[{run: echo}]") -> str:
    """A file with one job that has these keys, given as lines without indentation."""
    lines = "".join(f"    {line}\n" for line in yaml.splitlines())
    return f"version: v3.0\njobs:\n  one:\n{lines}    steps: {steps}\n"


def with_step(yaml: str, *, runs_on: str = "docker") -> str:
    """A file with one step, given as a flow mapping."""
    return with_job(f"runs-on: {runs_on}", steps=f"[{yaml}]")


def model(*stages: dict[str, Any], **trigger: Any) -> dict[str, Any]:
    """A model with these stages behind a trigger stage that has the manual trigger."""
    box = {
        "@type": "trigger",
        "name": "trigger",
        "elements": [{"@type": "manualTrigger"}],
        "params": [],
        **trigger,
    }
    return {"model": {"name": "demo", "stages": [{"containers": [box]}, *stages]}, "setting": {}}


def one_job(
    container: dict[str, Any] | None = None, *elements: dict[str, Any], **stage: Any
) -> dict[str, Any]:
    """A model with one stage and one job."""
    steps = list(elements) or [shell()]
    box = {"@type": "vmBuild", "jobId": "one", "elements": steps, **(container or {})}
    name = {} if stage.get("finally") else {"name": "stage-1"}
    return model({**name, "containers": [box], **stage})


def shell(**fields: Any) -> dict[str, Any]:
    """An element that runs a script and says nothing else."""
    options = {"manualRetry": False, **fields.pop("additionalOptions", {})}
    data = {"input": {"script": "echo", "shell": "auto", "charsetType": "DEFAULT"}}
    usual = {"@type": "marketBuild", "name": "run", "atomCode": "run", "version": "1.*", "data": data}
    return {**usual, "additionalOptions": options, **fields}
