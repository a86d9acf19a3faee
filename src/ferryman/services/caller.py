"""Who asks. Every verb is told; what they may do is judged in `permits`, and nowhere else."""

import msgspec

from ferryman.domain.access import EVERYTHING, Rights

LOCAL = "local"
"""The project of a data folder that no server was ever started on (RULINGS 26)."""


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, for which project, with what rights, and how they came here."""

    name: str
    project: str = LOCAL
    rights: Rights = EVERYTHING
    """Who speaks through the data folder itself is its owner."""
    actions: tuple[str, ...] = ()
    """What the asked operation is called in the API that was spoken; policies may name it so (RULINGS 21)."""
    request: str = ""
    """The request's id, for the audit and the server's log."""
    address: str = ""
    """From where."""
    at: int = 0
    """When, in milliseconds since 1970; 0 where nobody said."""
    credential: str = ""
    """What they proved themselves with: `token:ID`, `key:ID`, `app:CODE`; limits are counted by it."""
    facts: dict[str, str] = {}
    """More that conditions of policies may ask for, by key in lower case."""
