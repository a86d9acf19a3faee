"""A connection to the supervisor of one data folder, as a server has one."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ferryman.ports.processes import Launch, Sighting
from ferryman.supervisor.client import SupervisedProcesses
from tests.executors.local.stage import kill_all, remove_groups
from tests.house.source import ROOT

ENV = {"PATH": "/usr/bin:/bin"}


class Post:
    """One connection, and the ends it is told."""

    def __init__(self, data: Path, *, groups: bool = True) -> None:
        self.processes = SupervisedProcesses(data / "private", groups=groups)
        self.told: dict[str, asyncio.Future[Sighting]] = {}

    async def open(self) -> "Post":
        await self.processes.open(lambda seen: self.told[seen.attempt].set_result(seen))
        return self

    async def launch(self, name: str, script: str, program: str = "/bin/sh", **facts: Any) -> Sighting:
        """Start a shell script; where its output is."""
        self.told[name] = asyncio.get_running_loop().create_future()
        argv = (program, "/dev/fd/4")
        return await self.processes.launch(
            Launch(attempt=name, argv=argv, env=ENV, cwd="/", text=script, group="g", **facts)
        )

    async def end(self, name: str) -> Sighting:
        """How it ended."""
        async with asyncio.timeout(60):
            return await self.told[name]

    async def run(self, name: str, script: str, **facts: Any) -> tuple[Sighting, str]:
        """Run a shell script to its end; how it ended, and what it printed."""
        begun = await self.launch(name, script, **facts)
        return await self.end(name), printed(begun)


def printed(sighting: Sighting) -> str:
    """What stands in the output of an attempt."""
    return Path(sighting.output).read_bytes()[sighting.begins :].decode()


Story = Callable[[Path], Coroutine[Any, Any, None]]


def in_folder(tmp_path: Path, story: Story) -> None:
    """Tell a story over a data folder, and end all processes after it."""
    data = tmp_path / "data"
    try:
        asyncio.run(story(data))
    finally:
        kill_all(data)
        remove_groups(data)


@asynccontextmanager
async def begun_by(program: str, data: Path, *words: str) -> AsyncIterator[None]:
    """A supervisor that is begun by this program of ours, which is given source, folder, private folder and words."""
    folder = data / "private" / "supervisor"
    folder.mkdir(parents=True)
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", program, ROOT / "src", folder, folder.parent, *words]
    )
    try:
        while not (folder / "socket").exists():
            await asyncio.sleep(0.01)
        yield
    finally:
        process.kill()
        process.wait()
