"""What every request has: the run that is meant, the event told to it, and the audit kept with both."""

from collections.abc import Callable

from ferryman.domain import views
from ferryman.domain.audit import AuditEntry
from ferryman.domain.errors import Refused
from ferryman.domain.events import Event
from ferryman.domain.run import Run
from ferryman.domain.values import Json
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
        reason: str = "",
        *,
        after: Json = None,
    ) -> views.RunView:
        event = made(self._clock.now(), await self._runs.load(row))
        state = await self._driver.tell(
            row.id, event, (self._noted(caller, action, row.id, reason, after=after),)
        )
        return of_run(state, await self._store.run(row.id))

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
