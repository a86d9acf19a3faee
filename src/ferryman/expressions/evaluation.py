"""One evaluation: the context it reads, the time zone, and what it may still spend.

The language has no loops, but values can be multiplied (a format inside a format, JSON of JSON). Every
function and every `.*` pays here for the characters and items it touches, so no expression runs long or
grows large.
"""

from collections.abc import Mapping

from ferryman.expressions.errors import ErrorKind, ExpressionError
from ferryman.expressions.values import Branch, to_text

MAX_TEXT = 1_048_576
"""Characters in one text that an expression or a substitution makes."""
MAX_STEPS = 4_000_000
"""Characters and items that one evaluation may touch in functions."""


class Evaluation:
    """The state of one evaluation. Not shared between threads, and gone when the value is there."""

    __slots__ = ("context", "position", "steps_left", "zone")

    def __init__(self, context: Mapping[str, object], zone: str) -> None:
        """Begin to evaluate over a context; `zone` is the name of a time zone."""
        self.context = rooted(context)
        self.zone = zone
        self.steps_left = MAX_STEPS
        self.position = 0

    def spend(self, steps: int) -> None:
        """Pay for so many characters or items; refused when nothing is left."""
        self.steps_left -= steps
        if self.steps_left < 0:
            raise self.refusal(ErrorKind.TOO_MANY_STEPS, f"the expression takes more than {MAX_STEPS} steps")

    def sized(self, length: int) -> None:
        """Pay for a text of so many characters before it is made; refused when it would be too large."""
        if length > MAX_TEXT:
            raise self.refusal(ErrorKind.TOO_LARGE, f"a text would be longer than {MAX_TEXT} characters")
        self.spend(length)

    def text(self, value: object) -> str:
        """The text of a value, paid for."""
        text = to_text(value)
        self.spend(len(text))
        return text

    def refusal(self, kind: ErrorKind, message: str) -> ExpressionError:
        """The refusal of what stands at the present position."""
        return ExpressionError(kind, message, position=self.position)


def rooted(context: Mapping[str, object]) -> Mapping[str, object]:
    """A context to look first names up in: a plain dict with dotted names is read as nested objects."""
    if type(context) is dict and "." in "".join(context):
        return Branch(context, "")
    return context
