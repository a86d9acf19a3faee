"""Secrets taken out of what a step hands over: outputs, variables, its remark, its own words on what went wrong.

Without this a secret would get into the journal, and from there into answers and exports (DESIGN, promise 8).
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec.structs import replace

from ferryman.domain import words
from ferryman.domain.values import Json
from ferryman.domain.work import WorkResult


class Mask(Protocol):
    """Takes values out of a text, in whatever form they stand in it."""

    def __call__(self, text: str, secrets: Sequence[str]) -> str:
        """The text without them."""
        ...


Hide = Callable[[str], str]


def mask_plainly(text: str, secrets: Sequence[str]) -> str:
    """The text with each value, as it is, replaced by asterisks; longer ones first."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, words.HIDDEN)
    return text


def says_something(result: WorkResult) -> bool:
    """Whether anything in a result may be in a step's own words."""
    return bool(result.outputs or result.variables or result.gate_values or result.remark or result.reason)


def hidden(result: WorkResult, hide: Hide) -> WorkResult:
    """The result without secrets, also in names that the step gave; names of facts are ours."""
    return replace(
        result,
        outputs={hide(name): _hidden_in(value, hide) for name, value in result.outputs.items()},
        variables=_texts(result.variables, hide),
        gate_values=_texts(result.gate_values, hide),
        remark=hide(result.remark),
        reason=replace(result.reason, facts={name: hide(text) for name, text in result.reason.facts.items()}),
    )


def _texts(values: dict[str, str], hide: Hide) -> dict[str, str]:
    return {hide(name): hide(value) for name, value in values.items()}


def _hidden_in(node: Json, hide: Hide) -> Json:
    match node:
        case str():
            return hide(node)
        case dict():
            return {hide(name): _hidden_in(value, hide) for name, value in node.items()}
        case list():
            return [_hidden_in(value, hide) for value in node]
    return node
