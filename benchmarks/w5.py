"""W5: BK-CI's pipeline status over HTTP, from `ferryman up` with many runs kept. By hand: `python benchmarks/w5.py`.

A pipeline of workload W is made over HTTP and run once; that run is then kept again and again under other ids and
numbers, by the store itself, until there are as many as wanted. The server is a process on one core, the client
(`_asker.py`) one on the other, with 16 connections and 100 tokens of people in all roles, each asked with in turn. The
bound (`_constant.py`) is the same uvicorn with as many constant bytes, measured before and after each figure.

`own µs` is the processor's time that the server takes for an answer: on a machine that others keep busy it says more
than the rate, though it grows with the load too, so the least of all rounds is shown.

While it is asked, the pipeline gets another name again and again; what the very next request does not show is counted.
`python benchmarks/w5.py 100 10000` measures these numbers of runs only.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from _table import load, show
from ferryman.domain.run import Run
from ferryman.machine import snapshots
from ferryman.ports.store import Unit
from ferryman.services.folding import folded
from ferryman.stores.sqlite import SqliteStore
from ferryman.testing.server import Started, started

KEPT = (100, 10_000, 100_000)
REACH = "≥ 8,000/s, p99 < 10 ms"
ROUNDS = 5
SECONDS = 2.0
WARM = 0.5
CONNECTIONS = 16
HERE = Path(__file__).parent
API = "/ms/openapi/api/apigw/v3/projects/demo/pipelines"
ROLES = ("admin", "developer", "deployer", "operator", "visitor")
TOKENS = tuple(f"token-{number}" for number in range(100))
SERVING, ASKING = 0, 1
"""The cores of the server and of the client."""
RENAMES = 20


def seed() -> str:
    """A project, and twenty people in all roles with five tokens each."""
    lines = ['[[project]]\nname = "demo"\n']
    for at in range(20):
        own = ", ".join(f'{{ value = "{token}" }}' for token in TOKENS[at::20])
        lines.append(
            f'[[principal]]\nname = "p{at}"\nroles = {{ demo = "{ROLES[at % 5]}" }}\ntokens = [{own}]\n'
        )
    return "".join(lines)


def model(name: str) -> dict[str, Any]:
    """Workload W: 3 stages of 2 jobs of 2 steps, which do next to nothing."""
    script = {"@type": "linuxScript", "name": "Bash", "scriptType": "SHELL", "script": "true"}
    job = {"@type": "vmBuild", "name": "Linux", "baseOS": "LINUX", "elements": [script] * 2}
    manual = {"@type": "manualTrigger", "name": "Manual", "id": "T-1-1-1"}
    trigger = {"containers": [{"@type": "trigger", "name": "T", "elements": [manual], "params": []}]}
    return {"name": name, "stages": [trigger, *[{"containers": [job] * 2}] * 3]}


def asked(server: Started, method: str, path: str, json: Any = None, *, by: str = "p0") -> Any:
    """What came of it."""
    answer = server.ask(method, path, json=json, headers={"X-DEVOPS-UID": by})
    if answer.status != 200:
        raise AssertionError(answer.body)
    return answer.json.get("data")


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """What is started here stays on this core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core} & before or before)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def begun(data: Path) -> str:
    """A data folder with a pipeline that has run once; its id."""
    with started(data=data, seed=seed()) as server:
        pipeline = asked(server, "POST", API, model("shop"))["id"]
        asked(server, "POST", f"{API}/{pipeline}/builds/start", {})
        end = monotonic() + 60
        while asked(server, "GET", f"{API}/{pipeline}/status").get("latestBuildStatus") != "SUCCEED":
            if monotonic() > end:
                raise AssertionError(asked(server, "GET", f"{API}/{pipeline}/status"))
            sleep(0.1)
        server.stop()
    return str(pipeline)


async def fill(data: Path, pipeline: str, have: int, want: int) -> None:
    """Keep the run again under other ids and numbers: from `have` runs to `want`."""
    store = SqliteStore(data / "private")
    await store.open()
    first = await store.run_numbered("demo", pipeline, 1)
    run = folded(await store.load(first.id))
    journal = await store.journal(first.id, limit=100_000)

    async def keep(number: int) -> None:
        identifier = f"{number:032x}"
        other: Run = replace(run, id=identifier, number=number)
        entries = (replace(journal[0], event=replace(journal[0].event, run=identifier, number=number)),)
        await store.append(
            Unit(
                run=replace(first, id=identifier, number=number),
                before=0,
                entries=(*entries, *journal[1:]),
                finished=snapshots.pack(other),
            )
        )

    for begin in range(have + 1, want + 1, 1000):
        await asyncio.gather(*(keep(number) for number in range(begin, min(begin + 1000, want + 1))))
    await store.close()


def processor(pid: int) -> float:
    """Seconds of the processor that a process has used so far, with all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load_with(port: int, paths: list[str], headers: dict[str, str]) -> "subprocess.Popen[str]":
    """A client that begins to ask."""
    question = {
        "port": port,
        "paths": paths,
        "headers": headers,
        "connections": CONNECTIONS,
        "seconds": SECONDS,
        "warm": WARM,
    }
    with on_core(ASKING):
        process = subprocess.Popen(
            [sys.executable, str(HERE / "_asker.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    assert process.stdin is not None
    process.stdin.write(json.dumps(question))
    process.stdin.close()
    return process


def result(process: "subprocess.Popen[str]", server: int) -> dict[str, float]:
    """What it says at its end, with the time that the server took for each answer."""
    since = processor(server)
    assert process.stdout is not None
    text = process.stdout.read()
    if process.wait(60):
        raise AssertionError("the client failed")
    found: dict[str, float] = json.loads(text)
    return found | {"own": (processor(server) - since) / found["all"]}


@contextmanager
def constant(size: int) -> Iterator[tuple[int, int]]:
    """Port and process of the bound."""
    with on_core(SERVING):
        process = subprocess.Popen(
            [sys.executable, str(HERE / "_constant.py"), str(size)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline()), process.pid
    finally:
        process.communicate()


def late(server: Started, pipeline: str) -> int:
    """How many of the changes made under load do not show at the very next request."""
    one, missed = f"{API}/{pipeline}", 0
    for at in range(RENAMES):
        asked(server, "POST", f"{one}/rename", {"name": f"shop-{at}"})
        missed += asked(server, "GET", f"{one}/status")["pipelineName"] != f"shop-{at}"
        sleep(0.1)
    return missed


def measure(data: Path, pipeline: str, kept: int) -> tuple[list[tuple[str, ...]], int]:
    """Lines of the table, and how many changes showed late."""
    with on_core(SERVING):
        opened = started(data=data, seed=None)
        server = opened.__enter__()
    try:
        path = f"{API}/{pipeline}/status"
        answer = server.ask("GET", path, headers={"X-DEVOPS-UID": "p0"})
        if answer.json["data"]["buildCount"] != kept:
            raise AssertionError(answer.json)
        port = urlsplit(server.address).port
        assert port is not None
        ways = {
            "by token": ([f"{path}?access_token={token}" for token in TOKENS], {}),
            "by X-DEVOPS-UID": ([path], {"X-DEVOPS-UID": "p0"}),
        }
        found: dict[str, list[dict[str, float]]] = {name: [] for name in ("bound", *ways)}
        with constant(len(answer.body)) as (bound, pid):
            for _ in range(ROUNDS):
                found["bound"].append(result(load_with(bound, ["/"], {}), pid))
                for name, (paths, headers) in ways.items():
                    found[name].append(result(load_with(port, paths, headers), server.process.pid))
        asking = load_with(port, *ways["by token"])
        missed = late(server, pipeline)
        result(asking, server.process.pid)
    finally:
        opened.__exit__(None, None, None)
    bare = median(each["rate"] for each in found["bound"])
    return [
        (
            f"{kept:,} runs, {name}" if name != "bound" else f"the bound, {len(answer.body):,} bytes",
            f"{median(each['rate'] for each in rounds):,.0f}/s",
            f"{median(each['rate'] for each in rounds) / bare:.2f}",
            f"{min(each['own'] for each in rounds) * 1e6:.0f}",
            f"{median(each['p50'] for each in rounds) * 1e3:.2f}",
            f"{median(each['p99'] for each in rounds) * 1e3:.2f}",
            f"{max(each['worst'] for each in rounds) * 1e3:.1f}",
        )
        for name, rounds in found.items()
    ], missed


def main() -> None:
    """Print the table."""
    counts = tuple(map(int, sys.argv[1:])) or KEPT
    lines, missed = [], 0
    with TemporaryDirectory(prefix="ferryman-") as name:
        data = Path(name) / "data"
        pipeline, have = begun(data), 1
        for kept in counts:
            asyncio.run(fill(data, pipeline, have, kept))
            have = kept
            told, late_ones = measure(data, pipeline, kept)
            lines += told
            missed += late_ones
    show(
        f"W5: pipeline status over HTTP, reach {REACH} ({load()})",
        ("", "rate", "of the bound", "least own µs", "p50 ms", "p99 ms", "worst ms"),
        lines,
    )
    print(f"\n  changes under load: {RENAMES * len(counts)}, of which showed late: {missed}")


if __name__ == "__main__":
    main()
