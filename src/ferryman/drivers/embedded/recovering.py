"""Recovering: what an earlier process left is taken up by carrying out everything that its runs want, again.

What is left of earlier processes and is wanted by no run goes first: whoever died after a unit was kept, and before it
was carried out, has ended a run without ending its steps (promise 6).
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ferryman.domain.events import StepLost
from ferryman.domain.run import Run
from ferryman.domain.status import Phase
from ferryman.domain.wants import LockWanted, StepWanted, StopWanted, Want
from ferryman.drivers.embedded.acting import NEVER_STARTED, Acting
from ferryman.drivers.embedded.claims import Claim, Folded
from ferryman.drivers.embedded.keeping import Keeping
from ferryman.drivers.embedded.moving import Moving
from ferryman.machine import wants
from ferryman.ports.clock import Clock
from ferryman.ports.executor import Executor, Found
from ferryman.ports.store import RunRow

Attempt = tuple[str, str]
"""A run, and the key of an attempt of one of its steps."""


class Recovering:
    """Takes up runs that another process has moved."""

    def __init__(
        self,
        claims: dict[str, Claim],
        *,
        keeping: Keeping,
        moving: Moving,
        acting: Acting,
        executor: Executor,
        clock: Clock,
    ) -> None:
        """Into `claims`."""
        self._claims = claims
        self._keeping, self._moving, self._acting = keeping, moving, acting
        self._executor, self._clock = executor, clock

    async def take_up(self, rows: Sequence[RunRow]) -> None:
        """Claim these unfinished runs, let go what none of them wants, and carry them on, oldest first. The executor
        is asked once for all."""
        kept = await asyncio.gather(*(self._keeping.load(row.id) for row in rows))
        claims = [self._claim(row, run) for row, run in zip(rows, kept, strict=True)]
        attempts = [(claim.run.id, key) for claim in claims for key in _attempts(wants(claim.run))]
        folders = [(claim.run.id, path) for claim in claims for path in claim.vacant]
        await self._executor.keep_only(attempts, folders)
        found = {(each.run, each.key): each for each in await self._executor.find(attempts)}
        for known in found.values():
            if known.state == "alive":
                self._claims[known.run].alive.add(known.key)
                self._claims[known.run].begun(known.key)
        for claim in claims:
            await self._carry_on(claim, found)

    def _claim(self, row: RunRow, run: Run) -> Claim:
        """Claim a run as it is kept; what is told to it waits until it is carried on."""
        claim = self._claims[row.id] = Claim(run, row)
        claim.busy = True
        # Those that want a place say so when they are carried on.
        claim.vacant.update(_under_way(claim.run))
        return claim

    async def _carry_on(self, claim: Claim, found: Mapping[Attempt, Found]) -> None:
        wanted = wants(claim.run)
        folded = Folded(claim.run)
        folded.differ([want for want in wanted if isinstance(want, LockWanted)], ())
        await self._moving.advance(claim, folded, before=claim.run.seq)
        for want in wanted:
            match want:
                case LockWanted():
                    continue
                case StepWanted(name=key) | StopWanted(key=key):
                    self._carry_on_attempt(claim, want, found.get((claim.run.id, key)), key)
                case _:
                    self._acting.want(claim, want)
        self._moving.rest(claim)

    def _carry_on_attempt(self, claim: Claim, want: Want, known: Found | None, key: str) -> None:
        """Take the end of one that ended, go on with one that lives, begin or give up one that never began."""
        if known is not None and known.state in ("ended", "lost"):
            self._acting.reported(known)
            return
        alive = known is not None and known.state == "alive"
        if isinstance(want, StopWanted) and not alive:
            at = self._clock.now()
            self._moving.post(claim.run.id, StepLost(at=at, key=key, known=NEVER_STARTED))
        elif isinstance(want, StopWanted) or not alive:
            self._acting.want(claim, want)


def _attempts(wanted: Iterable[Want]) -> tuple[str, ...]:
    """The keys of attempts that may have been begun, each once: those that work, and those that are to stop."""
    keys = (
        want.key if isinstance(want, StopWanted) else want.name
        for want in wanted
        if isinstance(want, StepWanted | StopWanted)
    )
    return tuple(dict.fromkeys(keys))


def _under_way(run: Run) -> Iterator[str]:
    """The paths of jobs that have begun and not ended."""
    for stage in run.stages:
        for job in stage.jobs:
            for each in (job, *job.children):
                if each.phase not in (Phase.PENDING, Phase.FINISHED):
                    yield each.path
