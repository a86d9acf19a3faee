"""The generated parts of the pages about pipeline files, and the writer that puts them in place.

`docs/pipeline-file.md` and `docs/pipeline-file-keys.md` are written by hand around marks; what stands between them is
made from the tables of the format, from its limits and from the codes of its faults.
`python -m ferryman.definition.pages docs/definition` writes those parts anew, in the pages beside that path.
"""

import ast
import inspect
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import msgspec

from ferryman.definition.file import codes
from ferryman.definition.file.limits import Limits
from ferryman.definition.file.shapes import (
    Anything,
    Flag,
    Forms,
    Key,
    Keys,
    Listing,
    Minutes,
    Shape,
    Text,
    Whole,
    Word,
    bounds,
)
from ferryman.definition.file.tables import (
    common,
    jobs,
    runs_on,
    stages,
    steps,
    strategy,
    top,
    triggers,
    variables,
)
from ferryman.pages import renew, table

PAGE = "pipeline-file.md"
KEYS_PAGE = "pipeline-file-keys.md"


class Section(msgspec.Struct, frozen=True):
    """A mapping of the file that has a table of its own. With `like`, only what differs from that is told."""

    heading: str
    keys: Keys
    about: str = ""
    like: Keys | None = None


SECTIONS = (
    Section("Top level", top.PIPELINE, "Exactly one of `stages`, `jobs` and `steps` must be there."),
    Section("on", triggers.TRIGGERS, "One mapping, or a list with one for each repository; none is empty."),
    Section("schedules", triggers.SCHEDULE, "At least one of `cron`, `interval` and `advance-cron`."),
    Section("variables", variables.VARIABLE, "By name, at most 64 characters. The short form is the value."),
    Section("props", variables.PROPS, "How the form of a start shows a variable."),
    Section("stages", stages.STAGE, "A list: one stage after the other."),
    Section("check-in", stages.CHECK_IN),
    Section("jobs", jobs.JOB, "By id: 1 to 64 characters, unique in the file."),
    Section("runs-on", runs_on.POOL, "The short form is the pool: `docker` or `agentless`."),
    Section("container", runs_on.CONTAINER),
    Section("mutex", jobs.MUTEX),
    Section("strategy", strategy.STRATEGY),
    Section(
        "steps", steps.STEP, "A list. Exactly one of `run`, `uses` and `checkout` says what a step does."
    ),
    Section("finally", jobs.FINALLY_JOB, like=jobs.JOB),
    Section(
        "if", common.MATCH, "The mapping form; see [conditions](pipeline-file.md#conditions) for the others."
    ),
    Section("concurrency", top.CONCURRENCY),
    Section("notices", top.NOTICE),
    Section("recommended-version", top.RECOMMENDED_VERSION),
)
EVENTS = ("push", "tag", "mr", "mr-merged", "issue", "review", "note")
EVENTS_HEADING = "Repository events"


def keys() -> str:
    """Every mapping of the file with its keys; the events of repositories share one table."""
    parts = []
    for section in SECTIONS:
        parts += [f"## {section.heading}", _about(section), _table_of(section)]
        if section.keys is triggers.TRIGGERS:
            parts += [f"## {EVENTS_HEADING}", "All of them are kept, none is acted on.", _events()]
    return "\n\n".join(part for part in parts if part)


def limits() -> str:
    """The bounds of one file."""
    bound = Limits()
    rows = ((name, f"{getattr(bound, name):,}", told) for name, told in _told(inspect.getsource(Limits)))
    return table(("limit", "default", "counts"), rows)


def faults() -> str:
    """The codes of faults."""
    rows = ((f"`{getattr(codes, name)}`", told) for name, told in _told(inspect.getsource(codes)))
    return table(("code", "means"), rows)


def generated_parts() -> Iterator[tuple[str, str, str]]:
    """The page of each generated part, what the part is made from, and its text."""
    yield KEYS_PAGE, "the tables of the format", keys()
    yield PAGE, "the limits", limits()
    yield PAGE, "the codes of faults", faults()


def write(folder: Path) -> None:
    """Renew the generated parts of the pages in the folder; each pair of marks must be there."""
    for name, subject, generated in generated_parts():
        page = folder / name
        page.write_text(renew(page.read_text(encoding="utf-8"), subject, generated), encoding="utf-8")


def _about(section: Section) -> str:
    if section.like is None:
        return section.about
    own = {key.name for key in section.keys.keys}
    missing = [f"`{key.name}`" for key in section.like.keys if key.name not in own]
    return f"Like {_link(section.like)}, without {' and '.join(missing)}, and with its own:"


def _table_of(section: Section) -> str:
    known = section.like.keys if section.like else ()
    rows = (row for key in section.keys.keys if key not in known for row in _rows(key, ""))
    return table(("key", "value", "default", "acted on", "meaning"), rows)


def _rows(key: Key, prefix: str) -> Iterator[tuple[str, ...]]:
    """The row of a key and, below it, those of the mappings it holds that have no table of their own."""
    if key.standing == "X":
        return
    name = prefix + key.name
    acted_on = "yes" if key.standing == "C" else "kept"
    yield f"`{name}`", _value(key.shape), _default(key), acted_on, key.help
    for path, mapping in _mappings(key.shape, name):
        for inner in mapping.keys:
            yield from _rows(inner, f"{path}.")


def _mappings(shape: Shape, path: str) -> Iterator[tuple[str, Keys]]:
    """Every mapping without a table of its own that may stand at a path: in a list, or behind names of one's own."""
    match shape:
        case Keys() if not _link(shape):
            yield path, shape
            if shape.rest is not None:
                yield from _mappings(shape.rest, f"{path}.NAME")
        case Listing(item=item):
            yield from _mappings(item, f"{path}[]")
        case Forms(listing=listing, mapping=mapping):
            for form in (listing, mapping):
                if form is not None:
                    yield from _mappings(form, path)


def _events() -> str:
    """One row for all events in which a key means the same."""
    found: dict[Key, list[str]] = {}
    for key in triggers.TRIGGERS.keys:
        if key.name in EVENTS:
            for inner in _event(key.shape).keys:
                found.setdefault(inner, []).append(f"`{key.name}`")
    rows = (
        (
            f"`{key.name}`",
            "all" if len(events) == len(EVENTS) else ", ".join(events),
            _value(key.shape),
            _default(key),
            key.help,
        )
        for key, events in found.items()
    )
    return table(("key", "in", "value", "default", "meaning"), rows)


def _event(shape: Shape) -> Keys:
    """The mapping form of an event."""
    mapping = shape.mapping if isinstance(shape, Forms) else shape
    return mapping if isinstance(mapping, Keys) else Keys(what="")


_HEADINGS = {section.keys.what: section.heading for section in SECTIONS} | {
    _event(key.shape).what: EVENTS_HEADING for key in triggers.TRIGGERS.keys if key.name in EVENTS
}


def _link(shape: Keys) -> str:
    """The way to the table of a mapping, where it has one."""
    heading = _HEADINGS.get(shape.what, "")
    return f"[{heading}](#{heading.lower().replace(' ', '-')})" if heading else ""


def _value(shape: Shape) -> str:
    """What may stand behind a key."""
    match shape:
        case Text():
            return _text(shape)
        case Word(words=words, flags=flags):
            return ", ".join(f"`{word}`" for word in (*(("true", "false") if flags else ()), *words))
        case Flag():
            return "boolean"
        case Whole(least=least, most=most):
            return f"number{bounds(least, most)}"
        case Minutes(least=least, most=most):
            return f"number{bounds(least, most)}, or `${{{{ }}}}`"
        case Listing(item=item, single=single, most=most):
            return (
                f"{_value(item)}, or a list"
                if single
                else _list(item) + (f", at most {most}" if most else "")
            )
        case Keys(keys=(), rest=rest, most=most) if rest is not None:
            return f"map of names to {_value(rest)}" + (f"; at most {most}" if most else "")
        case Keys():
            return _link(shape) or "mapping"
        case Forms(listing=Listing(item=item), mapping=mapping, scalar=None) if item == mapping:
            return f"{_value(item)}, or a list"
        case Forms(scalar=scalar, listing=listing, mapping=mapping):
            return " or ".join(_value(form) for form in (scalar, listing, mapping) if form is not None)
        case Anything():
            return "anything"


def _list(item: Shape) -> str:
    told = _value(item)
    if isinstance(item, Text) and item.rule:
        return f"list, each {told}"
    return f"list of {told.replace('mapping', 'mappings').replace('map of', 'maps of')}"


def _text(shape: Text) -> str:
    if shape.rule:
        return shape.rule
    if shape.longest is None:
        return "text"
    return f"text, {shape.shortest} to {shape.longest} characters"


def _default(key: Key) -> str:
    match key.default:
        case None:
            return "required" if key.required else ""
        case bool():
            return "true" if key.default else "false"
        case tuple():
            return f"`[{', '.join(key.default)}]`"
        case _:
            return f"`{key.default}`"


def _told(source: str) -> Iterator[tuple[str, str]]:
    """Every name that a source gives a value, with the docstring below it."""
    (*body,) = ast.parse(source).body
    if isinstance(body[0], ast.ClassDef):
        body = body[0].body
    for node, below in pairwise(body):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and isinstance(below, ast.Expr):
            yield target.id, " ".join(str(ast.literal_eval(below.value)).split())


if __name__ == "__main__":
    write(Path(sys.argv[1]).parent)
