"""A definition out of a text, whatever form the text has: a pipeline file, or BK-CI's model as JSON.

`ferryman.definition` is imported where it is needed: it takes the YAML reader with it, and `--help` does not need that.
"""

import json
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import click

from ferryman.cli import problems, texts
from ferryman.cli.exits import Exit, Stop
from ferryman.domain.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ferryman.definition import Definition
    from ferryman.domain.errors import Problem

Form = Literal["yaml", "model"]


class Loaded(NamedTuple):
    """A definition, and the form that its text had."""

    definition: "Definition"
    form: Form


def model_in(content: bytes) -> Any:
    """The model that a text holds; None where it is no JSON, or JSON that is no model but a file (CFG-1)."""
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return None
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    # A file says its version, and has stages too.
    bare = isinstance(found, dict) and "stages" in found and "version" not in found
    return found if bare or (isinstance(found, dict) and "model" in found) else None


def load(
    name: str, content: bytes, *, accept_vendor_keys: bool = False, strict_scripts: bool = False
) -> Loaded:
    """The definition in a text, recognized by its content. Raises `Invalid` with every problem."""
    from ferryman import definition

    model = model_in(content)
    if model is not None:
        return Loaded(definition.from_model(model), "model")
    file_name = "" if name == texts.STANDARD_INPUT else texts.shown(name)
    return Loaded(
        definition.load(
            content, name=file_name, accept_vendor_keys=accept_vendor_keys, strict_scripts=strict_scripts
        ),
        "yaml",
    )


def load_file(name: str, *, accept_vendor_keys: bool = False) -> Loaded:
    """The definition in a file. Where it has errors they are told on the standard error, and the command stops."""
    content = texts.read(name)
    shown = texts.shown(name)
    try:
        return load(name, content, accept_vendor_keys=accept_vendor_keys)
    except Invalid as invalid:
        for problem in invalid.problems:
            click.echo(problems.line(shown, problem), err=True)
        errors = sum(problem.severity == "error" for problem in invalid.problems)
        raise Stop(
            f"{shown} cannot be used: it has {problems.count(errors, 'error')}", Exit.FAILED
        ) from invalid


def all_warnings(loaded: Loaded, data: str | None = None) -> "tuple[Problem, ...]":
    """What there is to warn of in a definition, and what it asks for that this machine has not, by the settings of this
    data folder."""
    return (*loaded.definition.warnings, *_lacking(loaded, data))


def notes_on_machine(loaded: Loaded) -> list[str]:
    """What a definition asks for that this machine has not, a sentence each."""
    return [f"{problem.path} {problem.message}" for problem in _lacking(loaded)]


def _lacking(loaded: Loaded, data: str | None = None) -> "Iterator[Problem]":
    from ferryman import definition, settings
    from ferryman.app import lacking

    return lacking.warnings(
        loaded.definition.pipeline, settings.read(data=data), places=definition.places(loaded.definition)
    )
