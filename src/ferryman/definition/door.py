"""The way in and out: files and models become a `Definition`, a definition becomes a file or a model.

Files are read by `file`, models are checked and mapped by `model`; a file goes to the domain by way of the model, so
that both mean the same by the same road.
"""

from typing import Any, NamedTuple

import msgspec

from ferryman.definition import file
from ferryman.definition.file import Limits
from ferryman.definition.file.merge import merge
from ferryman.definition.file.writer import write
from ferryman.definition.model.checks import check
from ferryman.definition.model.checks.rows import BEFORE_NAMES, in_order_of_rows, row_of
from ferryman.definition.model.domain.from_domain import from_domain
from ferryman.definition.model.domain.places import same
from ferryman.definition.model.domain.to_domain import to_domain
from ferryman.definition.model.files.reading import model_from_file
from ferryman.definition.model.files.writing import file_from_model
from ferryman.domain.dialect import Dialect
from ferryman.domain.errors import Invalid, Problem
from ferryman.domain.ids import join
from ferryman.domain.pipeline import Pipeline

DEFAULT_LIMITS = Limits()


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """What runs, with what there was to warn of, and the file it came from."""

    pipeline: Pipeline
    warnings: tuple[Problem, ...] = ()
    text: str = ""
    """The file as it was written; empty when there was none."""
    written: Pipeline | None = None
    """What that file says. While `pipeline` is the same, the text still tells the truth."""

    @property
    def is_as_written(self) -> bool:
        """Whether the text says what the pipeline is."""
        return bool(self.text) and same(self.pipeline, self.written)


class Place(NamedTuple):
    """Where something stands in a file: its path there, line and column."""

    path: str
    line: int
    column: int


def places(definition: Definition) -> dict[str, Place]:
    """Where jobs and steps stand in the file of a definition, by their paths in a run (`s1/build`, `s1/build/t1`).

    Empty where there is no file, or it tells another story by now.
    """
    if not definition.is_as_written:
        return {}
    # It was accepted as it is, be it with the keys of another server.
    tree = file.read(definition.text, accept_vendor_keys=True)
    found: dict[str, Place] = {}
    for stage, jobs in zip(definition.pipeline.stages, file.places(tree.value), strict=False):
        for job, at in zip(stage.jobs, jobs, strict=False):
            named = {join(stage.id, job.id): at.path}
            named |= {
                join(stage.id, job.id, step.id): path for step, path in zip(job.steps, at.steps, strict=False)
            }
            found |= {
                name: Place(path, *tree.marks[path]) for name, path in named.items() if path in tree.marks
            }
    return found


class Refusal(NamedTuple):
    """Why a model is not saved, whether that is found before its name is looked at, and that name."""

    problems: Invalid
    at_once: bool
    name: str


def load(
    text: str | bytes,
    *,
    name: str = "",
    accept_vendor_keys: bool = False,
    strict_scripts: bool = False,
    limits: Limits | None = None,
    keep: Definition | None = None,
) -> Definition:
    """The definition that a pipeline file describes; Invalid with every problem, errors and warnings, if it has errors.

    `name` is the file's, for a pipeline that does not name itself. `accept_vendor_keys` turns keys that only make sense
    elsewhere into warnings, `strict_scripts` values pasted into scripts into errors. `keep` is the definition that the
    file replaces: what is recognized keeps its identifiers (pipeline-yaml 12).
    """
    bounds = limits or DEFAULT_LIMITS
    tree = file.read(
        text,
        name=name,
        limits=bounds,
        accept_vendor_keys=accept_vendor_keys,
        strict_scripts=strict_scripts,
    )
    if tree.errors:
        raise Invalid(tree.problems)
    document = model_from_file(tree.value, file_name=name, keep=to_model(keep) if keep else None)
    # The reader of files finds all that these checks would, with its line; they stand behind it as a second fence.
    _refuse_errors(check(document, limits=bounds, any_name=True))
    pipeline = to_domain(document, default=Dialect.CONSTRAINED)
    written = text if isinstance(text, str) else text.decode()
    return Definition(pipeline=pipeline, warnings=tree.problems, text=written, written=pipeline)


def from_model(document: Any, *, limits: Limits | None = None, edited: bool = False) -> Definition:
    """The definition of `{"model": …, "setting": …}`, or of the model alone; Invalid with every problem otherwise.

    Never raises anything else, whatever the value. `edited` asks for what saving an edit asks beyond a creation.
    """
    whole = {"model": document} if isinstance(document, dict) and _is_bare(document) else document
    problems = check(whole, limits=limits or DEFAULT_LIMITS, edited=edited)
    _refuse_errors(problems)
    return Definition(pipeline=to_domain(whole), warnings=problems)


def _is_bare(document: dict[str, Any]) -> bool:
    return "stages" in document and "model" not in document


def _refuse_errors(problems: tuple[Problem, ...]) -> None:
    if any(problem.severity == "error" for problem in problems):
        raise Invalid(problems)


def from_saved_model(document: Any, *, edited: bool = False) -> "Definition | Refusal":
    """As `from_model` of `{"model", "setting"}`, for a save over the vendor's API: problems come in the order of its
    checks (bkci-v3 7), and so that what lies between them can be checked in its turn."""
    try:
        return from_model(document, edited=edited)
    except Invalid as refusal:
        problems = in_order_of_rows(refusal.problems)
        at_once = row_of(problems[0]) <= BEFORE_NAMES
        return Refusal(Invalid(problems), at_once, "" if at_once else str(document["model"]["name"]))


def to_model(definition: Definition) -> dict[str, Any]:
    """`{"model": …, "setting": …}` of a definition, as it would be after a save."""
    return from_domain(definition.pipeline)


def to_yaml(definition: Definition) -> str:
    """The pipeline file of a definition: the text it came from while that is true, else that text with what changed,
    comments and order kept (CFG-3); a new text where there was none."""
    if definition.is_as_written:
        return definition.text
    tree, _ = file_from_model(to_model(definition))
    if not definition.text or definition.written is None:
        return write(tree)
    before, _ = file_from_model(from_domain(definition.written))
    return merge(definition.text, tree, before=before)


def export_warnings(definition: Definition) -> tuple[Problem, ...]:
    """What the file that `to_yaml` gives cannot say."""
    if definition.is_as_written:
        return ()
    _, losses = file_from_model(to_model(definition))
    return tuple(losses)
