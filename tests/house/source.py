"""A source file as the house rules see it: its module name, its text, its tree."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Source:
    """One Python file of the product. `module` is dotted; a package's own file bears the package's name."""

    module: str
    text: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed text."""
        return ast.parse(self.text)

    @cached_property
    def room(self) -> str:
        """The first name below `ferryman`."""
        parts = self.module.split(".")
        return parts[1] if len(parts) > 1 else "__init__"

    @property
    def package(self) -> str:
        """The dotted folder this file stands in."""
        return self.module if self.is_package else self.module.rpartition(".")[0]

    @property
    def writes_pages(self) -> bool:
        """Whether this is a room's page generator: a tool of `make docs`, never imported by the product."""
        return self.module == f"ferryman.{self.room}.pages" and not self.is_package

    def at(self, node: ast.AST, text: str) -> str:
        """A finding with its place."""
        return f"{self.module}:{getattr(node, 'lineno', 1)}: {text}"

    def imports(self) -> Iterator[tuple[ast.stmt, str]]:
        """Every name imported anywhere in the file, absolute and as deep as it is written."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield node, alias.name
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    yield node, f"{self._absolute(node)}.{alias.name}"

    def late_imports(self) -> Iterator[tuple[ast.stmt, str]]:
        """The imports that stand inside a function."""
        inside = {
            id(node)
            for function in ast.walk(self.tree)
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            for node in ast.walk(function)
        }
        return ((node, name) for node, name in self.imports() if id(node) in inside)

    def _absolute(self, node: ast.ImportFrom) -> str:
        """The module an import names, with leading dots resolved."""
        if not node.level:
            return node.module or ""
        package = self.package.split(".")
        above = package[: len(package) - node.level + 1]
        return ".".join([*above, *([node.module] if node.module else [])])


def product(root: Path = ROOT) -> tuple[Source, ...]:
    """Every Python file under `src`, sorted by module."""
    source = root / "src"
    found = []
    for path in sorted(source.rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if package else parts)
        found.append(Source(name, path.read_text(encoding="utf-8"), package))
    return tuple(found)
