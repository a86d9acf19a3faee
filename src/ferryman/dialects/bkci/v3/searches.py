"""Which builds a list means: the filters of history and batch status as a search over runs (bkci-v3 3.3, 26 and 27)."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

from ferryman.dialects.bkci.errors import WireRefusal
from ferryman.dialects.bkci.v3.ids import run_of
from ferryman.dialects.bkci.v3.statuses import CLASSES, Level, word
from ferryman.dialects.bkci.v3.triggers import STARTS
from ferryman.dialects.bkci.v3.wire.builds import HistoryQuery, SeveralQuery
from ferryman.domain.errors import NotFound
from ferryman.domain.status import Outcome, Phase, Why
from ferryman.services.runs import RunSearch

LATEST = 2**62
"""Later than any moment, and more than any length."""
MOST_IDS = 100
TOO_MANY_IDS = 2101282
UNKNOWN = "UNKNOWN"
TEXT = "%Y-%m-%d %H:%M:%S"
EVERYTHING = RunSearch()
NOTHING = RunSearch(states=())
"""Finds no run: builds here have no material, and no repository triggers them (bkci-v3 12, row 9)."""


def of_history(query: HistoryQuery) -> RunSearch:
    """The builds that a history means. Raises `WireRefusal` for a word that no enumeration has."""
    _known("status", query.status, (*CLASSES, UNKNOWN))
    _known("trigger", query.trigger, STARTS)
    foreign = (
        *query.materialAlias,
        query.materialUrl,
        *query.materialBranch,
        query.materialCommitId,
        query.materialCommitMessage,
        *query.triggerAlias,
        *query.triggerBranch,
    )
    if any(foreign):
        return NOTHING
    return RunSearch(
        states=states_shown_as(frozenset(query.status)) if query.status else None,
        hows=tuple(query.trigger),
        started_by=tuple(query.startUser),
        remark=query.remark,
        message=query.buildMsg,
        numbers=_between(query.buildNoStart, query.buildNoEnd),
        queued=_between(query.queueTimeStartTime, query.queueTimeEndTime),
        started=_between(query.startTimeStartTime, query.startTimeEndTime),
        ended=_between(query.endTimeStartTime, query.endTimeEndTime),
        took=_between(query.totalTimeMin, query.totalTimeMax),
    )


def of_several(query: SeveralQuery) -> RunSearch:
    """The builds of these ids; what is no id is passed over like one of no build. Raises `WireRefusal`."""
    if len(query.body) > MOST_IDS:
        raise WireRefusal(
            400, f"{len(query.body)} ids were sent; at most {MOST_IDS} may be", code=TOO_MANY_IDS
        )
    begin, end = _moment("startBeginTime", query.startBeginTime), _moment("endBeginTime", query.endBeginTime)
    return RunSearch(ids=tuple(_runs(query.body)), started=_between(begin, end))


@lru_cache(maxsize=64)
def states_shown_as(shown: frozenset[str]) -> tuple[str, ...]:
    """Every state of a run, as lists keep it, that is shown as one of these words."""
    found = []
    for phase in Phase:
        for outcome in (None, *Outcome):
            for why in Why:
                try:
                    status = word(Level.RUN, phase, outcome, why)
                except LookupError:
                    continue
                if status in shown:
                    reason = "" if why is Why.NONE else why.value
                    found.append(f"{phase}/{outcome or ''}/{reason}")
    return tuple(found)


def _known(name: str, given: Iterable[str], words: Iterable[str]) -> None:
    for each in given:
        if each not in words:
            raise WireRefusal(400, f"{name} has no word {each[:50]}", technical=True)


def _between(low: int | None, high: int | None) -> tuple[int, int] | None:
    if low is None and high is None:
        return None
    return low or 0, LATEST if high is None else high


def _runs(builds: Iterable[str]) -> Iterable[str]:
    for build in builds:
        try:
            yield run_of(build)
        except NotFound:
            continue


def _moment(name: str, text: str) -> int | None:
    if not text:
        return None
    try:
        return int(datetime.strptime(text, TEXT).replace(tzinfo=UTC).timestamp() * 1000)
    except ValueError:
        raise WireRefusal(400, f"{name} is no moment like 2024-05-31 09:30:00: {text[:50]}") from None
