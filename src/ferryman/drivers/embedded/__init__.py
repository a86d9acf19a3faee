"""The embedded driver: one asyncio loop, the journal in the store, steps in an executor.

driver       EmbeddedDriver: the door
claims       the runs in memory, their letters, and events folded into a unit
moving       fold, keep, answer, act, for each run
keeping      units: made, and written for as long as it takes
acting       the difference of wants carried out; what executors report
recovering   what earlier processes left: let go, or carried on
locking      what runs ask of locks, and what locks say to them
locks        all locks in memory
timers       one sleeper for all that is due some day
tasks        what is under way, and where its faults go
clock        the system's clock
"""

from ferryman.drivers.embedded.driver import EmbeddedDriver, Start

__all__ = ["EmbeddedDriver", "Start"]
