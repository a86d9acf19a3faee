"""Why an attempt did not succeed, as a number that programs know (bkci-v3 6.9).

The number tells whose fault it is: the user's (bad input, unknown things, an exit code), the platform's or that of
somebody outside (ERR-4).
"""

from enum import IntEnum


class TaskCode(IntEnum):
    """The common numbers of faults of tasks."""

    UNSPECIFIED = 2199001
    BAD_INPUT = 2199002
    NOT_FOUND = 2199003
    """Something that the step needs is not here: a plugin, a pipeline, an artifact, a sender."""
    WENT_WRONG = 2199004
    WAITED_TOO_LONG = 2199005
    TIMED_OUT = 2199006
    CANNOT_RUN = 2199009
    """A script's command cannot be run on this machine."""
    EXIT_CODE = 2199011
    """A script ended with another code than zero."""
    PLATFORM = 2189500
    OUTSIDE = 2199501
    """A call to somebody outside did not go well."""
