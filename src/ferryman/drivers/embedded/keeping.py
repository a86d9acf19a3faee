"""Keeping: what one step of a run writes, made into a unit and written for as long as it takes.

What was accepted is not given up while this process lives: a full disk or a locked database passes.
"""

import msgspec
from msgspec.structs import replace

from ferryman.domain.errors import Conflict, Unavailable
from ferryman.domain.pipeline import Pipeline
from ferryman.domain.run import Run
from ferryman.domain.status import Phase
from ferryman.drivers.embedded.claims import Claim, Folded
from ferryman.drivers.embedded.locks import LockKey, LockTable
from ferryman.drivers.embedded.tasks import Fault
from ferryman.machine import replay, snapshots
from ferryman.ports.clock import Clock
from ferryman.ports.store import LockRow, RunRow, Store, Unit

RETRY_MS = 200
"""How soon a unit that could not be kept is tried again."""


class Keeping:
    """The store as the driver uses it."""

    def __init__(
        self, store: Store, clock: Clock, locks: LockTable, fault: Fault, *, snapshot_every: int
    ) -> None:
        """`fault` hears each time something could not be kept; `locks` stand in memory as they are to be kept."""
        self._store, self._clock, self._locks, self._fault = store, clock, locks, fault
        self._snapshot_every = snapshot_every
        self.closing = False
        """Nothing is tried again any more."""

    async def load(self, run: str) -> Run:
        """A run as it is kept. Raises `NotFound`."""
        stored = await self._store.load(run)
        define = msgspec.json.decode(stored.definition, type=Pipeline)
        since = snapshots.unpack(stored.snapshot, define) if stored.snapshot else None
        return replay(define, stored.entries, since=since)

    async def keep(self, claim: Claim, folded: Folded, *, before: int, locks: tuple[LockKey, ...]) -> RunRow:
        """Write what was folded over entry `before`, and these locks with it; the run's row as it is now."""
        unit = self._unit(claim, folded, before, locks)
        if unit.entries or unit.locks:
            await self._append(unit)
        return unit.run

    async def know(self, key: LockKey) -> None:
        """Read a lock that nobody here has asked for yet: an earlier process may have left it, idle."""
        while not self._locks.knows(key):
            try:
                lock = await self._store.lock(key.project, key.kind, key.name)
            except Unavailable as fault:
                self._fault("", fault)
                if self.closing:
                    raise
                await self._pause()
            else:
                self._locks.learn(key, lock)

    def _unit(self, claim: Claim, folded: Folded, before: int, locks: tuple[LockKey, ...]) -> Unit:
        run = folded.run
        claim.since_snapshot += len(folded.entries)
        finished = snapshot = b""
        if run.phase is Phase.FINISHED:
            finished = snapshots.pack(run)
        elif claim.since_snapshot >= self._snapshot_every and claim.since_snapshot >= _nodes(run):
            snapshot = snapshots.pack(run)
            claim.since_snapshot = 0
        return Unit(
            run=_row(claim.row, run),
            before=before,
            entries=tuple(folded.entries),
            locks=self._locks.rows(locks),
            snapshot=snapshot,
            finished=finished,
            definition=folded.definition,
            audit=tuple(folded.audit),
        )

    async def _append(self, unit: Unit) -> None:
        while True:
            try:
                await self._store.append(unit)
                return
            except Unavailable as fault:
                self._fault(unit.run.id, fault)
                if self.closing or unit.before == 0:
                    raise
            except Conflict as fault:
                if (
                    not unit.locks
                    or unit.before == 0
                    or (await self._store.load(unit.run.id)).seq != unit.before
                ):
                    raise
                self._fault(unit.run.id, fault)
                # Only a lock's row was behind: a unit that was to change it was not kept. What stands here is newer.
                unit = replace(unit, locks=await self._newer_rows(unit.locks))
            await self._pause()

    async def _newer_rows(self, rows: tuple[LockRow, ...]) -> tuple[LockRow, ...]:
        newer = []
        for row in rows:
            kept = await self._store.lock(row.project, row.kind, row.name)
            now = self._locks.row(row, kept.version if kept is not None else 0)
            newer += [now] if now is not None else []
        return tuple(newer)

    async def _pause(self) -> None:
        await self._clock.sleep_until(self._clock.now() + RETRY_MS)


def _row(row: RunRow, run: Run) -> RunRow:
    return replace(
        row,
        phase=run.phase.value,
        outcome=run.outcome.value if run.outcome is not None else "",
        reason=run.reason.kind.value if run.reason else "",
        started_by=run.started_by,
        queued_at=run.queued_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        execution=run.execution,
        remark=run.remark,
        updated_at=run.at,
    )


def _nodes(run: Run) -> int:
    return sum(1 + len(job.steps) for stage in run.stages for job in stage.jobs)
