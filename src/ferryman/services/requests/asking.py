"""What every request has: the run that is meant, the event told to it, and the audit kept with both."""

import asyncio
from collections.abc import Awaitable, Callable

from ferryman.domain import views
from ferryman.domain.audit import AuditEntry
from ferryman.domain.errors import Refused
from ferryman.domain.events import Event
from ferryman.domain.run import Run
from ferryman.domain.values import Json
from ferryman.ports.access import AuditSearch
from ferryman.ports.clock import Clock
from ferryman.ports.driver import Driver
from ferryman.ports.store import RunRow, Store
from ferryman.services import paths, starting
from ferryman.services.caller import Caller
from ferryman.services.pipelines import Pipelines
from ferryman.services.requests.crowd import MOST_STARTS, Crowd
from ferryman.services.runs import Runs
from ferryman.services.views import of_run


class Asking:
    """Asks runs of a driver, and notes who asked."""

    def __init__(
        self,
        *,
        store: Store,
        driver: Driver,
        clock: Clock,
        runs: Runs,
        pipelines: Pipelines,
        zone: str = "UTC",
        most_starts: int = MOST_STARTS,
    ) -> None:
        """Over this driver. `zone` is the one in which runs read times; `most_starts` of one pipeline may be under way
        at once."""
        self._store = store
        self._driver = driver
        self._clock = clock
        self._runs = runs
        self._pipelines = pipelines
        self._zone = zone
        self._crowd = Crowd(most_starts)
        self.numbering = starting.Numbering(store.history)
        """The numbers that pipelines recommend."""
        self._keyed = asyncio.Lock()
        """Held by a change that has a key, from the look whether it was made already until it is kept."""

    async def _row(self, caller: Caller, action: str, run: str, pipeline: str) -> RunRow:
        row = await self._runs.find(caller, run, action=action)
        check_pipeline(row, pipeline)
        return row

    async def _tell(
        self,
        caller: Caller,
        action: str,
        row: RunRow,
        made: Callable[[int, Run], Event],
        *,
        reason: str = "",
        key: str = "",
        after: dict[str, Json],
        check: Callable[[], Awaitable[None]] | None = None,
    ) -> views.RunView:
        """Tell a run the event that is made of it, and note it with the reason and what was asked (`after`).

        Under a `key` the same change happens once: asked for again it gives the run as it stands, without a `check`.
        Raises `Refused` (key-used) where the key stands for another change of this run.
        """
        if not key:
            return await self._told(caller, action, row, made, reason, after, check)
        async with self._keyed:
            after = {**after, "key": key}
            if await self._was_asked(action, row, key, after):
                return of_run(await self._runs.load(row), await self._store.run(row.id))
            return await self._told(caller, action, row, made, reason, after, check)

    async def _told(
        self,
        caller: Caller,
        action: str,
        row: RunRow,
        made: Callable[[int, Run], Event],
        reason: str,
        after: dict[str, Json],
        check: Callable[[], Awaitable[None]] | None,
    ) -> views.RunView:
        if check is not None:
            await check()
        event = made(self._clock.now(), await self._runs.load(row))
        state = await self._driver.tell(
            row.id, event, (self._noted(caller, action, row.id, reason, after=after),)
        )
        return of_run(state, await self._store.run(row.id))

    async def _was_asked(self, action: str, row: RunRow, key: str, after: dict[str, Json]) -> bool:
        """Whether the audit, which is kept with each change, knows this one by its key."""
        search = AuditSearch(subject=f"run/{row.id}")
        while page := await self._store.audit.page(search):
            for entry in (one.entry for one in page):
                if isinstance(entry.after, dict) and entry.after.get("key") == key:
                    if (entry.action, entry.after) == (action, after):
                        return True
                    raise Refused(
                        f"key {key} stands for another change of run {row.number}; take a new one",
                        reason="key-used",
                    )
            search = AuditSearch(subject=search.subject, before=page[-1].place)
        return False

    def _noted(
        self, caller: Caller, action: str, run: str, reason: str = "", *, after: Json = None
    ) -> AuditEntry:
        return AuditEntry(
            at=self._clock.now(),
            by=caller.name,
            project=caller.project,
            action=action,
            subject=f"run/{run}",
            request=caller.request,
            address=caller.address,
            reason=reason,
            after=after,
        )


def check_pipeline(row: RunRow, pipeline: str) -> None:
    """Raises `Refused` for a run that is not this pipeline's; without one nobody asks."""
    if pipeline and row.pipeline != pipeline:
        raise Refused(f"run {row.id} is not one of pipeline {pipeline}", reason="run-of-another-pipeline")


def path_of(run: Run, text: str) -> str:
    """The path of the node that a text names; empty where it names none."""
    return paths.found(run, text) if text else ""
