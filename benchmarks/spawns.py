"""Shell steps through the local executor and its supervisor (DESIGN 8, W2). By hand: `python benchmarks/spawns.py`.

Every step is recorded durably before it is spawned, its output read into a log, its result made; only the journal is
missing. Beside it: bare spawns of the same shell by this process, which keep nothing.
"""

import asyncio
import os
import tempfile
import time
from pathlib import Path
from statistics import median

import _table
from ferryman.domain.work import RunScript, Work, WorkResult
from ferryman.executors.local import LocalExecutor
from ferryman.logs.book import Logs
from ferryman.ports.executor import Found
from ferryman.supervisor.client import SupervisedProcesses
from ferryman.testing.logs import MemoryPieces

AT_ONCE = 50
STEPS = 3_000
PATIENT = 200


class Now:
    """The system's clock."""

    def now(self) -> int:
        """Milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    async def sleep_until(self, at: int) -> None:
        """Return once the time is `at`."""
        await asyncio.sleep(max(0, at - self.now()) / 1000)


class Bench:
    """One executor, and who waits for which end."""

    def __init__(self, folder: Path, *, groups: bool = True) -> None:
        """Over this folder."""
        self.logs = Logs(MemoryPieces())
        self.processes = SupervisedProcesses(folder / "private", groups=groups)
        self.executor = LocalExecutor(self.processes, folder / "work", logs=self.logs, clock=Now())
        self.ends: dict[str, asyncio.Future[None]] = {}

    def ended(self, told: WorkResult | Found) -> None:
        """An attempt has ended."""
        assert isinstance(told, WorkResult)
        assert told.outcome == "succeeded", told
        self.ends.pop(told.key).set_result(None)

    async def step(self, number: int, text: str, interpreter: str = "sh") -> None:
        """One step, from its order to its result."""
        key = f"s/j{number % AT_ONCE}/t{number}#1.1"
        self.ends[key] = asyncio.get_running_loop().create_future()
        action = RunScript(text=text, interpreter=interpreter)
        folder = f"s/j{number % AT_ONCE}"
        await self.executor.start(Work(run="r", key=key, project="p", action=action, folder=folder))
        if end := self.ends.get(key):
            await end


async def measure(text: str, interpreter: str, *, groups: bool) -> tuple[str, str, str]:
    """Median of one step alone, and steps a second with many at once."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), groups=groups)
        await bench.logs.open()
        await bench.executor.open(bench.ended)
        alone = []
        for number in range(PATIENT):
            began = time.perf_counter()
            await bench.step(number, text, interpreter)
            alone.append(time.perf_counter() - began)
        numbers = iter(range(PATIENT, PATIENT + STEPS))

        async def worker() -> None:
            for number in numbers:
                await bench.step(number, text, interpreter)

        began = time.perf_counter()
        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
        rate = STEPS / (time.perf_counter() - began)
        for job in range(AT_ONCE):
            await bench.executor.release("r", f"s/j{job}")
        await bench.executor.close()
        await bench.logs.close()
    return (
        f"{median(alone) * 1000:.1f}",
        f"{rate:,.0f}",
        "≤ 25; ≥ 800" if groups and interpreter == "sh" else "",
    )


def bare() -> tuple[str, str, str]:
    """Spawns of the shell by this process."""
    began = time.perf_counter()
    living = done = started = 0
    while done < STEPS:
        while living < AT_ONCE and started < STEPS:
            os.posix_spawn("/bin/sh", ["sh", "-c", "true"], {"PATH": "/bin"})
            living, started = living + 1, started + 1
        os.wait()
        living, done = living - 1, done + 1
    return "", f"{STEPS / (time.perf_counter() - began):,.0f}", ""


def main() -> None:
    """Print one table."""
    rows = [
        ("bare spawns of sh", *bare()),
        ("sh, silent", *asyncio.run(measure("true", "sh", groups=True))),
        ("sh, one line", *asyncio.run(measure("echo hello", "sh", groups=True))),
        ("sh, without control groups", *asyncio.run(measure("true", "sh", groups=False))),
        ("bash, silent", *asyncio.run(measure("true", "bash", groups=True))),
    ]
    show = ("W2: shell steps", ("step", "alone, ms", f"{AT_ONCE} at once, /s", "reach"))
    _table.show(*show, rows)


if __name__ == "__main__":
    main()
