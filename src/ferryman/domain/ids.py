"""Names of things inside a run: paths and attempts (RULINGS 7).

A path is made of ids, never of names: `stage`, `stage/job`, `stage/job/step`. An id is the one the user gave, else the
position in that version of the pipeline (`s1`, `j1`, `t1`). Split jobs of a matrix are `job.0`, post-actions
`step.post`; every other character that could be mistaken for one of these marks is percent-encoded.
"""

from collections.abc import Iterable
from urllib.parse import quote

RUN = ""
"""The path of the run itself."""


def encoded(text: str) -> str:
    """A user's id as one segment of a path: letters, digits, `_`, `-` and `~` stay, all else is percent-encoded."""
    return quote(text, safe="").replace(".", "%2E")


def unique_ids(given: Iterable[str], letter: str) -> tuple[str, ...]:
    """One id for each sibling: the user's, else `letter` and its position from 1; doubles get a `~`."""
    texts = list(given)
    taken: set[str] = set()
    ids = [""] * len(texts)
    users_first = sorted(range(len(texts)), key=lambda at: (not texts[at], at))
    for at in users_first:
        wish = encoded(texts[at]) if texts[at] else f"{letter}{at + 1}"
        while wish in taken:
            wish += "~"
        taken.add(wish)
        ids[at] = wish
    return tuple(ids)


def join(*segments: str) -> str:
    """The path of a node below others."""
    return "/".join(segment for segment in segments if segment)


def attempt_key(path: str, execution: int, attempt: int) -> str:
    """`path#execution.try`: execution counts requested retries, try automatic ones; both from 1."""
    return f"{path}#{execution}.{attempt}"


def split_key(key: str) -> tuple[str, int, int]:
    """Path, execution and try of an attempt key; (key, 0, 0) where the text is no such key."""
    path, mark, numbers = key.rpartition("#")
    execution, dot, attempt = numbers.partition(".")
    if mark and dot and execution.isdecimal() and attempt.isdecimal():
        return path, int(execution), int(attempt)
    return key, 0, 0
