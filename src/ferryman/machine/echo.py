"""Echoes: what comes too late to matter. Not an error: the run stays as it was, and the journal says why."""

LATE = "it speaks of an attempt that is over"
UNKNOWN = "it speaks of a step that is not there"


class Echo(Exception):
    """An event that changes nothing; its text says why, and the journal keeps it."""
