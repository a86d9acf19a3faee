"""Killed right after the unit that ends a run is kept, before anything was done about it: the next driving process ends
the step that still works, and lets the job's folder and its records go (promise 6)."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

from ferryman.app import house
from ferryman.ports.store import Unit
from ferryman.settings import Settings
from ferryman.stores.sqlite import SqliteStore
from ferryman.supervisor.client import SupervisedProcesses
from tests.executors.local.stage import kill_all, marked, remove_groups

ROOT = Path(__file__).parents[2]
LONGEST = 60
"""Seconds after which this has failed."""

TEXT = """version: v3.0
name: deaf
stages:
  - name: a
    id: a
    jobs:
      x:
        steps:
          - id: deaf
            run: |
              trap '' TERM
              echo $$ > 'PIDS'
              while :; do sleep 600 & wait; done
          - id: never
            run: exit 1
"""


class DyingStore(SqliteStore):
    """A store whose process is killed once the end of a run is kept."""

    async def append(self, unit: Unit) -> None:
        """Keep a unit; the last thing that this process may do."""
        await super().append(unit)
        if unit.finished:
            os.kill(os.getpid(), signal.SIGKILL)


async def _until(path: Path) -> str:
    while not (path.exists() and (text := path.read_text().strip())):
        await asyncio.sleep(0.01)
    return text


async def _begin_and_stop_by_force(folder: Path, pids: Path) -> None:
    with patch.object(house, "SqliteStore", DyingStore):
        async with house.hold(Settings(data=folder)) as held:
            client = held.client()
            text = TEXT.replace("PIDS", str(pids))
            saved = await client.save(text=text, name="deaf.yaml", pipeline="deaf")
            run = (await client.start(saved.pipeline, key="once")).id
            await _until(pids)
            await client.cancel(run, force=True)
            await asyncio.sleep(LONGEST)


async def _take_up(folder: Path) -> tuple[int, str]:
    """How many runs were taken up; how the run ended. Returns when nothing is left of the step."""
    settings = Settings(data=folder)
    async with asyncio.timeout(LONGEST), house.hold(settings) as held:
        (row,) = await held.client().runs()
        while marked(folder) or list(settings.work.glob("*/*")):
            await asyncio.sleep(0.01)
        processes = SupervisedProcesses(settings.private)
        await processes.open(lambda sighting: None)
        while await processes.known():
            await asyncio.sleep(0.01)
        await processes.close()
        return held.recovered, row.outcome


def test_a_step_that_nobody_stopped_any_more_is_ended_by_the_next_process(tmp_path: Path) -> None:
    folder, pids = tmp_path / "data", tmp_path / "pids"
    words = [sys.executable, "-m", "tests.crash.test_last_commit", str(folder), str(pids)]
    died = subprocess.run(words, cwd=ROOT, timeout=LONGEST, check=False)
    assert died.returncode == -signal.SIGKILL
    try:
        assert int(pids.read_text()) in marked(folder), "the step was ended before the crash"
        assert asyncio.run(_take_up(folder)) == (0, "errored")
    finally:
        kill_all(folder)
        remove_groups(folder)


if __name__ == "__main__":
    asyncio.run(_begin_and_stop_by_force(Path(sys.argv[1]), Path(sys.argv[2])))
