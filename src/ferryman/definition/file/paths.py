"""Paths into a pipeline file: `stages[1].jobs.ship.steps[0].uses` (pipeline-yaml 13)."""

import re

_PLAIN = re.compile(r"[\w$*-]+")


def key(path: str, name: str) -> str:
    """The path of a key; one that is not a plain word is put in brackets and quotes."""
    if not _PLAIN.fullmatch(name):
        return f"{path}[{name!r}]"
    return f"{path}.{name}" if path else name


def item(path: str, index: int) -> str:
    """The path of an item of a list, counted from 0."""
    return f"{path}[{index}]"
