"""The elements of the trigger job to `on` (pipeline-yaml 4, 12.1); back in `reading.triggers`."""

import json
import re
from collections.abc import Iterable

from ferryman.definition.model.files.fields import write_fields
from ferryman.definition.model.files.reading.triggers import DAYS, MIDNIGHT
from ferryman.definition.model.files.tables import EVENTS, MANUAL, SCHEDULE
from ferryman.definition.model.files.values import Json, Tree, flag, mapping, mappings, ordered, text, texts
from ferryman.definition.model.files.words import (
    DEFAULT_REPOSITORY,
    EVENT_SYNONYMS,
    EVENT_TYPES,
    REPOSITORY_TRIGGERS,
    WRAPPED_TRIGGERS,
    reverse,
)
from ferryman.definition.model.files.writing.losses import Losses

_KEYS = ("manual", "schedules", "remote", "repo-name", "type", "scm-code", *EVENT_TYPES)
_SCHEDULE_KEYS = (
    "id name enable cron interval repo-type repo-id repo-name branches always start-params nodes advance-cron"
)
_POINT = re.compile(r"0 ([0-5]?[0-9]) ([01]?[0-9]|2[0-3]) \? \* ([1-7](?:,[1-7])*|\*)", re.ASCII)
_REFUSED = frozenset({"p4"})
_LOST_OF_REMOTE = {"remoteToken": "the token of the remote trigger"}


def write_triggers(elements: list[Tree], path: str, losses: Losses) -> Json:
    """One mapping, or a list that begins with the base entry where there are several repositories."""
    base: Tree = {"manual": "disabled"}
    schedules: list[Tree] = []
    repositories: list[tuple[Tree, Tree]] = []
    seen: set[str] = set()
    for position, element in enumerate(elements):
        place, kind = f"{path}.elements[{position}]", text(element.get("@type"))
        if kind in ("manualTrigger", "remoteTrigger") and kind not in seen:
            base["manual" if kind == "manualTrigger" else "remote"] = _once(element, kind, place, losses)
        elif kind == "timerTrigger":
            schedules.append(_schedule(element, place, losses))
        else:
            _add_event(repositories, element, place, losses)
        seen.add(kind)
    if schedules:
        base["schedules"] = schedules[0] if len(schedules) == 1 else schedules
    entries = [{**repository, **events} for repository, events in repositories]
    if len(entries) == 1:
        only = dict(entries[0])
        if only.get("type") == DEFAULT_REPOSITORY:
            del only["type"]
        return ordered(base | only, _KEYS)
    return [ordered(entry, _KEYS) for entry in [base, *entries]] if entries else ordered(base, _KEYS)


def _enabled(element: Tree) -> bool:
    return flag(mapping(element.get("additionalOptions")).get("enable"), True)


def _named(element: Tree, kind: str) -> Tree:
    found = {"id": text(element.get("stepId")), "name": text(element.get("name"))}
    return {key: value for key, value in found.items() if value not in ("", kind)}


def _once(element: Tree, kind: str, path: str, losses: Losses) -> Json:
    """A trigger of which a file has one: a word when there is nothing to tell but on or off."""
    manual = kind == "manualTrigger"
    losses.tell_fields(path, element, {} if manual else _LOST_OF_REMOTE)
    rule = _named(element, kind) | (write_fields(MANUAL, element) if manual else {})
    word = "enabled" if _enabled(element) else "disabled"
    if not rule:
        return word
    if not _enabled(element):
        rule["enable"] = False if manual else word
    return ordered(rule, ("id", "name", "enable", "can-skip-step", "use-latest-inputs"))


def _schedule(element: Tree, path: str, losses: Losses) -> Tree:
    rule = _named(element, "timerTrigger") | write_fields(SCHEDULE, {"noScm": False, **element})
    if not _enabled(element):
        rule["enable"] = False
    crons = [
        line for told in texts(element.get("advanceExpression")) for line in told.splitlines() if line.strip()
    ]
    if crons:
        rule["cron"] = crons[0] if len(crons) == 1 else crons
    if text(element.get("expression")):
        losses.tell(f"{path}.expression", "a timer of the old form", key="expression")
    points = texts(element.get("newExpression"))
    interval = _interval(points)
    if interval:
        rule["interval"] = interval
    elif points:
        losses.tell(
            f"{path}.newExpression", "times that are not the same on all their days", key="newExpression"
        )
    values = _start_values(element.get("startParams"))
    if values:
        rule["start-params"] = values
    return ordered(rule, tuple(_SCHEDULE_KEYS.split()))


def _interval(points: list[str]) -> Tree:
    """Week days and times of timer expressions that share their days."""
    found = [_POINT.fullmatch(point) for point in points]
    days = {point[3] for point in found if point}
    if None in found or len(days) != 1:
        return {}
    numbers = days.pop()
    week = [] if numbers == "*" else [DAYS[int(number) - 1].capitalize() for number in numbers.split(",")]
    times = [f"{int(point[2]):02}:{int(point[1]):02}" for point in found if point]
    return {"week": week} | ({} if times == [MIDNIGHT] else {"time-points": times})


def _start_values(written: Json) -> Tree:
    """The start values that a timer keeps as JSON text."""
    try:
        values = json.loads(text(written) or "[]")
    except (ValueError, RecursionError):
        return {}
    return {
        text(pair.get("key")): text(pair.get("value")) for pair in mappings(values) if text(pair.get("key"))
    }


def _add_event(repositories: list[tuple[Tree, Tree]], element: Tree, path: str, losses: Losses) -> None:
    """Put an event beside the others of its repository, or begin another entry when its place is taken."""
    kind = text(element.get("@type"))
    word = reverse(REPOSITORY_TRIGGERS).get(kind, "")
    fields = mapping(mapping(element.get("data")).get("input")) if kind in WRAPPED_TRIGGERS else element
    told = text(fields.get("eventType"))
    event = EVENT_SYNONYMS.get(told) or reverse(EVENT_TYPES).get(told, "")
    if not event or not word or word in _REFUSED:
        losses.tell(path, f"a trigger {kind} {told}".rstrip(), key="@type")
        return
    repository = {
        "repo-name": text(fields.get("repositoryName")),
        "type": word,
        "scm-code": text(fields.get("scmCode")),
    }
    if not repository["repo-name"] and text(fields.get("repositoryHashId")):
        losses.tell(path, "a repository by its id; its name is not given", key="repositoryHashId")
    repository = {key: value for key, value in repository.items() if value}
    rule = _rule(element, kind, event, fields)
    for known, events in repositories:
        if known == repository and _follows(event, events):
            events[event] = rule
            return
    repositories.append((repository, {event: rule}))


def _follows(event: str, events: Iterable[str]) -> bool:
    """Whether an event comes after the others in the order in which a file is read."""
    order = list(EVENT_TYPES)
    return all(order.index(event) > order.index(other) for other in events)


def _rule(element: Tree, kind: str, event: str, fields: Tree) -> Json:
    """The filters of an event, shortened to the list of the first of them when it stands alone."""
    filters = EVENTS[event]
    rule = write_fields(filters, fields)
    named = _named(element, kind)
    if not _enabled(element):
        named["enable"] = False
    alone = not named and list(rule) == [filters[0].key] and event in ("push", "tag")
    return rule[filters[0].key] if alone else named | rule
