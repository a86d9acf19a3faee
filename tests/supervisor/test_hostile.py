"""Steps that do not want to end all do, within their patience, and leave no process behind (promise 6).

Each kind is asked to stop, or ends by itself and leaves something running. Counted is what /proc shows of processes
whose environment names the data folder, and of those that a step started with an empty one (a `sleep` of a length that
nobody else sleeps).
"""

import asyncio
import os
from pathlib import Path

import pytest

from ferryman.domain.work import RunScript, Work, WorkResult
from ferryman.ports.executor import Found
from tests.executors.local.stage import LocalStage, groups_of

ODD = f"71317.{os.getpid()}"
"""How the seconds begin that only our own sleeps sleep, whoever else runs these tests on this machine."""

STOPPED = {
    "sleeps": "sleep {odd}",
    "ignores TERM": "trap '' TERM INT HUP\nwhile :; do sleep {odd}; done",
    "ignores TERM with children": "trap '' TERM\n"
    "for n in 1 2 3; do (trap '' TERM; sleep {odd}) & done\nwait; wait; wait",
    "leaves its session": "setsid sh -c 'trap \"\" TERM; sleep {odd}' &\nsleep {odd}",
    "detaches twice": "setsid sh -c '(setsid sleep {odd} &) &'\nsleep {odd}",
    "closes its output": "exec >/dev/null 2>&1 0<&-\nsleep {odd}",
    "stops itself": "kill -STOP $$\nsleep {odd}",
    "restarts on TERM": "again() {{ sleep {odd} & wait; }}\ntrap again TERM\nsleep {odd} & wait\nsleep {odd}",
    "forks again and again": "trap '' TERM\nn=0\n"
    "while [ $n -lt 60 ]; do (setsid sleep {odd} &); n=$((n+1)); done\nsleep {odd}",
    "prints all the time": "while :; do echo hostile; done",
}
ENDED = {
    "leaves a child": "sleep {odd} &",
    "leaves a session": "setsid sleep {odd} & exit 0",
    "leaves a daemon": "(setsid sh -c 'trap \"\" TERM; sleep {odd} & sleep {odd}' >/dev/null 2>&1 &)",
    "kills itself": "sleep {odd} & kill -9 $$",
}
BARE = {"empties its environment": "setsid env -i sh -c '(sleep {odd} &)' &\nsleep {odd}"}
"""Only a control group finds these again."""


def sleepers(odd: str) -> int:
    """How many sleeps of this length there are on this machine."""
    count = 0
    for pid in os.listdir("/proc"):
        if pid.isdigit():
            try:
                count += odd.encode() in Path("/proc", pid, "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
    return count


def chosen(groups: bool) -> list[tuple[str, bool]]:
    """Scripts of each kind in turn, and whether they are stopped: 200 of them with groups, fewer where each look
    searches the machine."""
    stopped = STOPPED | BARE if groups else STOPPED
    kinds = [*((text, True) for text in stopped.values()), *((text, False) for text in ENDED.values())]
    return [kinds[at % len(kinds)] for at in range(200 if groups else 60)]


async def put_through(stage: LocalStage, odd: str) -> None:
    """Start many, stop those that do not end by themselves, and see everything gone."""
    told: dict[str, WorkResult | Found] = {}
    executor = stage.executor()
    await executor.open(lambda end: told.__setitem__(end.key, end))
    # Not every machine has groups for everybody.
    kinds = chosen(bool(groups_of(stage.folder)))
    free = asyncio.Semaphore(10)

    async def one(number: int, text: str, stop: bool) -> None:
        key = f"s/j/{number}#1.1"
        action = RunScript(text=text.format(odd=odd), stop_at_first_failure=False)
        work = Work(run="r", key=key, project="p", action=action, folder="s/j", patience_ms=300)
        async with free:
            await executor.start(work)
            await asyncio.sleep(0.1)
            if stop:
                await executor.stop("r", key, force=False)
            while key not in told:
                await asyncio.sleep(0.02)

    async with asyncio.timeout(300):
        await asyncio.gather(*(one(number, text, stop) for number, (text, stop) in enumerate(kinds)))
    assert [end for end in told.values() if isinstance(end, Found)] == []
    assert (stage.living(), sleepers(odd)) == (0, 0)
    await executor.release("r", "s/j")
    await executor.close()


@pytest.mark.parametrize("groups", [True, False], ids=["groups", "no groups"])
def test_nothing_is_left_of_hostile_steps(groups: bool, tmp_path: Path) -> None:
    async def perform() -> None:
        stage = LocalStage(tmp_path / "data", groups=groups)
        try:
            await put_through(stage, f"{ODD}{groups:d}")
        finally:
            await stage.close()

    asyncio.run(perform())
