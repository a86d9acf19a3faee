"""A server side in a process of its own, to be killed: it finds what it knows of, starts the rest, and writes each end.

    python -m tests.supervisor.serving DATA STEPS WITNESS ENDS

Ends go to the file ENDS, one line `key outcome code-or-signal`; the witness is written by the steps themselves. An
attempt that stands in ENDS is settled, as an entry in a journal would settle it.
"""

import asyncio
import os
import sys
from pathlib import Path

from ferryman.domain.work import RunScript, Work, WorkResult
from ferryman.ports.executor import Found
from tests.executors.local.stage import LocalStage


def script(number: int, witness: str) -> str:
    """A step that tells the witness of its start and its end, works a little, and ends with a code of its own."""
    tell = f">>'{witness}'"
    work = f"sleep 0.{number % 5}"
    return f"echo start {number} {tell}\n{work}\necho end {number} {tell}\nexit {number % 7}"


def settled(ends: Path) -> dict[str, str]:
    """What each attempt came to; a torn last line does not count."""
    text = ends.read_text() if ends.exists() else ""
    return dict(line.split(" ", 1) for line in text.splitlines(keepends=False) if line.count(" ") == 2)


async def serve(data: Path, steps: int, witness: str, ends: Path) -> None:
    """Go on until every step has its end."""
    stage = LocalStage(data)
    log = os.open(ends, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    left = {f"s/j/{number}#1.1": number for number in range(steps)}
    for key in settled(ends):
        left.pop(key)
    done = asyncio.Event()
    free = asyncio.Semaphore(20)
    running: set[str] = set()

    def told(end: WorkResult | Found) -> None:
        if left.pop(end.key, None) is None:
            return
        if isinstance(end, WorkResult):
            facts = end.reason.facts
            word = f"{end.outcome} {facts.get('code', facts.get('signal', '0'))}"
        else:
            word = f"lost {end.known.replace(' ', '-')}"
        os.write(log, f"{end.key} {word}\n".encode())
        if end.key in running:
            running.discard(end.key)
            free.release()
        if not left:
            done.set()

    executor = stage.executor()
    await executor.open(told)
    known = await executor.find([("r", key) for key in left])
    fresh = [found.key for found in known if found.state == "unknown"]
    for found in known:
        if found.state in ("ended", "lost"):
            told(found if found.result is None else found.result)
    for key in fresh:
        await free.acquire()
        running.add(key)
        action = RunScript(text=script(left[key], witness))
        await executor.start(Work(run="r", key=key, project="p", action=action, folder="s/j"))
    if left:
        await done.wait()
    await executor.close()
    await stage.logs.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], Path(sys.argv[4])))
