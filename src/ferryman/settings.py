"""Settings: every one of them, typed, with where it comes from. A flag counts before the environment."""

import os
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from ferryman.domain.errors import Invalid, Problem

DATA_VARIABLE = "FERRYMAN_DATA"
ZONE_VARIABLE = "FERRYMAN_ZONE"
DATA_DEFAULT = ".ferryman"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What one installation is set to."""

    data: Path
    """The data folder."""
    zone: str = "UTC"
    """The time zone that runs read times in."""
    allow: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    """Networks that requests of steps may go to besides public ones (RULINGS 26)."""

    @property
    def private(self) -> Path:
        """The part of the data folder that steps must not see (RULINGS 18)."""
        return self.data / "private"

    @property
    def work(self) -> Path:
        """Where jobs have their working folders."""
        return self.data / "work"


def read(*, data: str | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this call. Raises `Invalid` naming the setting, what is allowed, and where it came from."""
    given = os.environ if environ is None else environ
    folder = data or given.get(DATA_VARIABLE) or DATA_DEFAULT
    zone = given.get(ZONE_VARIABLE) or "UTC"
    try:
        ZoneInfo(zone)
    except (ValueError, OSError) as error:
        raise Invalid(
            [
                Problem(
                    path=ZONE_VARIABLE,
                    message=f"{zone!r}, from the environment, is no time zone",
                    hint="a name such as Europe/Berlin, or UTC",
                    code=0,
                )
            ]
        ) from error
    return Settings(data=Path(folder).absolute(), zone=zone)
