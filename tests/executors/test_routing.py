"""One executor over several: by action, and by who has the record."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any

import pytest

from ferryman.domain.errors import Unavailable
from ferryman.domain.work import Impossible, Nothing, RunScript, Wait, Work, WorkResult
from ferryman.executors.inside import ACTIONS
from ferryman.executors.routing import RoutedExecutor
from ferryman.ports.executor import Found, Report


class Noting:
    """An executor that notes what it is asked, and knows some attempts."""

    def __init__(self, known: dict[str, str] | None = None) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.known = known or {}
        self.report: Report = lambda said: None

    async def open(self, report: Report) -> None:
        self.report = report
        self.asked.append(("open",))

    async def keep_only(
        self, attempts: Collection[tuple[str, str]], folders: Collection[tuple[str, str]]
    ) -> None:
        self.asked.append(("keep only", *attempts, *folders))

    async def start(self, work: Work) -> None:
        self.asked.append(("start", work.key))

    async def stop(self, run: str, key: str, *, force: bool) -> None:
        self.asked.append(("stop", key, force))

    async def find(self, attempts: Sequence[tuple[str, str]]) -> Sequence[Found]:
        self.asked.append(("find", *(key for _, key in attempts)))
        return [
            Found(run=run, key=key, state=self.known.get(key, "unknown"))  # type: ignore[arg-type]
            for run, key in attempts
        ]

    async def release(self, run: str, folder: str) -> None:
        self.asked.append(("release", folder))

    async def close(self) -> None:
        self.asked.append(("close",))


def work(action: Any, key: str) -> Work:
    return Work(run="r", key=key, project="p", action=action)


def routed(**known: dict[str, str]) -> tuple[RoutedExecutor, Noting, Noting]:
    inside, local = Noting(known.get("inside")), Noting(known.get("local"))
    return RoutedExecutor([(ACTIONS, inside), ((RunScript,), local)]), inside, local


def test_an_attempt_goes_to_whoever_does_its_action() -> None:
    async def story() -> None:
        executor, inside, local = routed()
        await executor.start(work(Nothing(), "a"))
        await executor.start(work(RunScript(text="x"), "b"))
        await executor.start(work(Impossible(message="no"), "c"))
        assert inside.asked == [("start", "a"), ("start", "c")]
        assert local.asked == [("start", "b")]

    asyncio.run(story())


def test_the_first_route_that_has_an_action_counts() -> None:
    async def story() -> None:
        first, second = Noting(), Noting()
        executor = RoutedExecutor([((Nothing,), first), ((Nothing, Wait), second), ((Wait,), first)])
        await executor.start(work(Nothing(), "a"))
        await executor.start(work(Wait(seconds=1), "b"))
        await executor.close()
        assert (first.asked, second.asked) == ([("start", "a"), ("close",)], [("start", "b"), ("close",)])

    asyncio.run(story())


def test_an_action_that_nobody_does_is_refused() -> None:
    with pytest.raises(Unavailable, match="nobody who can do Nothing"):
        asyncio.run(RoutedExecutor([]).start(work(Nothing(), "a")))


def test_a_stop_goes_to_the_owner_and_to_all_when_nobody_is() -> None:
    async def story() -> None:
        executor, inside, local = routed(local={"found": "alive"})
        await executor.open(lambda said: None)
        await executor.start(work(Nothing(), "a"))
        await executor.find([("r", "found")])
        for noting in (inside, local):
            noting.asked.clear()
        await executor.stop("r", "a", force=False)
        await executor.stop("r", "found", force=True)
        assert (inside.asked, local.asked) == ([("stop", "a", False)], [("stop", "found", True)])
        inside.report(WorkResult(run="r", key="a", outcome="succeeded"))
        await executor.stop("r", "a", force=True)
        assert ("stop", "a", True) in inside.asked
        assert ("stop", "a", True) in local.asked

    asyncio.run(story())


def test_an_attempt_is_found_by_whoever_has_its_record() -> None:
    async def story() -> None:
        """What one holds for lost another one may have: then nothing is lost (promise 3)."""
        executor, inside, local = routed(
            inside={"a": "ended", "e": "lost", "f": "lost"}, local={"b": "alive", "c": "ended", "e": "alive"}
        )
        found = await executor.find([("r", key) for key in "abcdef"])
        assert [one.state for one in found] == ["ended", "alive", "ended", "unknown", "alive", "lost"]
        assert local.asked == [("find", "b", "c", "d", "e", "f")]
        assert await executor.find([]) == []
        assert inside.asked == [("find", "a", "b", "c", "d", "e", "f")]

    asyncio.run(story())


def test_reports_pass_through_and_all_hear_the_rest() -> None:
    async def story() -> None:
        executor, inside, local = routed()
        said: list[Any] = []
        await executor.open(said.append)
        ends = [WorkResult(run="r", key=key, outcome="failed") for key in "ab"]
        inside.report(ends[0])
        local.report(ends[1])
        assert said == ends
        await executor.keep_only([("r", "c")], [("r", "s/j")])
        await executor.release("r", "s/j")
        await executor.close()
        told = [("open",), ("keep only", ("r", "c"), ("r", "s/j")), ("release", "s/j"), ("close",)]
        assert (inside.asked, local.asked) == (told, told)

    asyncio.run(story())
