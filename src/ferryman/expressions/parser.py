"""Text → tree, by operator precedence with two stacks of its own. Source: pipeline-yaml 10.2.

The stacks are lists, so no input, however nested, meets Python's recursion limit, and every token is pushed
and popped once, so the time is linear. Parentheses leave no trace in the tree; a row of `&&`, or of `||`,
is one level of it.
"""

from functools import lru_cache
from typing import NamedTuple

from ferryman.expressions.errors import ErrorKind, ExpressionError, near, shortened
from ferryman.expressions.signatures import RETIRED, SIGNATURES
from ferryman.expressions.tokens import Token, tokens, unexpected
from ferryman.expressions.tree import All, And, Call, Compare, Index, Literal, Name, Node, Not, Or
from ferryman.expressions.values import to_number

MAX_LENGTH = 21_000
"""Characters in one expression."""
MAX_DEPTH = 50
"""Levels of a tree; parentheses alone add none."""
KEPT_LENGTH = 512
"""Texts up to this length (the longest condition that a file may hold) are kept parsed."""

_KEYWORDS: dict[str, bool | float | None] = {
    "null": None,
    "true": True,
    "false": False,
    "NaN": to_number("not a number"),
    "Infinity": to_number("1e999"),
}
_STRENGTH = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "!": 5}
_ROWS: dict[str, type[And] | type[Or]] = {"&&": And, "||": Or}
_CLOSES = {"(": ")", "function": ")", "[": "]"}


class _Open(NamedTuple):
    """An operator that waits for its right side, or a bracket that waits to be closed."""

    symbol: str
    position: int
    name: str = ""
    operands_below: int = 0


def parse(text: str) -> Node:
    """The tree of an expression; ExpressionError names the first fault, its symbol and position.

    The text is the expression alone, without `${{ }}` around it.
    """
    return _parse_kept(text) if len(text) <= KEPT_LENGTH else _Parser(text).tree()


@lru_cache(maxsize=1024)
def _parse_kept(text: str) -> Node:
    return _Parser(text).tree()


class _Parser:
    """One parse: operands with their depths on one stack, what is still open on the other."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            message = f"an expression holds at most {MAX_LENGTH} characters, this one {len(text)}"
            raise ExpressionError(ErrorKind.TOO_LONG, message)
        if not text.strip():
            raise ExpressionError(ErrorKind.EMPTY, "the expression is empty")
        self.tokens = tokens(text)
        self.operands: list[tuple[Node, int]] = []
        self.open: list[_Open] = []

    def tree(self) -> Node:
        """Operand, operator, operand, ... to the end."""
        while True:
            accessible = self._operand()
            if self._operator(accessible):
                (node, _) = self.operands[0]
                return node

    def _operand(self) -> bool:
        """Read up to one whole operand; whether `.` and `[` may follow it."""
        while True:
            token = next(self.tokens)
            match token.kind:
                case "!" | "(":
                    self.open.append(_Open(token.kind, token.position))
                case "function":
                    self._open_call(token)
                case ")" if self.open and self._is_fresh_call(self.open[-1]):
                    self._close(token)
                    return True
                case "number":
                    self.operands.append((Literal(to_number(token.text)), 1))
                    return False
                case "string":
                    self.operands.append((Literal(token.text[1:-1].replace("''", "'")), 1))
                    return False
                case "name" if token.text in _KEYWORDS:
                    self.operands.append((Literal(_KEYWORDS[token.text]), 1))
                    return False
                case "name":
                    self.operands.append((Name(token.text, token.position), 1))
                    return True
                case _:
                    raise _stray(token)

    def _operator(self, accessible: bool) -> bool:
        """Read what stands behind an operand, up to the next operand; whether the text has ended."""
        while True:
            token = next(self.tokens)
            match token.kind:
                case "name_step" | "number_step" | "all" if accessible:
                    self._step(token)
                case "[" if accessible:
                    self.open.append(_Open("[", token.position))
                    return False
                case ")" | "]":
                    self._close(token)
                    accessible = True
                case ",":
                    self._settle(1)
                    if not self.open or self.open[-1].symbol != "function":
                        raise _stray(token)
                    return False
                case "end":
                    self._settle(1)
                    if self.open:
                        raise _stray(token)
                    return True
                case symbol if symbol in _STRENGTH and symbol != "!":
                    # A row of `&&` or of `||` is gathered whole, so its own kind is left open.
                    self._settle(_STRENGTH[symbol] + (symbol in _ROWS))
                    self.open.append(_Open(symbol, token.position))
                    return False
                case _:
                    raise _stray(token)

    def _push(self, node: Node, depth: int, position: int) -> None:
        if depth > MAX_DEPTH:
            message = f"the expression is nested deeper than {MAX_DEPTH} levels"
            raise ExpressionError(ErrorKind.TOO_DEEP, message, position=position)
        self.operands.append((node, depth))

    def _step(self, token: Token) -> None:
        of, depth = self.operands.pop()
        match token.kind:
            case "all":
                node: Node = All(of)
            case "number_step":
                node = Index(of, Literal(to_number(token.text)))
            case _:
                node = Index(of, Literal(token.text))
        self._push(node, depth + 1, token.position)

    def _open_call(self, token: Token) -> None:
        lowered = token.text.lower()
        if lowered not in SIGNATURES:
            raise _unknown_function(token)
        self.open.append(_Open("function", token.position, lowered, len(self.operands)))

    def _is_fresh_call(self, opened: _Open) -> bool:
        return opened.symbol == "function" and opened.operands_below == len(self.operands)

    def _close(self, token: Token) -> None:
        self._settle(1)
        opened = self.open.pop() if self.open else None
        if opened is None or _CLOSES[opened.symbol] != token.kind:
            raise _stray(token)
        if opened.symbol == "[":
            (of, depth), (key, key_depth) = self.operands[-2:]
            del self.operands[-2:]
            self._push(Index(of, key), 1 + max(depth, key_depth), opened.position)
        elif opened.symbol == "function":
            self._call(opened)

    def _call(self, opened: _Open) -> None:
        signature = SIGNATURES[opened.name]
        arguments = self.operands[opened.operands_below :]
        del self.operands[opened.operands_below :]
        if not signature.least <= len(arguments) <= signature.most:
            few = len(arguments) < signature.least
            raise ExpressionError(
                ErrorKind.TOO_FEW_ARGUMENTS if few else ErrorKind.TOO_MANY_ARGUMENTS,
                f"too {'few' if few else 'many'} arguments for {signature.form}",
                position=opened.position,
                symbol=signature.name,
            )
        depth = 1 + max((depth for _, depth in arguments), default=0)
        call = Call(signature.name, tuple(node for node, _ in arguments), opened.position)
        self._push(call, depth, opened.position)

    def _settle(self, strength: int) -> None:
        """Build every open operator that binds at least this strongly."""
        while self.open and _STRENGTH.get(self.open[-1].symbol, 0) >= strength:
            symbol, position, *_ = self.open.pop()
            size = 1 if symbol == "!" else 2
            while symbol in _ROWS and self.open and self.open[-1].symbol == symbol:
                self.open.pop()
                size += 1
            taken = self.operands[-size:]
            del self.operands[-size:]
            nodes = tuple(node for node, _ in taken)
            node: Node
            if symbol == "!":
                node = Not(nodes[0])
            elif symbol in _ROWS:
                node = _ROWS[symbol](nodes)
            else:
                node = Compare(symbol, *nodes)
            self._push(node, 1 + max(depth for _, depth in taken), position)


def _stray(token: Token) -> ExpressionError:
    """The refusal of a token that cannot stand where it does."""
    if token.kind == "end":
        message = "unexpected end of expression"
        return ExpressionError(ErrorKind.UNEXPECTED_END, message, position=token.position)
    dot = "." if token.kind in ("name_step", "number_step") else ""
    return unexpected(dot + token.text, token.position)


def _unknown_function(token: Token) -> ExpressionError:
    lowered = token.text.lower()
    names = {name: signature.name for name, signature in SIGNATURES.items()}
    if lowered in RETIRED:
        hint = RETIRED[lowered]
    else:
        close = near(lowered, names)
        hint = next((close.replace(name, names[name]) for name in names if f" {name}?" in close), "")
    return ExpressionError(
        ErrorKind.UNKNOWN_FUNCTION,
        f"unknown function {shortened(token.text)}",
        position=token.position,
        symbol=token.text,
        hint=hint,
    )
