"""Text → tokens of an expression, one at a time and in linear time. Source: pipeline-yaml 10.2."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ferryman.expressions.errors import ErrorKind, ExpressionError, shortened

_NAME = r"[A-Za-z_][A-Za-z0-9_-]*"

_TOKEN = re.compile(
    rf"""
      (?P<blank>    \s+ )
      | (?P<string>   '[^']*(?:''[^']*)*' )
      | (?P<all>      \.\s*\* | \[\s*\*\s*\] )
      | (?P<name_step>   \.\s*{_NAME} )
      | (?P<number_step> \.\s*[0-9]+ )
      # A number stands alone: `1.x`, `5-3` and `0o18` are no numbers with something behind them.
      | (?P<number>   (?: 0o[0-7]+ | [+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)? ) (?![\w.+-]) )
      | (?P<function> {_NAME}\s*\( )
      | (?P<name>     {_NAME} )
      | (?P<operator> \|\| | && | == | != | <= | >= | < | > | ! )
      | (?P<mark>     [()\[\],] )
    """,
    re.VERBOSE,
)
_SYMBOL = re.compile(r"[\w.+-]+|.", re.DOTALL)

_ADVICE = {
    '"': "texts stand in single quotes",
    "'": "this quote is not closed",
    "=": "equality is ==",
    "&": "the operator is &&",
    "|": "the operator is ||",
    "?": "there is no ?: operator; use && and ||",
    "+": "there is no arithmetic",
    "-": "there is no arithmetic",
    "*": "there is no arithmetic",
    "/": "there is no arithmetic",
    "%": "there is no arithmetic",
    "$": "placeholders do not stand inside an expression; write the name alone",
}


class Token(NamedTuple):
    """One piece of an expression.

    `kind` is the mark or operator itself, or one of: string, number, name, function (its name; the `(` is
    eaten), name_step and number_step (`.key`; the key), all (`.*` or `[*]`), end. `position` counts from 1.
    """

    kind: str
    text: str
    position: int


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text, and `end` for ever after; ExpressionError at the first symbol that is none."""
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise unexpected(_symbol(text, at), at + 1)
        kind, piece, position = str(match.lastgroup), match.group(), at + 1
        at = match.end()
        match kind:
            case "blank":
                continue
            case "operator" | "mark":
                yield Token(piece, piece, position)
            case "name_step" | "number_step":
                yield Token(kind, piece[1:].lstrip(), position)
            case "function":
                yield Token(kind, piece[:-1].rstrip(), position)
            case _:
                yield Token(kind, piece, position)
    while True:
        yield Token("end", "", len(text) + 1)


def unexpected(symbol: str, position: int) -> ExpressionError:
    """The refusal of a symbol that cannot stand where it does."""
    hint = _ADVICE.get(symbol) or _ADVICE.get(symbol[:1], "")
    return ExpressionError(
        ErrorKind.UNEXPECTED_SYMBOL,
        f"unexpected symbol {shortened(symbol)}",
        position=position,
        symbol=symbol,
        hint=hint,
    )


def _symbol(text: str, at: int) -> str:
    found = _SYMBOL.match(text, at)
    return found.group() if found else ""
