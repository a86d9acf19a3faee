"""Asking runs to go on behind what went wrong: again, past it, or with somebody's word for it."""

from typing import Literal

from ferryman.domain import views
from ferryman.domain.actions import Action
from ferryman.domain.errors import Refused
from ferryman.domain.events import LostSettled, RetryRequested, SkipRequested
from ferryman.domain.run import Run
from ferryman.ports.store import RunRow
from ferryman.services import paths, starting
from ferryman.services.caller import Caller
from ferryman.services.requests.asking import Asking, path_of


class GoingOn(Asking):
    """Lets runs go on that something went wrong with."""

    async def retry(
        self,
        caller: Caller,
        *,
        run: str,
        path: str = "",
        failed_only: bool = False,
        reason: str = "",
        key: str = "",
        pipeline: str = "",
    ) -> views.RunView:
        """Run again: the whole run, or from a stage, job or step on. Raises `Refused` (locked) where the pipeline takes
        no runs, and what the rules refuse."""
        row = await self._row(caller, Action.RETRY_RUN, run, pipeline)
        return await self._tell(
            caller,
            Action.RETRY_RUN,
            row,
            lambda at, state: RetryRequested(
                at=at, by=caller.name, path=path_of(state, path), failed_only=failed_only, why=reason
            ),
            reason=reason,
            key=key,
            after={"path": path, "failed_only": failed_only},
            check=lambda: self._check_open(row),
        )

    async def skip(
        self,
        caller: Caller,
        *,
        run: str,
        path: str,
        reason: str = "",
        key: str = "",
        pipeline: str = "",
    ) -> views.RunView:
        """Pass over a failed step, or every failed step of a stage, and go on behind it."""
        row = await self._row(caller, Action.SKIP_STEP, run, pipeline)
        return await self._tell(
            caller,
            Action.SKIP_STEP,
            row,
            lambda at, state: SkipRequested(at=at, by=caller.name, path=path_of(state, path), why=reason),
            reason=reason,
            key=key,
            after={"path": path},
            check=lambda: self._check_open(row),
        )

    async def _check_open(self, row: RunRow) -> None:
        head = await self._runs.head(row.project, row.pipeline)
        if starting.is_closed(head):
            raise Refused(
                f"cannot run {row.pipeline} again: it is locked, and takes no runs", reason="locked"
            )

    async def settle(
        self,
        caller: Caller,
        *,
        run: str,
        path: str,
        verdict: Literal["repeat", "succeeded", "failed"],
        reason: str = "",
        key: str = "",
    ) -> views.RunView:
        """Say what became of a lost attempt, named by its step or its key, or let it be repeated."""

        def settled(at: int, state: Run) -> LostSettled:
            lost = paths.lost(state, path)
            return LostSettled(at=at, key=lost, verdict=verdict, by=caller.name, why=reason)

        row = await self._row(caller, Action.SETTLE_STEP, run, "")
        return await self._tell(
            caller,
            Action.SETTLE_STEP,
            row,
            settled,
            reason=reason,
            key=key,
            after={"path": path, "verdict": verdict},
        )
