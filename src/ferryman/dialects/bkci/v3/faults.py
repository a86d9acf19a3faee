"""Faults of elements: whose it was, its code, and its text (bkci-v3 6.9, 9; statuses tells what they keep apart)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from ferryman.domain.run import StepState
from ferryman.domain.sentences import sentence
from ferryman.domain.status import Outcome, Phase, Why
from ferryman.domain.task_codes import TaskCode

NUMBERS: Mapping[str, int] = MappingProxyType(
    {"SYSTEM": 0, "USER": 1, "THIRD_PARTY": 2, "PLUGIN": 3, "BUILD_MACHINE": 4}
)
"""ErrorType: its word on an element, its number in errorInfoList (bkci-v3 11, surprise 5)."""

FAST_KILL = 2199010

BY_REASON: Mapping[Why, tuple[str, int]] = MappingProxyType(
    {
        Why.TIMED_OUT: ("USER", TaskCode.TIMED_OUT),
        Why.JOB_TIMEOUT: ("USER", TaskCode.WAITED_TOO_LONG),
        Why.FAST_KILL: ("USER", FAST_KILL),
        Why.READ_ONLY: ("USER", TaskCode.BAD_INPUT),
        Why.VARIABLE_TOO_LONG: ("USER", TaskCode.BAD_INPUT),
        Why.REVIEW_REJECTED: ("USER", TaskCode.WENT_WRONG),
        Why.REVIEW_EXPIRED: ("USER", TaskCode.TIMED_OUT),
        Why.NO_REVIEWERS: ("USER", TaskCode.BAD_INPUT),
        Why.ENVIRONMENT_FAILED: ("BUILD_MACHINE", TaskCode.PLATFORM),
        Why.ENVIRONMENT_LOST: ("BUILD_MACHINE", TaskCode.PLATFORM),
        Why.LOST: ("BUILD_MACHINE", TaskCode.PLATFORM),
        Why.FORCED_STOP: ("USER", TaskCode.WENT_WRONG),
    }
)
"""Kind of reason → whose fault, and its code. Of all others the code that the attempt gave tells."""

BY_CODE: tuple[tuple[int, int, str], ...] = (
    (2189500, 2189599, "SYSTEM"),
    (2199500, 2199599, "THIRD_PARTY"),
    (TaskCode.UNSPECIFIED, TaskCode.UNSPECIFIED, "PLUGIN"),
)
"""Codes from, to, and whose fault they tell; all others are the user's."""

BAD = (Outcome.FAILED, Outcome.ERRORED)


class Fault(NamedTuple):
    """Why an element did not succeed."""

    kind: str
    code: int
    text: str


def fault_of(step: StepState) -> Fault | None:
    """The fault of an element; None where there is none to tell. One whose contact is lost has one while it waits;
    the one for which its job had no place tells why there was none, for its job has no field for that."""
    why = step.reason.kind
    lost = step.phase is Phase.WAITING and why is Why.LOST
    if step.outcome is Outcome.UNREACHED:
        told = why is Why.ENVIRONMENT_FAILED
    else:
        told = step.outcome in BAD or why is Why.FAST_KILL or lost
    if not told:
        return None
    text = step.error_message or sentence(step.reason)
    # What cannot be done at all is told as an environment that failed, with a code of its own (bkci-v3 12, 8 and 22).
    if why in BY_REASON and not (why is Why.ENVIRONMENT_FAILED and step.error_code):
        kind, code = BY_REASON[why]
        return Fault(kind, code, text)
    code = step.error_code or TaskCode.EXIT_CODE
    return Fault(next((kind for low, high, kind in BY_CODE if low <= code <= high), "USER"), code, text)
