"""Secrets put into texts at the moment of use, and taken out of what comes back (DESIGN, promise 8)."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from ferryman.domain import words
from ferryman.domain.values import Json
from ferryman.domain.work import Work
from ferryman.ports.secrets import Secrets

Mask = Callable[[str, Sequence[str]], str]
"""A text without these values, in whatever form they stand in it."""

_PLACEHOLDER = re.compile(r"\$\{\{\s*settings\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_]+)\s*\}\}")


class Revealed:
    """The secrets of one attempt while it needs them."""

    def __init__(self, values: Mapping[tuple[str, str], str], mask: Mask, others: Iterable[str] = ()) -> None:
        """`values` by name and field; `mask` hides them, and the `others` of the project, in what comes back."""
        self._values = values
        self._mask = mask
        self.secrets = tuple(dict.fromkeys(text for text in (*values.values(), *others) if text))

    def put_into(self, text: str) -> str:
        """The text with its secrets; a placeholder of one that the step does not name stays as it is."""
        return _PLACEHOLDER.sub(lambda found: self._values.get((found[1], found[2]), found[0]), text)

    def put_into_json(self, text: str) -> str:
        """The same for a JSON document, leaf by leaf, so that no value can break its form; else as a plain text."""
        if not self._values:
            return text
        try:
            tree = msgspec.json.decode(text)
        except msgspec.DecodeError:
            return self.put_into(text)
        return msgspec.json.encode(self._put_into_tree(tree)).decode()

    def _put_into_tree(self, node: Json) -> Json:
        match node:
            case str():
                return self.put_into(node)
            case dict():
                return {name: self._put_into_tree(item) for name, item in node.items()}
            case list():
                return [self._put_into_tree(item) for item in node]
        return node

    def hide(self, text: str) -> str:
        """The text without any secret of the project."""
        return self._mask(text, self.secrets) if self.secrets else text


async def reveal(work: Work, texts: Iterable[str], secrets: Secrets, mask: Mask) -> Revealed:
    """The secrets that these texts speak of, as far as the work names them. Raises `NotFound`.

    All others of the project are hidden too: an answer may hold what an earlier step handed to whoever gives it.
    """
    values: dict[tuple[str, str], str] = {}
    for text in texts if work.secrets else ():
        for name, field in _PLACEHOLDER.findall(text):
            if name in work.secrets and (name, field) not in values:
                values[name, field] = await secrets.resolve(
                    work.project, name, field, run=work.run, key=work.key
                )
    return Revealed(values, mask, await secrets.values(work.project))


def mask_plainly(text: str, secrets: Sequence[str]) -> str:
    """The text with each value, as it is, replaced by asterisks; longer ones first."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, words.HIDDEN)
    return text
