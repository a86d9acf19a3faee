"""A driving process to be killed: `python -m tests.crash.server FOLDER WITNESS ROUNDS [finish]`.

It drives `SLOTS` runs at once, each slot one after another, under keys that name slot and round: asked for again after
a kill, the same key is the same run. ROUNDS says at which round each slot goes on; with `finish` no new round begins.
It says on its standard output what it does, one line each:

    holding N             the data folder is taken, N interrupted runs were taken up
    > RUN SEQ, = RUN SEQ  a unit of that run is to be kept, and is kept
    started KEY RUN       the start of a run is acknowledged
    lost RUN PATH KEY     contact with an attempt is lost, and a person is asked what became of it
    ended SLOT RUN WORD   a run has ended so
"""

import asyncio
import os
import sys
from pathlib import Path
from unittest.mock import patch

from ferryman.app import house
from ferryman.client import Client
from ferryman.ports.store import Unit
from ferryman.settings import Settings
from ferryman.stores.sqlite import SqliteStore

SLOTS = 20
STEPS = {"a/x/one": 0.05, "a/x/two": 0.2, "a/y/one": 0.3, "b/z/one": 0.02}
"""The steps of each run, and for how many seconds each works between its first and its last word."""


def say(text: str) -> None:
    """One line to whoever listens, at once and in one piece."""
    os.write(1, f"{text}\n".encode())


class TellingStore(SqliteStore):
    """A store that tells of each unit before and after it is kept."""

    async def append(self, unit: Unit) -> None:
        """Keep a unit."""
        last = f"{unit.run.id} {unit.entries[-1].seq}"
        say(f"> {last}")
        await super().append(unit)
        say(f"= {last}")


def text_of(witness: Path) -> str:
    """The pipeline file: each step tells the witness that it begins and that it ends."""

    def step(path: str) -> str:
        told = f"""printf '%s %s {{}}\\n' "$FERRYMAN_RUN" "$FERRYMAN_STEP" >> '{witness}'"""
        script = (told.format("begin"), f"sleep {STEPS[path]}", told.format("end"))
        lines = "".join(f"              {line}\n" for line in script)
        return f"          - id: {path.split('/')[2]}\n            run: |\n{lines}"

    text = "version: v3.0\nname: killed\nstages:\n"
    for stage in ("a", "b"):
        text += f"  - name: {stage}\n    id: {stage}\n    jobs:\n"
        for job in ("x", "y", "z"):
            steps = [step(path) for path in STEPS if path.startswith(f"{stage}/{job}/")]
            text += f"      {job}:\n        steps:\n{''.join(steps)}" if steps else ""
    return text


async def _drive(client: Client, pipeline: str, slot: int, at: int, *, finish: bool) -> None:
    while True:
        key = f"{slot}-{at}"
        run = (await client.start(pipeline, key=key)).id
        say(f"started {key} {run}")
        asked = set()
        async for view in client.watch(run):
            for wait in view.waiting:
                if wait.kind == "lost" and wait.key not in asked:
                    asked.add(wait.key)
                    say(f"lost {run} {wait.path} {wait.key}")
            if view.phase == "finished":
                say(f"ended {slot} {run} {view.outcome}")
        if finish:
            return
        at += 1


async def main(folder: str, witness: str, rounds: str, word: str = "") -> None:
    """Drive until killed, or until each slot's round has ended."""
    with patch.object(house, "SqliteStore", TellingStore):
        await _hold(Path(folder), Path(witness), rounds.split(","), finish=word == "finish")


async def _hold(folder: Path, witness: Path, rounds: list[str], *, finish: bool) -> None:
    async with house.hold(Settings(data=folder)) as held:
        say(f"holding {held.recovered}")
        client = held.client()
        saved = await client.save(text=text_of(witness), name="killed.yaml", pipeline="killed")
        await asyncio.gather(
            *(_drive(client, saved.pipeline, slot, int(at), finish=finish) for slot, at in enumerate(rounds))
        )


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
