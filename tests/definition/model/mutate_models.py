"""Breaks models the way clients do, one small break at a time, and knows where it broke them."""

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

Spot = tuple[str | int, ...]

VALUES: tuple[Any, ...] = (
    None, "", "text", "${x}", "${{ x }}", 0, -1, 5, 10**6, 2**70, 1.5, True, False, [], {}, [1], [[]], ["a", "a"],
    {"a": 1}, {"@type": "vmBuild"}, "x" * 600, "é\u2028", "finally", "12", "a: [b", float("inf"), "\ud800",
)  # fmt: skip


class Mutant(NamedTuple):
    """A broken document and the spot that was touched."""

    kind: str
    document: Any
    spot: Spot


def spots(document: Any, spot: Spot = ()) -> Iterator[Spot]:
    """Every spot of a document but its top."""
    children: list[tuple[str | int, Any]] = []
    if isinstance(document, dict):
        children = list(document.items())
    elif isinstance(document, list):
        children = list(enumerate(document))
    for key, value in children:
        yield (*spot, key)
        yield from spots(value, (*spot, key))


def _holder(document: Any, spot: Spot) -> Any:
    for part in spot[:-1]:
        document = document[part]
    return document


def _replace(draw: random.Random, holder: Any, key: Any) -> None:
    holder[key] = copy.deepcopy(draw.choice(VALUES))


def _remove(draw: random.Random, holder: Any, key: Any) -> None:
    del holder[key]


def _misspell(draw: random.Random, holder: Any, key: Any) -> None:
    value = holder[key]
    if isinstance(value, str) and value:
        at = draw.randrange(len(value))
        holder[key] = value[:at] + draw.choice(["", "x", "_"]) + value[at + 1 :]
    elif isinstance(holder, dict):
        holder[f"{key}s"] = holder.pop(key)


def _wrap(draw: random.Random, holder: Any, key: Any) -> None:
    holder[key] = [holder[key]] if draw.random() < 0.5 else {"value": holder[key]}


def _double(draw: random.Random, holder: Any, key: Any) -> None:
    if isinstance(holder, list):
        holder.insert(key, copy.deepcopy(holder[key]))
    elif isinstance(holder[key], list):
        holder[key] = holder[key] * draw.choice([2, 30])
    elif isinstance(holder[key], str):
        holder[key] = holder[key] * draw.choice([2, 300])


def _swap(draw: random.Random, holder: Any, key: Any) -> None:
    other = draw.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    holder[key], holder[other] = holder[other], holder[key]


MUTATIONS: dict[str, Callable[[random.Random, Any, Any], None]] = {
    "replace": _replace,
    "remove": _remove,
    "misspell": _misspell,
    "wrap": _wrap,
    "double": _double,
    "swap": _swap,
}


def mutants(document: Any, seed: int, count: int) -> Iterator[Mutant]:
    """`count` broken copies of a document; the same seed gives the same ones."""
    draw = random.Random(seed)
    known = list(spots(document))
    for _ in range(count):
        spot = draw.choice(known)
        kind = draw.choice(list(MUTATIONS))
        broken = copy.deepcopy(document)
        MUTATIONS[kind](draw, _holder(broken, spot), spot[-1])
        yield Mutant(kind, broken, spot)
