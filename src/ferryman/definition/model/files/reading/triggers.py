"""`on` to the elements of the trigger job (pipeline-yaml 4); back in `writing.triggers`."""

import json
import re

from ferryman.definition.model.files.fields import read_fields
from ferryman.definition.model.files.tables import EVENTS, MANUAL, SCHEDULE
from ferryman.definition.model.files.values import Json, Tree, flag, listing, mapping, mappings, text, texts
from ferryman.definition.model.files.words import (
    DEFAULT_REPOSITORY,
    EVENT_TYPES,
    REPOSITORY_TRIGGERS,
    WRAPPED_TRIGGERS,
)

DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
"""Numbered from 1 in a timer, named by three letters or more in a file."""
MIDNIGHT = "00:00"
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{1,2})", re.ASCII)


def trigger_elements(written: Json) -> list[Tree]:
    """The elements in their order: manual, schedules, remote, then the events of each repository."""
    entries = mappings(written)
    wanting = [entry for entry in entries if "repo-name" not in entry and "type" not in entry]
    anchor = entries[0] if len(entries) == 1 else wanting[0] if wanting else {}
    elements = [_manual(anchor.get("manual"))]
    elements += [_schedule(schedule) for schedule in mappings(anchor.get("schedules"))]
    if anchor.get("remote") is not None:
        elements.append(_remote(anchor["remote"]))
    for entry in entries:
        elements += [_event(entry, event) for event in EVENT_TYPES if event in entry]
    return elements


def _named(kind: str, rule: Tree, *, enabled: bool) -> Tree:
    """What every trigger element has; options are only there to switch it off."""
    element: Tree = {"@type": kind, "name": text(rule.get("name")) or kind}
    if text(rule.get("id")):
        element["stepId"] = text(rule["id"])
    if not enabled:
        element["additionalOptions"] = {"enable": False}
    return element


def _manual(written: Json) -> Tree:
    """The manual trigger, which is always there and may be off."""
    rule = mapping(written)
    enabled = written != "disabled" and flag(rule.get("enable"), True)
    return _named("manualTrigger", rule, enabled=enabled) | read_fields(MANUAL, rule)


def _remote(written: Json) -> Tree:
    rule = mapping(written)
    return _named("remoteTrigger", rule, enabled="disabled" not in (written, rule.get("enable")))


def _schedule(rule: Tree) -> Tree:
    element = _named("timerTrigger", rule, enabled=flag(rule.get("enable"), True))
    crons = texts(rule.get("cron")) + texts(rule.get("advance-cron"))
    if crons:
        element["advanceExpression"] = crons
    if mapping(rule.get("interval")):
        element["newExpression"] = _interval(rule["interval"])
    if mapping(rule.get("start-params")):
        values = [{"key": key, "value": text(value)} for key, value in rule["start-params"].items()]
        element["startParams"] = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return element | read_fields(SCHEDULE, rule)


def _interval(interval: Tree) -> list[str]:
    """One expression for each time point: `0 M H ? * days`."""
    named = [day[:3].lower() for day in texts(interval.get("week"))]
    days = ",".join(str(DAYS.index(day) + 1) for day in named if day in DAYS) or "*"
    times = [_TIME.fullmatch(point) for point in texts(interval.get("time-points")) or [MIDNIGHT]]
    return [f"0 {int(time[2])} {int(time[1])} ? * {days}" for time in times if time]


def _event(entry: Tree, event: str) -> Tree:
    """One event of one repository; a list in place of the mapping is its first filter."""
    filters = EVENTS[event]
    written = entry[event]
    rule = written if isinstance(written, dict) else {filters[0].key: listing(written)}
    kind = REPOSITORY_TRIGGERS.get(text(entry.get("type")), REPOSITORY_TRIGGERS[DEFAULT_REPOSITORY])
    repository = text(entry.get("repo-name"))
    fields: Tree = {"repositoryType": "NAME" if repository else "SELF"}
    if repository:
        fields["repositoryName"] = repository
    if text(entry.get("scm-code")):
        fields["scmCode"] = text(entry["scm-code"])
    fields |= {"eventType": EVENT_TYPES[event], **read_fields(filters, rule)}
    element = _named(kind, rule, enabled=flag(rule.get("enable"), True))
    return element | ({"data": {"input": fields}} if kind in WRAPPED_TRIGGERS else fields)
