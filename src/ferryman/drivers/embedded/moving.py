"""Moving: fold what waits for a run, keep it, answer, act on the difference.

    letters ─▶ fold one by one ─▶ one unit, durable ─▶ answers ─▶ difference of wants ─▶ executor, timers, locks ─┐
       ▲                                                                                                         │
       └──────────────────────────────── results, fired timers, grants ◀─────────────────────────────────────────┘

Keep first, act after: nothing is done about an event before it is durable. While a unit is being written, the next
events of its run gather and become the next unit. Policy is nowhere in here.
"""

import asyncio
from collections.abc import Callable

from ferryman.domain.events import Event
from ferryman.domain.run import Run
from ferryman.domain.status import Phase
from ferryman.drivers.embedded.acting import Acting
from ferryman.drivers.embedded.claims import Claim, Folded, Kept, Letter
from ferryman.drivers.embedded.keeping import Keeping, kept
from ferryman.drivers.embedded.locking import Locking
from ferryman.drivers.embedded.tasks import Fault, Tasks
from ferryman.ports.clock import Clock
from ferryman.ports.store import RunRow

OnChange = Callable[[RunRow | None, RunRow, Run], None]
"""Hears of a change that is kept: the row before (None of a new run), the row now, and the run."""


class Moving:
    """Moves claimed runs, each by one task at a time."""

    def __init__(
        self,
        claims: dict[str, Claim],
        *,
        keeping: Keeping,
        locking: Locking,
        acting: Acting,
        tasks: Tasks,
        clock: Clock,
        fault: Fault,
        on_change: OnChange,
    ) -> None:
        """For the runs in `claims`; one that has ended, or can no longer be kept, is let go of."""
        self._claims = claims
        self._keeping, self._locking, self._acting = keeping, locking, acting
        self._tasks, self._clock, self._fault, self._on_change = tasks, clock, fault, on_change
        self.closing = False
        """What is delivered from now on waits for the next process."""

    def post(self, run: str, event: Event) -> None:
        """Deliver what the world reports; a run that is gone needs it no more."""
        claim = self._claims.get(run)
        if claim is not None:
            self.deliver(claim, Letter(event))

    def deliver(self, claim: Claim, letter: Letter) -> None:
        """Put a letter into a run's box, and have the run moved."""
        claim.inbox.append(letter)
        if not self.closing:
            self._set_out(claim)

    async def advance(self, claim: Claim, folded: Folded, *, before: int, followed: bool = False) -> None:
        """Settle locks, keep the unit over entry `before`, answer, and act. Where it may be `followed`, what comes
        while it is being written is handed to the store behind it; it is acted on in the same order."""
        leader = claim.writing[-1] if claim.writing else None
        if leader is not None and folded.asks_locks:
            # A lock speaks to other runs too: nothing may be missing before the entry that made it speak.
            await kept(leader)
            leader = None
        settled = await self._locking.settle(claim, folded)
        mine = self._hand_over(claim, folded, followed=followed and not settled.keys)
        try:
            row = await self._keeping.keep(claim, folded, before=before, locks=settled.keys, leader=leader)
            if leader is not None:
                await kept(leader)
            earlier, claim.row = claim.row if before else None, row
            claim.show(folded.run)
            self._on_change(earlier, row, folded.run)
            for answer in folded.answers:
                if not answer.done():
                    answer.set_result(folded.run)
            self._acting.carry_out(claim, folded.difference)
            self._locking.announce(settled)
            mine.set_result(True)
        finally:
            claim.writing.remove(mine)
            if not mine.done():
                mine.set_result(False)

    def rest(self, claim: Claim) -> None:
        """Nobody moves it any more: go on with what has come meanwhile, or let go of a run that has ended."""
        self._set_out(claim)
        if claim.rests and claim.run.phase is Phase.FINISHED and not claim.run.messages:
            self._claims.pop(claim.run.id, None)

    def _set_out(self, claim: Claim) -> None:
        if claim.take_turn():
            self._tasks.spawn(claim.run.id, self._move(claim))

    async def _move(self, claim: Claim) -> None:
        has_turn = True
        while has_turn:
            folded = Folded(claim.ahead)
            self._fold(claim, folded)
            if folded.entries:
                try:
                    await self.advance(claim, folded, before=folded.entries[0].seq - 1, followed=True)
                except Exception as fault:
                    self._let_go(claim, folded, fault)
                    return
            else:
                claim.folding = False
            has_turn = claim.take_turn()
        self.rest(claim)

    def _fold(self, claim: Claim, folded: Folded) -> None:
        now = self._clock.now()
        while claim.inbox:
            letter = claim.inbox.popleft()
            try:
                folded.take(letter, now)
            except Exception as fault:
                self._fault(claim.run.id, fault)
                letter.refuse(fault)

    def _hand_over(self, claim: Claim, folded: Folded, *, followed: bool) -> Kept:
        """From here on the next unit of the run may be made, if this one may be followed."""
        mine: Kept = asyncio.get_running_loop().create_future()
        claim.ahead, claim.folding = folded.run, False
        claim.writing.append(mine)
        # Where other runs write too, events that gather cost less than units of their own.
        claim.may_be_followed = followed and self._keeping.writing < len(claim.writing)
        return mine

    def _let_go(self, claim: Claim, folded: Folded, fault: Exception) -> None:
        """This process no longer knows how the run is kept: nobody may go on with what it remembers."""
        if not claim.lost:
            claim.lost = True
            self._fault(claim.run.id, fault)
            self._claims.pop(claim.run.id, None)
        for answer in folded.answers:
            if not answer.done():
                answer.set_exception(fault)
        while claim.inbox:
            claim.inbox.popleft().refuse(fault)
        claim.show(claim.run)
