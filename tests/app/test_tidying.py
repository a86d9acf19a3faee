"""How much is kept of what steps say is set, and what is older goes by itself (LOG-9, OPS-6)."""

import asyncio
from pathlib import Path
from typing import Any

from ferryman.app.house import House
from ferryman.app.tidying import EVERY_MS, tidy
from ferryman.domain.access import EVERYTHING
from ferryman.services import Caller
from ferryman.settings import File, Logs
from ferryman.testing.server import serving

ANN = Caller(name="ann", project="demo", rights=EVERYTHING)
DAY = 24 * 60 * 60 * 1000
TALKS = """version: v3.0
name: talks
steps:
  - id: say
    run: seq 1 300000
  - id: stand
    can-pause-before-run: true
    run: echo more
"""


async def standing(house: House) -> tuple[str, str]:
    """A run that has said something and waits for a person; its id, and the attempt that spoke."""
    saved = await house.services.pipelines.save(ANN, text=TALKS)
    run = (await house.services.requests.start(ANN, pipeline=saved.pipeline)).id
    async for view in house.services.runs.watch(ANN, run=run):
        if view.waiting:
            return run, view.stages[0].jobs[0].steps[0].key
    raise AssertionError("it did not wait")


async def end(house: House, run: str) -> None:
    await house.services.requests.cancel(ANN, run=run)
    async for _ in house.services.runs.watch(ANN, run=run):
        pass


def told(tmp_path: Path, story: Any, **given: Any) -> None:
    async def whole() -> None:
        async with serving(data=tmp_path, **given) as server:
            await story(server)

    asyncio.run(whole())


def test_an_attempts_log_ends_at_the_limit_that_is_set(tmp_path: Path) -> None:
    """LOG-9: it is set, and its end is a clear line."""

    async def story(server: Any) -> None:
        run, key = await standing(server.house)
        lines = await server.house.services.logs.tail(ANN, run=run, key=key, lines=2)
        assert "the limit of 2,000 bytes was reached" in lines[-2].text
        assert lines[-1].text.startswith("missing: ")
        await end(server.house, run)

    told(tmp_path, story, file=File(logs=Logs(attempt_bytes=2000)))


def test_a_log_goes_when_it_is_old_and_says_so(tmp_path: Path) -> None:
    """OPS-6, LOG-2: not before; afterwards it is told what there was."""

    async def story(server: Any) -> None:
        house = server.house
        run, key = await standing(house)
        await end(house, run)
        await server.pass_time(DAY)
        assert await tidy(house) == []
        await server.pass_time(2 * DAY)
        assert await tidy(house) == [(run, key)]
        (kept, *_) = await house.services.logs.attempts(ANN, run=run)
        assert (kept.lines, kept.missing.partition(" on ")[0]) == (300_000, "all 300,000 lines were removed")

    told(tmp_path, story, file=File(logs=Logs(days=2)), virtual=True)


def test_a_server_looks_every_hour_and_removes_the_oldest_of_too_many(tmp_path: Path) -> None:
    """OPS-6: by size; never one of a run that is under way."""

    async def story(server: Any) -> None:
        house = server.house
        run, key = await standing(house)
        assert await tidy(house) == []
        await end(house, run)
        await server.pass_time(EVERY_MS)
        while not (await house.logs.state(run, key)).removed_at:
            pass

    told(tmp_path, story, file=File(logs=Logs(bytes=1000)), virtual=True)
