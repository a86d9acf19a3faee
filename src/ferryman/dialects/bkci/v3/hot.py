"""The hot path of the pipeline status (bkci-v3 3.2, 8): answers that are kept as bytes while nothing they show changes.

Who asks, and what they may do, is found out for every request. What is kept is looked up by pipeline and by what its
reader may do, and is good while the catalog's stamp is the same and no figure in it goes on with time: only the time
of the answer is put in anew. Where figures go on, because a run does, the answer is made anew of what was read.
Whatever is not kept is read and made by the very row that the general path asks.
"""

from collections import OrderedDict
from functools import lru_cache
from typing import NamedTuple

from msgspec import UNSET
from msgspec.structs import replace

from ferryman.dialects.bkci import envelope
from ferryman.dialects.bkci.paths import place_of
from ferryman.dialects.bkci.v3.detail import SHOWN_FOR_MS
from ferryman.dialects.bkci.v3.operations.pipelines import OPERATIONS
from ferryman.dialects.bkci.v3.wire.pipelines import OfPipeline
from ferryman.dialects.rest import Found, Routes
from ferryman.domain.run import Run
from ferryman.domain.status import Phase
from ferryman.services import Caller
from ferryman.services.catalog import Catalog, Shown

STATUS = next(row for row in OPERATIONS if row.name == "pipeline-status")
MOST_BYTES = 32 * 1024 * 1024
"""Bytes that are kept; what nobody asked for the longest goes first."""
OVERHEAD = 1024
"""What keeping an answer costs besides its bytes, about."""
UNWRITTEN = 16
"""How much more than its bytes an answer takes that is not written down, about."""
LONGEST_PATH = 512
FOREVER = 2**63
BEGIN = b'{"status":0,"data":{'
CLOCK = b'{"status":0,"data":{"currentTimestamp":'

Key = tuple[str, str, frozenset[str]]
"""Project, pipeline, and what the reader may do."""


class Place(NamedTuple):
    """What a path asks the status of; a pipeline that is empty is named by the query."""

    type: str
    project: str
    pipeline: str


class Kept(NamedTuple):
    """An answer without its time."""

    stamp: tuple[int, int]
    since: int
    until: int
    """It is the same at all times from `since` to this, in milliseconds since 1970."""
    rest: bytes
    shown: Shown | None
    """Where its figures go on with time: what it is made of again, without reading anything."""

    @property
    def size(self) -> int:
        """Bytes of memory, about."""
        return OVERHEAD + len(self.rest) * (1 if self.shown is None else 1 + UNWRITTEN)


@lru_cache(maxsize=4096)
def status_place(path: str) -> Place | None:
    """What a path asks the status of, under any alias and in both versions; None for any other path."""
    place = place_of(path)
    found = _routes().find("GET", place.path) if place is not None else None
    if place is None or not isinstance(found, Found):
        return None
    return Place(place.type, found.values["projectId"], found.values.get("pipelineId", ""))


@lru_cache(maxsize=1)
def _routes() -> Routes:
    return Routes((STATUS,))


def asked(path: str, query: tuple[tuple[str, str], ...]) -> Place | None:
    """The same, with the pipeline that the query names. None also where something is blank: the general path says
    what is amiss."""
    place = status_place(path) if len(path) <= LONGEST_PATH else None
    if place is None or not place.project.strip():
        return None
    if not place.pipeline:
        named = next((value for name, value in query if name == "pipelineId"), "")
        place = place._replace(pipeline=named)
    return place if place.pipeline.strip() else None


def same_until(run: Run | None, now: int) -> int:
    """Up to when the newest run looks as it does now while it does not change: figures of a run that goes on grow, and
    marks of what may be retried are shown for some time only (semantics 7.4)."""
    if run is None:
        return FOREVER
    if run.phase is not Phase.FINISHED:
        return now
    last = run.ended_at + SHOWN_FOR_MS
    return last if now <= last else FOREVER


class HotStatus:
    """Answers for the status of pipelines."""

    def __init__(self, catalog: Catalog, *, most_bytes: int = MOST_BYTES) -> None:
        """Over this catalog."""
        self._catalog = catalog
        self._most = most_bytes
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._makers: dict[tuple[str, str], str] = {}
        """Who made each pipeline that was asked for: they may do more with it. That never changes."""
        self.size = 0
        """Bytes that are kept now."""

    async def body(self, caller: Caller, pipeline: str) -> bytes:
        """The whole body of the answer. Raises what the verb raises."""
        maker = self._makers.get((caller.project, pipeline), "")
        key = (caller.project, pipeline, self._catalog.readable(caller, pipeline, maker=maker))
        kept = self._kept.get(key)
        if kept is not None and kept.stamp == self._catalog.stamp(caller.project, pipeline):
            if kept.since <= caller.at <= kept.until:
                self._kept.move_to_end(key)
                return b"%b%d%b" % (CLOCK, caller.at, kept.rest)
            if kept.shown is not None:
                return self._made(caller.project, kept.stamp, kept.shown._replace(now=caller.at))
        changes = self._catalog.changes()
        shown = await self._catalog.status(caller, pipeline=pipeline)
        if shown is None:
            return envelope.success(None)
        return self._made(
            caller.project, None if changes is None else (changes, shown.standing.change), shown
        )

    def _made(self, project: str, stamp: tuple[int, int] | None, shown: Shown) -> bytes:
        """The body of what is shown now, kept where it is known of when."""
        rest, now = _rest(shown), shown.now
        if stamp is not None:
            until = same_until(shown.standing.run, now)
            place = (project, shown.head.id)
            self._makers[place] = shown.head.creator
            self._keep(
                (*place, shown.allowed), Kept(stamp, now, until, rest, shown if until == now else None)
            )
        return b"%b%d%b" % (CLOCK, now, rest)

    def _keep(self, key: Key, kept: Kept) -> None:
        before = self._kept.pop(key, None)
        if before is not None:
            self.size -= before.size
        self._kept[key] = kept
        self.size += kept.size
        while self.size > self._most:
            _, last = self._kept.popitem(last=False)
            self.size -= last.size


def _rest(shown: Shown) -> bytes:
    """The answer from behind its time."""
    told = STATUS.tells(shown, OfPipeline(projectId=shown.head.project, pipelineId=shown.head.id))
    body = envelope.success(replace(told, currentTimestamp=UNSET))
    return b"," + body.removeprefix(BEGIN)
