"""File to model and back, model to file and back (CFG-2; pipeline-yaml 12.1, Round trip; RULINGS 30)."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from ferryman.definition.file import read
from ferryman.definition.file.merge import merge
from ferryman.definition.file.writer import write
from ferryman.definition.model.files.reading import model_from_file
from ferryman.definition.model.files.writing import file_from_model
from tests.definition.model.files_and_models import FILES, exported, imported, job, model, one_job, shell
from tests.definition.model.test_to_file import (
    CONDITIONS,
    JOBS,
    LOST,
    MACHINES,
    PARAMS,
    SETTINGS,
    STEPS,
    TRIGGERS,
)

Tree = dict[str, Any]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_keeps_its_meaning(path: Path) -> None:
    """The model of the written file is the model of the file, ids and all; nothing is lost on the way."""
    document = imported(path.read_text())
    text = exported(document)
    assert file_from_model(document)[1] == []
    assert model_from_file(read(text).value, keep=document) == document


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_written_file_is_valid_and_comes_back_byte_for_byte(path: Path) -> None:
    """CFG-2: the second round gives the same bytes."""
    text = exported(imported(path.read_text()))
    assert read(text).errors == ()
    assert exported(imported(text)) == text


def _many(table: dict[str, Any], make: Any) -> dict[str, Tree]:
    return {name: make(row) for name, row in table.items()}


def _conditioned(row: Any) -> Tree:
    level, control, _ = row
    box = {"jobControlOption": control} if level in ("job", "finally") else {}
    step = shell(additionalOptions=control if level == "step" else {})
    return one_job(
        box,
        step,
        **({"stageControlOption": control} if level == "stage" else {"finally": level == "finally"}),
    )


MODELS: dict[str, Tree] = {
    **_many(SETTINGS, lambda row: one_job() | {"setting": row[0]}),
    **_many(CONDITIONS, _conditioned),
    **_many(
        TRIGGERS,
        lambda row: model(
            {"name": "s", "containers": one_job()["model"]["stages"][1]["containers"]}, elements=row[0]
        ),
    ),
    **_many(
        PARAMS,
        lambda row: (
            one_job()
            | {"model": model(*one_job()["model"]["stages"][1:], params=[{"id": "A", **row[0]}])["model"]}
        ),
    ),
    **_many(MACHINES, lambda row: one_job(row[0])),
    **_many(JOBS, lambda row: one_job(row[0])),
    **_many(STEPS, lambda row: one_job({}, row[0])),
    **_many(LOST, lambda row: row[0]),
}


@pytest.mark.parametrize("document", MODELS.values(), ids=MODELS)
def test_export_then_import_settles_at_once(document: Tree) -> None:
    """CFG-2: export(import(export(m))) is export(m), and the model of the second round is that of the first."""
    tree, _ = file_from_model(document)
    first = model_from_file(tree)
    again, lost = file_from_model(first)
    assert write(again) == write(tree)
    assert lost == []
    assert model_from_file(again, keep=first) == first


def test_export_changes_nothing() -> None:
    """Mapping does not write into what it is given."""
    for path in FILES:
        document = imported(path.read_text())
        before = deepcopy(document)
        tree, _ = file_from_model(document)
        assert document == before
        written = deepcopy(tree)
        model_from_file(tree, keep=document)
        assert (tree, document) == (written, before)


ROUND: dict[str, tuple[str, Any]] = {
    "a step": ("model.stages.1.containers.0.elements.4.data.input.script", "make other"),
    "a job": ("model.stages.1.containers.0.jobControlOption.timeoutVar", "61"),
    "a stage": ("model.stages.1.stageControlOption.enable", False),
    "a review": ("model.stages.2.checkIn.timeout", 9),
    "a param": ("model.stages.0.containers.0.params.0.defaultValue", "production"),
    "a trigger": ("model.stages.0.containers.0.elements.0.name", "Other"),
    "a lock": ("model.stages.2.containers.0.mutexGroup.queue", 4),
    "a machine": ("model.stages.1.containers.0.dispatchType.value", "others"),
    "a matrix": ("model.stages.2.containers.2.matrixControlOption.maxConcurrency", 3),
    "a setting": ("setting.maxQueueSize", 6),
}


@pytest.mark.parametrize(("path", "value"), ROUND.values(), ids=ROUND)
def test_one_edited_field_comes_back(path: str, value: Any) -> None:
    """RULINGS 30: round trips after one edited field."""
    release = next(each for each in FILES if each.stem == "release")
    document = imported(release.read_text())
    *way, last = path.split(".")
    holder: Any = document
    for step in way:
        holder = holder[int(step)] if step.isdigit() else holder[step]
    assert holder[last] != value
    holder[last] = value
    came_back = model_from_file(read(exported(document)).value, keep=document)
    found: Any = came_back
    for step in [*way, last]:
        found = found[int(step)] if step.isdigit() else found[step]
    assert found == value
    assert exported(came_back) == exported(document)


def test_a_nameless_job_has_the_same_id_in_two_exports() -> None:
    """Table 12.1, row jobId."""
    document = one_job({"jobId": ""})
    assert exported(document) == exported(document)
    assert job(imported(exported(document)))["jobId"].startswith("job_")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_keeps_its_text_when_its_model_was_edited(path: Path) -> None:
    """CFG-3: only the edited setting is written into the old text, short forms and comments stay."""
    old = path.read_text()
    document = imported(old)
    before, _ = file_from_model(document)
    assert merge(old, before, before=before) == old
    document["setting"]["waitQueueTimeMinute"] = 77
    merged = merge(old, file_from_model(document)[0], before=before)
    kept = [line for line in old.splitlines() if line in merged.splitlines()]
    assert len(kept) >= len(old.splitlines()) - 1
    assert model_from_file(read(merged).value, keep=document) == document
