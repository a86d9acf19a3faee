"""Credentials put into texts at the moment of use, and taken out of what comes back (DESIGN, promise 8)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import msgspec

from ferryman import expressions
from ferryman.domain import words

Values = Mapping[str, Mapping[str, str]]
"""Credentials by name, each with its fields."""

Mask = Callable[[str, Sequence[str]], str]
"""A text without these values, in whatever form they stand in it."""


class Safe(Protocol):
    """Where credentials are kept."""

    async def reveal(self, project: str, names: Sequence[str]) -> Values:
        """These credentials of a project. Raises `NotFound`, naming the first that is not there."""
        ...


class Revealed:
    """The credentials of one attempt while it needs them."""

    def __init__(self, values: Values, mask: Mask) -> None:
        """`mask` hides them in what comes back."""
        self._scope = {"settings": {name: dict(fields) for name, fields in values.items()}}
        self.secrets = tuple(text for fields in values.values() for text in fields.values() if text)
        self._mask = mask

    def put_into(self, text: str) -> str:
        """The text with `${{ settings.NAME.FIELD }}` replaced; other placeholders stay."""
        return expressions.substitute(text, self._scope) if self.secrets else text

    def put_into_json(self, text: str) -> str:
        """The same for a JSON document, leaf by leaf, so that no value can break its form; else as a plain text."""
        if not self.secrets or "${" not in text:
            return text
        try:
            tree: Any = msgspec.json.decode(text)
        except msgspec.DecodeError:
            return self.put_into(text)
        return msgspec.json.encode(expressions.substitute_tree(tree, self._scope)).decode()

    def hide(self, text: str) -> str:
        """The text without any of them."""
        return self._mask(text, self.secrets) if self.secrets else text


def mask_plainly(text: str, secrets: Sequence[str]) -> str:
    """The text with each value, as it is, replaced by asterisks; longer ones first."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, words.HIDDEN)
    return text
