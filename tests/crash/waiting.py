"""Runs whose first steps wait for a word, so that a database can be taken from them at a known moment."""

import asyncio
import os
from collections import Counter
from pathlib import Path

import apsw

from ferryman.client import Client
from ferryman.domain.views import RunView
from ferryman.settings import Settings

RUNS = 5
STEPS = ("one", "two", "three")
LONG = "x" * 3500
"""An output that fills a page of a database nearly."""


class Waiting:
    """A pipeline and its witness: a file to which each step adds its run and its name."""

    def __init__(self, folder: Path, *, quiet: bool = False) -> None:
        """Nothing has begun yet. Steps print and hand over much, or with `quiet` nothing."""
        self._quiet = quiet
        self.witness, self._gate = folder / "witness", folder / "gate"
        os.mkfifo(self._gate)
        self._open = os.open(self._gate, os.O_RDWR)

    def text(self) -> str:
        """The pipeline file."""
        steps = "".join(
            f"          - id: {name}\n            run: |\n"
            + "".join(f"              {line}\n" for line in lines)
            for name, lines in ((name, self._script(name)) for name in STEPS)
        )
        return (
            "version: v3.0\nname: waiting\nstages:\n  - name: a\n    id: a\n    jobs:\n      x:\n"
            f"        steps:\n{steps}"
        )

    def go(self, runs: int = RUNS) -> None:
        """Let the first steps of so many runs go on."""
        os.write(self._open, b"\n" * runs)

    async def begun(self, runs: int = RUNS) -> None:
        """Return once the first steps of so many runs wait."""
        while self.seen()["waits"] < runs:
            await asyncio.sleep(0.02)

    def seen(self) -> Counter[str]:
        """How often each step said that it worked: its name, with its run."""
        lines = self.witness.read_text().splitlines() if self.witness.exists() else []
        return Counter(lines)

    def check(self, runs: list[str]) -> None:
        """Every step of these runs has worked once."""
        expected = {f"{run} {name}": 1 for run in runs for name in STEPS}
        assert self.seen() == expected | {"waits": len(runs)}

    def _script(self, name: str) -> list[str]:
        wait = [f"echo waits >>'{self.witness}'", f"read -r line <'{self._gate}'"] if name == STEPS[0] else []
        work = f"""printf '%s %s\\n' "$FERRYMAN_RUN" {name} >>'{self.witness}'"""
        much = ["od -An -tx1 -N20000 /dev/urandom", f"echo '::set-output name=LONG::{LONG}'"]
        return [*wait, work, *([] if self._quiet else much)]

    def close(self) -> None:
        """Let go of the gate."""
        os.close(self._open)


async def start(client: Client, scene: Waiting) -> list[str]:
    """Start the runs; their names, once their first steps wait."""
    saved = await client.save(text=scene.text(), name="waiting.yaml", pipeline="waiting")
    runs = [(await client.start(saved.pipeline, key=str(number))).id for number in range(RUNS)]
    await scene.begun()
    return runs


async def ended(client: Client, run: str) -> RunView:
    """A run at its end."""
    async for view in client.watch(run):
        last = view
    return last


def whole(settings: Settings) -> None:
    """Both databases are in order."""
    for name in ("ferryman.db", "logs.db"):
        connection = apsw.Connection(str(settings.private / name), flags=apsw.SQLITE_OPEN_READONLY)
        assert connection.pragma("quick_check") == "ok", name
        connection.close()
