"""The shape of a row: one operation of a dialect.

A row says how the operation is called on its wire, what it takes, which verb of the services it is, and the two pure
functions between them. An operation that is more than one verb points at a named function instead (`exceptional`); how
many of those a dialect has is the measure of how well the domain fits.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NamedTuple

import msgspec

from ferryman.services import Caller, Services

Exceptional = Callable[[Services, Caller, Any], Awaitable[Any]]
"""Does an operation by itself: services, who asks, what was asked; what the wire answers."""


def nothing(asked: Any) -> dict[str, Any]:
    """A verb that takes nothing."""
    return {}


def as_it_is(result: Any, asked: Any) -> Any:
    """An answer that goes out as it came."""
    return result


class Download(NamedTuple):
    """An answer that is a file, and goes out as it is, without an envelope."""

    pieces: AsyncIterator[bytes]
    filename: str
    media: str = "text/plain; charset=utf-8"


class Operation(NamedTuple):
    """One row of a dialect's table."""

    name: str
    """What it does, in the vendor's documents."""
    routes: tuple[str, ...]
    """`METHOD /path/{name}` for each place where it is found."""
    takes: type[msgspec.Struct]
    """Path, query and body by wire name; a field `body` takes the whole body."""
    verb: str = ""
    """The verb as the services name it: `requests.cancel`."""
    asks: Callable[[Any], dict[str, Any]] = nothing
    """From what was asked to the verb's arguments."""
    tells: Callable[[Any, Any], Any] = as_it_is
    """From the verb's result, and what was asked, to the answer."""
    exceptional: Exceptional | None = None
    actions: tuple[str, ...] = ()
    """The vendor's names of what is done, old and new; policies may use them (RULINGS 21)."""
    tells_strangers: bool = False
    """Whether who is no member of the project has an answer too."""
