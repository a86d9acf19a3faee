"""The tree of an expression: frozen nodes, made by `parser`, read by `evaluator`.

Positions count from 1 and take no part in comparison, so two texts that mean the same have equal trees.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ferryman.expressions.values import number_text


@dataclass(frozen=True, slots=True)
class Literal:
    """null, a boolean, a number or a string."""

    value: bool | float | str | None


@dataclass(frozen=True, slots=True)
class Name:
    """A first name: the root of a path into the context."""

    name: str
    position: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Index:
    """One step into a value: `of.key`, `of['key']`, `of[0]`."""

    of: "Node"
    key: "Node"


@dataclass(frozen=True, slots=True)
class All:
    """Every value or item: `of.*`, `of[*]`."""

    of: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    """A function, under its canonical name, with as many arguments as it takes."""

    name: str
    arguments: tuple["Node", ...]
    position: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Not:
    """`!of`."""

    of: "Node"


@dataclass(frozen=True, slots=True)
class Compare:
    """Two values and one of `==` `!=` `<` `<=` `>` `>=`."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class And:
    """Two or more operands joined by `&&`, as one level of the tree."""

    operands: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Two or more operands joined by `||`, as one level of the tree."""

    operands: tuple["Node", ...]


Node = Literal | Name | Index | All | Call | Not | Compare | And | Or
"""Every form a node may have."""


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below this one, in the order of the text."""
    match node:
        case Literal() | Name():
            return ()
        case Index(of, key):
            return (of, key)
        case All(of) | Not(of):
            return (of,)
        case Call(_, arguments):
            return arguments
        case Compare(_, left, right):
            return (left, right)
        case And(operands) | Or(operands):
            return operands


def static_path(node: Node) -> tuple[str, ...]:
    """The steps of a path that is known without evaluating it (`a.b`, `a['b']`, `a.0`), else an empty tuple.

    Only whole numbers count as known steps: the others are rounded in a way that their text would hide.
    """
    match node:
        case Name(name):
            return (name,)
        case Index(of, Literal(str() as key)):
            front = static_path(of)
            return (*front, key) if front else ()
        case Index(of, Literal(float() as key)) if key.is_integer():
            front = static_path(of)
            return (*front, number_text(key)) if front else ()
        case _:
            return ()


def roots(node: Node) -> Iterator[Name]:
    """Every first name in the tree, in the order of the text, as often as it stands there."""
    if isinstance(node, Name):
        yield node
    for child in children(node):
        yield from roots(child)


def paths(node: Node) -> Iterator[str]:
    """Every path into the context, in the order of the text, with dots; cut at its first unknown step."""
    path = static_path(node)
    if path:
        yield ".".join(path)
        return
    for child in children(node):
        yield from paths(child)


def spelling(node: Node) -> str:
    """The node as text again, in plain form: `a['b']` reads `a.b`, parentheses only where they are needed."""
    match node:
        case Literal(str() as value):
            return "'" + value.replace("'", "''") + "'"
        case Literal(None):
            return "null"
        case Literal(bool() as value):
            return "true" if value else "false"
        case Literal(float() as value):
            return number_text(value)
        case Name(name):
            return name
        case Index(of, key):
            plain = static_path(node)
            return f"{spelling(of)}.{plain[-1]}" if plain else f"{spelling(of)}[{spelling(key)}]"
        case All(of):
            return f"{spelling(of)}.*"
        case Call(name, arguments):
            return f"{name}({', '.join(map(spelling, arguments))})"
        case Not(of):
            return f"!{_grouped(of)}"
        case Compare(operator, left, right):
            return f"{_grouped(left)} {operator} {_grouped(right)}"
        case And(operands):
            return " && ".join(map(_grouped, operands))
        case Or(operands):
            return " || ".join(map(_grouped, operands))
        case _:
            return ""


def _grouped(node: Node) -> str:
    text = spelling(node)
    return f"({text})" if isinstance(node, Compare | And | Or) else text
