"""The generated parts of the pages about step kinds, and the writer that puts them in place.

A page in `docs/steps` is written by hand around two marks; what stands between them is made from the
kind, so it cannot grow stale unseen. `python -m ferryman.steps.pages docs/steps` writes those parts anew.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import inspect

from ferryman.pages import renew, table
from ferryman.steps import KINDS
from ferryman.steps.inputs import Input, describe, inputs, shapes
from ferryman.steps.kind import Choice, StepKind

SUBJECT = "the step kinds"

INDEX = "README.md"


def page(kind: StepKind) -> str:
    """The generated part of the page about one kind: facts, settings, outputs."""
    parts = [kind.summary, _facts(kind), _settings(kind), _outputs(kind)]
    return "\n\n".join(part for part in parts if part)


def index() -> str:
    """The generated part of the page that lists all kinds."""
    rows = [
        (f"[`{kind.name}`]({kind.name}.md)", kind.summary, "yes" if kind.needs_machine else "no")
        for kind in KINDS
    ]
    return table(("kind", "what it does", "needs a machine"), rows)


def generated_parts() -> Iterator[tuple[str, str]]:
    """The file name of each page, with its generated part."""
    yield INDEX, index()
    for kind in KINDS:
        yield f"{kind.name}.md", page(kind)


def write(folder: Path) -> None:
    """Renew the generated part of every page in the folder; each page must be there."""
    for name, generated in generated_parts():
        path = folder / name
        path.write_text(renew(path.read_text(encoding="utf-8"), SUBJECT, generated), encoding="utf-8")


def _facts(kind: StepKind) -> str:
    where = "in jobs with a machine" if kind.needs_machine else "in any job, also in an agentless one"
    lost = "runs again by itself" if kind.repeatable else "waits for a person to decide"
    return "\n".join(
        (
            f"- Version: `{kind.versions}`",
            f"- Where: {where}.",
            f"- When contact with it is lost: it {lost}.",
            f"- It asks for: {', '.join(capability.value for capability in kind.capabilities) or 'nothing'}.",
        )
    )


def _settings(kind: StepKind) -> str:
    rows = [
        (f"`{name}`", describe(one.shapes), _default(one), one.meaning) for name, one in _rows(kind.settings)
    ]
    if not rows:
        return "## Settings\n\nThere are none."
    settings = table(("setting", "value", "default", "meaning"), rows)
    rules = [_rule(choice) for choice in kind.choices]
    if kind.unheeded:
        names = ", ".join(f"`{name}`" for name in kind.unheeded)
        rules.append(f"Kept and given back, but without effect here: {names}.")
    rules.append("Other settings are kept." if kind.free else "Any other setting is refused.")
    rules.append("Text that holds `${{ }}` may stand for any value.")
    return f"## Settings\n\n{settings}\n\n{' '.join(rules)}"


def _rule(choice: Choice) -> str:
    names = ", ".join(f"`{name}`" for name in choice.names)
    return f"{'Exactly' if choice.needed else 'At most'} one of {names}."


def _rows(model: type[msgspec.Struct], prefix: str = "") -> Iterator[tuple[str, Input]]:
    """The inputs of a model and, below each, those of the mapping or list of mappings it holds."""
    for one in inputs(model):
        yield prefix + one.name, one
        for shape in one.shapes:
            inner, mark = shape, "."
            if isinstance(shape, inspect.VarTupleType):
                inner, mark = shapes(shape.item_type)[0], "[]."
            if isinstance(inner, inspect.StructType):
                yield from _rows(inner.cls, prefix + one.name + mark)


def _default(one: Input) -> str:
    if one.required:
        return "required"
    if isinstance(one.default, bool):
        return "true" if one.default else "false"
    return "" if one.default in (None, "", (), {}) else f"`{one.default}`"


def _outputs(kind: StepKind) -> str:
    if not kind.outputs:
        return ""
    rows = [(f"`{output.name}`", output.meaning) for output in kind.outputs]
    return f"## Outputs\n\n{table(('output', 'meaning'), rows)}"


if __name__ == "__main__":
    write(Path(sys.argv[1]))
