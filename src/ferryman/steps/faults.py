"""What may be wrong with the settings of one step, and the near names that help.

A fault's path starts at the settings (`health-check.url`), because only the reader of the file knows
where in the file, and on which line, the settings stand. Codes are those of pipeline-yaml 13.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from enum import IntEnum

import msgspec


class FaultCode(IntEnum):
    """The stable number of each sort of fault (pipeline-yaml 13)."""

    MISSING = 2100144
    UNKNOWN_OR_EXCLUDED = 2100145
    NO_ALLOWED_FORM = 2100146
    NOT_AN_ALLOWED_WORD = 2100147
    WRONG_TYPE = 2100148
    TEXT_DOES_NOT_MATCH = 2100149
    TOO_LONG_OR_TOO_SHORT = 2100150
    OUT_OF_RANGE = 2100151


class SettingsFault(msgspec.Struct, frozen=True):
    """One thing that is wrong with the settings of a step; `path` is empty when it is the step as a whole."""

    path: str
    message: str
    hint: str = ""
    code: FaultCode = FaultCode.NO_ALLOWED_FORM


def near(word: str, known: Iterable[str]) -> str:
    """A hint that names the nearest known word, whatever its case, or all of them when none is near."""
    names = tuple(known)
    if not names:
        return ""
    by_folded = {name.casefold(): name for name in names}
    matches = get_close_matches(word[:100].casefold(), by_folded, n=1, cutoff=0.7)
    if matches:
        return f'did you mean "{by_folded[matches[0]]}"?'
    return "known: " + ", ".join(names)
