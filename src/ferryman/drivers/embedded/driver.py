"""The door: what others call, and how the parts are put together."""

import asyncio
from collections.abc import Hashable

import msgspec

from ferryman.domain.audit import AuditEntry
from ferryman.domain.errors import NotFound
from ferryman.domain.events import Event, Started, TimerFired
from ferryman.domain.journal import JournalEntry
from ferryman.domain.locks import Lock
from ferryman.domain.pipeline import Pipeline
from ferryman.domain.run import Run
from ferryman.drivers.embedded.acting import Acting, Members, Tell
from ferryman.drivers.embedded.claims import Answer, Claim, Folded, Letter
from ferryman.drivers.embedded.keeping import Keeping
from ferryman.drivers.embedded.locking import Locking
from ferryman.drivers.embedded.locks import LockKey, LockTable
from ferryman.drivers.embedded.moving import Moving, OnChange
from ferryman.drivers.embedded.recovering import Recovering
from ferryman.drivers.embedded.tasks import Fault, Tasks
from ferryman.drivers.embedded.timers import Timers
from ferryman.machine import begin
from ferryman.ports.clock import Clock
from ferryman.ports.executor import Executor
from ferryman.ports.preparer import Preparer
from ferryman.ports.store import RunRow, Store


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """All that a start needs. The same id twice is one run."""

    project: str
    pipeline: str
    version: int
    define: Pipeline
    event: Started
    definition: bytes = b""
    """What the run keeps, where that is not its version as it stands."""
    audit: tuple[AuditEntry, ...] = ()


class EmbeddedDriver:
    """Moves the runs of one store, in one process."""

    def __init__(
        self,
        *,
        store: Store,
        executor: Executor,
        preparer: Preparer,
        clock: Clock,
        members: Members = lambda project, roles: (),
        tell: Tell = lambda run, message: None,
        fault: Fault = lambda run, fault: None,
        on_change: OnChange = lambda before, row, run: None,
        snapshot_every: int = 200,
    ) -> None:
        """`members` knows who stands behind roles, `tell` passes messages on, `fault` hears of what must not happen,
        `on_change` of every change that is kept."""
        self._store = store
        self._executor = executor
        self._clock = clock
        self._claims: dict[str, Claim] = {}
        self._tasks = Tasks(fault)
        self._timers = Timers(clock, self._due)
        self._locks = LockTable()
        self._keeping = Keeping(store, clock, self._locks, fault, snapshot_every=snapshot_every)
        self._locking = Locking(self._locks, self._keeping, self._timers, clock, self._post)
        self._acting = Acting(
            self._claims,
            executor=executor,
            preparer=preparer,
            clock=clock,
            timers=self._timers,
            tasks=self._tasks,
            members=members,
            tell=tell,
            fault=fault,
            post=self._post,
        )
        self._moving = Moving(
            self._claims,
            keeping=self._keeping,
            locking=self._locking,
            acting=self._acting,
            tasks=self._tasks,
            clock=clock,
            fault=fault,
            on_change=on_change,
        )
        self._recovering = Recovering(
            self._claims,
            keeping=self._keeping,
            moving=self._moving,
            acting=self._acting,
            executor=executor,
            clock=clock,
        )

    async def open(self) -> int:
        """Take up every unfinished run again; how many there were."""
        await self._executor.open(self._acting.reported)
        self._locks.load(await self._store.locks())
        rows = await self._store.unfinished()
        known = {row.id for row in rows}
        self._locking.forget(lambda run: run not in known)
        await self._recovering.take_up(rows)
        return len(rows)

    async def close(self) -> None:
        """Take no more events, finish writing, let go. Steps that run go on and are found again."""
        self._moving.closing = self._keeping.closing = True
        await self._timers.close()
        await self._tasks.finish()
        await self._executor.close()

    async def start(self, start: Start) -> Run:
        """Begin a run; returns when it is durable. Raises `Refused` for a start that the rules or its lock refuse."""
        known = self._claims.get(start.event.run)
        if known is not None:
            return known.run
        run, wanted, _ = begin(start.define, start.event)
        row = RunRow(
            id=run.id,
            project=start.project,
            pipeline=start.pipeline,
            version=start.version,
            number=run.number,
            phase=run.phase.value,
            how=str(run.facts.get("build_start_type", "")),
            message=str(run.facts.get("build_msg", "")),
        )
        claim = self._claims[run.id] = Claim(run, row)
        claim.busy = True
        folded = Folded(run)
        folded.entries.append(JournalEntry(seq=1, event=start.event))
        folded.definition = start.definition
        folded.audit += start.audit
        folded.differ(wanted, ())
        try:
            await self._moving.advance(claim, folded, before=0)
        except BaseException:
            self._claims.pop(run.id, None)
            self._locking.forget(lambda name: name == run.id)
            raise
        self._moving.rest(claim)
        return claim.run

    async def tell(self, run: str, event: Event, audit: tuple[AuditEntry, ...] = ()) -> Run:
        """Fold one event; returns the run when that is durable. Raises `Refused`, and `NotFound` for a run that has
        been finished long since or never was."""
        claim = self._claims.get(run) or await self._claim_finished(run)
        answer: Answer = asyncio.get_running_loop().create_future()
        self._moving.deliver(claim, Letter(event, answer, audit))
        return await answer

    def run(self, run: str) -> Run | None:
        """A run that is being moved, as it is kept."""
        claim = self._claims.get(run)
        return claim.run if claim is not None else None

    def preparing(self, run: str) -> frozenset[str]:
        """Paths of jobs whose place is not there yet: their first attempt was given out and has not begun. No entry of
        the journal tells that (RULINGS 4)."""
        claim = self._claims.get(run)
        return claim.preparing if claim is not None else frozenset()

    def turns(self, project: str, name: str) -> Lock | None:
        """The lock by which runs of a project take turns, as it stands; None where nobody has asked for it yet."""
        return self._locks.lock(LockKey(project, "runs", name))

    async def changed(self, run: str, after: int) -> Run:
        """The run as soon as it has entries behind `after`. Raises `NotFound` for one that is not being moved."""
        claim = self._claims.get(run)
        if claim is None:
            raise NotFound(f"run {run} is not being moved")
        while claim.run.seq <= after:
            await claim.change()
        return claim.run

    async def _claim_finished(self, run: str) -> Claim:
        """A finished run is taken up again to hear a request, such as a retry."""
        row = await self._store.run(run)
        kept = await self._keeping.load(run)
        return self._claims.setdefault(run, Claim(kept, row))

    def _post(self, run: str, event: Event) -> None:
        self._moving.post(run, event)

    def _due(self, key: Hashable) -> None:
        """A timer has come: a lock's, or one that a run wants."""
        if isinstance(key, tuple) and key[0] == "lock":
            _, lock, holder = key
            self._locking.due(lock, holder)
        elif isinstance(key, tuple):
            run, name = key
            self._post(run, TimerFired(at=self._clock.now(), name=name))
