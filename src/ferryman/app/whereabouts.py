"""Where the server of a data folder is found: a note in the folder, as long as it answers."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ferryman import __version__
from ferryman.settings import Settings

if TYPE_CHECKING:
    from ferryman.app.server import Listening

NOTE = "server.json"
FOR_ALL = 0o644
FOR_ITS_OWNER = 0o600
"""Who may read what is written; only its owner can change it."""


class Whereabouts(msgspec.Struct, frozen=True, kw_only=True):
    """Where a server is found."""

    address: str
    host: str
    port: int
    pid: int
    data: str
    version: str


def of(listening: "Listening", settings: Settings) -> Whereabouts:
    """Where this process is found."""
    return Whereabouts(
        address=listening.address,
        host=listening.host,
        port=listening.port,
        pid=os.getpid(),
        data=str(settings.data),
        version=__version__,
    )


def write(place: Path, found: Whereabouts, *, rights: int = FOR_ALL) -> None:
    """Write it down, all at once: whoever sees the file can read it whole, and only its owner can change it. What
    stands under its names already is replaced, and a link not followed. Raises OSError."""
    part = place.with_name(place.name + ".part")
    part.unlink(missing_ok=True)
    with open(part, "xb", opener=partial(os.open, mode=rights)) as file:
        file.write(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    part.replace(place)


@contextmanager
def noted(settings: Settings, found: Whereabouts) -> Iterator[None]:
    """Keep the note in the folder until left."""
    place = settings.private / NOTE
    write(place, found, rights=FOR_ITS_OWNER)
    try:
        yield
    finally:
        place.unlink(missing_ok=True)


def read(settings: Settings) -> Whereabouts | None:
    """What the note says. It may be left from a server that was killed: ask too whether anybody holds the folder."""
    with suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode((settings.private / NOTE).read_bytes(), type=Whereabouts)
    return None
