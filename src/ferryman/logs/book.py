"""The log book: joins masking, lines, tail, writer and reader; all that others see (`ports.logs.LogBook`)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from ferryman.domain.errors import Refused
from ferryman.logs.attempt import OpenAttempt
from ferryman.logs.chunks import Block, unpack
from ferryman.logs.masking import Masks
from ferryman.logs.reader import read, walk
from ferryman.logs.retention import Retention, may_go
from ferryman.logs.runwide import read_run
from ferryman.logs.shown import lines_of
from ferryman.logs.writer import Done, Keep, Remove, Troubled, Writer, no_trouble
from ferryman.ports.logs import ENDLESS, LogLine, LogState, PieceStore, RunLines

LIMIT = 4 * 1024**3
"""Bytes of one attempt's log, unless set otherwise."""
SEND_SIZE = 1024 * 1024
"""The writer is given lines at once when they are so many bytes …"""
SEND_AFTER = 0.2
"""… and otherwise after this many seconds."""
SLICE = 500
"""How many logs are removed at once; what is said meanwhile waits for them."""
POLL = 0.5
"""Seconds between looks at a log that another process writes."""

KNOWN = 1_000
"""Runs of which is remembered what is kept of them."""

Result = TypeVar("Result")
Attempt = tuple[str, str]


class Logs:
    """A log book over a store of pieces. Used on one event loop; `open` first, `close` last.

    `read_only` serves a reader beside the process that writes: it only reads, and follows by looking again.
    """

    def __init__(
        self,
        store: PieceStore,
        *,
        limit: int = LIMIT,
        read_only: bool = False,
        troubled: Troubled = no_trouble,
    ) -> None:
        """Keep logs in this store, each up to `limit` bytes. `troubled` hears at each try why nothing can be kept."""
        self.limit = limit
        self._store = store
        self._read_only = read_only
        self._writer = Writer(store, troubled)
        self._reading = ThreadPoolExecutor(1, "ferryman-logs-read")
        self._attempts: dict[Attempt, OpenAttempt] = {}
        self._closing: dict[Attempt, asyncio.Future[int]] = {}
        self._early: dict[Attempt, list[tuple[str, int]]] = {}
        self._masks: dict[frozenset[str], Masks] = {}
        self._opened: dict[Attempt, asyncio.Event] = {}
        self._opening = asyncio.Lock()
        """Between asking how a log stands and opening it nobody else opens, uses and closes it."""
        self._known: dict[str, set[str]] = {}
        """By run, the attempts of which something is kept or may soon be: of another one there is nothing to ask."""
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: dict[Attempt, asyncio.Task[int]] = {}

    @property
    def trouble(self) -> str:
        """Why nothing can be kept at this moment, in words; empty when all is well."""
        return self._writer.trouble

    async def open(self) -> None:
        """Open the store. Raises `Unavailable`."""
        await asyncio.to_thread(self._store.open)
        if not self._read_only:
            self._writer.start()

    async def close(self) -> None:
        """Write what was taken in, and let the store go. Attempts that are open can be opened again later."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        if self._timer:
            self._timer.cancel()
        self._send_all()
        await self._writer.close()
        for attempt in self._attempts.values():
            attempt.tail.end()
        await asyncio.to_thread(self._reading.shutdown)
        await asyncio.to_thread(self._store.close)

    async def open_attempt(self, run: str, key: str, *, secrets: Sequence[str] = ()) -> int:
        """Get ready to take in an attempt's output, with these values masked; how many raw bytes are kept already."""
        if closing := self._closing.get((run, key)):
            await asyncio.shield(closing)
        attempt = self._attempts.get((run, key))
        if attempt is None and self._is_new(run, key):
            attempt = self._begin(LogState(run=run, key=key), frozenset(secrets))
        if attempt is None:
            async with self._opening:
                attempt = self._attempts.get((run, key))
                if attempt is None:
                    state = await self._kept_state(run, key) or LogState(run=run, key=key)
                    if state.ended_at:
                        self._early.pop((run, key), None)
                        return state.raw
                    attempt = self._begin(state, frozenset(secrets))
        if not attempt.secrets.issuperset(secrets):
            attempt.secrets = attempt.secrets.union(secrets)
            attempt.mask_with(self._masks_of(attempt.secrets))
        for text, at in self._early.pop((run, key), ()):
            attempt.note(text, at=at)
        self._send_soon(attempt)
        return attempt.state().raw

    async def ready(self) -> None:
        """Return when there is room for more."""
        await self._writer.ready()

    def append(self, run: str, key: str, raw: bytes, *, at: int) -> None:
        """Take in raw output of an open attempt, cut anywhere. Raises `Refused` where the attempt is not open."""
        attempt = self._attempts.get((run, key))
        if attempt is None or (run, key) in self._closing:
            raise Refused(
                f"cannot add to the log of {key}: it is not open; open_attempt comes first, close_attempt last",
                reason="log-not-open",
                path=key,
            )
        attempt.append(raw, at=at)
        self._send_soon(attempt)

    def note(self, run: str, key: str, text: str, *, at: int) -> None:
        """Add a line of Ferryman's own, which opens an attempt that is not open; one that was closed stays as it is."""
        attempt = self._attempts.get((run, key))
        if attempt is None or (run, key) in self._closing:
            self._early.setdefault((run, key), []).append((text, at))
            self._open_soon(run, key)
        else:
            attempt.note(text, at=at)
            self._send_soon(attempt)

    async def close_attempt(self, run: str, key: str, *, missing: str = "", at: int = 0) -> int:
        """The attempt has ended: keep what is left, durably, and say what is missing; the number of lines."""
        if (run, key) not in self._attempts:
            await self.open_attempt(run, key)
        if closing := self._closing.get((run, key)):
            return await asyncio.shield(closing)
        attempt = self._attempts.get((run, key))
        if attempt is None:
            state = await self._stored_state(run, key)
            return state.lines if state else 0
        closing = self._closing[run, key] = asyncio.get_running_loop().create_future()
        state = attempt.end(missing=missing, at=at)
        self._send(attempt, state, durable=True, done=partial(self._closed, attempt, state))
        return await asyncio.shield(closing)

    async def state(self, run: str, key: str) -> LogState | None:
        """How much there is, up to the newest line; None where nothing was ever said."""
        attempt = self._attempts.get((run, key))
        return attempt.state() if attempt else await self._stored_state(run, key)

    async def states(self, run: str) -> Sequence[LogState]:
        """The same for every attempt of a run that has said something."""
        stored = {(state.run, state.key): state for state in await self._ask(self._store.states, run)}
        now = {key: attempt.state() for key, attempt in self._attempts.items() if key[0] == run}
        return tuple((stored | now).values())

    async def read(self, run: str, key: str, *, after: int = 0, limit: int = 1000) -> Sequence[LogLine]:
        """Lines behind `after`, in order, stored pieces and the newest lines alike."""
        attempt = self._attempts.get((run, key))
        blocks = await read(
            partial(self._stored, run, key),
            attempt.tail if attempt else None,
            after=max(0, after),
            limit=limit,
        )
        return [line for block in blocks for line in lines_of(block)]

    async def tail(self, run: str, key: str, lines: int) -> Sequence[LogLine]:
        """The last lines."""
        state = await self.state(run, key)
        newest = state.lines if state else 0
        return await self.read(run, key, after=max(0, newest - lines), limit=lines)

    async def follow(self, run: str, key: str, *, after: int = 0) -> AsyncIterator[LogLine]:
        """Every line once and in order, until the attempt has ended; waits for one that has not begun."""
        while True:
            attempt = self._attempts.get((run, key))
            state = None if attempt else await self._stored_state(run, key)
            async for block in walk(
                partial(self._stored, run, key), attempt.tail if attempt else None, after=after
            ):
                for line in lines_of(block):
                    yield line
                after = block.last
            if attempt:
                if attempt.tail.ended and attempt.tail.newest <= after:
                    return
                await attempt.tail.more(after)
            elif state and (state.ended_at or state.removed_at):
                return
            else:
                await self._until_opened(run, key)

    async def raw(self, run: str, key: str) -> AsyncIterator[bytes]:
        """What the step wrote, byte for byte except for masks, without Ferryman's own lines."""
        attempt = self._attempts.get((run, key))
        async for block in walk(partial(self._stored, run, key), attempt.tail if attempt else None):
            if kept := block.raw():
                yield kept

    async def read_run(
        self,
        run: str,
        *,
        after: int = 0,
        until: int = ENDLESS,
        limit: int = 1000,
        keys: Collection[str] | None = None,
        newest_first: bool = False,
    ) -> RunLines:
        """Lines of a run behind `after` and up to `until`, by their numbers in the run; only what is kept has one."""
        page = partial(
            read_run,
            self._store,
            run,
            after=max(0, after),
            until=until,
            limit=limit,
            keys=keys,
            newest_first=newest_first,
        )
        return await self._ask(page)

    async def last_line(self, run: str) -> int:
        """The number of the run's last line; 0 where nothing was said."""
        return await self._ask(self._store.last_line, run)

    async def flush(self) -> None:
        """Return when everything taken in so far that made a line is kept."""
        waiting = [asyncio.get_running_loop().create_future() for _ in self._attempts]
        for attempt, future in zip(self._attempts.values(), waiting, strict=True):
            self._send(attempt, attempt.state(), durable=False, done=partial(_resolve, future, None))
        await asyncio.gather(*waiting)

    async def tidy(self, policy: Retention, *, running: Collection[str], now: int) -> list[Attempt]:
        """Remove the logs that may go, some at a time; which they were."""
        gone: list[Attempt] = []
        while True:
            room = await self._ask(self._store.size)
            oldest = await self._ask(partial(self._store.oldest, limit=SLICE, besides=running))
            going = may_go(oldest, policy, room=room, now=now)
            if not going:
                return gone
            removed = asyncio.get_running_loop().create_future()
            self._writer.put(Remove(logs=going, at=now, done=partial(_resolve, removed, None)))
            await removed
            gone += going

    def _begin(self, state: LogState, secrets: frozenset[str]) -> OpenAttempt:
        attempt = OpenAttempt(state, self._masks_of(secrets), limit=self.limit)
        attempt.secrets = secrets
        self._attempts[state.run, state.key] = attempt
        if (known := self._known.get(state.run)) is not None:
            known.add(state.key)
        if waiting := self._opened.pop((state.run, state.key), None):
            waiting.set()
        return attempt

    def _is_new(self, run: str, key: str) -> bool:
        """Whether nothing was ever said of an attempt; only we write, so what we remember is so."""
        return (known := self._known.get(run)) is not None and key not in known

    async def _kept_state(self, run: str, key: str) -> LogState | None:
        """How much is kept of an attempt; what is kept of its run is remembered."""
        if run in self._known:
            return await self._stored_state(run, key)
        # One that is open now may be kept after the store was asked, and closed before it has answered.
        opened = {other for name, other in self._attempts if name == run}
        states = {state.key: state for state in await self._ask(self._store.states, run)}
        while len(self._known) >= KNOWN:
            del self._known[next(iter(self._known))]
        self._known[run] = states.keys() | opened
        return states.get(key)

    def _open_soon(self, run: str, key: str) -> None:
        if (run, key) not in self._tasks:
            task = self._tasks[run, key] = asyncio.create_task(self.open_attempt(run, key))
            task.add_done_callback(partial(self._opened_soon, (run, key)))

    def _opened_soon(self, attempt: Attempt, task: asyncio.Task[int]) -> None:
        del self._tasks[attempt]
        if not task.cancelled():
            # Where the store could not be asked, the notes wait for the next who opens.
            task.exception()

    def _masks_of(self, secrets: frozenset[str]) -> Masks:
        """Masks are dear to make and the same for most attempts of a project."""
        if secrets not in self._masks:
            while len(self._masks) >= 16:
                del self._masks[next(iter(self._masks))]
            self._masks[secrets] = Masks(secrets)
        return self._masks[secrets]

    def _send_soon(self, attempt: OpenAttempt) -> None:
        if attempt.unsent >= SEND_SIZE:
            self._send(attempt, attempt.state(), durable=False, done=_nothing)
        elif self._timer is None and not attempt.is_clean:
            self._timer = asyncio.get_running_loop().call_later(SEND_AFTER, self._send_all)

    def _send_all(self) -> None:
        self._timer = None
        for key, attempt in self._attempts.items():
            if not attempt.is_clean and key not in self._closing:
                self._send(attempt, attempt.state(), durable=False, done=_nothing)

    def _send(self, attempt: OpenAttempt, state: LogState, *, durable: bool, done: Done) -> None:
        def kept(failed: Exception | None) -> None:
            if failed is None:
                attempt.tail.written(state.lines)
            done(failed)

        size = attempt.unsent
        self._writer.put(
            Keep(state=state, drafts=attempt.take_drafts(), size=size, durable=durable, done=kept)
        )

    def _closed(self, attempt: OpenAttempt, state: LogState, failed: Exception | None) -> None:
        closing = self._closing.pop((attempt.run, attempt.key))
        if failed is None:
            attempt.tail.end()
            del self._attempts[attempt.run, attempt.key]
        _resolve(closing, state.lines, failed)

    async def _until_opened(self, run: str, key: str) -> None:
        """Return when the attempt is opened here, or when it is time to look again."""
        opened = self._opened.setdefault((run, key), asyncio.Event())
        try:
            async with asyncio.timeout(POLL):
                await opened.wait()
        except TimeoutError:
            self._opened.pop((run, key), None)

    async def _stored(self, run: str, key: str, after: int, limit: int) -> Sequence[Block]:
        return await self._ask(self._unpacked, run, key, after, limit)

    def _unpacked(self, run: str, key: str, after: int, limit: int) -> list[Block]:
        pieces = self._store.pieces(run, key, after=after, limit=limit)
        return [block for piece in pieces for block in unpack(piece)]

    async def _stored_state(self, run: str, key: str) -> LogState | None:
        return await self._ask(self._store.state, run, key)

    async def _ask(self, question: Callable[..., Result], *words: object) -> Result:
        """Ask the store, on the thread for reading."""
        answer: Awaitable[Result] = asyncio.get_running_loop().run_in_executor(
            self._reading, partial(question, *words)
        )
        return await answer


def _nothing(failed: Exception | None) -> None:
    """Nobody waits for it."""


def _resolve(waiting: asyncio.Future[Result], value: Result, failed: Exception | None) -> None:
    if waiting.done():
        return
    if failed is None:
        waiting.set_result(value)
    else:
        waiting.set_exception(failed)
        # It is seen by now: who waited and was stopped is not there to hear of it, and nobody else should.
        waiting.exception()
