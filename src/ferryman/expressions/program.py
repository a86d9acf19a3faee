"""Tree → program: closures that give the value of a node, and what decided its truth.

A program is made once for a text and run many times; a closure costs a call and nothing is looked up twice.
Source: pipeline-yaml 10.4, 10.5. First names are checked before anything is evaluated: an unknown one is an
error wherever it stands (rulings 1.2).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from ferryman.domain.judgement import Operand
from ferryman.expressions.access import MISSING, every, look_up, step
from ferryman.expressions.errors import ErrorKind, ExpressionError, near, shortened
from ferryman.expressions.evaluation import Evaluation
from ferryman.expressions.functions import CALLS
from ferryman.expressions.parser import KEPT_LENGTH, parse
from ferryman.expressions.tree import (
    All,
    And,
    Call,
    Compare,
    Index,
    Literal,
    Name,
    Node,
    Not,
    Or,
    roots,
    spelling,
    static_path,
)
from ferryman.expressions.values import COMPARISONS, Branch, FilteredArray, equal, to_text, truthy

MAX_OPERANDS = 10
"""How many operands an explanation names."""
MAX_SHOWN = 120
"""Characters of a value in an explanation."""

_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}

Value = Callable[[Evaluation], object]


class Asked(NamedTuple):
    """A question about a truth: how the node came out, and whether an odd number of `!` stand around it."""

    holds: bool
    negated: bool


Decided = Callable[[Evaluation, Asked, list[Operand]], None]


class Part(NamedTuple):
    """A node made ready: its value, and what decided its truth (appended to a list, which stays short)."""

    value: Value
    decided: Decided


class Program(NamedTuple):
    """An expression made ready. `names` are its first names, `roots` the same with their places."""

    names: tuple[str, ...]
    roots: tuple[Name, ...]
    part: Part

    def check(self, context: Mapping[str, object]) -> None:
        """Refuse the first of the first names that the context does not know."""
        for name in self.names:
            if name not in context:
                raise self._unknown(context)

    def _unknown(self, context: Mapping[str, object]) -> ExpressionError:
        root = next(root for root in self.roots if root.name not in context)
        return ExpressionError(
            ErrorKind.UNKNOWN_NAME,
            f"unknown name {shortened(root.name)}",
            position=root.position,
            symbol=root.name,
            hint=near(root.name, context) if isinstance(context, dict | Branch) else "",
        )

    def value(self, run: Evaluation) -> object:
        """The value; ExpressionError when a first name is unknown or a function refuses."""
        self.check(run.context)
        return self.part.value(run)

    def operands(self, run: Evaluation, *, holds: bool) -> tuple[Operand, ...]:
        """What decided that the value is true or false: as much of it as the evaluation can pay for."""
        found: list[Operand] = []
        try:
            self.part.decided(run, Asked(holds, negated=False), found)
        except ExpressionError:
            # The value stands; only its explanation is cut short.
            return tuple(found)
        return tuple(found)


def program_of(text: str) -> Program:
    """The program of an expression, kept for short texts; ExpressionError when it does not parse."""
    return _kept(text) if len(text) <= KEPT_LENGTH else _program(text)


@lru_cache(maxsize=1024)
def _kept(text: str) -> Program:
    return _program(text)


def _program(text: str) -> Program:
    tree = parse(text)
    found = tuple(roots(tree))
    return Program(tuple(dict.fromkeys(root.name for root in found)), found, _part(tree))


def _part(node: Node) -> Part:
    path = static_path(node)
    if path:
        return _path(node, path)
    match node:
        case Literal(value):
            return Part(lambda run: value, _nothing)
        case Index(of, key):
            return _derived(node, _index(_part(of).value, _part(key).value))
        case All(of):
            return _derived(node, _all(_part(of).value))
        case Call():
            return _call(node)
        case Not(of):
            return _not(_part(of))
        case Compare():
            return _compare(node)
        case And(operands):
            return _row([_part(operand) for operand in operands], stops=False)
        case Or(operands):
            return _row([_part(operand) for operand in operands], stops=True)
        case Name():
            return _path(node, (node.name,))


def _nothing(run: Evaluation, asked: Asked, found: list[Operand]) -> None:
    """A literal decides nothing that its text does not say."""


def _path(node: Node, path: Sequence[str]) -> Part:
    name = _shown(spelling(node))
    if len(path) == 2:
        root, key = path

        def value_of_two(run: Evaluation) -> object:
            try:
                return run.context[root][key]  # type: ignore[index]
            except (KeyError, TypeError):
                return _found(run, path)

        return Part(value_of_two, partial(_show, name, value_of_two))

    def value(run: Evaluation) -> object:
        here: object = run.context
        try:
            for key in path:
                here = here[key]  # type: ignore[index]
        except (KeyError, TypeError):
            return _found(run, path)
        return here

    return Part(value, partial(_show, name, value))


def _found(run: Evaluation, path: Sequence[str]) -> object:
    """The long way to the end of a path: lists, names with dots, steps to nowhere."""
    found = look_up(run.context, path)
    return None if found is MISSING else found


def _show(name: str, value: Value, run: Evaluation, asked: Asked, found: list[Operand]) -> None:
    if len(found) < MAX_OPERANDS:
        found.append(Operand(name, _shown(value(run)), ""))


def _shown(value: object) -> str:
    return shortened(to_text(value), MAX_SHOWN)


def _derived(node: Node, value: Value) -> Part:
    return Part(value, partial(_show, _shown(spelling(node)), value))


def _index(of: Value, key: Value) -> Value:
    def value(run: Evaluation) -> object:
        whole = of(run)
        if type(whole) is FilteredArray:
            run.spend(len(whole))
        return step(whole, key(run))

    return value


def _all(of: Value) -> Value:
    def value(run: Evaluation) -> object:
        members = every(of(run))
        run.spend(1 + len(members))
        return members

    return value


def _call(node: Call) -> Part:
    parts = [_part(argument) for argument in node.arguments]
    values = [part.value for part in parts]
    function, position, name = CALLS[node.name], node.position, _shown(spelling(node))

    def value(run: Evaluation) -> object:
        arguments = [argument(run) for argument in values]
        run.position = position
        return function(run, arguments)

    def decided(run: Evaluation, asked: Asked, found: list[Operand]) -> None:
        _show(name, value, run, asked, found)
        for part in parts:
            part.decided(run, asked, found)

    return Part(value, decided)


def _not(part: Part) -> Part:
    inner, explain = part

    def value(run: Evaluation) -> object:
        return not truthy(inner(run))

    def decided(run: Evaluation, asked: Asked, found: list[Operand]) -> None:
        explain(run, Asked(not asked.holds, not asked.negated), found)

    return Part(value, decided)


def _row(parts: Sequence[Part], *, stops: bool) -> Part:
    """Operands joined by `&&` (it stops at the first false one) or `||` (at the first true one)."""
    *first, (last, _) = parts
    values = [value for value, _ in first]

    def value(run: Evaluation) -> object:
        for operand in values:
            found = operand(run)
            if truthy(found) is stops:
                return found
        return last(run)

    def decided(run: Evaluation, asked: Asked, found: list[Operand]) -> None:
        for operand, explain in parts:
            if len(found) >= MAX_OPERANDS:
                return
            if asked.holds is not stops:
                explain(run, asked, found)
            elif truthy(operand(run)) is stops:
                explain(run, asked, found)
                return

    return Part(value, decided)


def _compare(node: Compare) -> Part:
    operator = node.operator
    left, right = _part(node.left).value, _part(node.right).value
    compare = COMPARISONS[operator]

    def value(run: Evaluation) -> object:
        return compare(left(run), right(run))

    def is_equal(run: Evaluation) -> object:
        one, other = left(run), right(run)
        return one == other if type(one) is str and type(other) is str else equal(one, other)

    # The side that is looked at comes first: `'main' == branch` is told as "branch is dev, wanted main".
    turned = isinstance(node.left, Literal) and not isinstance(node.right, Literal)
    subject, wanted = (right, left) if turned else (left, right)
    looked_at = node.right if turned else node.left
    name = "" if isinstance(looked_at, Literal) else _shown(spelling(looked_at))
    sign = _MIRRORED.get(operator, operator) if turned else operator

    def decided(run: Evaluation, asked: Asked, found: list[Operand]) -> None:
        if len(found) < MAX_OPERANDS:
            relation = _OPPOSITE[sign] if asked.negated else sign
            text = _shown(wanted(run)) or "''"
            found.append(
                Operand(name, _shown(subject(run)), text if relation == "==" else f"{relation} {text}")
            )

    return Part(is_equal if operator == "==" else value, decided)
