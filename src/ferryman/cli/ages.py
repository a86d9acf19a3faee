"""How long ago, as people write it: 90s, 10m, 2h, 1d."""

import re

from ferryman.cli import shown
from ferryman.cli.exits import Exit, Stop

UNITS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


def since(text: str) -> int:
    """The moment that long ago, in milliseconds since 1970; 0 of an empty text. Raises `Stop` for what is no time."""
    if not text:
        return 0
    match = re.fullmatch(r"(\d+)([smhd])", text)
    if match is None:
        raise Stop(f"--since {text}: not a time; write 90s, 10m, 2h or 1d", Exit.USAGE)
    return shown.now() - int(match[1]) * UNITS[match[2]]
