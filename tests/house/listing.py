"""What the docs must tell of: step kinds, commands, events. Read from the source, not run."""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping

from tests.house.rules import dotted
from tests.house.source import Source


def step_kinds(sources: Iterable[Source]) -> Iterator[str]:
    """The name of each step kind: the text every `StepKind(...)` is given first, or as `name`."""
    for source in sources:
        if source.room == "steps":
            yield from _names_given_to(source, "StepKind")


def commands(sources: Iterable[Source]) -> Iterator[str]:
    """The words of the command line, as `ferryman WORD`."""
    for source in sources:
        if source.room == "cli":
            for node in ast.walk(source.tree):
                if isinstance(node, ast.FunctionDef):
                    for mark in node.decorator_list:
                        group, _, kind = dotted(mark).rpartition(".")
                        if kind == "command":
                            within = "" if group in ("click", "main") else f"{group} "
                            yield f"ferryman {within}{_given_name(mark) or node.name.replace('_', '-')}"


def events(sources: Iterable[Source]) -> Iterator[str]:
    """The class of everything a run can be told."""
    for source in sources:
        if source.module == "ferryman.domain.events":
            for node in source.tree.body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    yield node.name


def _names_given_to(source: Source, call: str) -> Iterator[str]:
    for node in ast.walk(source.tree):
        made = isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == call
        if made and (name := _given_name(node)):
            yield name


def _given_name(call: ast.AST) -> str | None:
    if not isinstance(call, ast.Call):
        return None
    given = [keyword.value for keyword in call.keywords if keyword.arg == "name"] + call.args[:1]
    for value in given:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value
    return None


LISTS: Mapping[str, Callable[[Iterable[Source]], Iterator[str]]] = {
    "step kind": step_kinds,
    "command": commands,
    "event": events,
}
