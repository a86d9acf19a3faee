"""What a condition came to, and because of what, as data.

`ferryman.expressions.judge` makes these; a run keeps the `Because` as the reason of a skip, so that every
face can say "branch is dev, wanted main" without evaluating anything again.
"""

from typing import NamedTuple

import msgspec


class Operand(NamedTuple):
    """One value that decided.

    `name` is as written in the expression, empty for a plain literal; `value` is its text, cut when long;
    `wanted` is the text it was compared with, with the operator in front unless that is "equal", or empty
    when its truth decided.
    """

    name: str
    value: str
    wanted: str

    def __str__(self) -> str:
        """The form for people: `variables.branch is dev, wanted main`."""
        value = self.value or "empty"
        found = f"{self.name} is {value}" if self.name else f"found {value}"
        return f"{found}, wanted {self.wanted}" if self.wanted else found


class Because(msgspec.Struct, frozen=True):
    """Why a condition came out as it did: its text and the operands that decided, or the error that did.

    The operands show values as they are. Whoever shows them to people masks sensitive ones first.
    """

    text: str
    operands: tuple[Operand, ...] = ()
    error: str = ""

    def sentence(self) -> str:
        """One sentence for people, without a full stop."""
        if self.error:
            return f"could not be decided: {self.error}"
        return "; ".join(map(str, self.operands)) or f"the condition is {self.text.strip()}"


class Judgement(msgspec.Struct, frozen=True):
    """The verdict of a condition; as a truth value it is its own verdict."""

    value: bool
    because: Because

    @property
    def error(self) -> str:
        """Why the condition could not be evaluated (it then counts as false), or empty text."""
        return self.because.error

    def __bool__(self) -> bool:
        """The verdict itself, so that `if judge(...)` means what it says."""
        return self.value
