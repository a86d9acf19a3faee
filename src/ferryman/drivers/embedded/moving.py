"""Moving: fold what waits for a run, keep it, answer, act on the difference.

    letters ─▶ fold one by one ─▶ one unit, durable ─▶ answers ─▶ difference of wants ─▶ executor, timers, locks ─┐
       ▲                                                                                                         │
       └──────────────────────────────── results, fired timers, grants ◀─────────────────────────────────────────┘

Keep first, act after: nothing is done about an event before it is durable. While a unit is being written, the next
events of its run gather and become the next unit. Policy is nowhere in here.
"""

from collections.abc import Callable

from ferryman.domain.events import Event
from ferryman.domain.run import Run
from ferryman.domain.status import Phase
from ferryman.drivers.embedded.acting import Acting
from ferryman.drivers.embedded.claims import Claim, Folded, Letter
from ferryman.drivers.embedded.keeping import Keeping
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
        if not claim.busy and not self.closing:
            claim.busy = True
            self._tasks.spawn(claim.run.id, self._move(claim))

    async def advance(self, claim: Claim, folded: Folded, *, before: int) -> None:
        """Settle locks, keep the unit over entry `before`, answer, and act."""
        settled = await self._locking.settle(claim, folded)
        earlier = claim.row if before else None
        claim.row = await self._keeping.keep(claim, folded, before=before, locks=settled.keys)
        claim.show(folded.run)
        self._on_change(earlier, claim.row, folded.run)
        for answer in folded.answers:
            if not answer.done():
                answer.set_result(folded.run)
        self._acting.carry_out(claim, folded.difference)
        self._locking.announce(settled)

    def rest(self, claim: Claim) -> None:
        """Nobody moves it any more: go on with what has come meanwhile, or let go of a run that has ended."""
        claim.busy = False
        if claim.inbox:
            claim.busy = True
            self._tasks.spawn(claim.run.id, self._move(claim))
        elif claim.run.phase is Phase.FINISHED and not claim.run.messages:
            self._claims.pop(claim.run.id, None)

    async def _move(self, claim: Claim) -> None:
        while claim.inbox:
            folded = Folded(claim.run)
            before = claim.run.seq
            self._fold(claim, folded)
            if folded.entries:
                try:
                    await self.advance(claim, folded, before=before)
                except Exception as fault:
                    self._let_go(claim, folded, fault)
                    return
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

    def _let_go(self, claim: Claim, folded: Folded, fault: Exception) -> None:
        """This process no longer knows how the run is kept: nobody may go on with what it remembers."""
        self._fault(claim.run.id, fault)
        self._claims.pop(claim.run.id, None)
        for answer in folded.answers:
            if not answer.done():
                answer.set_exception(fault)
        for letter in claim.inbox:
            letter.refuse(fault)
        claim.show(claim.run)
