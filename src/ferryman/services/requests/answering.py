"""Answering what runs ask people: at reviews, manual starts, verdicts and pauses; and saying something of a run."""

from typing import Literal

from ferryman.domain import views
from ferryman.domain.actions import Action
from ferryman.domain.errors import Forbidden
from ferryman.domain.events import GateAnswered, Halted, Resumed, VerdictGiven
from ferryman.domain.run import Run
from ferryman.domain.values import Json
from ferryman.ports.store import RunRow
from ferryman.services import paths
from ferryman.services.caller import Caller
from ferryman.services.judging.judge import Ground
from ferryman.services.requests.asking import Asking, path_of
from ferryman.services.views import of_row


class Answering(Asking):
    """Tells runs what people decide."""

    async def answer(
        self,
        caller: Caller,
        *,
        run: str,
        path: str,
        yes: bool,
        comment: str = "",
        values: dict[str, str] | None = None,
        group: str = "",
        name: str = "",
        key: str = "",
        pipeline: str = "",
    ) -> views.RunView:
        """Answer a review or a manual start. With `name` in somebody's name, which the comment says. Who is named as a
        reviewer needs no role for it (bkci-v3 2.3)."""
        row = await self._asked(caller, run, path, pipeline)
        by = name or caller.name
        said = comment if by == caller.name else f"{comment} (given by {caller.name})".strip()
        return await self._tell(
            caller,
            Action.ANSWER_GATE,
            row,
            lambda at, state: GateAnswered(
                at=at,
                path=path_of(state, path),
                by=by,
                yes=yes,
                group=group,
                comment=said,
                values=values or {},
            ),
            reason=comment,
            key=key,
            after={"path": path, "yes": yes, "by": by},
        )

    async def _asked(self, caller: Caller, run: str, path: str, pipeline: str) -> RunRow:
        try:
            return await self._row(caller, Action.ANSWER_GATE, run, pipeline)
        except Forbidden as refusal:
            if refusal.reason != Ground.ROLE:
                raise
            row = await self._row(caller, Action.GET_RUN, run, pipeline)
            if not paths.is_asked(await self._runs.load(row), path, caller.name):
                raise
            return row

    async def judge(
        self,
        caller: Caller,
        *,
        run: str,
        path: str,
        passed: bool,
        where: Literal["before", "after", ""] = "",
        pipeline: str = "",
    ) -> views.RunView:
        """Tell the verdict on the quality rules of a stage's open gate."""
        row = await self._row(caller, Action.JUDGE_GATE, run, pipeline)
        return await self._tell(
            caller,
            Action.JUDGE_GATE,
            row,
            lambda at, state: VerdictGiven(
                at=at, path=path_of(state, path), passed=passed, by=caller.name, where=where
            ),
            after={"path": path, "passed": passed},
        )

    async def resume(
        self,
        caller: Caller,
        *,
        run: str,
        path: str,
        settings: dict[str, Json] | None = None,
        reason: str = "",
        key: str = "",
        pipeline: str = "",
        strict: bool = False,
    ) -> views.RunView:
        """Let a paused step begin; settings that it has already may be changed. With `strict` others are refused,
        instead of left aside as clients that send a whole step expect."""

        def resumed(at: int, state: Run) -> Resumed:
            where = path_of(state, path)
            if strict:
                paths.has_settings(state, where, settings or {})
            return Resumed(at=at, path=where, by=caller.name, settings=settings or {}, why=reason)

        row = await self._row(caller, Action.RESUME_STEP, run, pipeline)
        return await self._tell(
            caller,
            Action.RESUME_STEP,
            row,
            resumed,
            reason=reason,
            key=key,
            after={"path": path},
        )

    async def halt(
        self,
        caller: Caller,
        *,
        run: str,
        path: str,
        reason: str = "",
        key: str = "",
        pipeline: str = "",
    ) -> views.RunView:
        """End a paused step and its job, before it begins."""
        row = await self._row(caller, Action.HALT_STEP, run, pipeline)
        return await self._tell(
            caller,
            Action.HALT_STEP,
            row,
            lambda at, state: Halted(at=at, path=path_of(state, path), by=caller.name, why=reason),
            reason=reason,
            key=key,
            after={"path": path},
        )

    async def note(self, caller: Caller, *, run: str, text: str, pipeline: str = "") -> views.RunLine:
        """Keep what a person says of a run, in place of what its steps said."""
        row = await self._row(caller, Action.START_RUN, run, pipeline)
        await self._store.history.note(
            row.id, text, (self._noted(caller, Action.START_RUN, row.id, after={"note": text}),)
        )
        return of_row(await self._store.run(row.id))
