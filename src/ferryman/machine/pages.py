"""The generated parts of the page about the machine, and the writer that puts them in place.

`docs/machine.md` is written by hand around marks; what stands between them is made from the tables of moves and answers
and from the nouns themselves: their docstrings, fields and comments. `python -m ferryman.machine.pages docs/machine`
writes those parts anew.
"""

import ast
import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from types import ModuleType
from typing import get_args

from ferryman.domain import events, gates, status, wants
from ferryman.domain.events import EVENTS
from ferryman.machine.transitions import ANSWERS, GATE_MOVES, MOVES
from ferryman.pages import renew, table

COMMENT = re.compile(r"# (.+)")
KIND = re.compile(r'(\w+) = "([\w-]+)"(?:\s+# (.*))?')
CLASS = re.compile(r"class (\w+)")


def states() -> str:
    """For each level and for gates: a diagram and a table of the moves that a node may make."""
    parts = [
        "\n\n".join((f"### {level.capitalize()}", diagram(moves), _moves(moves)))
        for level, moves in MOVES.items()
    ]
    return "\n\n".join((*parts, "### Gate", diagram(GATE_MOVES), _moves(GATE_MOVES)))


def diagram(moves: Iterable[tuple[str, str]]) -> str:
    """The moves as a state diagram, from the first state of the table to those where a node may stay for ever."""
    pairs = list(moves)
    first = pairs[0][0]
    lasts = dict.fromkeys(end for _, end in pairs if _is_last(end, pairs))
    lines = [
        "stateDiagram-v2",
        f"    [*] --> {first}",
        *(f"    {before} --> {after}" for before, after in pairs),
        *(f"    {end} --> [*]" for end in lasts),
    ]
    return "```mermaid\n" + "\n".join(lines) + "\n```"


def _is_last(end: str, pairs: list[tuple[str, str]]) -> bool:
    return end == status.Phase.FINISHED or all(before != end for before, _ in pairs)


def _moves(
    moves: dict[tuple[status.Phase, status.Phase], str] | dict[tuple[gates.GatePhase, gates.GatePhase], str],
) -> str:
    return table(("from", "to", "when"), ((before, after, what) for (before, after), what in moves.items()))


def reasons() -> str:
    """Every kind of reason by the group it stands in, with the facts it carries."""
    rows: list[tuple[str, ...]] = []
    group = "none"
    for line in inspect.getsource(status.Why).splitlines():
        kind, comment = KIND.match(line.strip()), COMMENT.fullmatch(line.strip())
        if comment:
            group = comment[1]
        elif kind and kind[1] != "NONE":
            meaning, _, facts = (kind[3] or "").partition("[")
            rows.append((f"`{kind[2]}`", group, meaning.strip(), _code(facts.rstrip("]").split(","))))
    return table(("reason", "of what is", "meaning", "facts"), rows)


def told() -> str:
    """Every event in its family: tag, promise and fields."""
    families = _families(events)
    by_family: dict[str, list[type]] = {}
    for event in EVENTS:
        by_family.setdefault(families[event.__name__], []).append(event)
    return "\n\n".join(
        f"### {family.capitalize()}\n\n{_structs('event', members, skip='at')}"
        for family, members in by_family.items()
    )


def answers() -> str:
    """What each event comes to, by the level it names and the phase of its node."""
    rows = [
        (f"`{event.__name__}`", level, *(phases.get(phase, "–") for phase in status.Phase))
        for event, levels in ANSWERS.items()
        for level, phases in levels.items()
    ]
    return table(("event", "names a", *status.Phase), rows)


def wanted() -> str:
    """Every want: tag, promise and fields."""
    return _structs("want", get_args(wants.Want), skip="name")


def generated_parts() -> Iterator[tuple[str, str]]:
    """What each generated part is made from, with its text."""
    yield "the table of moves", states()
    yield "the kinds of reasons", reasons()
    yield "the events", told()
    yield "the table of answers", answers()
    yield "the wants", wanted()


def write(page: Path) -> None:
    """Renew the generated parts of the page; each pair of marks must be there."""
    text = page.read_text(encoding="utf-8")
    for subject, generated in generated_parts():
        text = renew(text, subject, generated)
    page.write_text(text, encoding="utf-8")


def _structs(noun: str, structs: Iterable[type], *, skip: str) -> str:
    """A table of nouns: name, tag, docstring, and each field (but the one they all have) on a line of its own."""
    rows = []
    for struct in structs:
        tag = struct.__struct_config__.tag  # type: ignore[attr-defined]
        fields = [line for name, line in _fields(struct) if name != skip]
        rows.append((f"`{struct.__name__}`", f"`{tag}`", _sentence(struct.__doc__), "<br>".join(fields)))
    return table((noun, "tag", "means", "fields"), rows)


def _fields(struct: type) -> Iterator[tuple[str, str]]:
    """Each field with its type, and the docstring that stands below it."""
    (tree,) = ast.parse(inspect.getsource(struct)).body
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    for node, below in zip_longest(body, body[1:]):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            promise = ast.literal_eval(below.value) if isinstance(below, ast.Expr) else ""
            line = f"`{node.target.id}: {ast.unparse(node.annotation)}` {_sentence(promise)}"
            yield node.target.id, line.strip()


def _sentence(text: str | None) -> str:
    return " ".join((text or "").split())


def _families(module: ModuleType) -> dict[str, str]:
    """The comment on a line of its own under which each class of a module stands."""
    families: dict[str, str] = {}
    family = ""
    for line in inspect.getsource(module).splitlines():
        comment, named = COMMENT.fullmatch(line), CLASS.match(line)
        if comment:
            family = comment[1]
        elif named:
            families[named[1]] = family
    return families


def _code(names: Iterable[str]) -> str:
    return ", ".join(f"`{name.strip()}`" for name in names if name.strip())


if __name__ == "__main__":
    write(Path(sys.argv[1]).with_suffix(".md"))
