"""The contract of an executor: start, stream, stop, lose contact, find again; twice is harmless; nothing is left.

Implement `ferryman.ports.executor.Executor`, give a `Stage` that puts it to work, and run every one of
`EXECUTOR_CHECKS`, each on a new stage: `await check(stage)`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, Protocol

from ferryman.domain.status import Why
from ferryman.domain.work import Action, Work, WorkResult
from ferryman.ports.executor import Executor, Found

Deed = Literal["succeed", "fail", "speak", "hang", "stubborn"]
"""What an attempt is to do: succeed; end with code 3; print the lines `one` to `five` and set the variable COLOR to
`blue` and the output SIZE to `7`; run until stopped; print `ready`, then run until killed, deaf to requests."""

RUN = "run-1"
FOLDER = "build/make"
PATIENCE_MS = 300
LONGEST = 60.0
"""Seconds after which a check has failed."""


class Stage(Protocol):
    """A world for one check."""

    def executor(self) -> Executor:
        """A new executor, as a server makes after its start, over the same world."""
        ...

    def action(self, deed: Deed) -> Action:
        """The action that does this, when its step is named for the deed."""
        ...

    async def said(self, run: str, key: str) -> Sequence[str]:
        """The lines in the attempt's log."""
        ...

    async def cut(self) -> None:
        """Take away whoever would know how the running attempts end, and end them."""
        ...

    def living(self) -> int:
        """How many processes of attempts there are."""
        ...

    def folders(self) -> int:
        """How many jobs something is kept for."""
        ...


class Server:
    """One executor in use, and what it has reported."""

    def __init__(self, stage: Stage) -> None:
        """A server over this stage."""
        self.stage, self.executor = stage, stage.executor()
        self.told: list[WorkResult | Found] = []
        self._heard = asyncio.Event()

    async def __aenter__(self) -> "Server":
        """Open the executor."""
        await self.executor.open(self._hear)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it, as a server that ends does; attempts go on."""
        await self.executor.close()

    def _hear(self, told: WorkResult | Found) -> None:
        self.told.append(told)
        self._heard.set()

    async def start(self, deed: Deed, number: int = 1, *, folder: str = FOLDER) -> str:
        """Start an attempt that does this, in a job's folder; its key."""
        key = f"{folder}/{deed}-{number}#1.1"
        await self.executor.start(
            Work(
                run=RUN,
                key=key,
                project="local",
                action=self.stage.action(deed),
                folder=folder,
                patience_ms=PATIENCE_MS,
            )
        )
        return key

    async def end(self, key: str) -> WorkResult:
        """The reported end of an attempt."""
        result = await self.word(key)
        assert isinstance(result, WorkResult), f"{key} was reported as {result}"
        return result

    async def word(self, key: str) -> WorkResult | Found:
        """Whatever is reported first of an attempt."""
        async with asyncio.timeout(LONGEST):
            while True:
                for told in self.told:
                    if told.key == key:
                        return told
                self._heard.clear()
                await self._heard.wait()

    async def deaf(self) -> str:
        """Start an attempt that no longer hears requests; its key."""
        key = await self.start("stubborn")
        async with asyncio.timeout(LONGEST):
            while "ready" not in await self.stage.said(RUN, key):
                await asyncio.sleep(0.01)
        return key

    async def cleared(self, folders: int) -> None:
        """Return when something is kept for so many jobs only."""
        async with asyncio.timeout(LONGEST):
            while self.stage.folders() != folders:
                await asyncio.sleep(0.01)

    async def find(self, key: str) -> Found:
        """What this executor knows of an attempt."""
        (found,) = await self.executor.find([(RUN, key)])
        return found


async def success_is_reported_once(stage: Stage) -> None:
    """An attempt that does its work succeeds, with the times of its start and end, and is reported once."""
    async with Server(stage) as server:
        key = await server.start("succeed")
        result = await server.end(key)
        assert (result.outcome, result.reason.kind, result.error_code) == ("succeeded", Why.NONE, 0)
        assert 0 < result.spawned_at <= result.ended_at
        await server.end(await server.start("succeed", 2))
        assert [told.key for told in server.told].count(key) == 1


async def failure_tells_its_code(stage: Stage) -> None:
    """An attempt that says no has failed, with its exit code among the facts (semantics 7.6)."""
    async with Server(stage) as server:
        result = await server.end(await server.start("fail"))
        assert (result.outcome, result.error_code) == ("failed", 2199011)
        assert result.reason.kind is Why.EXIT
        assert result.reason.facts["code"] == "3"
        assert "3" in result.reason.facts["message"]


async def all_that_was_said_is_there_at_the_end(stage: Stage) -> None:
    """When the end is reported, every line is in the log, in order; variables and outputs come with the result."""
    async with Server(stage) as server:
        key = await server.start("speak")
        result = await server.end(key)
        lines = [line for line in await stage.said(RUN, key) if not line.startswith("::")]
        assert lines == ["one", "two", "three", "four", "five"]
        assert result.variables == {"COLOR": "blue"}
        assert result.outputs == {"SIZE": "7"}


async def starting_twice_changes_nothing(stage: Stage) -> None:
    """The same attempt never runs twice, whether asked for at once, later, after its end, or by the next server."""
    async with Server(stage) as server:
        first, second = await asyncio.gather(server.start("speak"), server.start("speak"))
        assert first == second
        await server.end(first)
        await server.start("speak")
    async with Server(stage) as server:
        await server.start("speak")
        await server.end(await server.start("succeed", 2))
        assert (await server.find(first)).state == "ended"
    assert list(await stage.said(RUN, first)).count("one") == 1


async def stopping_ends_it(stage: Stage) -> None:
    """An attempt that is asked to end does, and says by what."""
    async with Server(stage) as server:
        key = await server.start("hang")
        await server.executor.stop(RUN, key, force=False)
        result = await server.end(key)
        assert result.outcome == "failed"
        assert result.reason.facts["signal"] == "SIGTERM"
        assert stage.living() == 0


async def stopping_ends_even_the_deaf(stage: Stage) -> None:
    """An attempt that does not listen is killed when its patience ends."""
    async with Server(stage) as server:
        key = await server.deaf()
        await server.executor.stop(RUN, key, force=False)
        assert (await server.end(key)).reason.facts["signal"] == "SIGKILL"
        assert stage.living() == 0


async def force_does_not_wait(stage: Stage) -> None:
    """With force an attempt is killed, also after it was asked politely."""
    async with Server(stage) as server:
        key = await server.deaf()
        await server.executor.stop(RUN, key, force=False)
        await server.executor.stop(RUN, key, force=True)
        assert (await server.end(key)).reason.facts["signal"] == "SIGKILL"
        assert stage.living() == 0


async def stopping_what_is_not_there_is_harmless(stage: Stage) -> None:
    """A stop of an unknown or ended attempt changes nothing."""
    async with Server(stage) as server:
        await server.executor.stop(RUN, "nobody#1.1", force=False)
        key = await server.start("succeed")
        await server.end(key)
        await server.executor.stop(RUN, key, force=True)
        assert (await server.find(key)).state == "ended"


async def the_next_server_finds_what_runs(stage: Stage) -> None:
    """After a restart a running attempt is found alive, not started again, and its end is reported."""
    async with Server(stage) as server:
        key = await server.start("hang")
    async with Server(stage) as server:
        assert (await server.find(key)).state == "alive"
        await server.executor.stop(RUN, key, force=False)
        assert (await server.end(key)).reason.facts["signal"] == "SIGTERM"


async def the_next_server_finds_what_has_ended(stage: Stage) -> None:
    """After a restart an ended attempt is found with its whole result, as often as it is asked for."""
    async with Server(stage) as server:
        key = await server.start("speak")
        result = await server.end(key)
    for _ in range(2):
        async with Server(stage) as server:
            found = await server.find(key)
            assert (found.state, found.result) == ("ended", result)


async def what_never_started_is_unknown(stage: Stage) -> None:
    """An attempt without a record is unknown, so that it may be started."""
    async with Server(stage) as server:
        assert (await server.find("build/make/other#1.1")).state == "unknown"


async def lost_contact_is_told(stage: Stage) -> None:
    """An attempt whose end nobody saw is lost, with what is known; it is not started again (ERR-7)."""
    async with Server(stage) as server:
        key = await server.start("hang")
    await stage.cut()
    async with Server(stage) as server:
        found = await server.find(key)
        if found.state == "alive":
            word = await server.word(key)
            assert isinstance(word, Found)
            found = word
        assert found.state == "lost"
        assert found.known
        await server.start("hang")
        assert stage.living() == 0


async def release_lets_all_go(stage: Stage) -> None:
    """After a release nothing of a job's attempts is left; releasing again is harmless."""
    async with Server(stage) as server:
        await server.end(await server.start("speak"))
        await server.executor.release(RUN, FOLDER)
        await server.executor.release(RUN, FOLDER)
        assert stage.living() == 0


async def release_waits_for_who_still_works(stage: Stage) -> None:
    """A job that was released while one of its attempts is being ended is let go after that, with its records."""
    async with Server(stage) as server:
        key = await server.deaf()
        await server.executor.release(RUN, FOLDER)
        assert (await server.find(key)).state == "alive"
        await server.executor.stop(RUN, key, force=True)
        await server.end(key)
        await server.cleared(0)
        assert (await server.find(key)).state == "unknown"


async def what_nobody_wants_is_ended_and_let_go(stage: Stage) -> None:
    """After a restart only what is still wanted goes on: all else is killed, reported, and released (promise 6)."""
    async with Server(stage) as server:
        kept, deaf = await server.start("hang"), await server.deaf()
        over = await server.start("hang", folder="build/test")
        done = await server.start("speak", folder="build/pack")
        await server.end(done)
    async with Server(stage) as server:
        await server.executor.keep_only([(RUN, kept)], [(RUN, FOLDER)])
        for key in (deaf, over):
            assert (await server.end(key)).reason.facts["signal"] == "SIGKILL"
        await server.cleared(1)
        assert (await server.find(kept)).state == "alive"
        assert (await server.find(over)).state == "unknown"
        assert (await server.find(done)).state == "unknown"
        assert [told.key for told in server.told].count(kept) == 0
        await server.executor.stop(RUN, kept, force=False)
        assert (await server.end(kept)).reason.facts["signal"] == "SIGTERM"
        assert stage.living() == 0


async def what_has_ended_is_kept_while_it_is_wanted(stage: Stage) -> None:
    """The end of a wanted attempt, and the folder of a job that goes on, outlast the looking through."""
    async with Server(stage) as server:
        wanted, earlier = await server.start("speak"), await server.start("succeed", folder="build/test")
        results = [await server.end(wanted), await server.end(earlier)]
    async with Server(stage) as server:
        await server.executor.keep_only([(RUN, wanted)], [(RUN, "build/test")])
        found = [await server.find(wanted), await server.find(earlier)]
        assert [each.result for each in found] == results
        assert stage.folders() == 2


Check = Callable[[Stage], Awaitable[None]]

EXECUTOR_CHECKS: tuple[Check, ...] = (
    success_is_reported_once,
    failure_tells_its_code,
    all_that_was_said_is_there_at_the_end,
    starting_twice_changes_nothing,
    stopping_ends_it,
    stopping_ends_even_the_deaf,
    force_does_not_wait,
    stopping_what_is_not_there_is_harmless,
    the_next_server_finds_what_runs,
    the_next_server_finds_what_has_ended,
    what_never_started_is_unknown,
    lost_contact_is_told,
    release_lets_all_go,
    release_waits_for_who_still_works,
    what_nobody_wants_is_ended_and_let_go,
    what_has_ended_is_kept_while_it_is_wanted,
)
"""Every promise, each to be held on a new stage."""
