"""An executor for tests: it does what a table says, at once, on the road that real steps take (RULINGS 29).

    executor = ScriptedExecutor({"*/deploy/*": (Fail(), Succeed(variables={"VERSION": "7"})), "*": (Succeed(),)})

The first pattern that fits an attempt's path counts. The n-th start of a path takes the n-th act; the last one stays.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from fnmatch import fnmatchcase

import msgspec

from ferryman.domain.ids import split_key
from ferryman.domain.status import Reason, Why
from ferryman.domain.values import Json
from ferryman.domain.work import Impossible, Work, WorkResult
from ferryman.ports.clock import Clock
from ferryman.ports.executor import Found, Report
from ferryman.ports.logs import LogBook


class Succeed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """End well, having printed and written this."""

    output: str = ""
    variables: dict[str, str] = {}
    outputs: dict[str, Json] = {}
    remark: str = ""


class Fail(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """End with this exit code."""

    code: int = 1
    output: str = ""
    variables: dict[str, str] = {}


class Hang(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Run until stopped; a stubborn one only by force, or when patience ends by `outlast`."""

    output: str = ""
    stubborn: bool = False


class Lose(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Start, then be out of reach."""

    known: str = "contact was lost"


Act = Succeed | Fail | Hang | Lose
Table = Mapping[str, Sequence[Act]]
"""Patterns of paths to what is done there, start by start."""


class World(msgspec.Struct):
    """What outlives an executor: the attempts, as a supervisor knows them. The next executor finds them here."""

    begun: dict[tuple[str, str], Act] = {}
    ended: dict[tuple[str, str], WorkResult] = {}
    starts: dict[tuple[str, str], int] = {}
    """How often an attempt was really started: once, or something is wrong."""
    counts: dict[tuple[str, str], int] = {}
    patience: dict[tuple[str, str], int] = {}
    folders: dict[tuple[str, str], str] = {}
    """The job's folder in which an attempt that is known works."""


class ScriptedExecutor:
    """`ports.executor.Executor` that does what a table says."""

    def __init__(self, table: Table, *, logs: LogBook, clock: Clock, world: World | None = None) -> None:
        """Act by this table in this world (a new one unless given)."""
        self.world = world or World()
        self._table, self._logs, self._clock = table, logs, clock
        self._report: Report = lambda told: None
        self._tasks: set[asyncio.Task[None]] = set()
        self._given_up: set[tuple[str, str]] = set()
        self._open = False

    async def open(self, report: Report) -> None:
        """Report to this function from now on."""
        self._report, self._open = report, True

    async def keep_only(
        self, attempts: Collection[tuple[str, str]], folders: Collection[tuple[str, str]]
    ) -> None:
        """End the attempts that nobody wants, and forget those in folders that nobody wants."""
        for run, key in self.world.begun.keys() - set(attempts):
            await self.stop(run, key, force=True)
        wanted = {
            (run, self.world.folders[run, key]) for run, key in attempts if (run, key) in self.world.begun
        }
        for place in {(run, folder) for (run, _), folder in self.world.folders.items()} - {*folders, *wanted}:
            await self.release(*place)

    async def start(self, work: Work) -> None:
        """Begin an attempt; a second time changes nothing."""
        name = work.run, work.key
        if name in self.world.begun:
            return
        act = self._act(work)
        self.world.begun[name] = act
        self.world.folders[name] = work.folder or work.key
        self.world.patience[name] = work.patience_ms
        self.world.starts[name] = self.world.starts.get(name, 0) + 1
        if text := getattr(act, "output", ""):
            await self._logs.open_attempt(*name)
            self._logs.append(*name, text.encode(), at=self._clock.now())
        match act:
            case Succeed():
                await self._end(
                    name, "succeeded", variables=act.variables, outputs=act.outputs, remark=act.remark
                )
            case Fail(code=code, variables=variables):
                facts = {"code": str(code), "message": f"ended with exit code {code}"}
                await self._end(
                    name, "failed", reason=Reason(Why.EXIT, facts), error_code=2199011, variables=variables
                )
            case Lose(known=known):
                self._say(Found(run=work.run, key=work.key, state="lost", known=known))

    async def stop(self, run: str, key: str, *, force: bool) -> None:
        """End an attempt that hangs; a stubborn one when its patience ends, or at once by force."""
        name = run, key
        act = self.world.begun.get(name)
        if not isinstance(act, Hang) or name in self.world.ended:
            return
        if act.stubborn and not force:
            task = asyncio.create_task(self._outwait(name))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            return
        await self._end(name, "failed", reason=_killed("SIGKILL" if force else "SIGTERM"), error_code=2199011)

    async def find(self, attempts: Sequence[tuple[str, str]]) -> Sequence[Found]:
        """What became of these attempts."""
        return [self._found(name) for name in attempts]

    async def release(self, run: str, folder: str) -> None:
        """A job has ended: what is known of its attempts goes as soon as none of them lives."""
        inside = [each for each, place in self.world.folders.items() if (each[0], place) == (run, folder)]
        self._given_up.add((run, folder))
        if any(isinstance(self.world.begun[name], Hang) and name not in self.world.ended for name in inside):
            return
        self._given_up.discard((run, folder))
        for name in inside:
            for facts in (self.world.begun, self.world.ended, self.world.patience, self.world.folders):
                facts.pop(name, None)

    async def close(self) -> None:
        """Stop reporting."""
        self._open = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _act(self, work: Work) -> Act:
        if isinstance(work.action, Impossible):
            return Fail(code=1)
        path, _, _ = split_key(work.key)
        at = self.world.counts.get((work.run, path), 0)
        self.world.counts[work.run, path] = at + 1
        for pattern, acts in self._table.items():
            if fnmatchcase(path, pattern) and acts:
                return acts[min(at, len(acts) - 1)]
        return Succeed()

    def _found(self, name: tuple[str, str]) -> Found:
        run, key = name
        if result := self.world.ended.get(name):
            return Found(run=run, key=key, state="ended", result=result)
        match self.world.begun.get(name):
            case None:
                return Found(run=run, key=key, state="unknown")
            case Lose(known=known):
                return Found(run=run, key=key, state="lost", known=known)
        return Found(run=run, key=key, state="alive")

    async def _outwait(self, name: tuple[str, str]) -> None:
        await self._clock.sleep_until(self._clock.now() + self.world.patience[name])
        if name not in self.world.ended:
            await self._end(name, "failed", reason=_killed("SIGKILL"), error_code=2199011)

    async def _end(self, name: tuple[str, str], outcome: str, **facts: Json) -> None:
        at = self._clock.now()
        if getattr(self.world.begun[name], "output", ""):
            await self._logs.close_attempt(*name, at=at)
        result = WorkResult(run=name[0], key=name[1], outcome=outcome, spawned_at=at, ended_at=at, **facts)
        self.world.ended[name] = result
        self._say(result)
        if (place := (name[0], self.world.folders[name])) in self._given_up:
            await self.release(*place)

    def _say(self, told: WorkResult | Found) -> None:
        if self._open:
            asyncio.get_running_loop().call_soon(self._report, told)


def _killed(name: str) -> Reason:
    return Reason(Why.EXIT, {"signal": name, "message": f"stopped (signal {name})"})
