"""The functions of the language as a table: names, counts of arguments, one sentence each.

Source: pipeline-yaml 10.6, semantics 16.4. What they do is in `functions`; the guide's table is checked
against this.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

MAX_ARGUMENTS = 127
"""The most that any function takes."""


class Signature(NamedTuple):
    """A function as a user sees it. `least` and `most` count arguments; names have no regard to case."""

    name: str
    parameters: str
    least: int
    most: int
    help: str

    @property
    def form(self) -> str:
        """How it is written: `contains(a, b)`."""
        return f"{self.name}({self.parameters})"


_TABLE = (
    Signature(
        "contains",
        "a, b",
        2,
        2,
        "Whether the text of `a` holds that of `b`, with case; of an array: whether some item equals `b`.",
    ),
    Signature("startsWith", "a, b", 2, 2, "Whether the text of `a` starts with the text of `b`, with case."),
    Signature("endsWith", "a, b", 2, 2, "Whether the text of `a` ends with the text of `b`, with case."),
    Signature(
        "format",
        "text, x...",
        1,
        MAX_ARGUMENTS,
        "`text` with `{0}`, `{1}` ... replaced by the texts of the others; `{{` and `}}` are braces.",
    ),
    Signature(
        "join",
        "list, separator",
        1,
        2,
        "The texts of the items with the separator (a comma unless given) between; a scalar gives its text.",
    ),
    Signature("fromJSON", "text", 1, 1, "The value of a JSON text; a list or object as it is."),
    Signature("toJSON", "value", 1, 1, "The compact JSON text of a value; null stays null."),
    Signature(
        "strToTime",
        "text",
        1,
        1,
        "`YYYY-MM-DD` or `YYYY-MM-DD hh:mm:ss`, in the time zone of the run, as seconds since 1970.",
    ),
    Signature(
        "hashFiles",
        "pattern...",
        1,
        MAX_ARGUMENTS,
        "SHA-256 over the files in the workspace that match; known on a worker only, elsewhere an error.",
    ),
)

FUNCTIONS: Mapping[str, Signature] = MappingProxyType({signature.name: signature for signature in _TABLE})
"""Every function by its name."""

SIGNATURES: Mapping[str, Signature] = MappingProxyType({each.name.lower(): each for each in _TABLE})
"""Every function by its name in lower case, as the parser looks it up."""

RETIRED: Mapping[str, str] = MappingProxyType(
    {
        "success": "write the word SUCCESS as the whole condition of a finally job",
        "failure": "write the word FAILURE as the whole condition of a step or a finally job",
        "always": "write the word ALWAYS as the whole condition of a step or a finally job",
        "cancelled": (
            "write the word CANCELED as the whole condition of a finally job; "
            "a step says ALWAYS or ALWAYS_UNLESS_CANCELLED"
        ),
    }
)
"""Status functions of related languages: unknown here, with the word to use instead (pipeline-yaml 10.6)."""
