"""What can be wrong with an expression: its kind, the symbol and the place. Source: pipeline-yaml 10.8."""

from collections.abc import Iterable
from difflib import get_close_matches
from enum import StrEnum
from itertools import islice

from ferryman.domain.errors import Invalid, Problem

_TEXT_DOES_NOT_MATCH = 2100149
_TOO_LONG = 2100150
_HINT_CANDIDATES = 200


class ErrorKind(StrEnum):
    """The kinds of faults, of parsing and of evaluation."""

    EMPTY = "empty"
    UNEXPECTED_SYMBOL = "unexpected-symbol"
    UNEXPECTED_END = "unexpected-end"
    UNKNOWN_NAME = "unknown-name"
    UNKNOWN_FUNCTION = "unknown-function"
    TOO_FEW_ARGUMENTS = "too-few-arguments"
    TOO_MANY_ARGUMENTS = "too-many-arguments"
    TOO_DEEP = "too-deep"
    TOO_LONG = "too-long"
    TOO_MANY_STEPS = "too-many-steps"
    TOO_LARGE = "too-large"
    BAD_FORMAT = "bad-format"
    BAD_JSON = "bad-json"
    BAD_TIME = "bad-time"
    ONLY_ON_WORKER = "only-on-worker"


class ExpressionError(Invalid):
    """An expression is wrong or cannot be evaluated.

    `position` counts characters from 1 and is 0 when the fault has no place; `symbol` is the offending
    piece of text, empty when there is none. `problems` holds the one fault, with the position as its
    column.
    """

    code = "invalid-expression"

    def __init__(
        self, kind: ErrorKind, message: str, *, position: int = 0, symbol: str = "", hint: str = ""
    ) -> None:
        """Refuse an expression for one fault, in one sentence without a full stop."""
        self.kind = kind
        self.position = position
        self.symbol = symbol
        place = f" at position {position}" if position else ""
        number = _TOO_LONG if kind is ErrorKind.TOO_LONG else _TEXT_DOES_NOT_MATCH
        super().__init__([Problem(path="", message=message + place, code=number, column=position, hint=hint)])


def shortened(text: str, length: int = 40) -> str:
    """A piece of somebody's text as it is shown: its beginning, when it is long."""
    return text if len(text) <= length else text[:length] + "…"


def near(word: str, known: Iterable[str]) -> str:
    """A hint that names the known word nearest to this one, or empty text."""
    matches = get_close_matches(word, list(islice(known, _HINT_CANDIDATES)), n=1)
    return f"did you mean {matches[0]}?" if matches else ""
