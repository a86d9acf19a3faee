"""A database that another program holds: told in words, nothing lost, nothing repeated, over when let go (issue 3)."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest

from ferryman.app import house
from ferryman.domain.errors import Unavailable
from ferryman.settings import Settings
from ferryman.stores.logs_sqlite import store as logs_store
from ferryman.stores.sqlite import SqliteStore
from ferryman.stores.sqlite.database import Terms
from tests.cli.workshop import Workshop
from tests.crash.waiting import RUNS, Waiting, ended, start, whole
from tests.executors.local.stage import kill_all, remove_groups

HOLD = """
import sys
import apsw
connection = apsw.Connection(sys.argv[1])
connection.set_busy_timeout(30_000)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
connection.execute("ROLLBACK")
connection.close()
"""


@contextmanager
def another_holds(database: Path) -> Iterator[None]:
    """A program of its own holds this database for writing."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            process.stdin.close()
            process.wait()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Waiting]:
    """A pipeline with its witness; all processes are ended behind it."""
    made = Waiting(tmp_path)
    try:
        yield made
    finally:
        made.close()
        kill_all(tmp_path / "data")
        remove_groups(tmp_path / "data")


@pytest.fixture
def impatient() -> Iterator[None]:
    """A lock is waited for shortly before it is told."""
    make = partial(SqliteStore, terms=Terms(patience_ms=20))
    with patch.object(house, "SqliteStore", make), patch.object(logs_store, "PATIENCE_MS", 20):
        yield


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("name", ["ferryman.db", "logs.db"])
def test_when_it_is_let_go_runs_go_on_to_the_same_end(name: str, scene: Waiting, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")

    async def story() -> None:
        told: asyncio.Queue[BaseException] = asyncio.Queue()
        async with house.hold(settings, fault=lambda run, fault: told.put_nowait(fault)) as held:
            client = held.client()
            runs = await start(client, scene)
            with another_holds(settings.private / name):
                scene.go()
                async with asyncio.timeout(60):
                    fault = await told.get()
                assert isinstance(fault, Unavailable)
                assert name in str(fault)
                assert "another program holds" in str(fault)
                assert {(await client.run(run)).phase for run in runs} == {"running"}
            views = await asyncio.gather(*(ended(client, run) for run in runs))
            assert [view.outcome for view in views] == ["succeeded"] * RUNS
            assert told.empty()
        scene.check(runs)
        whole(settings)

    asyncio.run(story())


@pytest.mark.usefixtures("impatient")
def test_a_start_is_refused_and_leaves_nothing(scene: Waiting, tmp_path: Path) -> None:
    """What was not accepted is not kept either; asked again, it is one run."""
    settings = Settings(data=tmp_path / "data")

    async def story() -> None:
        async with house.hold(settings) as held:
            client = held.client()
            saved = await client.save(text=scene.text(), name="waiting.yaml", pipeline="waiting")
            with another_holds(settings.private / "ferryman.db"):
                with pytest.raises(Unavailable, match="another program holds a lock on it; let it end"):
                    await client.start(saved.pipeline, key="once")
                assert list(await client.unfinished()) == []
            first, second = [(await client.start(saved.pipeline, key="once")).id for _ in range(2)]
            assert first == second
            scene.go(1)
            assert (await ended(client, first)).outcome == "succeeded"
        scene.check([first])

    asyncio.run(story())


def test_a_run_in_the_foreground_says_what_it_waits_for_and_goes_on(scene: Waiting, tmp_path: Path) -> None:
    """What a person sees who types `ferryman run`."""
    workshop, data = Workshop(tmp_path), tmp_path / "data"
    workshop.write("waiting.yaml", scene.text())
    with workshop.begun("run", "waiting.yaml", "--data", str(data)) as begun:
        asyncio.run(scene.begun(1))
        with another_holds(data / "private" / "ferryman.db"):
            scene.go(1)
            line = begun.until("another program holds a lock on it")
            assert line.startswith("warning: run ")
            assert "what runs goes on by itself once that has passed" in line
        assert begun.end() == 0, begun.said
    (run,) = {line.split()[0] for line in scene.seen() if line != "waits"}
    scene.check([run])
    whole(Settings(data=data))
