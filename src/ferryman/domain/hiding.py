"""Taking sensitive values out of what is shown to people: of views and plans, where whole values are known.

What steps write is masked elsewhere and more thoroughly, before it is kept; this is for the few texts that Ferryman
makes itself out of a run.
"""

import re
from collections.abc import Callable, Iterable

from ferryman.domain import words

SHORT = 4
"""Values of fewer characters are hidden only where they stand alone."""


def hiding(values: Iterable[str]) -> Callable[[str], str]:
    """A function that takes these values out of a text."""
    patterns = [
        re.escape(value) if len(value) >= SHORT else rf"(?<!\w){re.escape(value)}(?!\w)"
        for value in sorted(set(values), key=len, reverse=True)
        if value.strip()
    ]
    if not patterns:
        return lambda text: text
    found = re.compile("|".join(patterns))
    return lambda text: found.sub(words.HIDDEN, text)
