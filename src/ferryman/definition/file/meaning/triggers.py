"""Schedules: a time is given, and it is one (pipeline-yaml 4)."""

import re
from collections.abc import Iterator
from datetime import datetime

from cronsim import CronSim, CronSimError

from ferryman.definition.file import codes, paths
from ferryman.definition.file.meaning.subject import Plain, Subject

_TIMES = ("cron", "interval", "advance-cron")
_YEAR = re.compile(r"\*|[0-9]{4}(?:[-/,][0-9]{1,4})*")
_FIELDS_WITH_YEAR = 7
_ANY_DAY = datetime(2000, 1, 1)
_LONGEST = 256


def check(subject: Subject) -> None:
    """Check every schedule of the file."""
    for path, schedule in _schedules(subject):
        if not any(key in schedule for key in _TIMES):
            message, hint = "a schedule needs a time", "write cron or interval"
            subject.findings.add(path, message, codes.MISSING, key="cron", hint=hint)
        for key in ("cron", "advance-cron"):
            texts = schedule.get(key) or ()
            for index, text in enumerate(texts):
                where = paths.key(path, key)
                item = paths.item(where, index)
                if text is not None and (fault := cron_fault(text)):
                    hint = "five fields: minute hour day month weekday, such as 0 3 * * *"
                    here = item if item in subject.findings.marks else where
                    subject.findings.add(
                        here, f'"{text[:60]}" is not a cron expression: {fault}', codes.PATTERN, hint=hint
                    )


def cron_fault(text: str) -> str:
    """What is wrong with a cron expression, nothing if all is well.

    Five fields, or six with seconds first, or seven with a year last; `?` stands for any day.
    """
    fields = text.replace("?", "*").split()
    if len(text) > _LONGEST:
        return f"longer than {_LONGEST} characters"
    if len(fields) == _FIELDS_WITH_YEAR and not _YEAR.fullmatch(fields.pop()):
        return "Bad year"
    if not text.isascii() or len(fields) not in {5, 6}:
        return "Wrong number of fields" if text.isascii() else "Bad character"
    try:
        CronSim(" ".join(fields), _ANY_DAY)
    except CronSimError as error:
        return str(error)
    return ""


def _schedules(subject: Subject) -> Iterator[tuple[str, Plain]]:
    """Every schedule with its place, whether written alone or in lists."""
    triggers = subject.value.get("on")
    entries = triggers if isinstance(triggers, list) else [triggers]
    for index, entry in enumerate(entries):
        path = paths.key(paths.item("on", index) if isinstance(triggers, list) else "on", "schedules")
        for number, schedule in enumerate((entry or {}).get("schedules") or ()):
            item = paths.item(path, number)
            if schedule is not None:
                yield (item if item in subject.findings.marks else path), schedule
