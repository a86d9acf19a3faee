"""What clients asked for, and what they were told."""

import threading
from collections import Counter
from typing import Literal, NamedTuple

Told = Literal["done", "refused", "nothing"]
"""Acknowledged, refused, or the connection ended without an answer."""
Kind = Literal["start", "review", "stop", "retry"]
KINDS: tuple[Kind, ...] = ("start", "review", "stop", "retry")


class Change(NamedTuple):
    """One change, however often it is asked for."""

    kind: Kind
    subject: str
    """A start's token; else the build."""
    part: str = ""
    """A review's group."""


class Answer(NamedTuple):
    """What one request for a change came to."""

    change: Change
    by: str
    told: Told
    build: str = ""
    number: int = 0
    code: int = 0


class Ledger:
    """All answers, in the order in which they came; any thread may write."""

    def __init__(self) -> None:
        """Nothing has been asked yet."""
        self._lock = threading.Lock()
        self._answers: list[Answer] = []

    def add(self, answer: Answer) -> Answer:
        """Write one down."""
        with self._lock:
            self._answers.append(answer)
        return answer

    def of(self, kind: Kind) -> dict[Change, list[Answer]]:
        """All that was told of changes of this kind."""
        found: dict[Change, list[Answer]] = {}
        for each in self._answers:
            if each.change.kind == kind:
                found.setdefault(each.change, []).append(each)
        return found

    def counts(self) -> Counter[tuple[Kind, Told]]:
        """How often each kind of change was told each answer."""
        return Counter((each.change.kind, each.told) for each in self._answers)
