"""Faults: what must not happen, told to whoever runs Ferryman, and not more often than is of use.

A full disk is met by every run at every try, some times a second. It is told once a minute, for as long as it lasts.
"""

from collections.abc import Callable

from ferryman.ports.clock import Clock

EVERY_MS = 60_000
"""How long a fault that was told is not told again."""

Fault = Callable[[str, BaseException], None]
"""Hears of what must not happen: the run it concerns, empty where it is more than one, and what was raised."""


def no_fault(run: str, fault: BaseException) -> None:
    """Nobody hears."""


class Sparing:
    """A `Fault` that passes on what it has not passed on lately, whatever run it concerned."""

    def __init__(self, tell: Fault, clock: Clock) -> None:
        """Pass faults on to `tell`."""
        self._tell, self._clock = tell, clock
        self._told: dict[tuple[type, str], int] = {}

    def __call__(self, run: str, fault: BaseException) -> None:
        """Hear of a fault."""
        now = self._clock.now()
        self._told = {which: at for which, at in self._told.items() if now - at < EVERY_MS}
        which = type(fault), str(fault)
        if which not in self._told:
            self._told[which] = now
            self._tell(run, fault)
