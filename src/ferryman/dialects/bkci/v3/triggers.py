"""How a build was started, in BK-CI's words (bkci-v3 6.2, 9): the trigger stage is no part of a run.

It is over as soon as the run has its turn, and with it the element that fired.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from ferryman.domain import words
from ferryman.domain.run import Run
from ferryman.domain.status import Phase


class Start(NamedTuple):
    """One way to start a build: the text of `trigger`, and the class in `startType`."""

    text: str
    kind: str


_REMOTE = "remoteTrigger"
STARTS: Mapping[str, Start] = MappingProxyType(
    {
        words.MANUAL: Start("manual", "manualTrigger"),
        words.TIMED: Start("timing", "timerTrigger"),
        words.ON_CHANGE: Start("Code changes", "codeGitWebHookTrigger"),
        words.BY_API: Start("Openapi start", _REMOTE),
        words.BY_PIPELINE: Start("pipeline", _REMOTE),
        words.REMOTE: Start("remote triggering", _REMOTE),
        words.ON_EVENT: Start("by event", _REMOTE),
    }
)
"""StartType → how it is told."""


def start_of(how: str) -> Start:
    """How a start is told; one of which nothing is known was made by hand."""
    return STARTS.get(how, STARTS[words.MANUAL])


def status_of(run: Run) -> str:
    """The status of the trigger stage, its job and the element that fired; "" before the run's first turn."""
    if run.started_at or run.execution > 1:
        return "SUCCEED"
    return "UNEXEC" if run.phase is Phase.FINISHED else ""


def fired(elements: Sequence[Mapping[str, Any]], how: str) -> int:
    """Which trigger element fired: the first enabled one of the kind, else the first enabled one, else the first."""
    on = [at for at, element in enumerate(elements) if element.get("elementEnable", True)]
    wanted = start_of(how).kind
    return next((at for at in on if elements[at].get("@type") == wanted), on[0] if on else 0)
