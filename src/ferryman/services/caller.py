"""Who asks. Every verb is told; what they may do is judged where there are accounts."""

import msgspec

LOCAL = "local"
"""The one project until there is a server (RULINGS 26)."""


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, and for which project."""

    name: str
    project: str = LOCAL
