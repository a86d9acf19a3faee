"""The rules about source, each a function from source to findings. No finding means the rule holds.

What the rules allow stands in `rooms`; what they say of the papers (docs, changelog) stands in `papers`.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from graphlib import CycleError, TopologicalSorter

from tests.house import rooms
from tests.house.source import Source

CAMEL = re.compile(r"[a-z][a-z0-9]*(?:[A-Z]+[a-z0-9]*)+")
SHOUTED = re.compile(r"[A-Z][A-Z0-9]{2,}(?:_[A-Z0-9]+)*")
VAGUE = re.compile(r"(?:Manager|Helper|Util|Base|Impl)s?(?=[A-Z0-9_]|$)")
# The pages of the web face are what the product shows; any other room's are made by `make docs`.
PAGES = re.compile(r"ferryman\.(?!web\.)\w+\.pages\b")
BRITISH = re.compile(r"cancell(?:ed|ing|er)", re.IGNORECASE)


def room_of(name: str) -> str | None:
    """The room an imported name belongs to; None when it is not Ferryman's."""
    first, _, rest = name.partition(".")
    if first != "ferryman":
        return None
    room = rest.partition(".")[0]
    return room if room and (room == "__main__" or not room.startswith("__")) else "__init__"


def import_direction(source: Source) -> Iterator[str]:
    """Imports point inwards, as the table of rooms says."""
    if source.room not in rooms.MAY_IMPORT:
        yield source.at(source.tree, f"room {source.room!r} is not in the table of rooms")
        return
    allowed = rooms.MAY_IMPORT[source.room] | rooms.MAY_ALSO_IMPORT.get(source.module, frozenset())
    for node, name in source.imports():
        room = room_of(name)
        if room not in (None, "__init__", source.room, *allowed):
            yield source.at(node, f"{source.room} may not import {room} ({name})")


def neighbors(sources: Iterable[Source]) -> Iterator[str]:
    """No dialect knows another dialect, no store another store, no version of a vendor another version.

    Folders are neighbors; a module that stands beside them is what they share.
    """
    known = tuple(sources)
    folders = {source.package for source in known}
    for source in known:
        mine = source.package.split(".")
        for node, name in source.imports() if source.room in rooms.NEIGHBORS else ():
            theirs = name.split(".")
            fork = next((at for at, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), 0)
            other = theirs[fork]
            if (
                fork >= 2
                and ".".join(theirs[: fork + 1]) in folders
                and other not in rooms.NEIGHBORS[source.room]
            ):
                yield source.at(node, f"{mine[fork]} may not import its neighbor {other} ({name})")


def circles(sources: Iterable[Source]) -> Iterator[str]:
    """No module imports itself by way of others."""
    known = {source.module: source for source in sources}
    graph: dict[str, set[str]] = {}
    for module, source in known.items():
        graph[module] = set()
        for _, name in source.imports():
            target = name if name in known else name.rpartition(".")[0]
            if target in known and target != module:
                graph[module].add(target)
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        yield "import circle: " + " ← ".join(error.args[1])


def hidden_imports(source: Source) -> Iterator[str]:
    """No import of a room hides in a function, nor behind a call that imports by name."""
    if source.room in rooms.LATE_IMPORTS:
        return
    for node, name in source.late_imports():
        if room_of(name):
            yield source.at(node, f"{name} is imported inside a function")
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in {
            "import_module",
            "__import__",
        }:
            yield source.at(node, "a module is imported by name")


def foreign_sqlite(source: Source) -> Iterator[str]:
    """Nobody imports the standard library's sqlite3: closing its handle drops the other library's locks."""
    for node, name in source.imports():
        if name.split(".")[0] == "sqlite3":
            yield source.at(node, "sqlite3 is imported")


def pure_imports(source: Source) -> Iterator[str]:
    """A pure room imports from outside only what its table names."""
    allowed = rooms.PURE_ROOMS.get(source.room)
    if allowed is None or source.writes_pages:
        return
    for node, name in source.imports():
        parts = name.split(".")
        names = {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
        if room_of(name) is None and not names & allowed:
            yield source.at(node, f"{source.room} is pure and may not import {name}")


def worldly_calls(source: Source) -> Iterator[str]:
    """A pure room reads no clock, draws no number, opens no file and prints nothing."""
    if source.room not in rooms.CALM_ROOMS or source.writes_pages:
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            if name in rooms.WORLDLY_CALLS or name.partition(".")[0] in rooms.WORLDLY_CALLS - {
                "open",
                "print",
                "input",
            }:
                yield source.at(node, f"{source.room} is pure and may not call {name}")


def pages_stay_outside(source: Source) -> Iterator[str]:
    """The product never imports a page generator: its right to touch the disk ends with `make docs`."""
    for node, name in source.imports():
        if PAGES.match(name) and not source.writes_pages:
            yield source.at(node, f"{name} is a page generator")


def undocumented_names(source: Source) -> Iterator[str]:
    """Every public module, class, function and method says in a docstring what it promises."""
    if not ast.get_docstring(source.tree):
        yield source.at(source.tree, "the module has no docstring")
    yield from _undocumented(source, source.tree.body, "")


def _undocumented(source: Source, body: list[ast.stmt], prefix: str) -> Iterator[str]:
    for node in body:
        if not isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        ) or node.name.startswith("_"):
            continue
        repeats = {dotted(mark).rpartition(".")[2] for mark in node.decorator_list} & {
            "overload",
            "setter",
            "deleter",
        }
        if not repeats and not ast.get_docstring(node):
            yield source.at(node, f"{prefix}{node.name} has no docstring")
        if isinstance(node, ast.ClassDef):
            yield from _undocumented(source, node.body, f"{prefix}{node.name}.")


def vague_names(source: Source) -> Iterator[str]:
    """No class is a manager, helper, util, base or impl: name the thing."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef) and VAGUE.search(node.name):
            yield source.at(node, f"class {node.name} is named for nothing in particular")


def british_names(source: Source) -> Iterator[str]:
    """We say canceled, with one l; the other spelling is a vendor's or a file's word."""
    if at_vendors_home(source) or source.module == rooms.FILE_WORDS:
        return
    for node, name in bound_names(source.tree):
        if BRITISH.search(name):
            yield source.at(node, f"{name} is spelled with two l")


def vendor_words(sources: Iterable[Source]) -> Iterator[str]:
    """A vendor's word never stands outside its home.

    The words are read from the wire models: every camelCase name and text, every upper-case text. Taken off
    are the words that pipeline files use themselves (the table of words, the settings of step kinds) and
    common ones.
    """
    known = tuple(sources)
    words: set[str] = set()
    ours = set(rooms.COMMON_WORDS)
    for source in known:
        if at_vendors_home(source):
            words |= {
                text for _, text in texts(source.tree) if CAMEL.fullmatch(text) or SHOUTED.fullmatch(text)
            }
            words |= {name for _, name in bound_names(source.tree) if CAMEL.fullmatch(name)}
        elif source.module == rooms.FILE_WORDS:
            ours |= {text for _, text in texts(source.tree)}
        elif source.room == "steps":
            ours |= set(_words_of_steps(source))
    foreign = words - ours
    for source in known:
        if at_vendors_home(source) or source.module == rooms.FILE_WORDS:
            continue
        for node, text in (*texts(source.tree), *bound_names(source.tree), *used_names(source.tree)):
            shouted = SHOUTED.fullmatch(text)
            ours_to_shout = shouted and (
                at_home(source, rooms.FILE_FORMAT) or not isinstance(node, ast.Constant)
            )
            if text in foreign and not ours_to_shout:
                yield source.at(node, f"{text} is a vendor's word")


def at_vendors_home(source: Source) -> bool:
    """Whether this file stands where a vendor's words are at home."""
    return at_home(source, rooms.VENDOR_HOMES)


def at_home(source: Source, packages: Iterable[str]) -> bool:
    """Whether this file stands in one of these packages, or below."""
    return any(fnmatchcase(f"{source.package}.", package) for package in packages)


def _words_of_steps(source: Source) -> Iterator[str]:
    """The words a step kind takes from the file: its name, its settings and the values they allow."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef):
            for field in node.body:
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                    yield field.target.id
                    yield re.sub(r"_(\w)", lambda hump: hump[1].upper(), field.target.id)
                    yield from (text for _, text in texts(field))
        elif isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "StepKind":
            yield from (text for _, text in texts(node))


def bound_names(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Every identifier this tree gives a meaning to."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node, node.name
        elif isinstance(node, ast.arg):
            yield node, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node, node.attr


def used_names(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Every attribute and keyword this tree speaks of."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Store):
            yield node, node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield node, node.arg


def texts(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Every text written as a literal."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node, node.value


def dotted(node: ast.AST) -> str:
    """The dotted name of an expression; empty when it is none."""
    if isinstance(node, ast.Call):
        return dotted(node.func)
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""
