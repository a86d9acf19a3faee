"""Values that travel with a run: parameters, and the JSON that settings and outputs are made of."""

from typing import Any

import msgspec

Json = Any
"""Any JSON value: None, bool, int, float, str, list, dict."""

LONGEST_VALUE = 4000
"""Characters; longer values of variables are dropped or refused (RULINGS 13)."""


class Parameter(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A declared variable of a pipeline, or a value that a reviewer may fill in."""

    name: str
    default: Json = ""
    kind: str = "text"
    """text, long-text, boolean, choice, choices, or another word that only forms act on."""
    label: str = ""
    description: str = ""
    settable: bool = True
    """May be given a value at the start."""
    read_only: bool = False
    """Steps cannot write it."""
    constant: bool = False
    """Always the default; read only."""
    not_empty: bool = False
    """The start is refused while the value is blank."""
    sensitive: bool = False
    options: tuple[tuple[str, str], ...] = ()
    """(value, label) pairs to choose from."""
    origin: dict[str, Json] = {}
