"""A full disk under runs: told in words, nothing lost, nothing repeated, over when there is room (OPS-7; RULINGS 32).

The databases are given no more pages, or the whole data folder is a small disk, where one can be mounted.
"""

import asyncio
import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest

from ferryman.app import house
from ferryman.domain.errors import Unavailable
from ferryman.settings import Settings
from ferryman.stores.logs_sqlite import SqliteLogs
from ferryman.stores.sqlite import SqliteStore
from ferryman.supervisor.client import SupervisedProcesses
from tests.cli.workshop import Workshop
from tests.crash.waiting import RUNS, Waiting, ended, start, whole
from tests.executors.local.stage import kill_all, remove_groups

FULL, ROOMY = 1, 1_000_000
"""Pages that a database may have: no more than it has, and as many as it likes."""


class Databases:
    """Hands out the stores that a house opens, and keeps them at hand."""

    def __init__(self) -> None:
        """None is open yet."""
        self.store: SqliteStore
        self.logs: SqliteLogs

    def make_store(self, folder: Path, *, known_as: Path | None = None) -> SqliteStore:
        """In place of the class."""
        self.store = SqliteStore(folder, known_as=known_as)
        return self.store

    def make_logs(self, path: Path) -> SqliteLogs:
        """In place of the class."""
        self.logs = SqliteLogs(path)
        return self.logs

    async def limit(self, name: str, pages: int) -> None:
        """Let one of them have so many pages."""
        if name == "logs.db":
            self.logs._writing.pragma("max_page_count", pages)
            return
        limited = False
        while not limited:
            # It may share its transaction with a unit for which there is no room.
            with contextlib.suppress(Unavailable):
                await self.store.write(lambda connection: connection.pragma("max_page_count", pages))
                limited = True


@contextmanager
def scene_in(folder: Path) -> Iterator[tuple[Waiting, Databases]]:
    """A scene whose databases can be filled; all its processes are ended behind it."""
    scene, databases = Waiting(folder), Databases()
    try:
        with (
            patch.object(house, "SqliteStore", databases.make_store),
            patch.object(house, "SqliteLogs", databases.make_logs),
        ):
            yield scene, databases
    finally:
        scene.close()
        kill_all(folder / "data")
        remove_groups(folder / "data")


@pytest.mark.parametrize("full", ["ferryman.db", "logs.db"])
def test_when_there_is_room_again_runs_go_on_to_the_same_end(full: str, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")

    async def story(scene: Waiting, databases: Databases) -> None:
        told: asyncio.Queue[tuple[str, BaseException]] = asyncio.Queue()
        async with house.hold(settings, fault=lambda run, fault: told.put_nowait((run, fault))) as held:
            client = held.client()
            runs = await start(client, scene)
            await databases.limit(full, FULL)
            scene.go()
            async with asyncio.timeout(60):
                _, fault = await told.get()
            assert isinstance(fault, Unavailable)
            assert full in str(fault)
            assert "the disk is full" in str(fault)
            # Whoever asks is answered meanwhile, with what is kept.
            assert {(await client.run(run)).phase for run in runs} == {"running"}
            await databases.limit(full, ROOMY)
            views = await asyncio.gather(*(ended(client, run) for run in runs))
            assert [view.outcome for view in views] == ["succeeded"] * RUNS
            # Told once, not at every try of every run.
            assert told.empty()
        scene.check(runs)
        whole(settings)

    with scene_in(tmp_path) as (scene, databases):
        asyncio.run(story(scene, databases))


@pytest.mark.parametrize("full", ["ferryman.db", "logs.db"])
def test_a_process_that_ends_on_a_full_disk_loses_nothing(full: str, tmp_path: Path) -> None:
    """What its steps came to is told to the next one."""
    settings = Settings(data=tmp_path / "data")

    async def story(scene: Waiting, databases: Databases) -> None:
        told = asyncio.Event()
        async with house.hold(settings, fault=lambda run, fault: told.set()) as held:
            runs = await start(held.client(), scene)
            await databases.limit(full, FULL)
            scene.go()
            async with asyncio.timeout(60):
                await told.wait()
        async with house.hold(settings) as held:
            assert held.recovered == RUNS
            views = await asyncio.gather(*(ended(held.client(), run) for run in runs))
            assert [view.outcome for view in views] == ["succeeded"] * RUNS
        scene.check(runs)
        whole(settings)

    with scene_in(tmp_path) as (scene, databases):
        asyncio.run(story(scene, databases))


@contextmanager
def small_disk(folder: Path) -> Iterator[tuple[Callable[[], None], Callable[[], None]]]:
    """Make the folder a disk of a few megabytes, where the system lets us; what fills it, and what makes room."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16m", "none", str(folder)]
    mounted = subprocess.run(command, check=False, capture_output=True).returncode == 0
    ballast = folder / "ballast"

    def fill() -> None:
        with ballast.open("wb", buffering=0) as file:
            for size in (1 << 16, 1 << 12, 1) if mounted else ():
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(size))

    try:
        yield fill, ballast.unlink
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_run_in_the_foreground_says_that_the_disk_is_full_and_goes_on(tmp_path: Path) -> None:
    """What a person sees who types `ferryman run`. Where nothing can be mounted, the disk does not get full."""
    scene, workshop, data = Waiting(tmp_path, quiet=True), Workshop(tmp_path), tmp_path / "data"
    workshop.write("waiting.yaml", scene.text())
    try:
        with small_disk(data) as (fill, make_room):
            with workshop.begun("run", "waiting.yaml", "--data", str(data)) as begun:
                asyncio.run(scene.begun(1))
                fill()
                scene.go(1)
                if os.path.ismount(data):
                    line = begun.until("the disk is full")
                    assert line.startswith("warning: ")
                    assert "what runs goes on by itself once that has passed" in line
                make_room()
                assert begun.end() == 0, begun.said
            assert begun.said.count("the disk is full") <= 2, "once for each database"
            (run,) = {line.split()[0] for line in scene.seen() if line != "waits"}
            scene.check([run])
            whole(Settings(data=data))
            kill_all(data)
    finally:
        scene.close()
        kill_all(data)
        remove_groups(data)


def test_a_supervisor_that_has_no_room_to_begin_is_told_as_such(tmp_path: Path) -> None:
    """Its log was named, which has no room either. Where nothing can be mounted, the disk does not get full."""
    data = tmp_path / "data"

    async def story(fill: Callable[[], None], make_room: Callable[[], None]) -> None:
        processes = SupervisedProcesses(data)
        (data / "supervisor").mkdir()
        fill()
        if os.path.ismount(data):
            with pytest.raises(
                Unavailable, match=r"its disk has 0 bytes left, and it needs .* free some room"
            ):
                await processes.open(lambda sighting: None)
            await processes.close()
        make_room()
        processes = SupervisedProcesses(data)
        await processes.open(lambda sighting: None)
        await processes.close()

    try:
        with small_disk(data) as (fill, make_room):
            asyncio.run(story(fill, make_room))
            kill_all(data)
    finally:
        kill_all(data)
        remove_groups(data)
