"""Checks on timers: their expressions can be read, and none fires by seconds (bkci-v3 5.10, 7 row 37).

An expression has five fields (minute first), or six or seven with seconds in front and a year behind. A line that
holds a variable is known only when it fires.
"""

import re

from ferryman.definition.model.checks import codes
from ferryman.definition.model.checks.findings import Spot
from ferryman.definition.model.checks.view import Part, Subject
from ferryman.definition.model.wire.shapes import TEXT, fit_scalar

TIMER = "timerTrigger"
_FIELD = re.compile(r"[0-9A-Za-z*?/,\-#]+", re.ASCII)
_SECOND = re.compile(r"[0-5]?[0-9]", re.ASCII)
_SHORT, _LONG = 5, (6, 7)


def check(subject: Subject) -> None:
    """Tell every fault of the timers in the trigger stage that are switched on."""
    for stage in subject.stages[:1]:
        for box in stage.parts("containers"):
            for element in box.parts("elements"):
                options = element.part("additionalOptions")
                if element.text("@type") == TIMER and (
                    "enable" not in options.tree or options.flag("enable")
                ):
                    _check_timer(subject, element)


def _check_timer(subject: Subject, element: Part) -> None:
    for key in ("newExpression", "advanceExpression"):
        for at, item in enumerate(element.listed(key)):
            for line in (fit_scalar(item, TEXT) or "").splitlines():
                if line.strip() and "${" not in line:
                    _check_line(subject, line, (*element.at(key), at))


def _check_line(subject: Subject, line: str, spot: Spot) -> None:
    fields = line.split()
    if len(fields) not in (_SHORT, *_LONG) or not all(map(_FIELD.fullmatch, fields)):
        message = f'"{line.strip()[:40]}" is no time that can be read'
        hint = "five fields from the minute on, or six with seconds in front"
        subject.findings.add(spot, message, codes.TIMER, hint=hint)
    elif len(fields) in _LONG and not _SECOND.fullmatch(fields[0]):
        message = f'"{line.strip()[:40]}" fires by seconds'
        hint = "name one second in front: 0"
        subject.findings.add(spot, message, codes.TIMER_BY_SECONDS, hint=hint)
