"""Asking runs to end."""

from typing import Literal

from ferryman.domain import views
from ferryman.domain.actions import Action
from ferryman.domain.errors import Forbidden, Refused
from ferryman.domain.events import CancelRequested
from ferryman.domain.heads import CancelPolicy
from ferryman.domain.status import Phase
from ferryman.ports.store import RunRow
from ferryman.services.caller import Caller
from ferryman.services.permits import permit
from ferryman.services.requests.asking import Asking, check_pipeline


class Ending(Asking):
    """Ends runs before their time."""

    async def cancel(
        self,
        caller: Caller,
        *,
        run: str,
        pipeline: str = "",
        reason: str = "",
        force: bool = False,
        running: Literal["stop", "finish"] = "stop",
        key: str = "",
    ) -> views.RunView:
        """Stop a run; with `force` at once and for good. `running` says what running steps do.

        Raises, in this order: `NotFound`, `Refused` (ended; run-of-another-pipeline), `Forbidden` (not-yours) where the
        pipeline lets only the starter and its managers do so, `Refused` (too-soon).
        """
        row = await self._row(caller, Action.CANCEL_RUN, run, "")

        async def check() -> None:
            if row.phase == Phase.FINISHED:
                raise Refused(f"cannot cancel run {row.number}: it has ended already", reason="ended")
            check_pipeline(row, pipeline)
            await self._check_canceling(caller, row)

        return await self._tell(
            caller,
            Action.CANCEL_RUN,
            row,
            lambda at, _: CancelRequested(at=at, by=caller.name, why=reason, force=force, running=running),
            reason=reason,
            key=key,
            after={"force": force, "running": running},
            check=check,
        )

    async def _check_canceling(self, caller: Caller, row: RunRow) -> None:
        head = await self._runs.head(row.project, row.pipeline)
        setting = head.setting if head is not None else None
        open_to_all = setting is None or setting.policies.cancel is not CancelPolicy.STARTER
        if open_to_all or caller.name == row.started_by:
            return
        maker = head.head.creator if head is not None else ""
        try:
            permit(caller, Action.MANAGE_PIPELINE, resource=f"pipeline/{row.pipeline}", maker=maker)
        except Forbidden as refusal:
            raise Forbidden(
                f"{caller.name} cannot cancel run {row.number}: only {row.started_by}, who started it, and who manages "
                "the pipeline can",
                reason="not-yours",
            ) from refusal
