"""Locking: what runs ask of locks, and what locks say to runs (RULINGS 10).

What a lock says to the run that asks goes into the same unit; what it says to others is posted after that is kept.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from ferryman.domain.errors import Refused
from ferryman.domain.events import CancelRequested, Event, LockGranted, LockRefused
from ferryman.domain.run import Run
from ferryman.domain.status import Phase, Reason, Why
from ferryman.domain.wants import LockWanted
from ferryman.drivers.embedded.claims import Claim, Folded, Letter
from ferryman.drivers.embedded.keeping import Keeping
from ferryman.drivers.embedded.locks import LockKey, LockTable, Verdict, holder_of
from ferryman.drivers.embedded.timers import Timers
from ferryman.ports.clock import Clock

Post = Callable[[str, Event], None]
"""Delivers an event to a run."""


class Settled(NamedTuple):
    """What came of asking: the locks that may have changed, and what they say to other runs."""

    keys: tuple[LockKey, ...] = ()
    verdicts: tuple[Verdict, ...] = ()


NOTHING = Settled()


class Locking:
    """The locks of all runs, asked on behalf of each."""

    def __init__(self, table: LockTable, keeping: Keeping, timers: Timers, clock: Clock, post: Post) -> None:
        """Over this table; `post` hears what locks say to runs later."""
        self._table, self._keeping, self._timers, self._clock, self._post = (
            table,
            keeping,
            timers,
            clock,
            post,
        )

    async def settle(self, claim: Claim, folded: Folded) -> Settled:
        """Ask for the locks that a run wants and give back the others, until it has heard all that they say to it."""
        wanted, unwanted = folded.take_locks()
        if not wanted and not unwanted:
            return NOTHING
        keys: dict[LockKey, None] = {}
        verdicts: list[Verdict] = []
        while wanted or unwanted:
            for want in wanted:
                await self._keeping.know(self._key(claim, want))
            said = self._exchange(claim, folded, wanted, unwanted, keys)
            verdicts += [verdict for verdict in said if verdict.run != claim.run.id]
            # It has waited since its last entry, which after a restart may be hours old; what it hears, it hears now.
            at = max(folded.run.at, self._clock.now())
            for verdict in said:
                if verdict.run == claim.run.id:
                    if verdict.reason is not None and folded.run.seq == 1:
                        raise _turned_away(folded.run, verdict.reason)
                    # One that asks again, after a restart or a review, is told anew what it has had all the time.
                    folded.take(Letter(_said(verdict, at)), at, echo=False)
            wanted, unwanted = folded.take_locks()
        return Settled(tuple(keys), tuple(verdicts))

    def announce(self, settled: Settled) -> None:
        """Tell the others, now that it is kept."""
        for verdict in settled.verdicts:
            self._pass_on(verdict)
        for key in settled.keys:
            self._set_timers(key)

    def forget(self, is_gone: Callable[[str], bool]) -> None:
        """A run that is not kept, or has ended, holds nothing and waits for nothing."""
        verdicts, keys = self._table.forget(is_gone, at=self._clock.now())
        self.announce(Settled(tuple(keys), tuple(verdicts)))

    def due(self, key: LockKey, holder: str) -> None:
        """A wait has come to its limit."""
        for verdict in self._table.due(key, holder, at=self._clock.now()):
            self._pass_on(verdict)

    def _exchange(
        self,
        claim: Claim,
        folded: Folded,
        wanted: Iterable[LockWanted],
        unwanted: Iterable[LockWanted],
        keys: dict[LockKey, None],
    ) -> list[Verdict]:
        """Everything that the locks say to that, to whomever."""
        run, said = folded.run, []
        for want in unwanted:
            key = self._key(claim, want)
            keys[key] = None
            aside = not want.path and run.phase is not Phase.FINISHED
            said += self._table.give_back(key, holder_of(run.id, want.path), at=run.at, aside=aside)
        for want in wanted:
            key = self._key(claim, want)
            keys[key] = None
            said += self._table.ask(
                key,
                holder_of(run.id, want.path),
                want,
                at=run.at,
                pipeline=claim.row.pipeline,
                number=run.number,
            )
        return said

    def _key(self, claim: Claim, want: LockWanted) -> LockKey:
        return self._table.key(claim.row.project, claim.row.pipeline, want)

    def _pass_on(self, verdict: Verdict) -> None:
        self._post(verdict.run, _said(verdict, self._clock.now()))

    def _set_timers(self, key: LockKey) -> None:
        for holder, at in self._table.timers(key).items():
            self._timers.set(("lock", key, holder), at)


def _turned_away(run: Run, reason: Reason) -> Refused:
    """A start that its lock refuses leaves no run behind (semantics 13)."""
    if reason.kind is Why.DISABLED:
        return Refused(f"cannot start {run.pipeline.name}: it is locked, and takes no runs", reason="locked")
    return Refused(
        f"cannot start {run.pipeline.name}: as many runs as may be are running or waiting",
        reason="queue-full",
    )


def _said(verdict: Verdict, at: int) -> Event:
    """What a lock says, as the event that its holder hears."""
    if verdict.pushed_out_by:
        return CancelRequested(at=at, by=verdict.pushed_out_by.partition(":")[0], pushed_out=True)
    if verdict.reason is not None:
        return LockRefused(at=at, path=verdict.path, reason=verdict.reason)
    return LockGranted(at=at, path=verdict.path)
