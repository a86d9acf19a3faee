"""What other processes do to a data folder, for tests that kill them: `python -m tests.stores.child WORD FOLDER …`."""

import asyncio
import os
import random
import resource
import signal
import sys
from pathlib import Path

import apsw
from msgspec.structs import replace

from ferryman.domain.errors import NotFound, Unavailable
from ferryman.ports.store import Unit
from ferryman.stores.sqlite import SqliteStore
from ferryman.testing.stores.sample import define, lock_row, run_row, unit

RUNS = 20


def say(text: str) -> None:
    """One line to whoever listens, at once and in one piece."""
    os.write(1, f"{text}\n".encode())


def step(run: str, before: int) -> Unit:
    """The unit of a run behind this entry: 1 to 5 entries, the run's lock at the last of them, every other one with
    a snapshot that says so. Always the same for the same run and entry."""
    count = random.Random(f"{run} {before}").randint(1, 5)
    last = before + count
    lock = lock_row(run, before=before, holders=[f"{run} at {last}"])
    return unit(
        run_row(run),
        before=before,
        count=count,
        locks=[replace(lock, lock=replace(lock.lock, version=last))],
        snapshot=f"{run} at {last}".encode().ljust(count * 1_500) if last % 2 else b"",
    )


async def hold(folder: Path) -> None:
    """Drive the folder until killed; with a run in it, and a new entry for each line read."""
    store = SqliteStore(folder)
    await store.open()
    await define(store)
    await store.append(unit(run_row("held")))
    say("held")
    before = 1
    while await asyncio.to_thread(sys.stdin.readline):
        await store.append(unit(run_row("held"), before=before))
        before += 1
        say("more")


async def append(folder: Path, batch: str) -> None:
    """Append units of many runs at once, for ever: `> run seq` before each, `= run seq` once it is acknowledged."""
    store = SqliteStore(folder, batch=int(batch))
    await store.open()
    await define(store)

    async def move(run: str) -> None:
        try:
            seq = (await store.load(run)).seq
        except NotFound:
            seq = 0
        while True:
            each = step(run, seq)
            seq += len(each.entries)
            say(f"> {run} {seq}")
            await store.append(each)
            say(f"= {run} {seq}")

    await asyncio.gather(*(move(f"r{number}") for number in range(RUNS)))


async def open_until(folder: Path, statements: str) -> None:
    """Open the folder, and die before this many statements have run; say `opened` if there were fewer."""
    left = int(statements)

    def count(cursor: apsw.Cursor, statement: str, bindings: object) -> bool:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return True

    apsw.connection_hooks.append(lambda connection: connection.set_exec_trace(count))
    store = SqliteStore(folder)
    await store.open()
    say("opened")


async def fill(folder: Path) -> None:
    """Append until the disk takes no more, then go on once it does; say how each unit ended."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    store = SqliteStore(folder)
    await store.open()
    await define(store)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512 * 1024, hard))
    kept = refused = 0
    while refused < 3:
        try:
            await store.append(unit(run_row(f"r{kept}"), snapshot=os.urandom(20_000)))
            kept += 1
        except Unavailable as error:
            refused += 1
            say(f"refused: {error}")
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    await store.append(unit(run_row(f"r{kept}")))
    say(f"kept {kept + 1}")
    await store.close()


WORDS = {"hold": hold, "append": append, "open_until": open_until, "fill": fill}

if __name__ == "__main__":
    word, place, *more = sys.argv[1:]
    asyncio.run(WORDS[word](Path(place), *more))
