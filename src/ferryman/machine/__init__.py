"""The door of the run machine: pure rules, events in, wants out. No clock, no I/O, no randomness, no log."""

from ferryman.machine.advance import RULES_VERSION, Advance, advance, begin, filled
from ferryman.machine.job import JobAdvance, advance_job
from ferryman.machine.replay import replay
from ferryman.machine.wanted import of_run as wants

__all__ = [
    "RULES_VERSION",
    "Advance",
    "JobAdvance",
    "advance",
    "advance_job",
    "begin",
    "filled",
    "replay",
    "wants",
]
