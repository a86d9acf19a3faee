"""Whether a value is JSON at all, of a depth and of numbers that every reader can hold."""

import math
import re
from typing import Any

from ferryman.definition.model.checks import codes
from ferryman.definition.model.checks.findings import Findings, Spot

MOST_DEPTH = 64
"""Levels of lists and objects."""
MOST_CHARACTERS = 16_777_215
"""Of a whole model (bkci-v3 7, row 9), counted in keys, texts and marks."""
_WIDEST_NUMBER = 2**63
_SURROGATE = re.compile("[\ud800-\udfff]")


def check_json(document: Any, findings: Findings) -> bool:
    """Tell the first thing that no JSON document holds; whether the rest of the checks can rely on it."""
    characters = 0
    waiting: list[tuple[Any, Spot]] = [(document, ())]
    while waiting:
        value, spot = waiting.pop()
        fault = _fault(value, len(spot))
        if fault:
            findings.add(spot, fault, codes.NOT_A_MODEL)
            return False
        characters += len(value) + 2 if isinstance(value, str) else 2
        if isinstance(value, dict):
            characters += sum(len(key) + 4 for key in value)
            waiting += [(item, (*spot, key)) for key, item in value.items()]
        elif isinstance(value, list):
            waiting += [(item, (*spot, at)) for at, item in enumerate(value)]
        if characters > MOST_CHARACTERS:
            findings.add((), f"the model is larger than {MOST_CHARACTERS} characters", codes.MODEL_SIZE)
            return False
    return True


def _fault(value: Any, depth: int) -> str:
    match value:
        case dict() | list() if depth >= MOST_DEPTH:
            return f"is nested deeper than {MOST_DEPTH} levels"
        case dict():
            keys_are_text = all(isinstance(key, str) and not _SURROGATE.search(key) for key in value)
            return "" if keys_are_text else "has a key that is no text"
        case str():
            return "holds half a character, which no file can keep" if _SURROGATE.search(value) else ""
        case bool() | list() | None:
            return ""
        case int():
            return "" if -_WIDEST_NUMBER <= value < 2 * _WIDEST_NUMBER else "is a number beyond 64 bits"
        case float():
            return "" if math.isfinite(value) else "is no finite number"
        case _:
            return f"is no JSON: {type(value).__name__[:40]}"
