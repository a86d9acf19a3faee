"""W6: from exec to ready, and what an idle process keeps in memory. By hand: `python benchmarks/w6.py`.

Ready means: the data folder is held, the store is open and checked, the logs, the secrets, the executors and the
supervisor are there, and the socket answers. The first start of a folder makes the database and the supervisor; later
ones find the supervisor where it is. Memory is what is resident (VmRSS), and of that what is not of files (RssAnon).
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

from _table import load, show

ROUNDS = 7
HOLDER = Path(__file__).with_name("_holder.py")
SETTLED = 0.5
"""Seconds after which an idle process is looked at."""


@contextmanager
def held(folder: Path, *, driving: bool = True) -> Iterator[tuple[float, int]]:
    """A process that holds this folder: seconds from exec until it was ready, and its number."""
    since = perf_counter()
    command = [sys.executable, str(HOLDER), str(folder), *(["driving"] if driving else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        if process.stdout is None or json.loads(process.stdout.readline())[0] != "ready":
            raise AssertionError("the process did not get ready")
        yield perf_counter() - since, process.pid


def memory(pid: int) -> tuple[int, int]:
    """Bytes resident, and those of them that are the process's own."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    sizes = {name: value for name, _, value in (line.partition(":") for line in lines)}
    return int(sizes["VmRSS"].split()[0]) * 1024, int(sizes["RssAnon"].split()[0]) * 1024


def supervisors(folder: Path) -> list[int]:
    """The processes of the supervisor of a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            text = path.read_text()
        except OSError:
            continue
        if str(folder) in text and "ferryman.supervisor" in text:
            found.append(int(path.parent.name))
    return found


def line(
    name: str, times: list[float], sizes: list[tuple[int, int]], reach: tuple[str, str]
) -> tuple[str, ...]:
    """Median seconds, and median megabytes."""
    resident, own = (median([size[at] for size in sizes]) / 1e6 for at in (0, 1))
    seconds = f"{median(times):.2f} s" if times else ""
    return name, seconds, reach[0] if times else "", f"{resident:.0f} MB", f"{own:.0f} MB", reach[1]


def main() -> None:
    """Print the table."""
    first: tuple[list[float], list[tuple[int, int]]] = [], []
    later: tuple[list[float], list[tuple[int, int]]] = [], []
    still: tuple[list[float], list[tuple[int, int]]] = [], []
    watching, both = [], []
    for _ in range(ROUNDS):
        with TemporaryDirectory() as name:
            folder = Path(name)
            for times, sizes in (first, later):
                with held(folder) as (seconds, pid):
                    sleep(SETTLED)
                    times.append(seconds)
                    sizes.append(memory(pid))
                    theirs = [memory(each) for each in supervisors(folder)]
            watching.append(tuple(map(sum, zip(*theirs, strict=True))))
            both.append(tuple(map(sum, zip(later[1][-1], *theirs, strict=True))))
            with held(folder, driving=False) as (seconds, pid):
                sleep(SETTLED)
                still[0].append(seconds)
                still[1].append(memory(pid))
            for each in supervisors(folder):
                os.kill(each, signal.SIGTERM)
    rows = [
        line("first start", *first, ("≤ 1 s", "")),
        line("later start", *later, ("≤ 1 s", "≤ 80 MB")),
        line("the supervisor", [], watching, ("", "")),
        line("both", [], both, ("", "≤ 80 MB")),
        line("store, logs and secrets alone", *still, ("", "")),
    ]
    show(f"W6: start and idle memory ({load()})", ("", "to ready", "reach", "resident", "own", "reach"), rows)


if __name__ == "__main__":
    main()
