"""The loop: fold what waits for a run, keep it, act on the difference, deliver what comes back.

    letters ─▶ fold one by one ─▶ one unit, durable ─▶ answers ─▶ difference of wants ─▶ executor, timers, locks ─┐
       ▲                                                                                                         │
       └──────────────────────────────── results, fired timers, grants ◀─────────────────────────────────────────┘

Keep first, act after: nothing is done about an event before it is durable, and doing a want twice is harmless. While a
unit is being written, the next events of its run gather and become the next unit. Policy is nowhere in here.
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from ferryman.domain.errors import Conflict, NotFound, Unavailable
from ferryman.domain.events import (
    CancelRequested,
    Delivered,
    Event,
    LockGranted,
    LockRefused,
    ReviewersNamed,
    Started,
    StepFinished,
    StepLost,
    TimerFired,
)
from ferryman.domain.journal import JournalEntry
from ferryman.domain.pipeline import Pipeline
from ferryman.domain.run import Run
from ferryman.domain.status import Phase, Reason, Why
from ferryman.domain.wants import (
    EnvironmentWanted,
    LockWanted,
    MessageWanted,
    ReviewersWanted,
    StepWanted,
    StopWanted,
    TimerWanted,
    Want,
)
from ferryman.domain.work import WorkResult
from ferryman.drivers.embedded.claims import Answer, Claim, Folded, Letter
from ferryman.drivers.embedded.locks import LockKey, LockTable, Verdict, holder_of
from ferryman.drivers.embedded.timers import Timers
from ferryman.machine import begin, replay, snapshots, wants
from ferryman.machine.context import job_of
from ferryman.ports.clock import Clock
from ferryman.ports.executor import Executor, Found
from ferryman.ports.preparer import Preparer
from ferryman.ports.store import LockRow, RunRow, Store, Unit

RETRY_MS = 200
"""How soon a unit that could not be kept is tried again: a full disk or a locked database passes."""


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """All that a start needs. The same id twice is one run."""

    project: str
    pipeline: str
    version: int
    define: Pipeline
    event: Started


class EmbeddedDriver:
    """Moves the runs of one store, in one process."""

    def __init__(
        self,
        *,
        store: Store,
        executor: Executor,
        preparer: Preparer,
        clock: Clock,
        members: Callable[[str, tuple[str, ...]], tuple[str, ...]] = lambda project, roles: (),
        tell: Callable[[Run, MessageWanted], None] = lambda run, message: None,
        fault: Callable[[str, BaseException], None] = lambda run, fault: None,
        snapshot_every: int = 200,
    ) -> None:
        """`members` knows who stands behind roles, `tell` passes messages on, `fault` hears of what must not happen."""
        self._store = store
        self._executor = executor
        self._preparer = preparer
        self._clock = clock
        self._members = members
        self._tell = tell
        self._fault = fault
        self._snapshot_every = snapshot_every
        self._claims: dict[str, Claim] = {}
        self._locks = LockTable()
        self._timers = Timers(clock, self._due)
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    # What others call

    async def open(self) -> int:
        """Take up every unfinished run again; how many there were."""
        await self._executor.open(self._reported)
        self._locks.load(await self._store.locks())
        rows = await self._store.unfinished()
        known = {row.id for row in rows}
        self._forget_locks(lambda run: run not in known)
        claims = [await self._take_up(row) for row in rows]
        attempts = [(claim.run.id, key) for claim in claims for key in _attempts(wants(claim.run))]
        folders = [(claim.run.id, path) for claim in claims for path in claim.vacant]
        await self._executor.keep_only(attempts, folders)
        await self._recover(claims, attempts)
        return len(rows)

    async def close(self) -> None:
        """Take no more events, finish writing, let go. Steps that run go on and are found again."""
        self._closing = True
        await self._timers.close()
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
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
        )
        claim = Claim(run, row)
        claim.busy = True
        self._claims[run.id] = claim
        folded = Folded(run)
        folded.entries.append(JournalEntry(seq=1, event=start.event))
        folded.differ(wanted, ())
        try:
            await self._advance(claim, folded, before=0)
        except BaseException:
            self._claims.pop(run.id, None)
            self._forget_locks(lambda name: name == run.id)
            raise
        self._rest(claim)
        return claim.run

    async def tell(self, run: str, event: Event) -> Run:
        """Fold one event; returns the run when that is durable. Raises `Refused`, and `NotFound` for a run that has
        been finished long since or never was."""
        claim = self._claims.get(run) or await self._claim_finished(run)
        answer: Answer = asyncio.get_running_loop().create_future()
        self._deliver(claim, Letter(event, answer))
        return await answer

    def run(self, run: str) -> Run | None:
        """A run that is being moved, as it is kept."""
        claim = self._claims.get(run)
        return claim.run if claim is not None else None

    async def changed(self, run: str, after: int) -> Run:
        """The run as soon as it has entries behind `after`. Raises `NotFound` for one that is not being moved."""
        claim = self._claims.get(run)
        if claim is None:
            raise NotFound(f"run {run} is not being moved")
        while claim.run.seq <= after:
            await claim.changed.wait()
        return claim.run

    # Letters

    def _deliver(self, claim: Claim, letter: Letter) -> None:
        claim.inbox.append(letter)
        if not claim.busy and not self._closing:
            claim.busy = True
            self._spawn(self._move(claim))

    def _post(self, run: str, event: Event) -> None:
        """Deliver what the world reports; a run that is gone needs it no more."""
        claim = self._claims.get(run)
        if claim is not None:
            self._deliver(claim, Letter(event))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _move(self, claim: Claim) -> None:
        while claim.inbox:
            folded = Folded(claim.run)
            before = claim.run.seq
            now = self._clock.now()
            while claim.inbox:
                letter = claim.inbox.popleft()
                try:
                    folded.take(letter, now)
                except Exception as fault:
                    self._fault(claim.run.id, fault)
                    if letter.answer is not None and not letter.answer.done():
                        letter.answer.set_exception(fault)
            if folded.entries:
                try:
                    await self._advance(claim, folded, before=before)
                except Exception as fault:
                    self._let_go(claim, folded, fault)
                    return
        self._rest(claim)

    def _let_go(self, claim: Claim, folded: Folded, fault: Exception) -> None:
        """This process no longer knows how the run is kept: nobody may go on with what it remembers."""
        self._fault(claim.run.id, fault)
        self._claims.pop(claim.run.id, None)
        waiting = [letter.answer for letter in claim.inbox if letter.answer is not None]
        for answer in (*folded.answers, *waiting):
            if not answer.done():
                answer.set_exception(fault)
        claim.show(claim.run)

    def _rest(self, claim: Claim) -> None:
        claim.busy = False
        if claim.inbox:
            claim.busy = True
            self._spawn(self._move(claim))
        elif claim.run.phase is Phase.FINISHED and not claim.run.messages:
            self._claims.pop(claim.run.id, None)

    async def _advance(self, claim: Claim, folded: Folded, *, before: int) -> None:
        """Settle locks, keep the unit, answer, and act."""
        wanted: dict[str, Want] = {}
        unwanted: dict[str, Want] = {}
        keys: dict[LockKey, None] = {}
        verdicts: list[Verdict] = []
        while True:
            new, gone = folded.take_difference()
            for want in gone:
                if wanted.pop(want.name, None) is None:
                    unwanted[want.name] = want
            wanted.update({want.name: want for want in new})
            for want in new:
                if isinstance(want, LockWanted):
                    await self._know(self._locks.key(claim.row.project, claim.row.pipeline, want))
            if not self._settle_locks(claim, folded, new, gone, keys, verdicts):
                break
        run = folded.run
        claim.since_snapshot += len(folded.entries)
        unit = self._unit(claim, folded, before, tuple(keys))
        if unit.entries or unit.locks:
            await self._keep(unit)
        claim.row = unit.run
        claim.show(run)
        for answer in folded.answers:
            if not answer.done():
                answer.set_result(run)
        self._carry_out(claim, tuple(wanted.values()), tuple(unwanted.values()))
        for verdict in verdicts:
            self._pass_on(verdict)
        for key in keys:
            self._set_lock_timers(key)

    async def _know(self, key: LockKey) -> None:
        """Read a lock that nobody here has asked for yet: an earlier process may have left it, idle."""
        while not self._locks.knows(key):
            try:
                lock = await self._store.lock(key.project, key.kind, key.name)
            except Unavailable as fault:
                self._fault("", fault)
                if self._closing:
                    raise
                await self._clock.sleep_until(self._clock.now() + RETRY_MS)
            else:
                self._locks.learn(key, lock)

    def _settle_locks(
        self,
        claim: Claim,
        folded: Folded,
        wanted: tuple[Want, ...],
        unwanted: tuple[Want, ...],
        keys: dict[LockKey, None],
        verdicts: list[Verdict],
    ) -> bool:
        """Ask for locks and give them back; what a lock says to this run goes into the same unit."""
        own: list[Verdict] = []
        for want in unwanted:
            if isinstance(want, LockWanted):
                key = self._locks.key(claim.row.project, claim.row.pipeline, want)
                keys[key] = None
                holder = holder_of(claim.run.id, want.path)
                aside = not want.path and folded.run.phase is not Phase.FINISHED
                verdicts += self._locks.give_back(key, holder, at=folded.run.at, aside=aside)
        for want in wanted:
            if isinstance(want, LockWanted):
                key = self._locks.key(claim.row.project, claim.row.pipeline, want)
                keys[key] = None
                holder = holder_of(claim.run.id, want.path)
                for verdict in self._locks.ask(
                    key, holder, want, at=folded.run.at, pipeline=claim.row.pipeline, number=folded.run.number
                ):
                    (own if verdict.run == claim.run.id else verdicts).append(verdict)
        # It has waited since its last entry, which after a restart may be hours old; what it hears, it hears now.
        at = max(folded.run.at, self._clock.now())
        for verdict in own:
            folded.take(Letter(_said(verdict, at)), at)
        return bool(own)

    def _forget_locks(self, is_gone: Callable[[str], bool]) -> None:
        """A run that is not kept, or has ended, holds nothing and waits for nothing."""
        verdicts, keys = self._locks.forget(is_gone, at=self._clock.now())
        for verdict in verdicts:
            self._pass_on(verdict)
        for key in keys:
            self._set_lock_timers(key)

    def _pass_on(self, verdict: Verdict) -> None:
        self._post(verdict.run, _said(verdict, self._clock.now()))

    def _set_lock_timers(self, key: LockKey) -> None:
        for holder, at in self._locks.timers(key).items():
            self._timers.set(("lock", key, holder), at)

    # Keeping

    def _unit(self, claim: Claim, folded: Folded, before: int, keys: tuple[LockKey, ...]) -> Unit:
        run = folded.run
        row = replace(
            claim.row,
            phase=run.phase.value,
            outcome=run.outcome.value if run.outcome is not None else "",
            reason=run.reason.kind.value if run.reason else "",
            started_by=run.started_by,
            queued_at=run.queued_at,
            started_at=run.started_at,
            ended_at=run.ended_at,
            execution=run.execution,
        )
        finished = snapshot = b""
        if run.phase is Phase.FINISHED:
            finished = snapshots.pack(run)
        elif claim.since_snapshot >= self._snapshot_every and claim.since_snapshot >= _nodes(run):
            snapshot = snapshots.pack(run)
            claim.since_snapshot = 0
        return Unit(
            run=row,
            before=before,
            entries=tuple(folded.entries),
            locks=self._locks.rows(keys),
            snapshot=snapshot,
            finished=finished,
        )

    async def _keep(self, unit: Unit) -> None:
        """Keep a unit, however long that takes: what was accepted is not given up while this process lives."""
        while True:
            try:
                await self._store.append(unit)
                return
            except Unavailable as fault:
                self._fault(unit.run.id, fault)
                if self._closing or unit.before == 0:
                    raise
            except Conflict as fault:
                self._fault(unit.run.id, fault)
                if (
                    not unit.locks
                    or unit.before == 0
                    or (await self._store.load(unit.run.id)).seq != unit.before
                ):
                    raise
                # Only a lock's row was behind: a unit that was to change it was not kept. What stands here is newer.
                unit = replace(unit, locks=await self._newer_rows(unit.locks))
            await self._clock.sleep_until(self._clock.now() + RETRY_MS)

    async def _newer_rows(self, rows: tuple[LockRow, ...]) -> tuple[LockRow, ...]:
        newer = []
        for row in rows:
            kept = await self._store.lock(row.project, row.kind, row.name)
            now = self._locks.row(row, kept.version if kept is not None else 0)
            newer += [now] if now is not None else []
        return tuple(newer)

    # Acting

    def _carry_out(self, claim: Claim, wanted: tuple[Want, ...], unwanted: tuple[Want, ...]) -> None:
        run = claim.run
        stops = {want.key for want in wanted if isinstance(want, StopWanted)}
        for want in unwanted:
            match want:
                case TimerWanted(name=name):
                    self._timers.clear((run.id, name))
                case StepWanted(name=key) | StopWanted(key=key) if key in claim.alive and key not in stops:
                    # Nobody waits for its end any more: it was decided without it.
                    self._spawn(self._executor.stop(run.id, key, force=True))
                case EnvironmentWanted(path=path):
                    claim.vacant.add(path)
                case _:
                    pass
        for want in wanted:
            self._want(claim, want)
        for path in [path for path in claim.vacant if _job_over(run, path)]:
            claim.vacant.discard(path)
            self._spawn(self._executor.release(run.id, path))

    def _want(self, claim: Claim, want: Want) -> None:
        run, project = claim.run, claim.row.project
        match want:
            case StepWanted(name=key):
                claim.alive.add(key)
                self._spawn(self._begin(run, key))
            case StopWanted(key=key, force=force):
                self._spawn(self._executor.stop(run.id, key, force=force))
            case EnvironmentWanted(path=path):
                claim.vacant.discard(path)
            case TimerWanted(name=name, at=at):
                self._timers.set((run.id, name), at)
            case ReviewersWanted(path=path, roles=roles):
                members = tuple(self._members(project, group) for group in roles)
                self._post(run.id, ReviewersNamed(at=self._clock.now(), path=path, members=members))
            case MessageWanted(name=name):
                self._tell(run, want)
                self._post(run.id, Delivered(at=self._clock.now(), name=name))
            case _:
                # Gates, pauses and lost steps wait for people; locks have been asked for already.
                pass

    async def _begin(self, run: Run, key: str) -> None:
        try:
            work = self._preparer.prepare(run, key)
            await self._executor.start(work)
        except Exception as fault:
            self._fault(run.id, fault)
            reason = Reason(Why.EXIT, {"message": str(fault)})
            self._post(run.id, StepFinished(at=self._clock.now(), key=key, outcome="errored", reason=reason))

    def _reported(self, report: WorkResult | Found) -> None:
        now = self._clock.now()
        claim = self._claims.get(report.run)
        if claim is not None:
            claim.alive.discard(report.key)
        if isinstance(report, WorkResult):
            self._post(report.run, _finished(report, now))
        elif report.state == "ended" and report.result is not None:
            self._post(report.run, _finished(report.result, now))
        elif report.state == "lost":
            self._post(report.run, StepLost(at=now, key=report.key, known=report.known))

    def _due(self, key: Hashable) -> None:
        if isinstance(key, tuple) and key[0] == "lock":
            _, lock, holder = key
            now = self._clock.now()
            for verdict in self._locks.due(lock, holder, at=now):
                self._pass_on(verdict)
        elif isinstance(key, tuple):
            run, name = key
            self._post(run, TimerFired(at=self._clock.now(), name=name))

    # Recovery

    async def _take_up(self, row: RunRow) -> Claim:
        """Claim a run as it is kept; what is told to it waits until it is carried on."""
        claim = self._claims[row.id] = Claim(await self._load(row.id), row)
        claim.busy = True
        # Those that want a place say so when they are carried on.
        claim.vacant.update(_under_way(claim.run))
        return claim

    async def _recover(self, claims: Sequence[Claim], attempts: Sequence[tuple[str, str]]) -> None:
        """Carry out everything that these runs want, again, oldest first. The executor is asked once for all."""
        found = {(each.run, each.key): each for each in await self._executor.find(attempts)}
        for known in found.values():
            if known.state == "alive":
                self._claims[known.run].alive.add(known.key)
        for claim in claims:
            await self._again(claim, found)

    async def _load(self, run_id: str) -> Run:
        stored = await self._store.load(run_id)
        define = msgspec.json.decode(stored.definition, type=Pipeline)
        since = snapshots.unpack(stored.snapshot, define) if stored.snapshot else None
        return replay(define, stored.entries, since=since)

    async def _again(self, claim: Claim, found: Mapping[tuple[str, str], Found]) -> None:
        from_machine = wants(claim.run)
        folded = Folded(claim.run)
        folded.differ([want for want in from_machine if isinstance(want, LockWanted)], ())
        await self._advance(claim, folded, before=claim.run.seq)
        for want in from_machine:
            match want:
                case LockWanted():
                    continue
                case StepWanted(name=key) | StopWanted(key=key):
                    known = found.get((claim.run.id, key))
                    if known is not None and known.state in ("ended", "lost"):
                        self._reported(known)
                    elif isinstance(want, StopWanted) and (known is None or known.state == "unknown"):
                        self._post(
                            claim.run.id, StepLost(at=self._clock.now(), key=key, known="it never started")
                        )
                    elif known is None or known.state == "unknown" or isinstance(want, StopWanted):
                        self._want(claim, want)
                case _:
                    self._want(claim, want)
        self._rest(claim)

    async def _claim_finished(self, run: str) -> Claim:
        """A finished run is taken up again to hear a request, such as a retry."""
        stored = await self._store.load(run)
        found = self._claims.get(run)
        if found is not None:
            return found
        claim = Claim(await self._load(run), stored.row)
        return self._claims.setdefault(run, claim)


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


def _said(verdict: Verdict, at: int) -> Event:
    """What a lock says, as the event that its holder hears (RULINGS 10)."""
    if verdict.pushed_out_by:
        return CancelRequested(at=at, by=verdict.pushed_out_by.partition(":")[0], pushed_out=True)
    if verdict.reason is not None:
        return LockRefused(at=at, path=verdict.path, reason=verdict.reason)
    return LockGranted(at=at, path=verdict.path)


def _finished(result: WorkResult, at: int) -> StepFinished:
    return StepFinished(
        at=at,
        key=result.key,
        outcome=result.outcome,  # type: ignore[arg-type]
        reason=result.reason,
        outputs=result.outputs,
        variables=result.variables,
        remark=result.remark,
        spawned_at=result.spawned_at,
        error_code=result.error_code,
    )


def _nodes(run: Run) -> int:
    return sum(1 + len(job.steps) for stage in run.stages for job in stage.jobs)


def _job_over(run: Run, path: str) -> bool:
    job = job_of(run, path)
    return job is None or job.phase is Phase.FINISHED
